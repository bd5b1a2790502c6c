"""A customer erases herself by a code that only she gets, and takes along what is known of her."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from charsu.customers import CustomerDraft, PutCustomer, ViewCustomer, put_customer, view_customer
from charsu.identity import (
    AskOwnData,
    BeginErasure,
    CustomerNeeded,
    CustomerSessionEnded,
    EraseHerself,
    ErasureBegun,
    FinishSignIn,
    OwnData,
    OwnErasure,
    StillNeeded,
    begin_erasure,
    erase_herself,
    finish_sign_in,
    own_data,
)
from charsu.identity.errors import NoAddressProved
from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.access import customer_actor, digest_of, new_token
from charsu.orders import CancelOrder, cancel_order
from tests.identity.driver import Phone, code_in, work, wrong
from tests.identity.erasing import EMAIL, MARKS, WHERE_SHE_IS, Known, columns_with
from tests.identity.test_joining import MAKE, bought
from tests.identity.test_strangers import ANA, crowd, last_letter
from tests.shop import Shop
from tests.shopping.driver import problems_of_all


def begins(phone: Phone, by: Actor | None = None) -> ErasureBegun:
    return phone.hub.run(begin_erasure, BeginErasure(), actor=by or phone.actor())


def erases(
    phone: Phone, begun: ErasureBegun, code: str, *, by: Actor | None = None, waives: bool = False
) -> OwnErasure:
    ask = EraseHerself(challenge_id=begun.challenge_id, code=code, waives_credit=waives)
    return phone.hub.run(erase_herself, ask, actor=by or phone.actor())


def is_erased(phone: Phone, customer: Any) -> bool:
    view = phone.hub.run(view_customer, ViewCustomer(customer_id=customer), actor=SYSTEM)
    return view.state == "erased"


@pytest.fixture
def ana(phone: MAKE, market: Shop) -> Phone:
    """Signed in; a shop with goods is around her."""
    one = phone()
    one.signs_in(email=ANA)
    return one


@pytest.mark.slow
def test_she_is_erased_like_by_staff(phone: MAKE, market: Shop, hub: Hub) -> None:
    known = Known(market, phone())
    begun = begins(known.phone)
    letter = known.phone.reads(begun.challenge_id)
    assert (begun.sent_to, letter.to) == ("email", EMAIL), "her number is not hers for a day yet"
    assert "erased" in letter.text

    done = erases(known.phone, begun, code_in(letter), waives=True)
    work(hub)

    assert (done.outcome, done.orders, done.carts) == ("erased", 3, 3)
    with hub.pool.connection() as connection:
        assert columns_with(connection, MARKS) == set()
    with pytest.raises(CustomerSessionEnded):
        known.phone.actor()
    assert problems_of_all(market) == []


def test_without_the_right_code_nothing_happens(ana: Phone) -> None:
    her = ana.actor()
    begun = begins(ana)
    code = code_in(ana.reads(begun.challenge_id))

    assert {erases(ana, begun, wrong(code)).outcome for _ in range(5)} == {"refused"}
    assert erases(ana, begun, code).outcome == "refused", "five tries are all"
    assert not is_erased(ana, her.id) and ana.actor() == her


def test_a_code_is_good_for_what_its_letter_says(ana: Phone) -> None:
    """Whoever talks her out of a code to sign in cannot erase her by it, nor the reverse."""
    begun = begins(ana)
    code = code_in(ana.reads(begun.challenge_id))
    shown = FinishSignIn(
        challenge_id=begun.challenge_id,
        code=code,
        token_digest=digest_of(new_token("customer")).hex(),
    )
    assert ana.hub.run(finish_sign_in, shown, actor=ana.actor()).outcome == "refused"

    adding = ana.asks(by=ana.actor(), email=ANA)
    other = msgspec.structs.replace(begun, challenge_id=adding)
    assert erases(ana, other, code_in(ana.reads(adding))).outcome == "refused"
    assert not is_erased(ana, ana.actor().id)


def test_who_has_her_session_cannot_have_the_code_sent_to_himself(ana: Phone, hub: Hub) -> None:
    """Whether he adds a number beside her address, or an address in its place."""
    ana.adds(phone="+381601234567")
    assert ana.reads(begins(ana).challenge_id).to == ANA

    ana.adds(email="thief@example.com")
    with pytest.raises(NoAddressProved):
        begins(ana)
    hub.offset = timedelta(hours=25)
    assert ana.reads(begins(ana).challenge_id).to == "thief@example.com", "hers for a day by now"


def test_her_code_is_good_in_her_own_hands_only(ana: Phone, phone: MAKE) -> None:
    mila = phone()
    mila.signs_in(email="mila@example.com")
    begun = begins(ana)
    code = code_in(ana.reads(begun.challenge_id))

    assert erases(mila, begun, code).outcome == "refused"
    with pytest.raises(CustomerNeeded):
        erases(ana, begun, code, by=SYSTEM)
    assert erases(ana, begun, code).outcome == "erased"
    assert mila.actor()


def test_who_proved_nothing_is_sent_nothing(ana: Phone) -> None:
    said = PutCustomer(customer=CustomerDraft(email="said@example.com"))
    her = ana.hub.run(put_customer, said, actor=SYSTEM).customer_id
    with pytest.raises(NoAddressProved):
        begins(ana, by=customer_actor(her))


def test_an_open_order_is_named_and_the_code_stays_good(ana: Phone, market: Shop) -> None:
    work(ana.hub)
    order = bought(market, email=ANA)
    work(ana.hub)
    her = ana.actor().id
    begun = begins(ana)
    code = code_in(ana.reads(begun.challenge_id))

    with pytest.raises(StillNeeded) as refused:
        erases(ana, begun, code)
    number = market.order(order).number
    assert refused.value.data["kind"] == "order_under_way"
    assert str(refused.value) == f"Nothing was erased: an order is under way ({number})."

    ana.hub.run(cancel_order, CancelOrder(order_id=order, reason="customer"), actor=SYSTEM)
    assert erases(ana, begun, code).outcome == "erased"
    assert is_erased(ana, her)


def test_two_who_show_the_code_at_once_erase_her_once(ana: Phone) -> None:
    her = ana.actor()
    begun = begins(ana)
    code = code_in(ana.reads(begun.challenge_id))
    with ThreadPoolExecutor(4) as hands:
        done = list(hands.map(lambda _: erases(ana, begun, code, by=her).outcome, range(4)))

    assert sorted(done) == ["erased", "refused", "refused", "refused"]
    assert times_erased(ana) == 1


def times_erased(ana: Phone) -> int:
    """How many facts say that somebody was erased."""
    statement = "SELECT count(*) FROM kernel.facts WHERE name = 'customers.customer_erased'"
    with ana.hub.reading() as tx:
        return int(tx.value(statement))


def test_no_stranger_keeps_her_from_it_or_shares_her_code(
    ana: Phone, phone: MAKE, hub: Hub
) -> None:
    crowd(phone, hub)
    begun = begins(ana)
    letter = ana.reads(begun.challenge_id)
    assert not begun.was_sent_before and "erased" in letter.text

    stranger = phone()
    asked = stranger.begins(email=ANA)
    assert not asked.was_sent_before, "his letter would be hers, to erase"
    assert stranger.shows(asked.challenge_id, code_in(letter)).outcome == "refused"
    assert code_in(last_letter(hub, ana.outbox)) != code_in(letter)
    assert erases(ana, begun, code_in(letter)).outcome == "erased"


def data(phone: Phone, **more: Any) -> OwnData:
    return phone.hub.run(own_data, AskOwnData(**more), actor=phone.actor())


NOT_TAKEN_ALONG = {
    "identity.challenges.address",  # where a code of hers is on its way, for minutes
    "orders.labels.document",  # the recipient once more, as a printer wants it
    "ucp.buyers.address",  # of agents' open checkouts, for some hours
    "ucp.buyers.person",
    "customers.identifiers.exact_key",  # as they are compared: the value is there
    "customers.identifiers.value_key",
}


@pytest.mark.slow
def test_she_takes_along_all_that_names_her(phone: MAKE, market: Shop, hub: Hub) -> None:
    known = Known(market, phone())
    told = data(known.phone)
    written = msgspec.json.encode(told).decode()

    with hub.pool.connection() as connection:
        missing = {
            name
            for name in WHERE_SHE_IS - NOT_TAKEN_ALONG
            if not any(words in written for words in texts_in(connection, name))
        }
    assert missing == set()
    assert {one.id for one in told.orders} == set(known.orders)
    assert [one.balance_minor for one in told.credit] == [700]
    assert [one.is_granted for one in told.consents.standing] == [True]
    assert len(told.cards) == 1 and len(told.links) == 1 and len(told.carts) == 1
    assert EMAIL in written and "Quirina's telephone" in written


def texts_in(connection: psycopg.Connection, column: str) -> list[str]:
    """What is written there of her, as JSON writes it."""
    schema, table, name = column.split(".")
    statement = SQL("SELECT {0} FROM {1} WHERE {0}::text ILIKE ANY(%s)").format(
        Identifier(name), Identifier(schema, table)
    )
    rows = connection.execute(statement, [[f"%{mark}%" for mark in MARKS]]).fetchall()
    return [row[0] if isinstance(row[0], str) else row[0][0]["street"] for row in rows]


def test_another_customers_data_is_not_in_hers(ana: Phone, phone: MAKE, market: Shop) -> None:
    mila = phone()
    mila.signs_in(email="mila@example.com")
    bought(market, email=ANA)
    theirs = bought(market, email="mila@example.com")
    work(ana.hub)

    told = msgspec.json.encode(data(ana)).decode()
    assert ANA in told
    assert "mila" not in told and f"{theirs}" not in told
    with pytest.raises(CustomerNeeded):
        ana.hub.run(own_data, AskOwnData(), actor=SYSTEM)


def test_a_long_history_comes_in_pages(ana: Phone, market: Shop) -> None:
    orders = {bought(market, email=ANA) for _ in range(3)}
    work(ana.hub)

    seen, mark = set(), None
    while True:
        page = data(ana, after=mark, limit=1)
        assert len(page.items) == 1
        seen |= {one.id for one in page.orders}
        if (mark := page.next) is None:
            break
    assert seen == orders
