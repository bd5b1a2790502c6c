"""Where carriers tell of their own accord what becomes of parcels.

Nobody signs in here: a message proves by itself that it comes from its carrier. Who cannot prove it
learns nothing, not even which carriers there are. The body is read and not kept.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from litestar import Request, Response, Router, post

from charsu.kernel import SYSTEM, Hub, HubError, KeyReused, NotFound
from charsu.orders import CARRIERS, EventForged, NoteParcel, note_parcel
from charsu.web.api.asking import raw_body
from charsu.web.api.errors import BodyTooLarge
from charsu.web.api.payments import MESSAGE_BYTES_MAX
from charsu.web.api.problems import refusal
from charsu.web.api.threads import Threads

_log = structlog.get_logger("charsu.carriers")


def carriers_router(hub: Hub, threads: Threads) -> Router:
    """The door for the messages of every carrier."""

    @post("/v1/carriers/{carrier:str}/events", exclude_from_csrf=True)
    async def events(request: Request[Any, Any, Any]) -> Response[Any]:
        request.scope["charsu_operation"] = "orders.note_parcel"  # type: ignore[typeddict-unknown-key]
        try:
            body = await raw_body(request)
            if len(body) > MESSAGE_BYTES_MAX:
                raise BodyTooLarge(MESSAGE_BYTES_MAX)
            carrier = str(request.path_params["carrier"])
            await threads.run(take_news, hub, carrier, dict(request.headers), body)
        except HubError as error:
            return refusal(request, error)
        return Response(None, status_code=204, headers={"Cache-Control": "no-store"})

    return Router("/", route_handlers=[events], include_in_schema=False)


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
