"""What a conformance suite moves by hand; there only in test mode, and only for this machine."""

import hmac
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from charsu.channels.ucp import trial
from charsu.channels.ucp.naming import LINE, ORDER, read_name
from charsu.channels.ucp.platforms import Run
from charsu.kernel import SYSTEM, Hub, HubError
from charsu.kernel.effects import OPEN
from charsu.kernel.faults import Faults
from charsu.kernel.processes import run_due
from charsu.orders import (
    AskOrder,
    OrderView,
    Pieces,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    read_order,
    refund_order,
    return_goods,
    ship_parcel,
)
from charsu.orders.payments import CAPTURE

TRIES = 50


class Adjust(Struct):
    """Pieces of a line that come back, and the money for them."""

    line_item_id: str
    quantity: int
    type: str = "refund"


class Age(Struct):
    """A key that was used so many hours earlier than it was."""

    key: str
    hours: int


class Outage(Struct):
    """Whether keys can be looked up."""

    enabled: bool


def hooks(hub: Hub, run: Run) -> list[HTTPRouteHandler]:
    """The hooks; none outside test mode."""
    if not trial.is_on():
        return []
    return [
        _hook("/testing/simulate-shipping/{id:str}", hub, run, _ship, needs_secret=True),
        _hook("/testing/orders/{id:str}/fulfill", hub, run, _ship),
        _hook("/testing/orders/{id:str}/adjust", hub, run, _adjust),
        _hook("/testing/idempotency/age", hub, run, _age),
        _hook("/testing/idempotency/outage", hub, run, _outage),
    ]


def _hook(
    path: str,
    hub: Hub,
    run: Run,
    do: Callable[[Hub, str, bytes], None],
    *,
    needs_secret: bool = False,
) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
        if not _may(request, needs_secret):
            return Response({"code": "forbidden", "content": "no"}, status_code=403)
        try:
            await run(do, hub, request.path_params.get("id", ""), await request.body())
        except (HubError, msgspec.ValidationError, StopIteration) as problem:
            return Response({"code": "invalid", "content": str(problem)}, status_code=422)
        return Response({"status": "done"}, status_code=200)

    return HTTPRouteHandler(
        path, http_method="POST", status_code=200, include_in_schema=False, exclude_from_csrf=True
    )(handle)


def _may(request: Request[Any, Any, Any], needs_secret: bool) -> bool:
    is_near = request.client is not None and trial.is_loopback(request.client.host)
    shown = request.headers.get("simulation-secret", "")
    is_right = bool(trial.secret()) and hmac.compare_digest(shown.encode(), trial.secret().encode())
    return is_near and (is_right or not needs_secret)


def _order(hub: Hub, name: str) -> OrderView:
    found = read_name(ORDER, name)
    return hub.run(read_order, AskOrder(order_id=found or UUID(int=0)), actor=SYSTEM)


def _ship(hub: Hub, name: str, _body: bytes) -> None:
    for task in _order(hub, name).fulfillments:
        if task.state in {"waiting", "ready"} and task.kind == "ship":
            ask = ShipParcel(fulfillment_id=task.id, carrier="post", tracking_number="TEST-1")
            hub.run(ship_parcel, ask, actor=SYSTEM)


def _adjust(hub: Hub, name: str, body: bytes) -> None:
    """The line is paid, sent, brought back and refunded, all as it would be in the shop."""
    ask = msgspec.json.decode(body, type=Adjust)
    order = _order(hub, name)
    variant = read_name(LINE, ask.line_item_id)
    line = next(one for one in order.lines if one.variant_id == variant)
    task = next(
        one for one in order.fulfillments if any(part.line_id == line.id for part in one.parts)
    )
    if not line.fulfilled:
        pieces = (Pieces(line_id=line.id, quantity=ask.quantity),)
        sent = ShipParcel(fulfillment_id=task.id, carrier="post", lines=pieces)
        hub.run(ship_parcel, sent, actor=SYSTEM)
    _wait_for_money(hub, order.id)
    back = ReturnGoods(
        order_id=order.id,
        location_id=task.location_id,
        lines=(ReturnLine(line_id=line.id, quantity=ask.quantity),),
        reason=ask.type,
    )
    taken = hub.run(return_goods, back, actor=SYSTEM)
    money = RefundOrder(
        order_id=order.id,
        reason=ask.type,
        goods_minor=taken.refund_minor,
        return_id=taken.return_id,
    )
    hub.run(refund_order, money, actor=SYSTEM)


def _age(hub: Hub, _name: str, body: bytes) -> None:
    ask = msgspec.json.decode(body, type=Age)
    with hub.writing("ucp.age_key") as tx:
        tx.run(
            "UPDATE kernel.effects SET at = at - make_interval(hours => %(hours)s)"
            " WHERE key = %(key)s",
            hours=ask.hours,
            key=ask.key,
        )


def _wait_for_money(hub: Hub, order: UUID) -> None:
    """Return once what was sent is paid: a worker may be at it, or nobody."""
    for _ in range(TRIES):
        run_due(hub, {CAPTURE.kind: CAPTURE})
        if hub.run(read_order, AskOrder(order_id=order), actor=SYSTEM).captured_minor:
            return
        time.sleep(0.1)


class _NoKeys(Faults):
    """The database cannot be asked for a key."""

    def before_call(self, statement: str) -> None:
        """Fail where a change looks its key up."""
        if statement == OPEN:
            raise psycopg.OperationalError("an outage on purpose")


def _outage(hub: Hub, _name: str, body: bytes) -> None:
    is_on = msgspec.json.decode(body, type=Outage).enabled
    hub.faults = _NoKeys() if is_on else Faults()
    hub.patience = 0.1 if is_on else 10.0
