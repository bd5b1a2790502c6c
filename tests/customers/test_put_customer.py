import json
from typing import Any
from uuid import UUID

import pytest

from charsu.customers import (
    Address,
    CustomerDraft,
    CustomerStored,
    CustomerView,
    FindCustomers,
    PutCustomer,
    ViewCustomer,
    diff_customers,
    find_customers,
    put_customer,
    put_many_customers,
    view_customer,
)
from charsu.kernel import SYSTEM, Hub, HubError, NotFound

HOME = Address(street="Knez Mihailova 5", postcode="11000", town="Beograd", country="RS")


def put(hub: Hub, **known: Any) -> CustomerStored:
    ask = PutCustomer(customer=CustomerDraft(**known))
    return hub.run(put_customer, ask, actor=SYSTEM)


def view(hub: Hub, customer: UUID) -> CustomerView:
    return hub.run(view_customer, ViewCustomer(customer_id=customer), actor=SYSTEM)


def found(hub: Hub, text: str) -> list[UUID]:
    answer = hub.run(find_customers, FindCustomers(text=text), actor=SYSTEM)
    return [customer.customer_id for customer in answer.customers]


def facts(hub: Hub, customer: UUID) -> list[tuple[str, Any]]:
    with hub.reading() as tx:
        rows = tx.all(
            "SELECT name, body FROM kernel.facts WHERE subject_id = %(id)s ORDER BY version",
            id=customer,
        )
    return [(row.name, row.body) for row in rows]


def test_a_customer_comes_in_once_however_her_address_is_written(hub: Hub) -> None:
    first = put(hub, email="Ana.Petrović@Example.com", given_name="Ana")
    again = put(hub, email=" ana.petrović@example.COM ", family_name="Petrović")

    assert (first.effect, again.effect) == ("created", "changed")
    assert again.customer_id == first.customer_id
    known = view(hub, first.customer_id)
    assert (known.given_name, known.family_name, known.version) == ("Ana", "Petrović", 2)


def test_putting_the_same_again_changes_nothing_and_says_nothing(hub: Hub) -> None:
    known = {
        "source": "till",
        "external_id": "H00900",
        "email": "h900@example.com",
        "phone": "+1 555 555 0123",
        "addresses": (HOME,),
        "language": "sr-Latn",
        "is_invented": True,
    }
    first, again = put(hub, **known), put(hub, **known)

    assert (first.effect, again.effect) == ("created", "unchanged")
    assert facts(hub, first.customer_id) == [
        ("customers.customer_introduced", {"is_invented": True})
    ]


def test_what_a_draft_leaves_out_stays_as_it_was(hub: Hub) -> None:
    customer = put(
        hub, source="till", external_id="7", email="ana@example.com", addresses=(HOME,)
    ).customer_id
    put(hub, source="till", external_id="7", phone="011 123 456")

    known = view(hub, customer)
    assert (known.email, known.phone) == ("ana@example.com", "011 123 456")
    assert (known.addresses, known.external_ids) == ((HOME,), {"till": "7"})


def test_another_system_finds_the_same_customer_by_her_address(hub: Hub) -> None:
    till = put(hub, source="till", external_id="7", email="ana@example.com")
    shop = put(hub, source="shopify", external_id="991", email="ana@example.com")
    moved = put(hub, source="shopify", external_id="991", email="ana.p@example.com")

    assert till.customer_id == shop.customer_id == moved.customer_id
    known = view(hub, till.customer_id)
    assert known.external_ids == {"till": "7", "shopify": "991"}
    assert found(hub, "ana.p@example.com") == [till.customer_id]
    assert found(hub, "ana@example.com") == []


def test_two_people_of_one_system_with_one_mailbox_are_not_made_one(hub: Hub) -> None:
    first = put(hub, source="till", external_id="7", email="family@example.com")
    with pytest.raises(HubError) as refused:
        put(hub, source="till", external_id="8", email="family@example.com")

    assert refused.value.code == "identifier_taken"
    assert refused.value.data["customer_id"] == str(first.customer_id)
    assert found(hub, "8") == []


def test_identifiers_of_two_customers_do_not_merge_them(hub: Hub) -> None:
    put(hub, source="till", external_id="7")
    other = put(hub, email="bela@example.com")
    with pytest.raises(HubError) as refused:
        put(hub, source="till", external_id="7", email="bela@example.com")
    assert refused.value.code == "identifier_taken"
    assert refused.value.data["customer_id"] == str(other.customer_id)


def test_a_family_may_share_a_telephone(hub: Hub) -> None:
    ana = put(hub, email="ana@example.com", phone="+381 11 123-456")
    bela = put(hub, email="bela@example.com", phone="+38111123456")
    assert found(hub, "011 123 456") == sorted([ana.customer_id, bela.customer_id])


WRONG = [
    ("email_invalid", {"email": "ana at example.com"}),
    ("phone_invalid", {"email": "ana@example.com", "phone": "ask Bela"}),
    ("phone_invalid", {"email": "ana@example.com", "phone": "123"}),
    ("identifier_missing", {"phone": "+38111123456"}),
    ("identifier_missing", {"external_id": "7"}),
    ("identifier_missing", {"external_id": "7", "email": "ana@example.com"}),
]


@pytest.mark.parametrize(("code", "known"), WRONG)
def test_a_customer_who_cannot_be_told_apart_is_refused(
    hub: Hub, code: str, known: dict[str, Any]
) -> None:
    with pytest.raises(HubError) as refused:
        put(hub, **known)
    assert refused.value.code == code


def test_a_customer_is_found_by_what_she_says_at_the_counter(hub: Hub) -> None:
    ana = put(hub, source="card", external_id="LC-77", email="ana@example.com", phone="0601234567")
    put(hub, email="bela@example.com", phone="0607654321")
    for text in ("ANA@example.com", "LC-77", "060 123-45-67", "601234567"):
        assert found(hub, text) == [ana.customer_id]
    for text in ("4567", "nobody@example.com", "%", "LC-7", "77"):
        assert found(hub, text) == []


def test_a_customer_who_does_not_exist_is_not_found(hub: Hub) -> None:
    with hub.reading() as tx:
        nobody = tx.new_id()
    with pytest.raises(NotFound):
        view(hub, nobody)


def test_facts_about_a_customer_never_say_who_she_is(hub: Hub) -> None:
    customer = put(hub, email="ana@example.com", given_name="Ana", addresses=(HOME,)).customer_id
    put(hub, email="ana@example.com", given_name="Anica", phone="0601234567", language="az")

    told = facts(hub, customer)
    assert told[1] == (
        "customers.customer_revised",
        {"fields": ["language", "given_name", "phone"]},
    )
    text = str(told).casefold()
    assert not [word for word in ("ana@", "anica", "knez", "0601234567") if word in text]


def test_the_answer_that_is_kept_holds_no_personal_data(hub: Hub) -> None:
    put(hub, email="ana@example.com", given_name="Ana")
    with hub.reading() as tx:
        (kept,) = tx.all("SELECT answer FROM kernel.effects")
    assert json.loads(kept.answer).keys() == {"customer_id", "effect"}


def test_many_customers_go_in_and_each_wrong_one_says_why(hub: Hub) -> None:
    drafts = [
        CustomerDraft(source="till", external_id="1", email="a@example.com"),
        CustomerDraft(source="till", external_id="2", email="not an address"),
        CustomerDraft(source="till", external_id="3", email="a@example.com"),
        CustomerDraft(source="till", external_id="1", given_name="Ana"),
        CustomerDraft(source="till", external_id="4", email="d@example.com"),
    ]
    with hub.reading() as tx:
        foreseen = diff_customers(tx, drafts)
    with hub.writing("test.many") as tx:
        outcomes = put_many_customers(tx, drafts, historical=True)

    effects = ["created", "refused", "refused", "changed", "created"]
    assert [one.effect for one in outcomes] == [one.effect for one in foreseen] == effects
    assert [one.problem.code for one in outcomes if one.problem] == [
        "email_invalid",
        "identifier_taken",
    ]
    assert outcomes[0].customer_id == outcomes[3].customer_id
    assert view(hub, outcomes[0].customer_id).given_name == "Ana"  # type: ignore[arg-type]
    with hub.reading() as tx:
        assert tx.value("SELECT bool_and(is_historical) FROM kernel.facts")
        assert tx.value("SELECT count(*) FROM customers.customers") == 2


def test_many_customers_again_change_nothing(hub: Hub) -> None:
    drafts = [
        CustomerDraft(source="till", external_id=str(n), email=f"c{n}@example.com", language="en")
        for n in range(500)
    ]
    effects = []
    for _ in range(2):
        with hub.writing("test.many") as tx:
            effects.append({one.effect for one in put_many_customers(tx, drafts)})
    assert effects == [{"created"}, {"unchanged"}]
