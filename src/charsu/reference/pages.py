"""Which pages there are."""

from charsu.reference.checks import checks_page
from charsu.reference.commands import commands_page
from charsu.reference.errors import errors_page
from charsu.reference.facts import facts_page
from charsu.reference.markdown import page, table
from charsu.reference.metrics import metrics_page
from charsu.reference.operations import operation_pages
from charsu.reference.roles import roles_page
from charsu.reference.settings import settings_page

CONTENTS = {
    "operations.md": "Every verb and question: address, permission, fields, answer, refusals.",
    "errors.md": "Every code that a refusal may carry, its status and what to do.",
    "facts.md": "What the log may say; what reactions, webhooks and plug-ins can subscribe to.",
    "settings.md": "What a retailer may decide on the running shop.",
    "commands.md": "The command line.",
    "roles.md": "What each role may do, and which roles give a permission.",
    "checks.md": "What `charsu check` proves of a shop.",
    "metrics.md": "The figures at `/metrics`.",
}


def pages() -> dict[str, str]:
    """Every page of the reference by its path below ``docs/reference``."""
    return {
        "README.md": _contents(),
        **operation_pages(),
        "errors.md": errors_page(),
        "facts.md": facts_page(),
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "roles.md": roles_page(),
        "checks.md": checks_page(),
        "metrics.md": metrics_page(),
    }


def _contents() -> str:
    rows = [[f"[{name.removesuffix('.md')}]({name})", about] for name, about in CONTENTS.items()]
    return page("Reference", "Exact, complete and dry.", table(["page", "what it lists"], rows))
