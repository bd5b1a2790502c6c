"""Where carriers tell of their own accord what becomes of parcels.

Nobody signs in here: a message proves by itself that it comes from its carrier. Who cannot prove it
learns nothing, not even which carriers there are. The body is read and not kept.
"""

from collections.abc import Mapping

import structlog
from litestar import Router

from charsu.kernel import SYSTEM, Hub, KeyReused, NotFound
from charsu.orders import CARRIERS, EventForged, NoteParcel, note_parcel
from charsu.web.api.messages import messages_router
from charsu.web.api.threads import Threads

_log = structlog.get_logger("charsu.carriers")


def carriers_router(hub: Hub, threads: Threads) -> Router:
    """The door for the messages of every carrier."""
    path = "/v1/carriers/{sender:str}/events"
    return messages_router(path, hub, threads, take_news, operation="orders.note_parcel")


def take_news(hub: Hub, carrier: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take down what a carrier says, once for each of its events.

    What it says of parcels that are not ours, or says again in other words, is passed over: it
    would only send it again. Raises EventForged.
    """
    if carrier not in CARRIERS:
        raise EventForged
    now = hub.read(lambda tx: tx.now)
    for said in CARRIERS[carrier].read_events(headers, body, now=now):
        ask = NoteParcel(
            carrier=carrier,
            tracking_number=said.tracking_number,
            event=said.event,
            at=said.at,
        )
        try:
            hub.run(note_parcel, ask, actor=SYSTEM, key=f"{carrier}:{said.event_id}")
        except (NotFound, KeyReused) as passed:
            _log.info("parcel_news_passed_over", carrier=carrier, refusal=passed.code)
