"""What was bought as a guest is hers who proves the address, once, and nobody else's."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from charsu.customers import MergeCustomers, UndoMerge, merge_customers, undo_merge
from charsu.identity import AskTimeline, timeline
from charsu.kernel import SYSTEM, Hub
from charsu.orders import Recipient
from tests.identity.driver import Phone, work
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

MAKE = Callable[..., Phone]
ANA, MILA = "ana@example.com", "mila@example.com"
NUMBER = "+381601234567"


def bought(shop: Shop, *, customer: UUID | None = None, **person: str) -> UUID:
    """An order of one mug by somebody who says this of herself."""
    recipient = Recipient(name="Somebody", **person)
    return shop.buys(mug=1, recipient=recipient, customer_id=customer).order_id


def plenty(shop: Shop) -> Shop:
    shop.has("mug", 500, at="north")
    return shop


def test_what_she_bought_before_and_after_is_hers(phone: MAKE, market: Shop) -> None:
    before = bought(market, email="ANA@example.com ")
    ana = phone()
    ana.signs_in(email=ANA)
    after = bought(market, email=ANA)
    bought(market, email=MILA)
    work(market.hub)

    assert ana.purchases() == {before, after}
    assert {one.as_guest for one in ana.sees() if one.kind == "purchase"} == {True}
    work(market.hub)
    assert problems_of_all(market) == []


def test_what_nobody_has_proved_is_nobodys(phone: MAKE, market: Shop, hub: Hub) -> None:
    bought(market, email=ANA)
    work(hub)
    mila = phone()
    mila.signs_in(email=MILA)
    work(hub)

    assert mila.purchases() == set()


def test_a_number_joins_only_what_names_no_address(phone: MAKE, market: Shop) -> None:
    """A mother's number on the daughter's order does not show it to the mother."""
    alone = bought(market, phone="+381 60 1234567")
    bought(market, phone=NUMBER, email="daughter@example.com")
    mother = phone()
    mother.signs_in(phone=NUMBER)
    work(market.hub)

    assert mother.purchases() == {alone}
    daughter = phone()
    daughter.signs_in(email="daughter@example.com")
    work(market.hub)
    assert len(daughter.purchases()) == 1


def test_a_number_joins_only_what_was_bought_near_its_proof(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    """The number was somebody else's half a year ago, and may be again."""
    bought(market, phone=NUMBER)
    hub.offset = timedelta(days=180)
    near = bought(market, phone=NUMBER)
    owner = phone()
    owner.signs_in(phone=NUMBER)
    hub.offset = timedelta(days=230)
    bought(market, phone=NUMBER)
    work(hub)

    with hub.reading() as tx:
        rows = tx.all("SELECT order_id FROM identity.purchases")
    assert [row.order_id for row in rows] == [near]


def test_who_was_merged_shows_both_and_undone_each_her_own(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    ana, mila = phone(), phone()
    first = ana.signs_in(email=ANA).customer_id
    second = mila.signs_in(email=MILA).customer_id
    assert first and second
    hers, others = bought(market, email=ANA), bought(market, email=MILA)
    merge = hub.run(
        merge_customers,
        MergeCustomers(survivor_id=first, absorbed_id=second, reason="twins"),
        actor=SYSTEM,
    )
    late = bought(market, email=MILA)
    work(hub)
    assert ana.purchases() == mila.purchases() == {hers, others, late}

    hub.run(undo_merge, UndoMerge(merge_id=merge.merge_id), actor=SYSTEM)
    assert ana.purchases() == {hers}
    assert mila.purchases() == {others, late}


def test_whatever_happens_nobody_sees_what_is_anothers(phone: MAKE, market: Shop, hub: Hub) -> None:
    """Many people, one shared number, merges and their undoing, in an order of chance.

    Who may see an order is worked out a second time, from what was said and proved.
    """
    plenty(market)
    chance = random.Random(20260411)
    people = [phone() for _ in range(6)]
    emails = [f"p{n}@example.com" for n in range(len(people))]
    ids: dict[int, UUID] = {}
    has_number: int | None = None
    by_email: dict[UUID, int] = {}
    by_number: set[UUID] = set()
    own: dict[UUID, int] = {}
    merges: list[tuple[UUID, int, int]] = []

    for _ in range(90):
        n = chance.randrange(len(people))
        act = chance.choice(("guest", "guest", "shared", "alone", "in", "number", "own", "merge"))
        if act == "guest":
            by_email[bought(market, email=emails[n].upper())] = n
        elif act == "shared":
            by_email[bought(market, email=emails[n], phone=NUMBER)] = n
        elif act == "alone":
            by_number.add(bought(market, phone=NUMBER))
        elif act == "in" and n not in ids:
            ids[n] = people[n].signs_in(email=emails[n]).customer_id  # type: ignore[assignment]
        elif act == "number" and has_number is None and n in ids and not merges:
            people[n].adds(phone=NUMBER)
            has_number = n
        elif act == "own" and n in ids:
            own[bought(market, customer=ids[n], email="gift@example.com")] = n
        elif act == "merge" and len(ids) > 1 and not merges:
            one, other = chance.sample(sorted(ids), 2)
            ask = MergeCustomers(survivor_id=ids[one], absorbed_id=ids[other], reason="")
            merge = hub.run(merge_customers, ask, actor=SYSTEM)
            merges.append((merge.merge_id, one, other))
        elif act == "merge" and merges:
            hub.run(undo_merge, UndoMerge(merge_id=merges.pop()[0]), actor=SYSTEM)

    work(hub)
    assert len(ids) > 3 and has_number is not None and by_number and own
    for n, customer in ids.items():
        family = {n}
        for _, one, other in merges:
            if n in {one, other}:
                family = {one, other}
        expected = {order for order, who in (*by_email.items(), *own.items()) if who in family}
        if has_number in family:
            expected |= by_number
        assert people[n].purchases() == expected
        seen = hub.run(timeline, AskTimeline(customer_id=customer, limit=200), actor=SYSTEM)
        assert {one.order_id for one in seen.items if one.order_id} == expected
    assert problems_of_all(market) == []


def test_the_timeline_pages_without_gaps(phone: MAKE, market: Shop, hub: Hub) -> None:
    plenty(market)
    ana = phone()
    came = ana.signs_in(email=ANA)
    for _ in range(7):
        order = bought(market, customer=came.customer_id, email=ANA)
        market.pays_cash(order, 100)
    whole = ana.sees()
    seen: list[Any] = []
    mark = None
    while True:
        ask = AskTimeline(customer_id=came.customer_id, limit=3, after=mark)  # type: ignore[arg-type]
        page = hub.run(timeline, ask, actor=SYSTEM)
        seen += page.items
        if (mark := page.next) is None:
            break
    assert seen == whole
    assert len(seen) == 15
    assert [one.at for one in seen] == sorted((one.at for one in seen), reverse=True)
    assert {one.kind for one in seen} == {"sign_in", "purchase", "payment"}
