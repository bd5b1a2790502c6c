"""``charsu check`` finds what is wrong with promised money, and names the row."""

from collections.abc import Callable

import psycopg
import pytest

from charsu.kernel import Hub
from charsu.orders.checks import CHECKS
from charsu.orders.payments import PROVIDERS
from tests.bank import Bank
from tests.shop import Shop
from tests.shopping.driver import open_market
from tests.shopping.till import pays, ready, standing, work

PLANTED = {
    "promised_money_is_accounted_for": (
        "UPDATE orders.authorizations SET captured_minor = captured_minor - 1"
        " WHERE captured_minor > 0",
        "UPDATE orders.authorizations SET capturing_minor = 1 WHERE captured_minor < asked_minor"
        " AND order_id IS NOT NULL",
        "UPDATE orders.payments SET authorization_id = NULL",
        "UPDATE orders.authorizations SET cart_id = gen_random_uuid() WHERE order_id IS NOT NULL",
        "UPDATE kernel.processes SET state = 'running', ended_at = NULL"
        " WHERE kind = 'orders.capture'",
    ),
    "no_promise_is_forgotten": (
        "UPDATE orders.authorizations SET order_id = NULL WHERE captured_minor = 0",
        "UPDATE kernel.processes SET state = 'failed', ended_at = now()"
        " WHERE kind = 'shopping.pay' AND state = 'running'",
        "DELETE FROM kernel.processes WHERE kind = 'shopping.pay' AND state = 'running'",
    ),
}


@pytest.fixture
def shop(open_shop: Callable[..., Hub], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """One order half sent and half paid, one with its money promised, one cart being paid."""
    monkeypatch.setitem(PROVIDERS, "bank", Bank())
    shop = open_market(open_shop())
    for pieces in (1, 0):
        one = ready(shop)
        pays(one)
        work(shop)
        if pieces:
            shop.ships(shop.order(standing(one).order_id), pieces=pieces)
            work(shop)
    pays(ready(shop))
    return shop


@pytest.mark.parametrize("name", PLANTED)
def test_every_planted_corruption_is_found(shop: Shop, database: str, name: str) -> None:
    [check] = [one for one in CHECKS if one.name == name]
    assert len(PLANTED[name]) >= 3
    for statement in ("", *PLANTED[name]):
        with psycopg.connect(database) as connection:
            if statement:
                changed = connection.execute(statement).rowcount
                assert changed > 0, statement
            verdict = [row[0] for row in connection.execute(check.breaks).fetchall()]
            connection.rollback()
        assert bool(verdict) is bool(statement), statement
        assert all(row.startswith("authorization ") for row in verdict)
