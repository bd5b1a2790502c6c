"""A shop of its own in a database that many share, in the words of the model."""

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from charsu.catalog import PutChannel, put_channel
from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.access import guest_actor
from charsu.kernel.access.callers import customer_actor
from charsu.orders import (
    AcceptFulfillment,
    CancelOrder,
    HandOver,
    MakeReady,
    PayOrder,
    PickFulfillment,
    Pieces,
    Rate,
    Recipient,
    RefundOrder,
    Reroute,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    accept,
    cancel_order,
    hand_over,
    make_ready,
    pay_order,
    pick,
    put_delivery_method,
    refund_order,
    reroute,
    return_goods,
    ship_parcel,
)
from charsu.orders.delivery import PutDeliveryMethod
from charsu.orders.queries.read_order import OrderView
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    OpenPriceList,
    PutCoupon,
    open_price_list,
    put_coupon,
)
from charsu.shopping import (
    CompleteCart,
    HoldCart,
    MergeCarts,
    OpenCart,
    PutLine,
    SetDelivery,
    complete_cart,
    hold_cart,
    merge_carts,
    open_cart,
    put_line,
    set_delivery,
)
from charsu.stock import count_stock, set_buffer, write_off_stock
from charsu.stock.documents import StockLine
from charsu.stock.operations.count import CountedLine, CountStock
from charsu.stock.operations.locations import SetBuffer
from charsu.stock.operations.write_off import WriteOffStock
from charsu.stock.queries.availability import AskAvailability, availability
from charsu.stock.queries.levels import AskStock, levels
from tests.laws.model import COUPON_LIMIT, COURIER, PRICES, STORES, Cart, Parts, Task
from tests.shop import Shop

FIRST_DELIVERY = 6
ANNA = Recipient(name="Anna", email="anna@example.org", street="Nova 1", town="Beograd")


class Corner(Shop):
    """Its names end in a number; everything is asked through public operations."""

    numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def __init__(self, hub: Hub, *, tax_mode: str) -> None:
        super().__init__(hub)
        self.number = next(self.numbers)
        self.tax_mode: Any = tax_mode
        self._fresh = itertools.count(1)
        for store in STORES:
            self.location(self.named(store))
        for product, minor in PRICES.items():
            self.costs(self.named(product), minor)
            for store in STORES:
                self.receives(store, product, FIRST_DELIVERY)
        draft = CouponDraft(
            code=self.named("TEN"),
            discount_ppm=100_000,
            terms=(CouponTerms(currency="EUR"),),
            limit_total=COUPON_LIMIT,
        )
        self.run(put_coupon, PutCoupon(coupon=draft))

    def run(self, verb: Any, ask: Any, *, by: Actor = SYSTEM) -> Any:
        return self.hub.run(verb, ask, actor=by)

    def channel(self, code: str = "web", currency: str = "EUR") -> UUID:
        if code not in self.channels:
            name = f"{code}-{self.number}"
            ask = PutChannel(code=name, name=code, kind="web", currency=currency)
            self.channels[code] = self.run(put_channel, ask).channel_id
            opening = OpenPriceList(
                channel_id=self.channels[code], currency=currency, tax_mode=self.tax_mode
            )
            self.run(open_price_list, opening)
            self._serve()
        return self.channels[code]

    # names

    def named(self, name: str) -> str:
        return f"{name}-{self.number}"

    def fresh(self, name: str) -> str:
        return f"{self.named(name)}-{next(self._fresh)}"

    def at(self, store: str) -> UUID:
        return self.locations[self.named(store)]

    def store_of(self, location: UUID) -> str:
        return next(store for store in STORES if self.at(store) == location)

    def variant(self, product: str) -> UUID:
        return self.variants[self.named(product)]

    def product_of(self, variant: UUID) -> str:
        return next(product for product in PRICES if self.variant(product) == variant)

    def guest(self) -> UUID:
        """Somebody new."""
        return UUID(int=self.number << 32 | next(self._fresh))

    def owner(self, cart: Cart) -> Actor:
        return customer_actor(cart.owner) if cart.is_customers else guest_actor(cart.owner)

    # goods

    def receives(self, store: str, product: str, pieces: int) -> None:
        self.has(self.named(product), pieces, at=self.named(store))

    def writes_off(self, store: str, product: str, pieces: int) -> None:
        lines = (StockLine(sku=self.named(product), pieces=pieces),)
        ask = WriteOffStock(location_id=self.at(store), lines=lines, reason="damaged")
        self.run(write_off_stock, ask)

    def counts(self, store: str, product: str, found: int) -> Any:
        lines = (CountedLine(sku=self.named(product), on_hand=found),)
        return self.run(count_stock, CountStock(location_id=self.at(store), lines=lines))

    def leaves(self, store: str, pieces: int) -> None:
        """The channel must leave so many pieces of each product there."""
        ask = SetBuffer(channel_id=self.channel(), location_id=self.at(store), pieces=pieces)
        self.run(set_buffer, ask)

    def levels_at(self, store: str) -> dict[str, Any]:
        rows = self.run(levels, AskStock(location_id=self.at(store))).items
        return {self.product_of(row.variant_id): row for row in rows}

    def offered(self) -> dict[str, int]:
        """Pieces that the channel says it can sell, by product."""
        variants = tuple(self.variant(product) for product in PRICES)
        ask = AskAvailability(channel_id=self.channel(), variant_ids=variants)
        rows = self.run(availability, ask).variants
        return {product: row.pieces for product, row in zip(PRICES, rows, strict=True)}

    # orders

    def orders(self, wants: dict[str, int], **more: Any) -> UUID:
        pieces = {self.named(product): count for product, count in wants.items()}
        return self.buys(**pieces, **more).order_id

    def pays(self, order: UUID, minor: int) -> Any:
        ask = PayOrder(order_id=order, amount_minor=minor, method="card", reference=self.fresh("r"))
        return self.run(pay_order, ask)

    def cancels(self, order: UUID, line: UUID, pieces: int) -> Any:
        parts = (Pieces(line_id=line, quantity=pieces),)
        return self.run(cancel_order, CancelOrder(order_id=order, reason="late", lines=parts))

    def sends(self, task: UUID, parts: dict[UUID, int]) -> None:
        """In a parcel; without parts everything."""
        lines = tuple(Pieces(line_id=line, quantity=n) for line, n in parts.items())
        self.run(ship_parcel, ShipParcel(fulfillment_id=task, carrier="post", lines=lines))

    def lays_out(self, task: UUID) -> None:
        self.run(make_ready, MakeReady(fulfillment_id=task))

    def gets_together(self, task: UUID) -> None:
        """The store takes a pick-up on and finds everything."""
        self.run(accept, AcceptFulfillment(fulfillment_id=task))
        self.run(pick, PickFulfillment(fulfillment_id=task))

    def hands_over(self, task: UUID, parts: dict[UUID, int]) -> None:
        lines = tuple(Pieces(line_id=line, quantity=n) for line, n in parts.items())
        self.run(hand_over, HandOver(fulfillment_id=task, lines=lines, proof="document"))

    def moves(self, task: UUID) -> Any:
        return self.run(reroute, Reroute(fulfillment_id=task, reason="sold out"))

    def takes_back(self, order: UUID, store: str, line: UUID, pieces: int) -> Any:
        back = (ReturnLine(line_id=line, quantity=pieces),)
        ask = ReturnGoods(
            order_id=order, location_id=self.at(store), lines=back, reason="too_small"
        )
        return self.run(return_goods, ask)

    def gives_back(self, order: UUID, goods_minor: int) -> Any:
        ask = RefundOrder(order_id=order, reason="kindness", goods_minor=goods_minor)
        return self.run(refund_order, ask)

    def refunds_of(self, order: UUID) -> list[tuple[int, int]]:
        """What was given back each time, and the tax in it."""
        with self.hub.reading() as tx:
            rows = tx.all(
                "SELECT amount_minor, tax_minor FROM orders.refunds WHERE order_id = %(id)s",
                id=order,
            )
        return [(row.amount_minor, row.tax_minor) for row in rows]

    def tasks_of(self, view: OrderView) -> list[Task]:
        """What stores still have to do for an order."""
        products = {line.id: self.product_of(line.variant_id) for line in view.lines}
        tasks = []
        for task in view.fulfillments:
            left = {
                products[part.line_id]: part.quantity - part.done - part.canceled
                for part in task.parts
            }
            is_pickup = task.kind == "pickup"
            tasks.append(Task(task.id, self.store_of(task.location_id), is_pickup, left))
        return tasks

    # carts

    def fills(self, guest: UUID, wants: dict[str, int]) -> UUID:
        """A cart with everything in it that an order needs."""
        by = guest_actor(guest)
        cart = self.run(open_cart, OpenCart(channel_id=self.channel(), country="RS"), by=by).cart_id
        for product, pieces in wants.items():
            line = PutLine(cart_id=cart, variant_id=self.variant(product), quantity=pieces)
            self.run(put_line, line, by=by)
        delivery = SetDelivery(
            cart_id=cart, kind="ship", country="RS", delivery_method="post", recipient=ANNA
        )
        self.run(set_delivery, delivery, by=by)
        return cart

    def holds(self, guest: UUID, cart: UUID) -> None:
        self.run(hold_cart, HoldCart(cart_id=cart), by=guest_actor(guest))

    def completes(self, cart: Cart, total: int) -> Any:
        ask = CompleteCart(cart_id=cart.id, expected_total_minor=total)
        return self.run(complete_cart, ask, by=self.owner(cart))

    def merges(self, guest: UUID, customer: UUID) -> UUID:
        """The guest signs in as this customer; the cart that she has then."""
        ask = MergeCarts(channel_id=self.channel(), guest_id=guest)
        return self.run(merge_carts, ask, by=customer_actor(customer)).cart_id

    def held_for(self, cart: UUID) -> Parts:
        with self.hub.reading() as tx:
            rows = tx.all(
                """
                SELECT b.place_id, b.thing_id, h.amount - h.posted - h.released AS pieces
                FROM ledger.holds h JOIN ledger.balances b USING (account_id)
                WHERE h.owner_id = %(cart)s AND h.state = 'live'
                """,
                cart=cart,
            )
        held: Parts = Counter()
        for row in rows:
            held[self.store_of(row.place_id), self.product_of(row.thing_id)] += row.pieces
        return held


def open_street(hub: Hub) -> None:
    """What all these shops have in common: the tax, and two ways of delivery."""
    Shop(hub).tax(200_000)
    for code, minor in (("post", 0), ("courier", COURIER)):
        rates = (Rate(currency="EUR", amount_minor=minor),)
        ask = PutDeliveryMethod(code=code, titles={"en": code}, kind="ship", rates=rates)
        hub.run(put_delivery_method, ask, actor=SYSTEM)
