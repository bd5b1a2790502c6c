"""What a receiver is told of a fact: a CloudEvent (CloudEvents 1.0.2, JSON format).

Its data is the fact's own body, unless a package renders something richer. It is made when it is
sent, from what is true then.
"""

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.ids import show_id
from charsu.kernel.log import LoggedFact
from charsu.kernel.settings import Setting

CONTENT_TYPE = "application/cloudevents+json"

SOURCE = Setting(
    "webhooks.source",
    str,
    "/charsu",
    "Which shop an event comes from, as a URI: what receivers of several shops tell them apart by.",
)

Render = Callable[[Tx, LoggedFact], Mapping[str, Any]]


class Renderer(Struct, frozen=True):
    """What to tell of one kind of fact."""

    fact_name: str
    render: Render


Renderers = Mapping[str, Renderer]


def renders(fact_name: str) -> Callable[[Render], Renderer]:
    """Declare what receivers are told of this fact, in place of its body.

    The function may read and must not write; it runs each time the fact is sent.
    """
    return lambda render: Renderer(fact_name, render)


def renderers_in(modules: Iterable[ModuleType]) -> dict[str, Renderer]:
    """Every renderer that these modules show, by the name of its fact."""
    return {
        value.fact_name: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Renderer)
    }


def cloud_event(tx: Tx, fact: LoggedFact, renderers: Renderers) -> bytes:
    """The fact as a CloudEvent, in JSON."""
    renderer = renderers.get(fact.name)
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": str(fact.id),
            "source": tx.setting(SOURCE),
            "type": fact.name,
            "subject": str(fact.subject_id),
            "subjectversion": fact.version,  # an extension: puts the events of one subject in order
            "time": fact.at,
            "datacontenttype": "application/json",
            "data": renderer.render(tx, fact) if renderer else fact.body,
        }
    )


def message_id(endpoint_id: UUID, fact_id: UUID) -> str:
    """What a receiver may tell repetitions by: the same for each attempt and each replay."""
    return show_id("msg", uuid5(endpoint_id, fact_id.hex))
