"""Why something was done is kept beside the log, and is forgotten with the customer."""

from typing import Any

import pytest

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.identity import AskTimeline, EraseCustomer, erase_customer, timeline
from charsu.kernel import SYSTEM, Hub
from charsu.orders import (
    CancelOrder,
    RefundOrder,
    ReturnGoods,
    ReturnLine,
    cancel_order,
    refund_order,
    return_goods,
)
from charsu.orders.operations import issue_credit
from charsu.orders.operations.issue_credit import IssueCredit
from charsu.orders.queries.order_history import AskHistory, order_history
from charsu.orders.words import IN_WORDS, logged
from tests.identity.erasing import columns_with
from tests.shop import Shop
from tests.shopping.driver import open_market, problems_of_all

SAID = "Ms Quirina called"


@pytest.mark.parametrize("reason", ["customer", "not_found", "broken2", ""])
def test_one_word_for_programs_is_in_the_log(reason: str) -> None:
    assert logged(reason) == reason


@pytest.mark.parametrize("reason", ["Quirina", SAID, "not found", "late!", "ćao", "late\n"])
def test_anything_else_is_not(reason: str) -> None:
    assert logged(reason) == IN_WORDS


class Desk:
    """Staff who write a name wherever a reason is asked for."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        her = PutCustomer(customer=CustomerDraft(email="ana@example.com"))
        self.her = self.does(put_customer, her).customer_id
        more = {"kind": "ship", "customer_id": self.her}
        self.order = shop.buys(mug=2, **more).order_id
        shop.pays_cash(self.order, self.shop.order(self.order).total_minor)
        first = self.shop.order(self.order)
        shop.ships(first)
        line = ReturnLine(line_id=first.lines[0].id, quantity=1, condition="quarantine")
        back = ReturnGoods(
            order_id=self.order, location_id=shop.locations["north"], lines=(line,), reason=SAID
        )
        refund = self.does(return_goods, back).refund_minor
        self.does(refund_order, RefundOrder(order_id=self.order, goods_minor=refund, reason=SAID))
        self.canceled = shop.buys(mug=1, **more).order_id
        self.does(cancel_order, CancelOrder(order_id=self.canceled, reason=SAID))
        credit = IssueCredit(customer_id=self.her, amount_minor=5, currency="EUR", reason=SAID)
        self.does(issue_credit, credit)

    def does(self, verb: Any, ask: Any) -> Any:
        return self.shop.hub.run(verb, ask, actor=SYSTEM)

    def written(self) -> set[str]:
        with self.shop.hub.pool.connection() as connection:
            return columns_with(connection, ("quirina",))


def test_no_name_in_a_reason_comes_into_the_log(hub: Hub) -> None:
    desk = Desk(open_market(hub))
    assert desk.written() == {
        "orders.credit_moves.reason",
        "orders.refunds.reason",
        "orders.returns.reason",
        "orders.words.reason",
    }


def test_who_serves_her_reads_why(hub: Hub) -> None:
    desk = Desk(open_market(hub))
    items = hub.run(timeline, AskTimeline(customer_id=desk.her), actor=SYSTEM).items
    assert {one.kind for one in items if one.detail == SAID} == {
        "cancellation",
        "refund",
        "return",
    }
    told = hub.run(order_history, AskHistory(order_id=desk.canceled), actor=SYSTEM).items
    assert [one.body["reason"] for one in told if "reason" in one.body] == [SAID]


def test_it_is_forgotten_with_her(hub: Hub) -> None:
    desk = Desk(open_market(hub))
    desk.does(erase_customer, EraseCustomer(customer_id=desk.her, waives_credit=True))

    assert desk.written() == set()
    told = hub.run(order_history, AskHistory(order_id=desk.canceled), actor=SYSTEM).items
    assert [one.body["reason"] for one in told if "reason" in one.body] == [IN_WORDS]
    assert problems_of_all(desk.shop) == []
