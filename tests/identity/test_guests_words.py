"""What a guest said of her data joins who proves to be her, as of when she said it."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from charsu.customers import (
    AskConsents,
    Consents,
    MergeCustomers,
    Purpose,
    SetConsent,
    consents,
    merge_customers,
    set_consent,
)
from charsu.identity import GuestWord, keep_guest_word
from charsu.kernel import SYSTEM, Hub
from tests.identity.driver import Phone, work
from tests.identity.test_joining import ANA, MILA, NUMBER, bought
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

pytestmark = pytest.mark.slow

MAKE = Callable[..., Phone]


def says(hub: Hub, order: UUID, is_granted: bool, *, purpose: Purpose = "marketing") -> datetime:
    """The guest of an order says yes or no; when that was."""
    with hub.writing("test.says") as tx:
        word = GuestWord(
            order_id=order,
            purpose=purpose,
            is_granted=is_granted,
            source="agent",
            wording="v7",
            said_by=UUID(int=7),
            said_at=tx.now,
        )
        keep_guest_word(tx, word)
        return tx.now


def says_herself(ana: Phone, is_granted: bool) -> None:
    ask = SetConsent(
        purpose="marketing", channel="any", is_granted=is_granted, source="web", wording="v8"
    )
    ana.hub.run(set_consent, ask, actor=ana.actor())


def of(phone: Phone) -> Consents:
    return phone.hub.run(consents, AskConsents(), actor=phone.actor())


def standing(phone: Phone) -> dict[str, bool]:
    return {one.purpose: one.is_granted for one in of(phone).standing}


def later(hub: Hub) -> None:
    hub.offset += timedelta(hours=1)


def waiting(hub: Hub) -> int:
    with hub.reading() as tx:
        return int(tx.value("SELECT count(*) FROM identity.guest_consents"))


STEPS = ("said", "proved", "worked")


@pytest.mark.parametrize("steps", list(itertools.permutations(STEPS)), ids="-".join)
def test_a_guests_word_joins_in_whatever_order_things_come(
    phone: MAKE, market: Shop, hub: Hub, steps: tuple[str, ...]
) -> None:
    ana, order, at = phone(), bought(market, email=ANA), datetime.now(UTC)
    for step in steps:
        later(hub)
        if step == "said":
            at = says(hub, order, True)
        elif step == "proved":
            ana.signs_in(email=ANA.upper())
        work(hub) if step == "worked" else None
    later(hub)
    work(hub)

    (said,) = of(ana).items
    assert (said.purpose, said.channel, said.is_granted) == ("marketing", "any", True)
    assert (said.source, said.wording, said.said_at) == ("agent", "v7", at)
    work(hub)
    assert len(of(ana).items) == 1 and waiting(hub) == 0
    assert problems_of_all(market) == []


def test_a_stranger_who_proves_another_address_has_nothing_of_it(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    says(hub, bought(market, email=ANA), True)
    mila = phone()
    mila.signs_in(email=MILA)
    work(hub)

    assert of(mila).items == () and waiting(hub) == 1
    ana = phone()
    ana.signs_in(email=ANA)
    work(hub)
    assert standing(ana) == {"marketing": True}


def test_what_she_said_later_counts_whenever_the_guests_word_joins(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    ana = phone()
    ana.signs_in(email="ana@work.example.com")
    yes, no = bought(market, email=ANA), bought(market, email=ANA)
    says(hub, yes, True)
    later(hub)
    says_herself(ana, False)
    later(hub)
    ana.adds(email=ANA)
    work(hub)
    assert standing(ana) == {"marketing": False}

    later(hub)
    says_herself(ana, True)
    later(hub)
    says(hub, no, False)
    work(hub)
    assert standing(ana) == {"marketing": False}
    later(hub)
    says_herself(ana, True)
    assert standing(ana) == {"marketing": True}


def test_of_two_words_of_a_guest_the_later_counts(phone: MAKE, market: Shop, hub: Hub) -> None:
    first, second = bought(market, email=ANA), bought(market, email=ANA)
    says(hub, first, False)
    says(hub, first, False, purpose="analytics")
    later(hub)
    says(hub, second, True)
    ana = phone()
    ana.signs_in(email=ANA)
    work(hub)

    assert standing(ana) == {"marketing": True, "analytics": False}
    assert len(of(ana).items) == 3


def test_a_guests_yes_does_not_lift_a_no_that_she_said_herself(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    """Anybody may type her address and tick a box."""
    ana = phone()
    ana.signs_in(email=ANA)
    says_herself(ana, False)
    later(hub)
    says(hub, bought(market, email=ANA), True)
    work(hub)

    assert standing(ana) == {"marketing": False} and waiting(hub) == 0


def test_a_word_joins_who_answers_for_her(phone: MAKE, market: Shop, hub: Hub) -> None:
    ana, mila = phone(), phone()
    first = ana.signs_in(email=ANA).customer_id
    other = mila.signs_in(email=MILA).customer_id
    assert first and other
    pair = MergeCustomers(survivor_id=first, absorbed_id=other, reason="")
    hub.run(merge_customers, pair, actor=SYSTEM)
    says(hub, bought(market, email=MILA), True)
    work(hub)

    assert standing(ana) == {"marketing": True}


def test_a_word_with_a_number_joins_as_its_purchase_does(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    says(hub, bought(market, phone=NUMBER), True)
    says(hub, bought(market, phone=NUMBER, email=MILA), False)
    owner = phone()
    owner.signs_in(phone=NUMBER)
    work(hub)

    assert standing(owner) == {"marketing": True} and waiting(hub) == 1


def test_nothing_personal_of_a_guests_word_is_in_the_log(
    phone: MAKE, market: Shop, hub: Hub
) -> None:
    order = bought(market, email=ANA)
    says(hub, order, True)
    phone().signs_in(email=ANA)
    work(hub)
    with hub.reading() as tx:
        told = tx.all(
            "SELECT name, body FROM kernel.facts WHERE name ~ 'consent' ORDER BY sequence"
        )
    assert [one.name for one in told] == [
        "identity.guest_consent_said",
        "customers.consent_given",
    ]
    assert told[0].body == {"order_id": str(order), "purpose": "marketing", "is_granted": True}
    assert "ana" not in str(told).lower()
