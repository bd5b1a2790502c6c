"""What a customer agreed to is kept with where, when and to which words."""

from datetime import timedelta
from uuid import UUID

import pytest

from charsu.customers import (
    AskConsents,
    Consents,
    CustomerDraft,
    MergeCustomers,
    PutCustomer,
    SetConsent,
    consents,
    merge_customers,
    put_customer,
    set_consent,
)
from charsu.kernel import SYSTEM, Actor, Forbidden, Hub, NotFound
from charsu.kernel.access import customer_actor, guest_actor


def known(hub: Hub, email: str) -> UUID:
    ask = PutCustomer(customer=CustomerDraft(email=email))
    return hub.run(put_customer, ask, actor=SYSTEM).customer_id


def says(hub: Hub, is_granted: bool, *, by: Actor, about: UUID | None = None) -> None:
    ask = SetConsent(
        customer_id=about,
        purpose="marketing",
        channel="email",
        is_granted=is_granted,
        source="web",
        wording="2026-04",
    )
    hub.run(set_consent, ask, actor=by)


def asks(hub: Hub, customer: UUID) -> Consents:
    return hub.run(consents, AskConsents(customer_id=customer), actor=SYSTEM)


def granted(hub: Hub, customer: UUID) -> list[bool]:
    return [one.is_granted for one in asks(hub, customer).standing]


def test_the_last_word_counts_and_every_word_is_kept(hub: Hub) -> None:
    ana = known(hub, "ana@example.com")
    assert granted(hub, ana) == []
    for minute, word in enumerate((True, False, True, False)):
        hub.offset = timedelta(minutes=minute)
        says(hub, word, by=customer_actor(ana))

    assert granted(hub, ana) == [False]
    said = asks(hub, ana).items
    assert [one.is_granted for one in said] == [False, True, False, True]
    assert {(one.source, one.wording) for one in said} == {("web", "2026-04")}


def test_nobody_speaks_for_another(hub: Hub) -> None:
    ana, mila = known(hub, "ana@example.com"), known(hub, "mila@example.com")
    with pytest.raises(NotFound):
        says(hub, True, by=customer_actor(mila), about=ana)
    with pytest.raises(NotFound):
        hub.run(consents, AskConsents(customer_id=ana), actor=customer_actor(mila))
    with pytest.raises(Forbidden):
        says(hub, True, by=guest_actor(mila), about=ana)
    says(hub, True, by=SYSTEM, about=ana)
    assert granted(hub, ana) == [True]


def test_a_merge_never_widens_what_was_granted(hub: Hub) -> None:
    ana, mila = known(hub, "ana@example.com"), known(hub, "mila@example.com")
    says(hub, True, by=SYSTEM, about=ana)
    says(hub, False, by=SYSTEM, about=mila)
    ask = MergeCustomers(survivor_id=ana, absorbed_id=mila, reason="")
    hub.run(merge_customers, ask, actor=SYSTEM)

    assert granted(hub, ana) == granted(hub, mila) == [False]
