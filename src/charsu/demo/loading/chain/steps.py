"""The steps of one order, each under a key of its own, so that none happens twice."""

from uuid import UUID

from charsu.demo.chain.model import Customer
from charsu.demo.loading.chain.opening import Opened
from charsu.demo.loading.chain.plan import PlannedOrder
from charsu.kernel import SYSTEM, Conflict, Hub, Invalid, NotFound
from charsu.orders import (
    AcceptFulfillment,
    AskOrder,
    BuyLine,
    CancelOrder,
    HandOver,
    MakeReady,
    OrderView,
    PayOrder,
    PickFulfillment,
    Pieces,
    Placed,
    PlaceOrder,
    Recipient,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    accept,
    cancel_order,
    hand_over,
    make_ready,
    pay_order,
    pick,
    place_order,
    read_order,
    refund_order,
    return_goods,
    ship_parcel,
)

CARRIER = "Courier"


class Buyer:
    """Somebody who buys as planned. What the shop refuses she goes without."""

    def __init__(
        self, hub: Hub, opened: Opened, variants: dict[str, UUID], order: PlannedOrder
    ) -> None:
        self._hub = hub
        self._opened = opened
        self._variants = variants
        self._order = order
        self._placed: Placed | None = None

    def place(self) -> None:
        """Place the order; where goods or coupon are gone there is none."""
        try:
            self._placed = self._hub.run(
                place_order, self._ask(), actor=SYSTEM, key=self._key("place")
            )
        except (Conflict, Invalid, NotFound):
            return

    def pay(self) -> None:
        """Pay all of it."""
        if self._placed is None or not self._placed.total_minor:
            return
        at_counter = self._order.kind == "counter"
        ask = PayOrder(
            order_id=self._placed.order_id,
            amount_minor=self._placed.total_minor,
            method=self._order.method,
            reference=f"{'receipt' if at_counter else 'tok_demo'}-{self._order.number}",
            provider="counter" if at_counter else "test",
        )
        self._hub.run(pay_order, ask, actor=SYSTEM, key=self._key("pay"))

    def lay_out(self) -> None:
        """Have everything for the pick-up laid out."""
        for task in self._waiting():
            taken = AcceptFulfillment(fulfillment_id=task)
            self._hub.run(accept, taken, actor=SYSTEM, key=self._key(f"accept/{task}"))
            found = PickFulfillment(fulfillment_id=task)
            self._hub.run(pick, found, actor=SYSTEM, key=self._key(f"pick/{task}"))
            ask = MakeReady(fulfillment_id=task)
            self._hub.run(make_ready, ask, actor=SYSTEM, key=self._key(f"ready/{task}"))

    def take(self) -> None:
        """Take the goods along."""
        for task in self._waiting():
            ask = HandOver(fulfillment_id=task, proof="document")
            self._hub.run(hand_over, ask, actor=SYSTEM, key=self._key(f"take/{task}"))

    def send_first_line(self) -> None:
        """Send what is there of the first line; the rest follows."""
        order = self._read()
        task = next(iter(self._waiting()), None)
        if order is None or task is None:
            return
        parts = next(one.parts for one in order.fulfillments if one.id == task)
        if len(parts) > 1:
            first = Pieces(line_id=parts[0].line_id, quantity=parts[0].quantity)
            self._send(task, "first", (first,))

    def send(self) -> None:
        """Send everything that is left."""
        for task in self._waiting():
            self._send(task, "rest", ())

    def cancel(self) -> None:
        """Change her mind before anything was sent; the money goes back."""
        if self._placed is None:
            return
        ask = CancelOrder(order_id=self._placed.order_id, reason="customer_changed_mind")
        canceled = self._hub.run(cancel_order, ask, actor=SYSTEM, key=self._key("cancel"))
        order = self._read()
        if order is not None and canceled.to_refund_minor:
            self._refund(
                RefundOrder(
                    order_id=order.id,
                    reason="canceled",
                    goods_minor=canceled.to_refund_minor - order.delivery_minor,
                    delivery_minor=order.delivery_minor,
                )
            )

    def bring_back(self) -> None:
        """Bring the first line back to a store; what was paid for it goes back."""
        order = self._read()
        if order is None or not order.lines[0].fulfilled:
            return
        line = order.lines[0]
        ask = ReturnGoods(
            order_id=order.id,
            location_id=order.location_id or self._opened.locations["simanovci"],
            lines=(ReturnLine(line_id=line.id, quantity=line.quantity),),
            reason="does_not_fit",
        )
        back = self._hub.run(return_goods, ask, actor=SYSTEM, key=self._key("return"))
        if back.refund_minor:
            self._refund(
                RefundOrder(
                    order_id=order.id,
                    reason="returned",
                    goods_minor=back.refund_minor,
                    return_id=back.return_id,
                )
            )

    def _ask(self) -> PlaceOrder:
        order, opened = self._order, self._opened
        return PlaceOrder(
            channel_id=opened.channels[order.channel],
            lines=tuple(
                BuyLine(variant_id=self._variants[sku], quantity=pieces)
                for sku, pieces in order.lines
            ),
            country=order.country,
            kind=order.kind,
            location_id=opened.locations[order.location] if order.location else None,
            delivery_method=order.delivery,
            recipient=_recipient(order.customer) if order.kind != "counter" else None,
            customer_id=opened.customers[order.customer.code] if order.customer else None,
            codes=order.codes,
            external_id=f"M-{order.number:05d}" if order.channel == "marketplace" else None,
        )

    def _read(self) -> OrderView | None:
        if self._placed is None:
            return None
        return self._hub.run(read_order, AskOrder(order_id=self._placed.order_id), actor=SYSTEM)

    def _waiting(self) -> list[UUID]:
        order = self._read()
        tasks = order.fulfillments if order else ()
        return [task.id for task in tasks if task.state in {"waiting", "ready"}]

    def _send(self, task: UUID, part: str, lines: tuple[Pieces, ...]) -> None:
        ask = ShipParcel(
            fulfillment_id=task,
            carrier=CARRIER,
            tracking_number=f"DEMO{self._order.number:05d}{part[0].upper()}",
            lines=lines,
        )
        self._hub.run(ship_parcel, ask, actor=SYSTEM, key=self._key(f"send/{part}/{task}"))

    def _refund(self, ask: RefundOrder) -> None:
        self._hub.run(refund_order, ask, actor=SYSTEM, key=self._key("refund"))

    def _key(self, step: str) -> str:
        return f"demo/{self._order.number}/{step}"


def _recipient(customer: Customer | None) -> Recipient | None:
    if customer is None:
        return None
    return Recipient(
        name=f"{customer.given_name} {customer.family_name}",
        email=customer.email,
        street=customer.street,
        town=customer.town,
    )
