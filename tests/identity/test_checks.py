"""The check of joined purchases finds what was planted, and nothing on a sound shop."""

from collections.abc import Callable

import pytest

from charsu.identity.checks import CHECKS
from charsu.kernel import Hub
from tests.identity.driver import Phone, work
from tests.identity.test_joining import ANA, bought
from tests.shop import Shop

(JOINED,) = [one for one in CHECKS if one.name == "guests_purchases_join_by_what_was_said"]

PLANTED = {
    "UPDATE orders.orders SET customer_id = gen_random_uuid()": "was a customer's from the first",
    "DELETE FROM identity.guest_orders": "was never noted as a guest's",
    "UPDATE identity.purchases SET joined_by = 'phone'": (
        "joined by something that its guest did not say"
    ),
}


@pytest.mark.parametrize("statement", PLANTED)
def test_a_purchase_that_joined_wrongly_is_named(
    hub: Hub, market: Shop, phone: Callable[..., Phone], statement: str
) -> None:
    bought(market, email=ANA)
    phone().signs_in(email=ANA)
    work(hub)
    with hub.reading() as tx:
        assert tx.value(JOINED.counts) == 1
        assert tx.all(JOINED.breaks) == []
    with hub.pool.connection() as connection:
        connection.execute(statement)
    with hub.reading() as tx:
        assert [row.problem for row in tx.all(JOINED.breaks)] == [PLANTED[statement]]
