"""Whatever is asked in whatever order, the shop answers like a model of it on a page."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar, TypeVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from charsu.assembly import checks
from charsu.kernel import Hub, HubError
from charsu.kernel.check import run_checks
from charsu.stock.chores import expire_holds
from tests.laws.corner import FIRST_DELIVERY, Corner, open_street
from tests.laws.model import (
    COUPON_LIMIT,
    COURIER,
    HOLD_MINUTES,
    PRICES,
    STORES,
    Cart,
    Line,
    Model,
    Order,
    Task,
    added_up,
    price,
    total_pieces,
)

pytestmark = pytest.mark.slow

IS_RELEASE = os.environ.get("CHARSU_LAWS") == "release"
CAREFUL = settings(
    max_examples=2_000 if IS_RELEASE else 60,
    stateful_step_count=60 if IS_RELEASE else 25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
VERBS = (
    *("receive", "write off", "count", "buffer"),
    *("place", "place with coupon", "place with courier", "place for pick-up"),
    *("pay", "cancel", "ship", "ship all", "reroute", "make ready", "hand over"),
    *("return", "refund", "hold", "merge", "merge into hers", "order cart", "time passes"),
)
"""What the whole run must have done at least once, whatever chance it had."""
ROUNDS_MAX = 3
"""Chance that leaves something out is given another round before that is held against it."""

Thing = TypeVar("Thing")

products = st.sampled_from(sorted(PRICES))
stores = st.sampled_from(STORES)
few = st.integers(1, 5)
some = st.integers(0, 1_000)
rarely = st.integers(0, 3).map(lambda number: number == 0)
baskets = st.dictionaries(products, st.integers(1, 4), min_size=1)


class ShopMachine(RuleBasedStateMachine):
    """Each rule does a thing in the shop and in the model, and compares what is answered."""

    steps: ClassVar[Counter[str]] = Counter()
    known_problems: ClassVar[set[str]] = set()

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub

    @initialize(is_tax_added=st.booleans())
    def open(self, is_tax_added: bool) -> None:
        self.shop = Corner(self.hub, tax_mode="added" if is_tax_added else "included")
        self.model = Model(is_tax_added=is_tax_added)
        for product in PRICES:
            for store in STORES:
                self.model.on_hand[store, product] = FIRST_DELIVERY

    # Goods come, go and are counted.

    @rule(product=products, store=stores, pieces=few)
    def receive(self, product: str, store: str, pieces: int) -> None:
        self.shop.receives(store, product, pieces)
        self.model.on_hand[store, product] += pieces
        self.noted("receive")

    @rule(product=products, store=stores, pieces=few)
    def write_off(self, product: str, store: str, pieces: int) -> None:
        is_there = self.model.on_hand[store, product] >= pieces
        with self.expecting(None if is_there else "goods_not_there") as is_done:
            self.shop.writes_off(store, product, pieces)
        if is_done():
            self.model.on_hand[store, product] -= pieces
        self.noted("write off", is_there)

    @rule(product=products, store=stores, found=st.integers(0, 9))
    def count(self, product: str, store: str, found: int) -> None:
        answer = self.shop.counts(store, product, found)
        change = found - self.model.on_hand[store, product]
        assert (answer.found, answer.lost) == (max(0, change), max(0, -change))
        self.model.on_hand[store, product] = found
        self.noted("count")

    @rule(store=stores, pieces=st.integers(0, 2))
    def leave_some(self, store: str, pieces: int) -> None:
        self.shop.leaves(store, pieces)
        self.model.buffers[store] = pieces
        self.noted("buffer")

    # Customers buy, pay and change their minds.

    @rule(wants=baskets, coupon=rarely, courier=rarely)
    def place(self, wants: dict[str, int], coupon: bool, courier: bool) -> None:
        is_used_up = coupon and self.model.coupon_uses == COUPON_LIMIT
        short = "not_enough_stock" if self.model.is_short(wants) else None
        codes = (self.shop.named("TEN"),) if coupon else ()
        method = "courier" if courier else None
        with self.expecting("coupon_used_up" if is_used_up else short) as is_done:
            placed = self.shop.orders(wants, codes=codes, delivery_method=method)
        if is_done():
            one_is_enough = any(not self.model.is_short(wants, [store]) for store in STORES)
            order = self.add_order(placed, wants, coupon=coupon, courier=courier)
            assert not one_is_enough or len(order.stores) == 1
            self.model.coupon_uses += coupon
        self.noted("place", is_done())
        for extra in (["coupon"] if coupon else []) + (["courier"] if courier else []):
            self.noted(f"place with {extra}", is_done())

    @rule(wants=baskets, store=stores, is_collected=st.booleans())
    def place_for_pickup(self, wants: dict[str, int], store: str, is_collected: bool) -> None:
        refusal = "not_enough_stock" if self.model.is_short(wants, [store]) else None
        with self.expecting(refusal) as is_done:
            placed = self.shop.orders(wants, kind="pickup", location_id=self.shop.at(store))
        if is_done():
            order = self.add_order(placed, wants)
            assert [(task.store, task.is_pickup) for task in order.tasks] == [(store, True)]
        self.noted("place for pick-up", is_done())
        if is_done() and is_collected:
            self.lays_out(order, order.tasks[0])
            self.part_leaves(order, order.tasks[0], next(iter(wants)), 1, "hand over")

    @precondition(lambda self: self.model.orders)
    @rule(which=some, part=st.integers(1, 4))
    def pay(self, which: int, part: int) -> None:
        order = pick(self.model.orders, which)
        self.pays(order, max(1, order.left_to_pay * part // 3))  # a part, all, or more

    def pays(self, order: Order, amount: int) -> None:
        refusal = None
        if order.state == "canceled":
            refusal = "wrong_step"
        elif amount > order.left_to_pay:
            refusal = "already_paid"
        with self.expecting(refusal) as is_done:
            answer = self.shop.pays(order.id, amount)
        if is_done():
            order.captured += amount
            assert answer.left_minor == order.left_to_pay
        self.noted("pay", is_done())

    @precondition(lambda self: self.model.orders)
    @rule(which=some, product=products, pieces=few)
    def cancel(self, which: int, product: str, pieces: int) -> None:
        order = pick(self.model.orders, which)
        self.cancels(order, order.lines.get(product) or next(iter(order.lines.values())), pieces)

    def cancels(self, order: Order, line: Line, pieces: int) -> None:
        has_open = any(line.open for line in order.lines.values())
        refusal = None if pieces <= line.open else "too_many_pieces" if has_open else "wrong_step"
        with self.expecting(refusal) as is_done:
            answer = self.shop.cancels(order.id, line.id, pieces)
        if is_done():
            line.canceled += pieces
            order.tasks = self.tasks_of(order)
            if order.state == "canceled" and order.has_coupon:
                self.model.coupon_uses -= 1
            assert answer.to_refund_minor == order.owed
        self.noted("cancel", is_done())

    # Stores send, lay out and hand over, or let others do it.

    @precondition(lambda self: self.tasks(is_pickup=False))
    @rule(which=some, product=products, pieces=few)
    def ship(self, which: int, product: str, pieces: int) -> None:
        order, task = pick(self.tasks(is_pickup=False), which)
        self.part_leaves(order, task, product, pieces, "ship")

    @precondition(lambda self: self.tasks(is_pickup=True))
    @rule(which=some, product=products, pieces=few)
    def hand_over(self, which: int, product: str, pieces: int) -> None:
        order, task = pick(self.tasks(is_pickup=True), which)
        self.part_leaves(order, task, product, pieces, "hand over")

    @precondition(lambda self: self.open_tasks(is_pickup=False))
    @rule(which=some)
    def ship_all(self, which: int) -> None:
        """Everything that stores have to send for an order, as far as it lies there."""
        order, _ = pick(self.open_tasks(is_pickup=False), which)
        self.sends_all(order)

    def sends_all(self, order: Order) -> None:
        for task in [task for task in order.tasks if task.is_open]:
            is_there = self.model.lies_at(task.store, task.left)
            with self.expecting(None if is_there else "goods_not_there") as is_done:
                self.shop.sends(task.id, {})
            if is_done():
                self.gone(order, task, dict(task.left))
            self.noted("ship all", is_done())

    @precondition(lambda self: self.open_tasks(is_pickup=False))
    @rule(which=some)
    def reroute(self, which: int) -> None:
        order, task = pick(self.open_tasks(is_pickup=False), which)
        others = [store for store in STORES if store != task.store]
        short = "not_enough_stock" if self.model.is_short(task.left, others) else None
        with self.expecting(short) as is_done:
            answer = self.shop.moves(task.id)
        if is_done():
            assert [self.shop.store_of(place) for place in answer.location_ids] == others
            wanted = {product: n for product, n in task.left.items() if n}
            order.tasks = self.tasks_of(order)
            moved = order.tasks[-1]
            assert (moved.store, moved.left) == (others[0], wanted)
            assert not any(one.is_open for one in order.tasks if one.id == task.id)
        self.noted("reroute", is_done())

    @precondition(lambda self: self.tasks(is_pickup=True))
    @rule(which=some)
    def make_ready(self, which: int) -> None:
        self.lays_out(*pick(self.tasks(is_pickup=True), which))

    def lays_out(self, order: Order, task: Task) -> None:
        is_waiting = task.is_open and task.id not in order.laid_out
        if is_waiting:
            self.shop.gets_together(task.id)
        with self.expecting(None if is_waiting else "wrong_step") as is_done:
            self.shop.lays_out(task.id)
        if is_done():
            order.laid_out.add(task.id)
        self.noted("make ready", is_done())

    # They take back and refund.

    @precondition(lambda self: self.with_goods())
    @rule(which=some, store=stores, pieces=st.integers(1, 3))
    def bring_back(self, which: int, store: str, pieces: int) -> None:
        order, product = pick(self.with_goods(), which)
        self.takes_back(order, product, store, pieces)

    def takes_back(self, order: Order, product: str, store: str, pieces: int) -> None:
        line = order.lines[product]
        is_hers = pieces <= line.fulfilled - line.returned
        with self.expecting(None if is_hers else "too_many_pieces") as is_done:
            answer = self.shop.takes_back(order.id, store, line.id, pieces)
        if is_done():
            worth = line.worth(line.returned + pieces) - line.worth(line.returned)
            line.returned += pieces
            self.model.on_hand[store, product] += pieces
            assert answer.refund_minor == worth
        self.noted("return", is_done())

    @precondition(lambda self: any(order.captured for order in self.model.orders))
    @rule(which=some, part=st.integers(1, 4))
    def refund(self, which: int, part: int) -> None:
        order = pick([order for order in self.model.orders if order.captured], which)
        self.gives_back(order, max(1, order.left_to_refund * part // 3))

    def gives_back(self, order: Order, amount: int) -> None:
        is_there = amount <= order.left_to_refund
        with self.expecting(None if is_there else "refund_too_large") as is_done:
            answer = self.shop.gives_back(order.id, amount)
        if is_done():
            order.refunded += amount
            assert answer.refunded_minor == order.refunded
        self.noted("refund", is_done())

    @rule(
        wants=baskets,
        coupon=st.booleans(),
        courier=st.booleans(),
        store=stores,
        pieces=few,
        is_in_parts=st.booleans(),
    )
    def sell_and_take_back(
        self,
        wants: dict[str, int],
        coupon: bool,
        courier: bool,
        store: str,
        pieces: int,
        is_in_parts: bool,
    ) -> None:
        """A whole sale at once, which single steps come to too seldom."""
        before = len(self.model.orders)
        self.place(wants, coupon=coupon, courier=courier)
        for order in self.model.orders[before:]:
            product, line = next(iter(order.lines.items()))
            if is_in_parts:
                self.cancels(order, line, 1)
            self.pays(order, order.left_to_pay)
            for task in [task for task in order.tasks if task.is_open and is_in_parts]:
                self.part_leaves(order, task, product, 1, "ship")
            self.sends_all(order)
            for product in order.lines:
                self.takes_back(order, product, store, pieces)
            self.gives_back(order, max(1, order.owed))

    # Carts hold goods for a while.

    @rule(
        wants=baskets,
        then=st.sampled_from(["comes again", "orders", "signs in", "waits"]),
    )
    def hold(self, wants: dict[str, int], then: str) -> None:
        cart = self.holds(wants)
        if cart is None or then == "waits":
            return
        if then == "orders":
            self.orders(cart)
        else:
            hers = self.signs_in(cart, hers=None)
            again = self.holds(dict.fromkeys(wants, 1)) if then == "comes again" else None
            if again:
                self.signs_in(again, hers=hers)

    def holds(self, wants: dict[str, int]) -> Cart | None:
        """The cart of somebody new, unless there is too little for it."""
        guest = self.shop.guest()
        cart = self.shop.fills(guest, wants)
        with self.expecting("not_enough_stock" if self.model.is_short(wants) else None) as is_done:
            self.shop.holds(guest, cart)
        self.noted("hold", is_done())
        if not is_done():
            return None
        return self.add_cart(Cart(cart, guest, False, wants, Counter(), self.hold_until))

    @precondition(lambda self: self.held_carts(is_customers=False))
    @rule(which=some, is_known=st.booleans())
    def merge(self, which: int, is_known: bool) -> None:
        known = self.held_carts(is_customers=True) if is_known else []
        guests = pick(self.held_carts(is_customers=False), which)
        self.signs_in(guests, hers=pick(known, which) if known else None)

    def signs_in(self, guests: Cart, *, hers: Cart | None) -> Cart:
        """What the guest held stays held, in the cart that she had as a customer or a new one."""
        customer = hers.owner if hers else self.shop.guest()
        cart = self.shop.merges(guests.owner, customer)
        assert cart == hers.id if hers else cart != guests.id
        self.model.carts = [one for one in self.model.carts if one not in (guests, hers)]
        wants = added_up(guests.wants, hers.wants) if hers else guests.wants
        expires = max(guests.expires, hers.expires) if hers else guests.expires
        assert self.shop.held_for(guests.id) == Counter()
        self.noted("merge into hers" if hers else "merge")
        return self.add_cart(Cart(cart, customer, True, wants, Counter(), expires))

    @precondition(lambda self: self.model.carts)
    @rule(which=some)
    def order_cart(self, which: int) -> None:
        self.orders(pick(self.model.carts, which))

    def orders(self, cart: Cart) -> None:
        """What is held is the order's; what ran out is taken anew where it is still there.

        Of what ran out, nobody has noticed that yet, and is short meanwhile, either may come.
        """
        is_sure = self.model.is_held(cart) or not self.model.is_short(cart.wants)
        total = sum(self.model.priced(PRICES[one] * n)[0] for one, n in cart.wants.items())
        refusals = [None] if is_sure else [None, "not_enough_stock"]
        with self.expecting(*refusals) as is_done:
            answer = self.shop.completes(cart, total)
        if is_done():
            self.model.carts.remove(cart)
            self.add_order(answer.order_id, cart.wants)
        self.noted("order cart", is_done())

    @rule(minutes=st.sampled_from([1, 5, 20]), is_swept=st.booleans())
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
            there = self.shop.levels_at(store)
            for product in PRICES:
                row = there.get(product)
                on_hand, held, missing = (row.on_hand, row.held, row.missing) if row else (0, 0, 0)
                assert on_hand == self.model.on_hand[store, product]
                if self.model.is_swept:
                    promised = self.model.held(store, product)
                    assert (held, missing) == (promised, max(0, promised - on_hand))

    @invariant()
    def availability_is_as_modeled(self) -> None:
        for product, offered in self.shop.offered().items():
            available = self.model.available(product)
            assert offered <= available
            assert offered == available or not self.model.is_swept

    def teardown(self) -> None:
        for order in self.model.orders:
            self.is_as_modeled(order)
        with psycopg.connect(self.hub.pool.conninfo) as connection:
            verdicts = run_checks(connection, checks())
        problems = {f"{f.row} {f.problem}" for verdict in verdicts for f in verdict.findings}
        problems -= self.known_problems  # left in the shared database by an example before
        self.known_problems |= problems
        assert not problems

    def is_as_modeled(self, order: Order) -> None:
        view = self.shop.order(order.id)
        assert (view.state, view.total_minor) == (order.state, order.total)
        assert (view.tax_minor, view.delivery_minor) == (order.tax, order.delivery)
        assert (view.captured_minor, view.refunded_minor) == (order.captured, order.refunded)
        for line in view.lines:
            mine = next(one for one in order.lines.values() if one.id == line.id)
            assert (line.fulfilled, line.canceled, line.returned) == (
                mine.fulfilled,
                mine.canceled,
                mine.returned,
            )
        refunds = self.shop.refunds_of(order.id)
        assert sum(amount for amount, _ in refunds) == order.refunded
        for amount, tax in refunds:  # its share of the tax on the goods, to the cent
            assert abs(tax * order.goods_total - amount * order.goods_tax) <= order.goods_total

    # How the rules speak of the model.

    @property
    def hold_until(self) -> int:
        return self.model.minutes + HOLD_MINUTES

    def tasks(self, *, is_pickup: bool) -> list[tuple[Order, Task]]:
        return [
            (order, task)
            for order in self.model.orders
            for task in order.tasks
            if task.is_pickup == is_pickup
        ]

    def open_tasks(self, *, is_pickup: bool) -> list[tuple[Order, Task]]:
        return [pair for pair in self.tasks(is_pickup=is_pickup) if pair[1].is_open]

    def with_goods(self) -> list[tuple[Order, str]]:
        """Orders with a product of which the customer has pieces."""
        return [
            (order, product)
            for order in self.model.orders
            for product, line in order.lines.items()
            if line.fulfilled > line.returned
        ]

    def held_carts(self, *, is_customers: bool) -> list[Cart]:
        carts = [cart for cart in self.model.carts if cart.is_customers == is_customers]
        return [cart for cart in carts if self.model.is_held(cart)]

    def part_leaves(self, order: Order, task: Task, product: str, pieces: int, verb: str) -> None:
        product = product if product in task.left else next(iter(task.left))
        refusal = None
        if not task.is_open:
            refusal = "wrong_step"
        elif pieces > task.left[product]:
            refusal = "too_many_pieces"
        elif task.is_pickup and task.id not in order.laid_out:
            refusal = "wrong_step"
        elif pieces > self.model.on_hand[task.store, product]:
            refusal = "goods_not_there"
        leave = self.shop.hands_over if task.is_pickup else self.shop.sends
        with self.expecting(refusal) as is_done:
            leave(task.id, {order.lines[product].id: pieces})
        if is_done():
            self.gone(order, task, {product: pieces})
        self.noted(verb, is_done())

    def gone(self, order: Order, task: Task, parts: dict[str, int]) -> None:
        for product, pieces in parts.items():
            order.lines[product].fulfilled += pieces
            task.left[product] -= pieces
            self.model.on_hand[task.store, product] -= pieces

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

    def add_order(
        self,
        identity: UUID,
        wants: dict[str, int],
        *,
        coupon: bool = False,
        courier: bool = False,
    ) -> Order:
        """The new order, whose price, tax and places are as they must be."""
        view = self.shop.order(identity)
        worth, off = price(wants, coupon=coupon)
        assert (view.subtotal_minor, view.discount_minor) == (worth, off)
        assert sum(line.discount_minor for line in view.lines) == off
        tax, lines = 0, {}
        for line in view.lines:
            product = self.shop.product_of(line.variant_id)
            assert (line.quantity, line.subtotal_minor) == (
                wants[product],
                PRICES[product] * wants[product],
            )
            total, within = self.model.priced(line.subtotal_minor - line.discount_minor)
            assert (line.total_minor, line.tax_minor) == (total, within)
            lines[product] = Line(line.id, line.quantity, total)
            tax += within
        assert lines.keys() == wants.keys()
        delivery, delivery_tax = self.model.priced(COURIER if courier else 0)
        order = Order(
            id=identity,
            lines=lines,
            total=sum(line.total for line in lines.values()) + delivery,
            tax=tax + delivery_tax,
            delivery=delivery,
            delivery_tax=delivery_tax,
            has_coupon=coupon,
        )
        self.is_as_modeled(order)
        order.tasks = self.tasks_of(order)
        self.model.orders.append(order)
        return order

    def tasks_of(self, order: Order) -> list[Task]:
        """What stores still have to do for an order: for each line what is open in it."""
        tasks = self.shop.tasks_of(self.shop.order(order.id))
        for product, line in order.lines.items():
            assert sum(task.left.get(product, 0) for task in tasks) == line.open
        return tasks

    def add_cart(self, cart: Cart) -> Cart:
        """Everything in it is held, somewhere."""
        cart.held = self.shop.held_for(cart.id)
        for product in PRICES:
            assert total_pieces(cart.held, product) == cart.wants.get(product, 0)
        self.model.carts.append(cart)
        return cart


def pick(things: list[Thing], which: int) -> Thing:
    return things[which % len(things)]


@pytest.mark.timeout(0 if IS_RELEASE else 900)
def test_the_shop_does_what_its_model_does(hub: Hub) -> None:
    open_street(hub)
    ShopMachine.steps.clear()

    for _ in range(ROUNDS_MAX):
        run_state_machine_as_test(lambda: ShopMachine(hub), settings=CAREFUL)
        if all(ShopMachine.steps[verb] for verb in VERBS):
            break

    for what, times in sorted(ShopMachine.steps.items()):
        print(f"{times:6} {what}")
    assert [verb for verb in VERBS if not ShopMachine.steps[verb]] == []
