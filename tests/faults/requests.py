"""One request to each core operation, on goods and orders of its own."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from charsu.assembly import chores
from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.operations import AnyOperation
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import (
    AcceptFulfillment,
    Address,
    BuyLine,
    CancelOrder,
    CheckPickupCode,
    ChooseInstead,
    DifferencePaid,
    ExchangeGoods,
    HandOver,
    MakeReady,
    PayOrder,
    PickFulfillment,
    Pieces,
    PlaceOrder,
    PutBack,
    Recipient,
    RefundOrder,
    RejectFulfillment,
    Reroute,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    accept,
    cancel_order,
    check_pickup_code,
    choose,
    exchange_goods,
    hand_over,
    make_ready,
    pay_order,
    pick,
    place_order,
    put_back,
    refund_order,
    reject,
    reroute,
    return_goods,
    ship_parcel,
)
from charsu.orders.charging import ChargeOrder, charge_order
from charsu.orders.operations import book_parcel, note_parcel, send_parcel
from charsu.orders.operations.book_parcel import BookParcel, SendParcel
from charsu.orders.operations.note_parcel import NoteParcel
from charsu.orders.queries.pickup_code import AskPickupCode, pickup_code
from charsu.orders.queries.read_order import OrderView
from charsu.orders.watching import watch_steps
from charsu.pricing import CouponDraft, CouponTerms, PutCoupon, put_coupon
from charsu.stock import (
    allocate_to_channel,
    count_stock,
    receive_stock,
    set_aside,
    write_off_stock,
)
from charsu.stock.documents import StockLine
from charsu.stock.operations.allocate import AllocateStock
from charsu.stock.operations.count import CountedLine, CountStock
from charsu.stock.operations.receive import ReceiveStock
from charsu.stock.operations.set_aside import SetAside
from charsu.stock.operations.write_off import WriteOffStock
from tests.shop import Shop

HOME = Recipient(name="Ana", street="Nova 1", town="Niš")


class Request(NamedTuple):
    """What somebody asks for."""

    verb: AnyOperation
    ask: Any
    actor: Actor = SYSTEM

    def made_to(self, hub: Hub, key: str | None = None) -> Any:
        """The answer."""
        return hub.run(self.verb, self.ask, actor=self.actor, key=key)


class Bazaar:
    """Makes requests that would all succeed; each call brings goods of its own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.shop = Shop(hub)
        self._numbers = itertools.count(1)
        self.shop.channel()
        for store in ("north", "south"):
            self.shop.location(store)

    def new_id(self) -> UUID:
        with self.hub.reading() as tx:
            return tx.new_id()

    def place(self) -> Request:
        (mug,) = self.goods(1)
        return self._buying({mug: 2})

    def place_three_lines(self) -> Request:
        return self._buying(dict.fromkeys(self.goods(3), 2))

    def place_over_two_locations(self) -> Request:
        (mug,) = self.goods(1)
        self.shop.has(mug, 4, at="south")
        return self._buying({mug: 12})

    def place_with_coupon(self) -> Request:
        (mug,) = self.goods(1)
        return self._buying({mug: 2}, codes=(self.coupon(),))

    def pay(self) -> Request:
        order = self._order()
        ask = PayOrder(
            order_id=order.id,
            amount_minor=order.total_minor,
            method="card",
            reference=f"till-{next(self._numbers)}",
        )
        return Request(pay_order, ask)

    def charge(self) -> Request:
        order = self._order()
        ask = ChargeOrder(order_id=order.id, amount_minor=order.total_minor, token="tok_visa")
        return Request(charge_order, ask)

    def ship_part(self) -> Request:
        order = self._paid()
        some = (Pieces(line_id=order.lines[0].id, quantity=1),)
        task = order.fulfillments[0].id
        return Request(ship_parcel, ShipParcel(fulfillment_id=task, carrier="post", lines=some))

    def accept(self) -> Request:
        return Request(accept, AcceptFulfillment(fulfillment_id=self._asked()))

    def reject_what_another_sends(self) -> Request:
        """Nothing of it is found; another store has it, and the address is known."""
        order = self._pickup(recipient=HOME)
        for line in order.lines:
            self.shop.has(line.sku, 10, at="south")
        ask = RejectFulfillment(fulfillment_id=order.fulfillments[0].id, reason="not_found")
        return Request(reject, ask)

    def pick(self) -> Request:
        task = self._asked()
        self.hub.run(accept, AcceptFulfillment(fulfillment_id=task), actor=SYSTEM)
        return Request(pick, PickFulfillment(fulfillment_id=task))

    def pick_short(self) -> Request:
        """One piece is found and nobody has the others: the customer is asked."""
        order = self._pickup()
        task = order.fulfillments[0].id
        self.hub.run(accept, AcceptFulfillment(fulfillment_id=task), actor=SYSTEM)
        found = (Pieces(line_id=order.lines[0].id, quantity=1),)
        return Request(pick, PickFulfillment(fulfillment_id=task, lines=found))

    def choose_to_cancel(self) -> Request:
        self.pick_short().made_to(self.hub)
        return self._choosing("cancel")

    def choose_to_have_it_sent(self) -> Request:
        order = self._pickup()
        for line in order.lines:
            self.shop.has(line.sku, 10, at="south")
        task = order.fulfillments[0].id
        self.hub.run(reject, RejectFulfillment(fulfillment_id=task, reason="busy"), actor=SYSTEM)
        return self._choosing("send", address=Address(name="Ana", street="Nova 1", town="Niš"))

    def make_ready(self) -> Request:
        picking = self.pick()
        picking.made_to(self.hub)
        return Request(make_ready, MakeReady(fulfillment_id=picking.ask.fulfillment_id))

    def check_pickup_code(self) -> Request:
        task = self._ready()
        code = self.hub.run(pickup_code, AskPickupCode(fulfillment_id=task), actor=SYSTEM).code
        return Request(check_pickup_code, CheckPickupCode(fulfillment_id=task, code=code))

    def hand_over(self) -> Request:
        return Request(hand_over, HandOver(fulfillment_id=self._ready(), proof="document"))

    def put_back(self) -> Request:
        task = self._ready()
        self.hub.offset = timedelta(days=9)
        watch_steps(self.hub)
        self.hub.offset = timedelta()
        return Request(put_back, PutBack(fulfillment_id=task))

    def book_parcel(self) -> Request:
        self._offer_test_carrier()
        order = self._paid(recipient=HOME)
        ask = BookParcel(fulfillment_id=order.fulfillments[0].id, carrier="test")
        return Request(book_parcel, ask)

    def send_parcel(self) -> Request:
        parcel = self.book_parcel().made_to(self.hub).parcel_id
        (processes,) = [one for one in chores() if one.name == "kernel.run_processes"]
        while processes.do(self.hub):
            pass
        return Request(send_parcel, SendParcel(parcel_id=parcel))

    def note_that_a_parcel_is_lost(self) -> Request:
        sent = self.send_parcel().made_to(self.hub)
        number = self.shop.order(sent.order_id).shipments[0].tracking_number
        ask = NoteParcel(carrier="test", tracking_number=number, event="lost")
        return Request(note_parcel, ask)

    def _offer_test_carrier(self) -> None:
        setting = ChangeSetting(name="orders.test_carrier", value=True)
        self.hub.run(change_setting, setting, actor=SYSTEM)

    def _choosing(self, choice: str, **more: Any) -> Request:
        """The exception that was opened last."""
        with self.hub.reading() as tx:
            last = tx.value(
                "SELECT id FROM orders.exceptions WHERE kind IN ('short', 'rejected')"
                " ORDER BY id DESC LIMIT 1"
            )
        return Request(choose, ChooseInstead(exception_id=last, choice=choice, **more))

    def _ready(self) -> UUID:
        laying_out = self.make_ready()
        laying_out.made_to(self.hub)
        return laying_out.ask.fulfillment_id  # type: ignore[no-any-return]

    def _asked(self) -> UUID:
        return self._pickup().fulfillments[0].id

    def _pickup(self, **more: Any) -> OrderView:
        return self._paid(kind="pickup", location_id=self.shop.locations["north"], **more)

    def cancel_part(self) -> Request:
        order = self._paid()
        some = (Pieces(line_id=order.lines[0].id, quantity=1),)
        return Request(
            cancel_order, CancelOrder(order_id=order.id, reason="changed_mind", lines=some)
        )

    def cancel_all_with_coupon(self) -> Request:
        order = self._order(codes=(self.coupon(),))
        return Request(cancel_order, CancelOrder(order_id=order.id, reason="changed_mind"))

    def give_back(self) -> Request:
        order = self._shipped()
        ask = ReturnGoods(
            order_id=order.id,
            location_id=self.shop.locations["south"],
            lines=(ReturnLine(line_id=order.lines[0].id, quantity=1),),
            reason="too_small",
        )
        return Request(return_goods, ask)

    def exchange(self) -> Request:
        """With money carried over, a surplus and the hand-over; with a difference, not handed."""
        order = self._shipped()
        ask = ExchangeGoods(
            order_id=order.id,
            location_id=self.shop.locations["north"],
            lines=(ReturnLine(line_id=order.lines[0].id, quantity=1),),
            takes=(BuyLine(variant_id=self.shop.variants[order.lines[0].sku], quantity=1),),
            reason="too_small",
            payment=DifferencePaid(method="cash"),
        )
        return Request(exchange_goods, ask)

    def refund(self) -> Request:
        order = self._shipped()
        ask = RefundOrder(order_id=order.id, reason="broken", goods_minor=order.total_minor // 2)
        return Request(refund_order, ask)

    def reroute(self) -> Request:
        order = self._order()
        for line in order.lines:
            self.shop.has(line.sku, 10, at="south")
        return Request(reroute, Reroute(fulfillment_id=order.fulfillments[0].id, reason="damaged"))

    def receive(self) -> Request:
        """What arrives covers a shortage first."""
        sku = self._short()
        lines = (StockLine(sku=sku, pieces=7),)
        return Request(receive_stock, ReceiveStock(location_id=self._north(), lines=lines))

    def write_off(self) -> Request:
        """What is gone was promised to somebody."""
        order = self._order()
        lines = (StockLine(sku=order.lines[0].sku, pieces=9),)
        ask = WriteOffStock(location_id=self._north(), lines=lines, reason="damaged")
        return Request(write_off_stock, ask)

    def count(self) -> Request:
        """Less is there than is promised of one product, and more than is known of another."""
        order = self._order()
        lines = (
            CountedLine(sku=order.lines[0].sku, on_hand=1),
            CountedLine(sku=order.lines[1].sku, on_hand=13),
        )
        return Request(count_stock, CountStock(location_id=self._north(), lines=lines))

    def set_aside(self) -> Request:
        (mug,) = self.goods(1)
        lines = (StockLine(sku=mug, pieces=3),)
        ask = SetAside(location_id=self._north(), lines=lines, was="on_hand", becomes="quarantine")
        return Request(set_aside, ask)

    def allocate(self) -> Request:
        (mug,) = self.goods(1)
        lines = (StockLine(sku=mug, pieces=3),)
        ask = AllocateStock(
            location_id=self._north(), channel_id=self.shop.channels["web"], lines=lines
        )
        return Request(allocate_to_channel, ask)

    def _north(self) -> UUID:
        return self.shop.locations["north"]

    def goods(self, count: int) -> list[str]:
        skus = [f"thing-{next(self._numbers)}" for _ in range(count)]
        for sku in skus:
            self.shop.has(sku, 10, at="north")
            self.shop.costs(sku, 999)
        return skus

    def coupon(self) -> str:
        code = f"TEN{next(self._numbers)}"
        terms = (CouponTerms(currency="EUR"),)
        draft = CouponDraft(code=code, discount_ppm=100_000, terms=terms, limit_total=1)
        self.hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)
        return code

    def _buying(self, pieces: dict[str, int], **more: Any) -> Request:
        lines = tuple(
            BuyLine(variant_id=self.shop.variants[sku], quantity=count)
            for sku, count in pieces.items()
        )
        ask = PlaceOrder(channel_id=self.shop.channels["web"], country="RS", lines=lines, **more)
        return Request(place_order, ask)

    def _order(self, **more: Any) -> OrderView:
        placing = self._buying(dict.fromkeys(self.goods(2), 3), **more)
        return self.shop.order(placing.made_to(self.hub))

    def _paid(self, **more: Any) -> OrderView:
        order = self._order(**more)
        ask = PayOrder(
            order_id=order.id,
            amount_minor=order.total_minor,
            method="cash",
            reference=f"till-{next(self._numbers)}",
        )
        self.hub.run(pay_order, ask, actor=SYSTEM)
        return order

    def _shipped(self) -> OrderView:
        order = self._paid()
        ask = ShipParcel(fulfillment_id=order.fulfillments[0].id, carrier="post")
        self.hub.run(ship_parcel, ask, actor=SYSTEM)
        return order

    def _short(self) -> str:
        loss = self.write_off()
        loss.made_to(self.hub)
        return loss.ask.lines[0].sku  # type: ignore[no-any-return]


ORDER_CASES: dict[str, Callable[[Bazaar], Request]] = {
    name: method
    for name, method in vars(Bazaar).items()
    if getattr(method, "__annotations__", {}).get("return") is Request and not name.startswith("_")
}
