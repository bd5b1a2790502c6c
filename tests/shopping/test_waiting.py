"""Whoever waited for a cart has it as it is then, with what was put in meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec import structs

from charsu.orders import Recipient
from charsu.shopping import stored
from charsu.shopping.facts import CartReplaced
from tests.interleaving import wait_until_blocked
from tests.shop import Shop
from tests.shopping.driver import ANNA, Visitor, guest

Seen = tuple[list[int], Recipient | None]
BEA = Recipient(name="Bea")


def _seen_after_waiting(shop: Shop, visitor: Visitor) -> Seen:
    """Quantities and recipient as one sees them who came while another changed both."""

    def waits() -> Seen:
        with shop.hub.writing("waiting") as tx:
            cart = stored.load(tx, visitor.cart_id)
            assert [line.quantity for line in cart.lines] == [1]
            cart = stored.lock(tx, visitor.cart_id)
            person = stored.recipient_of(tx, visitor.cart_id)
            return [line.quantity for line in cart.lines], person

    with ThreadPoolExecutor(1) as threads:
        with shop.hub.writing("changing") as tx:
            was = stored.lock(tx, visitor.cart_id)
            waiting = threads.submit(waits)
            wait_until_blocked(shop.hub, unless=waiting.done)
            lines = tuple(structs.replace(line, quantity=5) for line in was.lines)
            cart = structs.replace(was, lines=lines)
            fact = CartReplaced(lines=1, codes=0, kind="ship")
            stored.save_whole(tx, was, cart, fact, person=BEA)
        return waiting.result(30)


@pytest.fixture
def visitor(shop: Shop) -> Visitor:
    one = guest(shop)
    one.puts(mug=1)
    one.wants_it_sent(ANNA)
    return one


def test_what_the_other_put_in_is_seen(shop: Shop, visitor: Visitor) -> None:
    assert _seen_after_waiting(shop, visitor) == ([5], BEA)


def test_without_reading_once_more_it_would_be_as_it_was_before(
    shop: Shop, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unsafe control of the test above."""
    careless = stored._LOCK.replace("was.revision AS read_at", "one.revision AS read_at")
    monkeypatch.setattr(stored, "_LOCK", careless)

    assert _seen_after_waiting(shop, visitor)[0] == [1]
