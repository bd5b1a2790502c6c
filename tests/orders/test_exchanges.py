"""Goods come back and others are taken for them: the money equals the goods, whatever happens."""

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.kernel import SYSTEM, Forbidden, Hub, HubError, Tx
from charsu.kernel.access import ROLES
from charsu.kernel.actors import Actor, Grant
from charsu.orders import (
    BuyLine,
    DifferenceMoved,
    DifferencePaid,
    ExchangeGoods,
    OrderView,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    TooMany,
    exchange_goods,
    loaded,
    put_delivery_method,
    refund_order,
    return_goods,
)
from charsu.orders.delivery import PutDeliveryMethod, Rate
from charsu.stock import NotEnoughStock
from tests.orders.test_pickup_races import at_once, module_of
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

pytestmark = pytest.mark.slow

HANDS = 4
PRICES = {"mug": 1_999, "cup": 333, "jug": 4_750}


@pytest.fixture
def shop(open_shop: Callable[..., Hub]) -> Iterator[Shop]:
    shop = Shop(open_shop(connections=HANDS + 2))
    for sku, minor in PRICES.items():
        shop.has(sku, 30, at="north")
        shop.costs(sku, minor)
    shop.location("south")
    rates = (Rate(currency="EUR", amount_minor=399),)
    ask = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
    shop.hub.run(put_delivery_method, ask, actor=SYSTEM)
    yield shop
    assert problems_of_all(shop) == []


def sold(shop: Shop, **bought: Any) -> OrderView:
    """An order by post that is paid and sent."""
    order = shop.order(shop.buys(delivery_method="post", **bought))
    shop.pays_cash(order.id, order.total_minor)
    shop.ships(order)
    return shop.order(order.id)


def asking(
    shop: Shop, order: OrderView, brings: dict[str, int], takes: dict[str, int], **more: Any
) -> ExchangeGoods:
    lines = {line.sku: line.id for line in order.lines}
    at = shop.location(more.pop("at", "north"))
    more.setdefault("reason", "too_small")
    return ExchangeGoods(
        order_id=order.id,
        location_id=at,
        lines=tuple(ReturnLine(line_id=lines[sku], quantity=n) for sku, n in brings.items()),
        takes=tuple(BuyLine(variant_id=shop.variants[sku], quantity=n) for sku, n in takes.items()),
        **more,
    )


def exchanges(
    shop: Shop, order: OrderView, brings: dict[str, int], takes: dict[str, int], **more: Any
) -> Any:
    return shop.hub.run(exchange_goods, asking(shop, order, brings, takes, **more), actor=SYSTEM)


def by_card(reference: str = "card-1") -> DifferencePaid:
    return DifferencePaid(method="card", reference=reference)


def customer(shop: Shop) -> UUID:
    ask = PutCustomer(customer=CustomerDraft(email="ana@example.org"))
    found: UUID = shop.hub.run(put_customer, ask, actor=SYSTEM).customer_id
    return found


def credit_of(shop: Shop, who: UUID) -> int:
    with shop.hub.reading() as tx:
        statement = "SELECT balance_minor FROM orders.credit_accounts WHERE customer_id = %(who)s"
        return int(tx.value(statement, who=who) or 0)


def test_the_same_again_costs_nothing_and_leaves_the_shop_at_once(shop: Shop) -> None:
    order = sold(shop, mug=1)
    done = exchanges(shop, order, {"mug": 1}, {"mug": 1}, expected_difference_minor=0)

    new, old = shop.order(done.new_order_id), shop.order(order.id)
    assert (new.state, new.payment_state, done.left_minor) == ("fulfilled", "paid", 0)
    assert shop.stock("mug", at="north") == (29, 0)
    assert new.exchanges == old.exchanges
    assert (old.exchanges[0].to_number, old.exchanges[0].carried_minor) == (new.number, 1_999)
    assert [one.from_payment_id for one in new.payments] == [old.payments[0].id]
    assert [one.exchange_id for one in old.refunds] == [done.exchange_id]


def test_what_costs_more_is_paid_first_and_handed_over_then(shop: Shop) -> None:
    order = sold(shop, mug=1)
    waiting = exchanges(shop, order, {"mug": 1}, {"jug": 1})
    assert (waiting.new_state, waiting.left_minor) == ("open", 4_750 - 1_999)

    other = sold(shop, mug=1)
    paid = exchanges(shop, other, {"mug": 1}, {"jug": 1}, payment=by_card())
    assert (paid.new_state, paid.left_minor) == ("fulfilled", 0)


@pytest.mark.parametrize("way", ["original", "credit"])
def test_what_is_left_over_goes_back_or_becomes_credit(shop: Shop, way: str) -> None:
    ana = customer(shop)
    order = sold(shop, jug=1, customer_id=ana)
    done = exchanges(shop, order, {"jug": 1}, {"cup": 2}, surplus_to=way)

    assert (done.surplus_minor, done.left_minor) == (4_750 - 666, 0)
    assert credit_of(shop, ana) == (done.surplus_minor if way == "credit" else 0)
    assert shop.order(done.new_order_id).customer_id == ana


def test_what_was_taken_in_exchange_is_refunded_to_where_the_money_came_in(shop: Shop) -> None:
    """Twice exchanged, then brought back: nothing is left of it in the books."""
    order = sold(shop, mug=1)
    done = exchanges(shop, order, {"mug": 1}, {"cup": 6})
    first = shop.order(done.new_order_id)
    assert done.surplus_minor == 1
    second = shop.order(exchanges(shop, first, {"cup": 6}, {"cup": 5}).new_order_id)
    line = ReturnLine(line_id=second.lines[0].id, quantity=5)
    ask = ReturnGoods(
        order_id=second.id, location_id=shop.location("south"), lines=(line,), reason="changed"
    )
    back = shop.hub.run(return_goods, ask, actor=SYSTEM)
    give = RefundOrder(
        order_id=second.id, reason="x", goods_minor=back.refund_minor, return_id=back.return_id
    )
    shop.hub.run(refund_order, give, actor=SYSTEM)
    post = RefundOrder(order_id=order.id, reason="kindness", delivery_minor=399)
    shop.hub.run(refund_order, post, actor=SYSTEM)

    assert second.payments[0].from_payment_id == order.payments[0].id
    assert shop.books() == {}


def test_credit_that_paid_comes_back_as_credit_through_an_exchange(shop: Shop) -> None:
    ana = customer(shop)
    first = sold(shop, jug=1, customer_id=ana)
    exchanges(shop, first, {"jug": 1}, {"mug": 1}, surplus_to="credit")
    order = shop.order(shop.buys(mug=1, customer_id=ana))
    paid = credit_of(shop, ana)
    pay = DifferencePaid(method="credit")
    shop.ships(order)
    done = exchanges(shop, sold(shop, cup=1, customer_id=ana), {"cup": 1}, {"mug": 1}, payment=pay)
    assert credit_of(shop, ana) == paid - (1_999 - 333)
    new = shop.order(done.new_order_id)
    again = exchanges(shop, new, {"mug": 1}, {"cup": 1})

    assert again.surplus_minor == 1_999 - 333
    assert credit_of(shop, ana) == paid


def test_another_store_takes_it_back_and_the_parcel_has_its_own_delivery(shop: Shop) -> None:
    order = sold(shop, mug=2)
    done = exchanges(
        shop,
        order,
        {"mug": 1},
        {"mug": 1},
        at="south",
        kind="ship",
        delivery_method="post",
        payment=by_card(),
    )
    new = shop.order(done.new_order_id)

    assert (new.delivery_minor, new.total_minor, done.left_minor) == (399, 2_398, 0)
    assert (new.state, shop.stock("mug", at="south")) == ("open", (1, 0))
    shop.ships(new)
    assert shop.order(new.id).state == "fulfilled"


def test_it_may_wait_for_her_in_another_store(shop: Shop) -> None:
    order = sold(shop, mug=1)
    north = shop.location("north")
    done = exchanges(
        shop, order, {"mug": 1}, {"mug": 1}, at="south", kind="pickup", pickup_location_id=north
    )
    new = shop.order(done.new_order_id)
    assert [(one.kind, one.location) for one in new.fulfillments] == [("pickup", "north")]


def test_without_the_goods_nothing_happens(shop: Shop) -> None:
    """The mug that comes back is not the one that is handed over."""
    order = sold(shop, mug=1)
    before = shop.order(order.id)
    with pytest.raises(NotEnoughStock):
        exchanges(shop, order, {"mug": 1}, {"mug": 1}, at="south")

    assert shop.order(order.id) == before
    assert shop.stock("mug", at="south") == (0, 0)


def test_another_difference_than_was_told_and_more_than_was_bought_are_refused(shop: Shop) -> None:
    order = sold(shop, mug=1)
    with pytest.raises(DifferenceMoved) as moved:
        exchanges(shop, order, {"mug": 1}, {"jug": 1}, expected_difference_minor=2_000)
    with pytest.raises(TooMany):
        exchanges(shop, order, {"mug": 2}, {"cup": 1})

    assert moved.value.data == {"expected": 2_000, "actual": 2_751}
    assert shop.order(order.id).returns == ()


def test_what_was_never_paid_pays_for_nothing(shop: Shop) -> None:
    order = shop.order(shop.buys(mug=2))
    shop.pays_cash(order.id, 2_500)
    shop.ships(order)
    done = exchanges(shop, order, {"mug": 1}, {"mug": 1})

    assert (done.worth_minor, done.left_minor, done.new_state) == (501, 1_498, "open")
    assert shop.order(order.id).payment_state == "partly_refunded"


def test_kindness_counts_once_and_the_delivery_stays_paid(shop: Shop) -> None:
    order = sold(shop, mug=1)
    shop.refunds(order.id, 500)
    assert exchanges(shop, order, {"mug": 1}, {"cup": 1}).worth_minor == 1_499


def cashier(at: UUID) -> Actor:
    return Actor(uuid4(), "key", (Grant(ROLES["cashier"].permissions, frozenset({at})),))


def test_a_cashier_exchanges_where_she_stands_and_nowhere_else(shop: Shop) -> None:
    order = sold(shop, mug=1)
    south, ask = cashier(shop.location("south")), asking(shop, order, {"mug": 1}, {"cup": 1})
    with pytest.raises(Forbidden):
        shop.hub.run(exchange_goods, ask, actor=south)
    shop.hub.run(exchange_goods, ask, actor=cashier(shop.location("north")))


def test_over_random_exchanges_the_money_equals_the_goods(shop: Shop) -> None:
    """What she paid less what she got back is what her goods cost, order by order and in sum."""
    chance = random.Random(20_261)
    done = 0
    for number in range(12):
        orders = [sold(shop, **{sku: chance.randint(1, 3) for sku in PRICES})]
        for step in range(chance.randint(1, 4)):
            order = shop.order(chance.choice(orders).id)
            left = {one.sku: one.fulfilled - one.returned for one in order.lines}
            brings = {sku: chance.randint(1, n) for sku, n in left.items() if n}
            if not brings:
                continue
            takes = {chance.choice(sorted(PRICES)): chance.randint(1, 2)}
            pay = by_card(f"{number}-{step}")
            new = exchanges(shop, order, brings, takes, payment=pay, surplus_to="original")
            orders.append(shop.order(new.new_order_id))
            done += 1
        after = [shop.order(order.id) for order in orders]
        kept = sum(
            (line.fulfilled - line.returned) * PRICES[line.sku]
            for order in after
            for line in order.lines
        )
        came = sum(p.captured_minor for o in after for p in o.payments if not p.from_payment_id)
        went = sum(r.amount_minor for o in after for r in o.refunds if not r.exchange_id)
        assert came - went == kept + 399
        (
            shop.has("mug", 5, at="north"),
            shop.has("cup", 5, at="north"),
            shop.has("jug", 5, at="north"),
        )
    assert done > 15
    assert "clearing:exchange" not in shop.books()


def exchanged_at_once(shop: Shop) -> int:
    """How often one mug was exchanged by many at once, each for something else."""
    pens = [f"pen-{number}" for number in range(HANDS)]
    for pen in pens:
        shop.has(pen, 1, at="north")
        shop.costs(pen, 100)
    order = sold(shop, mug=1, jug=3)
    asks = [asking(shop, order, {"mug": 1}, {pen: 1}) for pen in pens]
    at_once([partial(shop.hub.run, exchange_goods, ask, actor=SYSTEM) for ask in asks])
    return len(shop.order(order.id).exchanges)


def test_many_who_exchange_the_same_piece_exchange_it_once(shop: Shop) -> None:
    assert exchanged_at_once(shop) == 1


@pytest.fixture
def unguarded(open_shop: Callable[..., Hub], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Orders are read without a lock, all before anybody goes on; the database forbids nothing."""
    shop = Shop(open_shop(connections=HANDS + 2))
    shop.has("mug", 9, at="north")
    shop.has("jug", 9, at="north")
    shop.costs("mug", 1_999)
    shop.costs("jug", 4_750)
    rates = (Rate(currency="EUR", amount_minor=399),)
    ask = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
    shop.hub.run(put_delivery_method, ask, actor=SYSTEM)
    with shop.hub.writing("test.unguarded") as tx:
        tx.run(
            "ALTER TABLE orders.order_lines"
            " DROP CONSTRAINT order_lines_only_what_was_handed_over_returns"
        )
    returning, load = module_of(return_goods), loaded.load
    barrier, waited = threading.Barrier(HANDS), set[int]()

    def late(tx: Tx, order_id: UUID) -> loaded.Order:
        order = load(tx, order_id)
        if threading.get_ident() not in waited:
            waited.add(threading.get_ident())
            barrier.wait(30)
        return order

    monkeypatch.setattr(loaded, "_ORDER", loaded._ORDER.replace("FOR UPDATE OF o", ""))
    monkeypatch.setattr(returning, "load", late)
    return shop


def test_without_lock_and_constraint_one_piece_is_exchanged_again_and_again(
    unguarded: Shop,
) -> None:
    times = exchanged_at_once(unguarded)

    print(f"unsafe control: exchanged {times} times")
    assert times > 1


def test_the_same_request_twice_is_one_exchange(shop: Shop) -> None:
    ask = asking(shop, sold(shop, mug=1), {"mug": 1}, {"cup": 1})
    answers = {shop.hub.run(exchange_goods, ask, actor=SYSTEM, key="k").new_order_id for _ in "ab"}
    with pytest.raises(HubError):
        shop.hub.run(exchange_goods, ask, actor=SYSTEM, key="another")
    assert len(answers) == 1
