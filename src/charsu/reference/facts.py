"""Every fact that the log may say."""

from charsu.kernel.log.fact import Fact
from charsu.reference.finding import our_facts
from charsu.reference.markdown import page, told
from charsu.reference.shapes import Shapes

ABOUT = """\
A fact is stored in the transaction that made it true. Around its fields the log keeps `id`,
`subject_id`, `version` (of the subject, unique), `at` (UTC), `actor_id`, `operation` and
whether it is historical: told by an import, so that nothing reacts to it. Fields hold ids and
numbers, never personal data.

To a webhook a fact comes as a CloudEvent whose `type` is its name; see [receiving
webhooks](../how-to/receive-webhooks.md)."""


def facts_page() -> str:
    """Each fact with its fields."""
    facts = our_facts()
    shapes = Shapes(*facts.values())
    return page("Facts", ABOUT, *(_section(name, one, shapes) for name, one in facts.items()))


def _section(name: str, fact: type[Fact], shapes: Shapes) -> str:
    fields = shapes.fields_of(fact) or "No fields: the subject says it all."
    return "\n\n".join(filter(None, [f"## {name}", told(fact.__doc__), fields]))
