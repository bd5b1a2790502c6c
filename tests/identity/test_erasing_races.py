"""Who is erased while she buys, or while what she bought joins her: nothing of her is left."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from charsu.customers import lock_family, take_names
from charsu.identity import CustomerErasure, EraseCustomer, StillNeeded, erase_customer, joining
from charsu.identity.joining import note_guest_orders
from charsu.identity.operations.erase_customer import _forget_carts, _orders_of
from charsu.kernel import Hub, Tx
from charsu.orders import forget_people, unfinished
from charsu.shopping import CompleteCart, complete_cart
from tests.identity.driver import work
from tests.identity.test_joining import ANA, MAKE, bought
from tests.interleaving import wait_until_blocked
from tests.shop import Shop
from tests.shopping.driver import ANNA, problems_of_all, visit

pytestmark = pytest.mark.slow

Erase = Callable[[Tx, EraseCustomer], Any]


def orders_looked_at_first(tx: Tx, ask: EraseCustomer) -> Any:
    """The unsafe way: what is being bought just now is no order yet, and no cart any more."""
    family = lock_family(tx, ask.customer_id)
    names = take_names(tx, family)
    orders = _orders_of(tx, family, names)
    assert unfinished(tx, orders=orders, customers=family, waives_credit=False) is None
    _forget_carts(tx, family, names)
    return forget_people(tx, orders=orders, customers=family)


def erased_meanwhile(hub: Hub, erase: Erase, her: UUID, does: Callable[[Tx], object]) -> Any:
    """What comes of erasing her in the middle of a transaction that commits first."""
    came: list[Any] = []

    def go() -> None:
        try:
            with hub.writing("test.erase") as tx:
                came.append(erase(tx, EraseCustomer(customer_id=her)))
        except StillNeeded as refused:
            came.append(refused)

    thread = threading.Thread(target=go)
    with hub.writing("test.meanwhile") as tx:
        does(tx)
        thread.start()
        wait_until_blocked(hub, unless=lambda: bool(came))
    thread.join()
    return came[0]


def buying(hub: Hub, phone: MAKE, market: Shop, erase: Erase) -> tuple[Any, int]:
    """How erasing her came out as she bought, and how many orders still know whom they are for."""
    ana = phone()
    ana.signs_in(email=ANA)
    her = ana.actor()
    cart = visit(market, her)
    cart.puts(mug=1)
    cart.wants_it_sent(ANNA)
    totals = cart.sees().totals
    assert totals is not None
    ask = CompleteCart(cart_id=cart.cart_id, expected_total_minor=totals.total_minor)
    came = erased_meanwhile(hub, erase, her.id, lambda tx: complete_cart(tx, ask))
    with hub.reading() as tx:
        return came, tx.value("SELECT count(*) FROM orders.recipients")


def test_who_is_just_buying_is_still_needed(hub: Hub, phone: MAKE, market: Shop) -> None:
    came, known = buying(hub, phone, market, erase_customer)

    assert isinstance(came, StillNeeded) and came.data["kind"] == "order_under_way"
    assert known == 1


def test_orders_looked_at_first_miss_what_is_just_bought(
    hub: Hub, phone: MAKE, market: Shop
) -> None:
    came, known = buying(hub, phone, market, orders_looked_at_first)

    assert not isinstance(came, StillNeeded) and known == 1, "an order of nobody that has her name"


def noting(hub: Hub, phone: MAKE, market: Shop) -> int:
    """How many digests of her address are left where a guest's order is noted as she is erased."""
    ana = phone()
    her = ana.signs_in(email=ANA).customer_id
    assert her is not None
    work(hub)
    placed = bought(market, email=ANA)
    market.pays_cash(placed, market.order(placed).total_minor)
    market.ships(market.order(placed))
    done = erased_meanwhile(hub, erase_customer, her, lambda tx: note_guest_orders(tx, [placed]))
    assert isinstance(done, CustomerErasure) and done.orders == 1
    with hub.reading() as tx:
        return int(tx.value("SELECT count(*) FROM identity.guest_orders"))


def test_no_trace_of_an_order_is_noted_as_she_is_erased(
    hub: Hub, phone: MAKE, market: Shop
) -> None:
    assert noting(hub, phone, market) == 0


def test_without_the_lock_a_trace_is_left(
    hub: Hub, phone: MAKE, market: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = joining._GUESTS.replace("FOR KEY SHARE OF r", "")
    monkeypatch.setattr(joining, "_GUESTS", unlocked)
    assert noting(hub, phone, market) == 1


def test_two_who_erase_her_at_once_erase_her_once(hub: Hub, phone: MAKE, market: Shop) -> None:
    her = phone().signs_in(email=ANA).customer_id
    assert her is not None
    ask = EraseCustomer(customer_id=her)
    first: list[CustomerErasure] = []
    second = erased_meanwhile(
        hub, erase_customer, her, lambda tx: first.append(erase_customer(tx, ask))
    )

    assert (first[0].customers, second.customers) == (1, 0)
    assert problems_of_all(market) == []
