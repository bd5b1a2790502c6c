"""Putting customers: each is stored once, under whatever identifier she comes in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.errors import UniqueViolation

from charsu.customers.errors import (
    CustomersBusy,
    IdentifierMissing,
    IdentifierTaken,
    PhoneInvalid,
)
from charsu.customers.facts import CustomerIntroduced, CustomerRevised
from charsu.customers.model import CustomerDraft, identifiers_of
from charsu.customers.resolving import Effect, Resolution, Step, differing
from charsu.customers.stored import IdentifierName, Profile, owners_of, profiles_of
from charsu.kernel import EmailInvalid, HubError, Tx, append, operation

TRIES = 3

_LOCK: LiteralString = """
    SELECT id FROM customers.customers WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""

_REVISE: LiteralString = """
    UPDATE customers.customers c
    SET language = n.language, version = c.version + 1, changed_at = %(now)s
    FROM unnest(%(ids)s::uuid[], %(languages)s::text[]) AS n (id, language)
    WHERE c.id = n.id
"""

_FORGET_PERSONS: LiteralString = "DELETE FROM customers.persons WHERE customer_id = ANY(%(ids)s)"

# What stays keeps its row, and with it when it was verified.
_FORGET_IDENTIFIERS: LiteralString = """
    DELETE FROM customers.identifiers i
    USING unnest(%(ids)s::uuid[], %(kinds)s::text[], %(sources)s::text[]) AS g (id, kind, source)
    WHERE i.customer_id = g.id AND i.kind = g.kind AND i.source = g.source
"""


class PutCustomer(Struct, frozen=True, kw_only=True):
    """What somebody knows about one customer."""

    customer: CustomerDraft


class CustomerStored(Struct, frozen=True):
    """Who it is, and what putting the draft did."""

    customer_id: UUID
    effect: Effect


class CustomerOutcome(Struct, frozen=True):
    """What putting one of many drafts did; a refused one says why."""

    customer_id: UUID | None
    effect: Effect
    problem: HubError | None = None


@operation(
    "customers.put_customer",
    permission="customers.edit",
    http="POST /v1/customers",
    raises=(EmailInvalid, PhoneInvalid, IdentifierMissing, IdentifierTaken, CustomersBusy),
)
def put_customer(tx: Tx, ask: PutCustomer) -> CustomerStored:
    """Store what is known about a customer, found by her external id or e-mail address.

    What the draft leaves out stays as it is; putting the same again changes nothing.
    """
    (outcome,) = put_many_customers(tx, [ask.customer])
    if outcome.problem is not None:
        raise outcome.problem
    assert outcome.customer_id is not None, "what is not refused is stored"
    return CustomerStored(outcome.customer_id, outcome.effect)


def put_many_customers(
    tx: Tx, drafts: Sequence[CustomerDraft], *, historical: bool = False
) -> list[CustomerOutcome]:
    """Store any number of customers as sets; one outcome for each draft, in their order.

    A refused draft keeps none of the others out. ``historical`` marks the facts so that nothing
    reacts. Raises CustomersBusy where others keep storing the same new customers.
    """
    for _ in range(TRIES):
        resolution = _hold(tx, drafts)
        steps = [resolution.take(draft, tx.new_id) for draft in drafts]
        try:
            with tx.savepoint():
                _write(tx, resolution, historical=historical)
        except UniqueViolation:  # somebody has just stored one of them, so now she can be found
            continue
        return [_outcome(step) for step in steps]
    raise CustomersBusy


def diff_customers(tx: Tx, drafts: Sequence[CustomerDraft]) -> list[CustomerOutcome]:
    """What putting these drafts would do; nothing is written, and new customers have no id."""
    owners = owners_of(tx, _names(drafts))
    resolution = Resolution(owners, profiles_of(tx, list(set(owners.values()))))
    steps = [resolution.take(draft, tx.new_id) for draft in drafts]
    known = resolution.before.keys()
    return [
        CustomerOutcome(
            step.customer_id if step.customer_id in known else None, step.effect, step.problem
        )
        for step in steps
    ]


def _outcome(step: Step) -> CustomerOutcome:
    return CustomerOutcome(step.customer_id, step.effect, step.problem)


def _hold(tx: Tx, drafts: Sequence[CustomerDraft]) -> Resolution:
    """The customers behind the drafts, locked so that nobody changes them meanwhile."""
    names = _names(drafts)
    held: set[UUID] = set()
    while True:
        owners = owners_of(tx, names)
        if held.issuperset(owners.values()):
            return Resolution(owners, profiles_of(tx, sorted(held)))
        held.update(owners.values())  # once more: an address may have moved during the wait
        tx.all(_LOCK, ids=sorted(held))


def _names(drafts: Iterable[CustomerDraft]) -> set[IdentifierName]:
    names: set[IdentifierName] = set()
    for draft in drafts:
        try:
            names.update(i.name for i in identifiers_of(draft) if i.kind != "phone")
        except HubError:
            continue  # refused when its turn comes
    return names


def _write(tx: Tx, resolution: Resolution, *, historical: bool) -> None:
    changes = resolution.changes()
    new = [profile for id_, profile in changes.items() if id_ not in resolution.before]
    known = [profile for id_, profile in changes.items() if id_ in resolution.before]
    if known:
        _revise(tx, known, resolution.before)
    rows = ((p.id, "active", p.language, 1, tx.now, tx.now) for p in new)
    columns = ("id", "state", "language", "version", "created_at", "changed_at")
    tx.copy_in("customers.customers", columns, rows)
    _store_persons(tx, changes.values())
    _store_identifiers(tx, changes.values(), resolution.before)
    for profile in changes.values():
        _tell(tx, resolution.before.get(profile.id), profile, historical=historical)


def _revise(tx: Tx, profiles: Sequence[Profile], before: Mapping[UUID, Profile]) -> None:
    ids = [profile.id for profile in profiles]
    tx.run(_REVISE, ids=ids, languages=[profile.language for profile in profiles], now=tx.now)
    tx.run(_FORGET_PERSONS, ids=ids)
    gone = [
        (profile.id, identifier)
        for profile in profiles
        for identifier in set(before[profile.id].identifiers) - set(profile.identifiers)
    ]
    tx.run(
        _FORGET_IDENTIFIERS,
        ids=[id_ for id_, _ in gone],
        kinds=[identifier.kind for _, identifier in gone],
        sources=[identifier.source for _, identifier in gone],
    )


def _store_persons(tx: Tx, profiles: Iterable[Profile]) -> None:
    columns = ("customer_id", "given_name", "family_name", "addresses", "is_invented")
    rows = (
        (p.id, p.given_name, p.family_name, _json(p.addresses), p.is_invented) for p in profiles
    )
    tx.copy_in("customers.persons", columns, rows)


def _store_identifiers(
    tx: Tx, profiles: Collection[Profile], before: Mapping[UUID, Profile]
) -> None:
    columns = ("id", "customer_id", "kind", "source", "value", "value_key", "exact_key")
    rows = (
        (tx.new_id(), p.id, new.kind, new.source, new.value, new.key, new.exact)
        for p in profiles
        for new in p.identifiers
        if p.id not in before or new not in before[p.id].identifiers
    )
    tx.copy_in("customers.identifiers", columns, rows)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _tell(tx: Tx, was: Profile | None, now: Profile, *, historical: bool) -> None:
    if was is None:
        introduced = CustomerIntroduced(is_invented=now.is_invented)
        append(tx, introduced, subject=now.id, version=1, historical=historical)
    else:
        revised = CustomerRevised(fields=differing(was, now))
        append(tx, revised, subject=now.id, version=was.version + 1, historical=historical)
