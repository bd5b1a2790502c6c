"""Whatever is asked in whatever order, the shop answers like a model of it on half a page."""

import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from charsu.assembly import checks
from charsu.catalog import PutChannel, put_channel
from charsu.kernel import SYSTEM, Actor, Hub, HubError
from charsu.kernel.access import guest_actor
from charsu.kernel.check import run_checks
from charsu.orders import (
    CancelOrder,
    PayOrder,
    Pieces,
    Rate,
    Recipient,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    ShipParcel,
    cancel_order,
    pay_order,
    put_delivery_method,
    refund_order,
    return_goods,
    ship_parcel,
)
from charsu.orders.delivery import PutDeliveryMethod
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
    OpenCart,
    PutLine,
    SetDelivery,
    complete_cart,
    hold_cart,
    open_cart,
    put_line,
    set_delivery,
)
from charsu.stock import count_stock, write_off_stock
from charsu.stock.chores import expire_holds
from charsu.stock.documents import StockLine
from charsu.stock.operations.count import CountedLine, CountStock
from charsu.stock.operations.write_off import WriteOffStock
from charsu.stock.queries.availability import AskAvailability, availability
from charsu.stock.queries.levels import AskStock, levels
from tests.laws.model import (
    COUPON_LIMIT,
    HOLD_MINUTES,
    PRICES,
    STORES,
    Cart,
    Line,
    Model,
    Order,
    Parts,
    price,
    stores_in,
    total_pieces,
)
from tests.shop import Shop

pytestmark = pytest.mark.slow

IS_RELEASE = os.environ.get("CHARSU_LAWS") == "release"
CAREFUL = settings(
    max_examples=2_000 if IS_RELEASE else 60,
    stateful_step_count=60 if IS_RELEASE else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
FIRST_DELIVERY = 6
ANNA = Recipient(name="Anna", email="anna@example.org", street="Nova 1", town="Beograd")

products = st.sampled_from(sorted(PRICES))
stores = st.sampled_from(STORES)
few = st.integers(1, 5)
some = st.integers(0, 1_000)
rarely = st.integers(0, 3).map(lambda number: number == 0)
baskets = st.dictionaries(products, st.integers(1, 4), min_size=1)


class Corner(Shop):
    """A shop of its own in a database that many share: its names end in a number."""

    numbers: ClassVar[Iterator[int]] = itertools.count(1)

    def __init__(self, hub: Hub) -> None:
        super().__init__(hub)
        self.number = next(self.numbers)

    def channel(self, code: str = "web", currency: str = "EUR") -> UUID:
        if code not in self.channels:
            name = f"{code}-{self.number}"
            ask = PutChannel(code=name, name=code, kind="web", currency=currency)
            self.channels[code] = self.hub.run(put_channel, ask, actor=SYSTEM).channel_id
            opening = OpenPriceList(channel_id=self.channels[code], currency=currency)
            self.hub.run(open_price_list, opening, actor=SYSTEM)
            self._serve()
        return self.channels[code]

    def named(self, name: str) -> str:
        return f"{name}-{self.number}"


class ShopMachine(RuleBasedStateMachine):
    """Each rule does a thing in the shop and in the model, and compares what is answered."""

    steps: ClassVar[Counter[str]] = Counter()
    known_problems: ClassVar[set[str]] = set()

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub
        self.model = Model()
        self.shop = Corner(hub)
        self.numbers = itertools.count(1)
        for store in STORES:
            self.shop.location(self.shop.named(store))
        for product, minor in PRICES.items():
            self.shop.costs(self.sku(product), minor)
            for store in STORES:
                self.shop.has(self.sku(product), FIRST_DELIVERY, at=self.shop.named(store))
                self.model.on_hand[store, product] = FIRST_DELIVERY
        draft = CouponDraft(
            code=self.shop.named("TEN"),
            discount_ppm=100_000,
            terms=(CouponTerms(currency="EUR"),),
            limit_total=COUPON_LIMIT,
        )
        hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)

    # Goods come, go and are counted.

    @rule(product=products, store=stores, pieces=few)
    def receive(self, product: str, store: str, pieces: int) -> None:
        self.shop.has(self.sku(product), pieces, at=self.shop.named(store))
        self.model.on_hand[store, product] += pieces
        self.noted("receive")

    @rule(product=products, store=stores, pieces=few)
    def write_off(self, product: str, store: str, pieces: int) -> None:
        lines = (StockLine(sku=self.sku(product), pieces=pieces),)
        ask = WriteOffStock(location_id=self.at(store), lines=lines, reason="damaged")
        is_there = self.model.on_hand[store, product] >= pieces
        with self.expecting(None if is_there else "goods_not_there") as is_done:
            self.hub.run(write_off_stock, ask, actor=SYSTEM)
        if is_done():
            self.model.on_hand[store, product] -= pieces
        self.noted("write off", is_there)

    @rule(product=products, store=stores, found=st.integers(0, 9))
    def count(self, product: str, store: str, found: int) -> None:
        lines = (CountedLine(sku=self.sku(product), on_hand=found),)
        ask = CountStock(location_id=self.at(store), lines=lines)
        answer = self.hub.run(count_stock, ask, actor=SYSTEM)
        change = found - self.model.on_hand[store, product]
        assert (answer.found, answer.lost) == (max(0, change), max(0, -change))
        self.model.on_hand[store, product] = found
        self.noted("count")

    # Customers buy, pay and change their minds.

    @rule(wants=baskets, coupon=rarely)
    def place(self, wants: dict[str, int], coupon: bool) -> None:
        short = self.model.short(wants)
        is_used_up = coupon and self.model.coupon_uses == COUPON_LIMIT
        refusal = "coupon_used_up" if is_used_up else "not_enough_stock" if short else None
        with self.expecting(refusal) as is_done:
            codes = (self.shop.named("TEN"),) if coupon else ()
            pieces = {self.sku(product): count for product, count in wants.items()}
            placed = self.shop.buys(codes=codes, **pieces)
        if is_done():
            one_is_enough = self.model.one_store_has(wants)
            order = self.add_order(placed.order_id, wants, coupon=coupon)
            assert not one_is_enough or len(stores_in(order.to_do)) == 1
            self.model.coupon_uses += coupon
        self.noted("place", is_done())

    @precondition(lambda self: self.model.orders)
    @rule(which=some, part=st.integers(1, 4))
    def pay(self, which: int, part: int) -> None:
        order = self.pick(which)
        amount = max(1, order.left_to_pay * part // 3)  # a part, all, or more
        ask = PayOrder(
            order_id=order.id, amount_minor=amount, method="card", reference=self.fresh("r")
        )
        refusal = None
        if order.state == "canceled":
            refusal = "wrong_step"
        elif amount > order.left_to_pay:
            refusal = "already_paid"
        with self.expecting(refusal) as is_done:
            answer = self.hub.run(pay_order, ask, actor=SYSTEM)
        if is_done():
            order.captured += amount
            assert answer.left_minor == order.left_to_pay
        self.noted("pay", is_done())

    @precondition(lambda self: self.model.orders)
    @rule(which=some, product=products, pieces=few)
    def cancel(self, which: int, product: str, pieces: int) -> None:
        order = self.pick(which)
        line = order.lines.get(product) or next(iter(order.lines.values()))
        parts = (Pieces(line_id=line.id, quantity=pieces),)
        ask = CancelOrder(order_id=order.id, reason="changed_mind", lines=parts)
        has_open = any(line.open for line in order.lines.values())
        refusal = None if pieces <= line.open else "too_many_pieces" if has_open else "wrong_step"
        with self.expecting(refusal) as is_done:
            answer = self.hub.run(cancel_order, ask, actor=SYSTEM)
        if is_done():
            line.canceled += pieces
            order.to_do = self.to_do(order)
            if order.state == "canceled" and order.has_coupon:
                self.model.coupon_uses -= 1
            assert answer.to_refund_minor == order.owed
        self.noted("cancel", is_done())

    # Stores send, take back and refund.

    @precondition(lambda self: self.model.orders)
    @rule(which=some, store=stores, product=products, pieces=few)
    def ship(self, which: int, store: str, product: str, pieces: int) -> None:
        order = self.pick(which)
        tasks = [
            task
            for task in self.shop.order(order.id).fulfillments
            if task.location_id == self.at(store)
        ]
        if not tasks or product not in order.lines:
            return
        line, left = order.lines[product], order.to_do[store, product]
        parts = (Pieces(line_id=line.id, quantity=pieces),)
        ask = ShipParcel(fulfillment_id=tasks[0].id, carrier="post", lines=parts)
        refusal = None
        if not any(order.to_do[store, other] for other in PRICES):
            refusal = "wrong_step"
        elif pieces > left:
            refusal = "too_many_pieces"
        elif pieces > self.model.on_hand[store, product]:
            refusal = "goods_not_there"
        with self.expecting(refusal) as is_done:
            self.hub.run(ship_parcel, ask, actor=SYSTEM)
        if is_done():
            line.fulfilled += pieces
            order.to_do[store, product] -= pieces
            self.model.on_hand[store, product] -= pieces
        self.noted("ship", is_done())

    @precondition(lambda self: self.model.orders)
    @rule(which=some, store=stores, product=products, pieces=few)
    def bring_back(self, which: int, store: str, product: str, pieces: int) -> None:
        order = self.pick(which)
        line = order.lines.get(product)
        if line is None:
            return
        back = (ReturnLine(line_id=line.id, quantity=pieces),)
        ask = ReturnGoods(
            order_id=order.id, location_id=self.at(store), lines=back, reason="too_small"
        )
        is_hers = pieces <= line.fulfilled - line.returned
        with self.expecting(None if is_hers else "too_many_pieces") as is_done:
            answer = self.hub.run(return_goods, ask, actor=SYSTEM)
        if is_done():
            worth = line.worth(line.returned + pieces) - line.worth(line.returned)
            line.returned += pieces
            self.model.on_hand[store, product] += pieces
            assert answer.refund_minor == worth
        self.noted("return", is_done())

    @precondition(lambda self: self.model.orders)
    @rule(which=some, part=st.integers(1, 4))
    def refund(self, which: int, part: int) -> None:
        order = self.pick(which)
        amount = max(1, order.left_to_refund * part // 3)
        ask = RefundOrder(order_id=order.id, reason="kindness", goods_minor=amount)
        is_there = amount <= order.left_to_refund
        with self.expecting(None if is_there else "refund_too_large") as is_done:
            answer = self.hub.run(refund_order, ask, actor=SYSTEM)
        if is_done():
            order.refunded += amount
            assert answer.refunded_minor == order.refunded
        self.noted("refund", is_done())

    # Carts hold goods for a while.

    @rule(wants=baskets)
    def hold(self, wants: dict[str, int]) -> None:
        guest = guest_actor(UUID(int=self.shop.number << 32 | next(self.numbers)))
        cart = self.fill(guest, wants)
        refusal = "not_enough_stock" if self.model.short(wants) else None
        with self.expecting(refusal) as is_done:
            self.hub.run(hold_cart, HoldCart(cart_id=cart), actor=guest)
        if is_done():
            expires = self.model.minutes + HOLD_MINUTES
            held = self.held_for(cart)
            assert all(total_pieces(held, product) == n for product, n in wants.items())
            self.model.carts.append(Cart(cart, guest.id, wants, held, expires))
        self.noted("hold", is_done())

    @precondition(lambda self: self.model.carts)
    @rule(which=some)
    def order_cart(self, which: int) -> None:
        """What is held is the order's; what ran out is taken anew where it is still there.

        Of what ran out, nobody has noticed that yet, and is short meanwhile, either may come.
        """
        cart = self.model.carts[which % len(self.model.carts)]
        is_sure = self.model.is_held(cart) or not self.model.short(cart.wants)
        total, _ = price(cart.wants, coupon=False)
        ask = CompleteCart(cart_id=cart.id, expected_total_minor=total)
        refusals = [None] if is_sure else [None, "not_enough_stock"]
        with self.expecting(*refusals) as is_done:
            answer = self.hub.run(complete_cart, ask, actor=guest_actor(cart.owner))
        if is_done():
            self.model.carts.remove(cart)
            self.add_order(answer.order_id, cart.wants, coupon=False)
        self.noted("order cart", is_done())

    @rule(minutes=st.sampled_from([5, 20]), is_swept=st.booleans())
    def let_time_pass(self, minutes: int, is_swept: bool) -> None:
        self.hub.offset += timedelta(minutes=minutes)
        self.model.minutes += minutes
        if is_swept:
            while expire_holds.do(self.hub):
                pass
            self.model.carts = [cart for cart in self.model.carts if self.model.is_held(cart)]
        self.noted("time passes")

    # What must be true after each step.

    @invariant()
    def stock_is_as_modeled(self) -> None:
        for store in STORES:
            ask = AskStock(location_id=self.at(store))
            there = {row.sku: row for row in self.hub.run(levels, ask, actor=SYSTEM).items}
            for product in PRICES:
                row = there.get(self.sku(product))
                on_hand, held, missing = (row.on_hand, row.held, row.missing) if row else (0, 0, 0)
                assert on_hand == self.model.on_hand[store, product]
                if self.model.is_swept:
                    promised = self.model.held(store, product)
                    assert (held, missing) == (promised, max(0, promised - on_hand))

    @invariant()
    def availability_is_as_modeled(self) -> None:
        variants = tuple(self.shop.variants[self.sku(product)] for product in PRICES)
        ask = AskAvailability(channel_id=self.shop.channel(), variant_ids=variants)
        answer = self.hub.run(availability, ask, actor=SYSTEM)
        for product, offered in zip(PRICES, answer.variants, strict=True):
            available = self.model.available(product)
            assert offered.pieces <= available
            assert offered.pieces == available or not self.model.is_swept

    def teardown(self) -> None:
        for order in self.model.orders:
            view = self.shop.order(order.id)
            assert (view.state, view.total_minor) == (order.state, order.total)
            assert (view.captured_minor, view.refunded_minor) == (order.captured, order.refunded)
            for line in view.lines:
                mine = next(one for one in order.lines.values() if one.id == line.id)
                assert (line.fulfilled, line.canceled, line.returned) == (
                    mine.fulfilled,
                    mine.canceled,
                    mine.returned,
                )
        with psycopg.connect(self.hub.pool.conninfo) as connection:
            verdicts = run_checks(connection, checks())
        problems = {f"{f.row} {f.problem}" for verdict in verdicts for f in verdict.findings}
        problems -= self.known_problems  # left in the shared database by an example before
        self.known_problems |= problems
        assert not problems

    # How the model's words are said to the shop.

    def sku(self, product: str) -> str:
        return self.shop.named(product)

    def at(self, store: str) -> UUID:
        return self.shop.locations[self.shop.named(store)]

    def fresh(self, name: str) -> str:
        return f"{self.shop.named(name)}-{next(self.numbers)}"

    def pick(self, which: int) -> Order:
        return self.model.orders[which % len(self.model.orders)]

    def noted(self, what: str, is_done: bool = True) -> None:
        self.steps[what if is_done else f"{what}: refused"] += 1

    @contextmanager
    def expecting(self, *outcomes: str | None) -> Iterator[Callable[[], bool]]:
        """One of these refusals, or with None that it is done; the result says whether it was."""
        came: list[str | None] = []
        try:
            yield lambda: came == [None]
            came.append(None)
        except HubError as refusal:
            came.append(refusal.code)
        assert came[0] in outcomes, f"{came[0]}, expected {outcomes}"

    def add_order(self, identity: UUID, wants: dict[str, int], *, coupon: bool) -> Order:
        """The new order, whose price and places are as they must be."""
        view = self.shop.order(identity)
        worth, off = price(wants, coupon=coupon)
        assert (view.subtotal_minor, view.discount_minor) == (worth, off)
        assert view.total_minor == worth - off == sum(line.total_minor for line in view.lines)
        lines = {
            product: Line(line.id, line.quantity, line.total_minor)
            for product in wants
            for line in view.lines
            if line.sku == self.sku(product)
        }
        assert {product: line.quantity for product, line in lines.items()} == wants
        order = Order(identity, lines, view.total_minor, coupon, Counter())
        order.to_do = self.to_do(order)
        self.model.orders.append(order)
        return order

    def to_do(self, order: Order) -> Parts:
        """What stores still have to do for an order: for each line what is open in it."""
        products_of = {line.id: product for product, line in order.lines.items()}
        stores_of = {self.at(store): store for store in STORES}
        parts: Parts = Counter()
        for task in self.shop.order(order.id).fulfillments:
            for part in task.parts:
                at = stores_of[task.location_id], products_of[part.line_id]
                parts[at] += part.quantity - part.done - part.canceled
        for product, line in order.lines.items():
            assert total_pieces(parts, product) == line.open
        return parts

    def fill(self, guest: Actor, wants: dict[str, int]) -> UUID:
        """A cart with everything in it that an order needs."""
        opening = OpenCart(channel_id=self.shop.channel(), country="RS")
        cart = self.hub.run(open_cart, opening, actor=guest).cart_id
        for product, pieces in wants.items():
            variant = self.shop.variants[self.sku(product)]
            line = PutLine(cart_id=cart, variant_id=variant, quantity=pieces)
            self.hub.run(put_line, line, actor=guest)
        delivery = SetDelivery(
            cart_id=cart, kind="ship", country="RS", delivery_method="post", recipient=ANNA
        )
        self.hub.run(set_delivery, delivery, actor=guest)
        return cart

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
            store = next(store for store in STORES if self.at(store) == row.place_id)
            product = next(p for p in PRICES if self.shop.variants[self.sku(p)] == row.thing_id)
            held[store, product] += row.pieces
        return held


@pytest.mark.timeout(0 if IS_RELEASE else 600)
def test_the_shop_does_what_its_model_does(hub: Hub) -> None:
    Shop(hub).tax(200_000)
    free = (Rate(currency="EUR", amount_minor=0),)
    post = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=free)
    hub.run(put_delivery_method, post, actor=SYSTEM)
    ShopMachine.steps.clear()

    run_state_machine_as_test(lambda: ShopMachine(hub), settings=CAREFUL)

    for what, times in sorted(ShopMachine.steps.items()):
        print(f"{times:6} {what}")
