"""Who somebody is follows from what she has proved; what was only said joins nobody."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from charsu.customers import (
    AddIdentifier,
    CustomerDraft,
    IdentifierTaken,
    MergeCustomers,
    PutCustomer,
    UndoMerge,
    ViewCustomer,
    add_identifier,
    merge_customers,
    proving,
    put_customer,
    undo_merge,
    view_customer,
)
from charsu.identity import challenges
from charsu.kernel import SYSTEM, Hub, HubError
from tests.identity.driver import Phone, code_in
from tests.shop import Shop
from tests.shopping.driver import problems_of_all

MAKE = Callable[..., Phone]
ANA, MILA = "ana@example.com", "mila@example.com"
NUMBER = "+381601234567"


def known(hub: Hub, **draft: Any) -> UUID:
    ask = PutCustomer(customer=CustomerDraft(**draft))
    return hub.run(put_customer, ask, actor=SYSTEM).customer_id


def view(hub: Hub, customer: UUID) -> Any:
    return hub.run(view_customer, ViewCustomer(customer_id=customer), actor=SYSTEM)


def named(hub: Hub, customer: UUID) -> set[tuple[str, str, bool]]:
    return {(one.kind, one.value, one.is_verified) for one in view(hub, customer).identifiers}


def test_who_proves_the_address_of_a_record_is_its_customer(phone: MAKE, hub: Hub) -> None:
    ana = known(hub, source="till", external_id="7", email=ANA, given_name="Ana")
    came = phone().signs_in(email=ANA)

    assert (came.customer_id, came.is_new_customer) == (ana, False)
    assert ("email", ANA, True) in named(hub, ana)


def test_a_claimed_number_joins_nobody(phone: MAKE, hub: Hub) -> None:
    ana = known(hub, email=ANA, phone=NUMBER)
    came = phone().signs_in(phone=NUMBER)

    assert came.is_new_customer and came.customer_id != ana
    assert ("phone", NUMBER, False) in named(hub, ana)


def test_a_claim_yields_to_a_proof(phone: MAKE, hub: Hub) -> None:
    """Mila has proved her number and only said the address; whoever proves it is not Mila."""
    device = phone()
    mila = device.signs_in(phone=NUMBER).customer_id
    assert mila is not None
    with psycopg.connect(hub.pool.conninfo) as plain:
        plain.execute(
            "INSERT INTO customers.identifiers (id, customer_id, kind, source, value, value_key)"
            " VALUES (gen_random_uuid(), %s, 'email', '', %s, %s)",
            [mila, ANA, ANA],
        )

    came = phone().signs_in(email=ANA)

    assert came.is_new_customer and came.customer_id != mila
    assert named(hub, mila) == {("phone", NUMBER, True)}


def test_what_was_proved_is_not_replaced_by_what_is_said(phone: MAKE, hub: Hub) -> None:
    ana = known(hub, source="till", external_id="7", email=ANA)
    phone().signs_in(email=ANA)

    assert known(hub, source="till", external_id="7", email="typo@example.com") == ana
    assert ("email", ANA, True) in named(hub, ana)


def test_a_number_that_was_long_not_proved_lets_its_new_owner_in_as_herself(
    phone: MAKE, hub: Hub
) -> None:
    old = phone().signs_in(phone=NUMBER)
    hub.offset = timedelta(days=46)
    new = phone().signs_in(phone=NUMBER)

    assert new.is_new_customer and new.customer_id != old.customer_id
    assert old.customer_id is not None
    assert named(hub, old.customer_id) == {("phone", NUMBER, False)}


def test_each_sign_in_proves_the_number_anew(phone: MAKE, hub: Hub) -> None:
    came = phone().signs_in(phone=NUMBER)
    for days in (40, 80, 120):
        hub.offset = timedelta(days=days)
        assert phone().signs_in(phone=NUMBER).customer_id == came.customer_id


def test_she_adds_a_number_and_comes_in_by_either(phone: MAKE, hub: Hub) -> None:
    device = phone()
    ana = device.signs_in(email=ANA).customer_id
    assert device.adds(phone=NUMBER).outcome == "added"

    assert phone().signs_in(phone=NUMBER).customer_id == ana
    assert phone().signs_in(email=ANA).customer_id == ana


def test_what_another_has_proved_cannot_be_added(phone: MAKE) -> None:
    phone().signs_in(email=MILA)
    ana = phone()
    ana.signs_in(email=ANA)
    with pytest.raises(IdentifierTaken):
        ana.adds(email=MILA)


def test_a_record_that_nobody_proved_joins_who_adds_its_address(phone: MAKE, hub: Hub) -> None:
    record = known(hub, source="till", external_id="7", email=MILA, given_name="Mila")
    device = phone()
    ana = device.signs_in(email=ANA).customer_id
    device.adds(email=MILA)

    assert view(hub, record).answered_by == ana
    assert phone().signs_in(email=MILA).customer_id == ana


def test_a_record_that_staff_merged_comes_with_all_it_was_merged_with(
    phone: MAKE, hub: Hub
) -> None:
    record, other = known(hub, email=MILA), known(hub, email="m@example.com")
    ask = MergeCustomers(survivor_id=other, absorbed_id=record, reason="one person")
    hub.run(merge_customers, ask, actor=SYSTEM)
    device = phone()
    ana = device.signs_in(email=ANA).customer_id
    device.adds(email=MILA)

    assert {view(hub, one).answered_by for one in (record, other)} == {ana}


def test_a_claim_that_was_merged_with_a_proof_of_another_yields(
    phone: MAKE, hub: Hub, market: Shop
) -> None:
    record = known(hub, email=ANA)
    mila = phone().signs_in(phone=NUMBER).customer_id
    assert mila is not None
    ask = MergeCustomers(survivor_id=mila, absorbed_id=record, reason="somebody thought so")
    hub.run(merge_customers, ask, actor=SYSTEM)

    assert phone().signs_in(email=ANA).customer_id not in {mila, record}
    assert problems_of_all(market) == []


def test_a_card_a_device_and_a_marketplaces_number_are_kinds_of_their_own(hub: Hub) -> None:
    ana, mila = known(hub, email=ANA), known(hub, email=MILA)

    def add(customer: UUID, kind: str, issuer: str, value: str) -> UUID:
        ask = AddIdentifier(
            customer_id=customer,
            kind=kind,  # type: ignore[arg-type]
            issuer=issuer,
            value=value,
            is_shown=kind == "card",
        )
        return hub.run(add_identifier, ask, actor=SYSTEM).identifier_id

    first = add(ana, "card", "club", "1234 5678")
    assert add(ana, "card", "club", "1234-5678") == first
    for kind in ("device", "marketplace", "agent"):
        add(ana, kind, "allegro", "1234 5678")
    with pytest.raises(IdentifierTaken) as taken:
        add(mila, "card", "club", "12345678")
    assert taken.value.data["customer_id"] == str(ana)
    add(mila, "card", "other-club", "12345678")
    assert {one for one, _, proved in named(hub, ana) if proved} == {"card"}


AT_ONCE = 6


def shown_to_many(hub: Hub) -> list[Any]:
    """One card, shown as the card of six customers at once; what came of each."""
    people = [known(hub, email=f"p{n}@example.com") for n in range(AT_ONCE)]

    def show(customer: UUID) -> Any:
        ask = AddIdentifier(
            customer_id=customer, kind="card", issuer="club", value="77", is_shown=True
        )
        try:
            return hub.run(add_identifier, ask, actor=SYSTEM)
        except HubError as refused:
            return refused

    with ThreadPoolExecutor(AT_ONCE) as hands:
        return list(hands.map(show, people))


def test_one_verified_identifier_is_one_customers_however_many_show_it_at_once(hub: Hub) -> None:
    refused = [one for one in shown_to_many(hub) if isinstance(one, IdentifierTaken)]
    assert len(refused) == AT_ONCE - 1


def test_without_the_guard_it_would_be_several_customers(hub: Hub, database: str) -> None:
    """The unsafe control: the same with the index gone."""
    with psycopg.connect(database) as plain:
        plain.execute("DROP INDEX customers.one_customer_to_an_identifier")
    owners = [one for one in shown_to_many(hub) if not isinstance(one, HubError)]
    print(f"{len(owners)} customers with one card without the guard")
    assert len(owners) > 1


def proved_at_once(hub: Hub, phone: MAKE) -> set[UUID]:
    ready = []
    for _ in range(5):
        device = phone()
        challenge = device.asks(phone=NUMBER)
        ready.append((device, challenge, code_in(device.reads(challenge))))
    with ThreadPoolExecutor(5) as hands:
        came = list(hands.map(lambda one: one[0].shows(one[1], one[2]), ready))
    return {one.customer_id for one in came if one.customer_id}


def test_a_number_proved_on_many_devices_at_once_is_one_customer(phone: MAKE, hub: Hub) -> None:
    assert len(proved_at_once(hub, phone)) == 1


def test_without_queue_and_index_a_number_would_be_several_customers(
    phone: MAKE, hub: Hub, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unsafe control: nobody waits for anybody."""
    meeting = threading.Barrier(5, timeout=5)
    monkeypatch.setattr(challenges, "queue", lambda *_: None)
    held = proving._held

    def look_together(*args: Any) -> Any:
        found = held(*args)
        meeting.wait()
        return found

    monkeypatch.setattr(proving, "_queue", lambda *_: None)
    monkeypatch.setattr(proving, "_held", look_together)
    with psycopg.connect(database) as plain:
        plain.execute("DROP INDEX customers.one_customer_to_a_verified_phone")
    made = proved_at_once(hub, phone)
    print(f"{len(made)} customers with one number without the guard")
    assert len(made) > 1


def test_merged_customers_are_one_person_until_it_is_undone(phone: MAKE, hub: Hub) -> None:
    ana, mila = phone(), phone()
    first = ana.signs_in(email=ANA).customer_id
    second = mila.signs_in(email=MILA).customer_id
    assert first and second
    before = (view(hub, first), view(hub, second))
    ask = MergeCustomers(survivor_id=first, absorbed_id=second, reason="she said so")
    merge = hub.run(merge_customers, ask, actor=SYSTEM)

    assert mila.actor().id == first
    assert phone().signs_in(email=MILA).customer_id == first
    assert set(view(hub, second).family) == {first, second}

    hub.run(undo_merge, UndoMerge(merge_id=merge.merge_id), actor=SYSTEM)
    assert mila.actor().id == second
    after = (view(hub, first), view(hub, second))
    assert [one.identifiers for one in before] == [one.identifiers for one in after]
    assert [one.family for one in after] == [(first,), (second,)]
    with pytest.raises(HubError):
        hub.run(undo_merge, UndoMerge(merge_id=merge.merge_id), actor=SYSTEM)


def test_nobody_is_merged_with_herself_in_a_circle_or_twice(hub: Hub) -> None:
    a, b, c = (known(hub, email=f"{one}@example.com") for one in "abc")

    def merge(survivor: UUID, absorbed: UUID) -> str:
        ask = MergeCustomers(survivor_id=survivor, absorbed_id=absorbed, reason="")
        try:
            hub.run(merge_customers, ask, actor=SYSTEM)
        except HubError as refused:
            return refused.code
        return "merged"

    assert merge(a, a) == "same_customer"
    assert merge(a, b) == "merged"
    assert merge(b, a) == "already_merged"
    assert merge(c, b) == "already_merged"
    assert merge(c, a) == "merged"
    assert view(hub, b).answered_by == c
    assert merge(a, UUID(int=5)) == "not_found"


def test_of_two_who_merge_each_into_the_other_one_does(hub: Hub) -> None:
    a, b = known(hub, email=ANA), known(hub, email=MILA)

    def merge(pair: tuple[UUID, UUID]) -> str:
        ask = MergeCustomers(survivor_id=pair[0], absorbed_id=pair[1], reason="")
        try:
            hub.run(merge_customers, ask, actor=SYSTEM)
        except HubError as refused:
            return refused.code
        return "merged"

    with ThreadPoolExecutor(2) as hands:
        outcomes = sorted(hands.map(merge, [(a, b), (b, a)]))
    assert outcomes == ["already_merged", "merged"]
