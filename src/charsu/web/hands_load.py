"""The page's answer, put together from what the insights say; only what the viewer may see."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import structs

from charsu.insights import (
    Hand,
    broken_promises,
    business,
    dead_letters,
    differences,
    failing_reactions,
    shortages,
    stuck,
    unknown_payments,
)
from charsu.kernel import Actor, Forbidden, Hub, Money, Tx
from charsu.web.hands import Case, Group, HandsAsk, HandsView, Way, Whose
from charsu.web.hands_ways import (
    ways_for_difference,
    ways_for_order,
    ways_for_reaction,
    ways_for_receiver,
    ways_for_terminal,
)
from charsu.web.overview import Choice

SEES_ORDERS, SEES_GOODS = "orders.read", "stock.exceptions"
SEES_MONEY, SEES_SYSTEMS, SEES_LOG = "orders.reconcile", "webhooks.view", "log.view"

_LOCATIONS: LiteralString = """
    SELECT id, name FROM stock.locations
    WHERE %(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s) ORDER BY name, id
"""


def load_hands(hub: Hub, actor: Actor, ask: HandsAsk) -> HandsView:
    """What needs a hand now. Raises Forbidden for who sees no orders, and out of sight."""
    with hub.reading(operation="web.hands") as tx:
        own = business(tx)
        cases = list(_cases(tx, actor, ask.location_id))
        sight = actor.locations_for(SEES_ORDERS)
        places = tx.all(_LOCATIONS, ids=None if sight is None else list(sight))
        return HandsView(
            ask=ask,
            as_of=tx.now,
            business=own.name,
            time_zone=own.time_zone,
            locations=tuple(Choice(row.id, row.name) for row in places),
            cases=tuple(case for case in cases if _is_asked_for(case, ask.whose)),
            open=len(cases),
            late=sum(case.is_late for case in cases),
            mine=sum(case.is_mine for case in cases),
            worth=_worth(cases),
        )


def _is_asked_for(case: Case, whose: Whose) -> bool:
    return {Whose.ALL: True, Whose.LATE: case.is_late, Whose.MINE: case.is_mine}[whose]


def _worth(cases: Iterable[Case]) -> tuple[Money, ...]:
    """Sums by currency, that of the most cases first; currencies are never added.

    Goods to be counted are those of another case.
    """
    known = [case.worth for case in cases if case.worth and case.kind != "recount"]
    often = Counter(worth.currency for worth in known)
    return tuple(
        Money(sum(worth.minor for worth in known if worth.currency == currency), currency)
        for currency, _ in often.most_common()
    )


def _cases(tx: Tx, actor: Actor, location: UUID | None) -> Iterator[Case]:
    at = _where(actor, SEES_ORDERS, location)
    for order in broken_promises(tx, at):
        yield _case(actor, tx.now, Group.PROMISES, order, ways=ways_for_order(actor, order))
    for one in unknown_payments(tx, at):
        yield _case(actor, tx.now, Group.MONEY, one, ways=ways_for_terminal(actor, one))
    is_whole = location is None
    if is_whole and actor.may(SEES_MONEY, None):
        for one in differences(tx):
            ways = ways_for_difference(actor, one)
            yield _case(actor, tx.now, Group.MONEY, one, ways=ways, is_order=False)
        for one in stuck(tx):
            yield _case(actor, tx.now, Group.SYSTEMS, one, hint="stuck")
    if actor.locations_for(SEES_GOODS) != frozenset():
        for one in shortages(tx, _where(actor, SEES_GOODS, location)):
            yield _case(actor, tx.now, Group.GOODS, one, hint="goods", is_order=False)
    if is_whole and actor.may(SEES_SYSTEMS, None):
        yield from _of_systems(tx, actor)
    if is_whole and actor.may(SEES_LOG, None):
        yield from _of_reactions(tx, actor)


def _of_systems(tx: Tx, actor: Actor) -> Iterator[Case]:
    for one, dead in dead_letters(tx):
        case = _case(
            *(actor, tx.now, Group.SYSTEMS, one),
            ways=ways_for_receiver(actor, one),
            is_order=False,
        )
        yield structs.replace(case, pieces=dead, kind=f"receiver_{one.kind}")


def _of_reactions(tx: Tx, actor: Actor) -> Iterator[Case]:
    for one, facts in failing_reactions(tx):
        kind = f"reaction_{one.kind}"
        case = _case(
            *(actor, tx.now, Group.SYSTEMS, one),
            ways=ways_for_reaction(actor, one),
            hint=kind,
            is_order=False,
        )
        yield structs.replace(case, facts=facts, kind=kind)


def _where(actor: Actor, permission: str, location: UUID | None) -> tuple[UUID, ...] | None:
    """The locations that count; None for all. Raises Forbidden for what is out of sight."""
    sight = actor.locations_for(permission)
    if sight == frozenset() or (location and sight is not None and location not in sight):
        raise Forbidden("You may not do this: {permission}.", permission=permission)
    if location is not None:
        return (location,)
    return None if sight is None else tuple(sorted(sight))


def _case(
    actor: Actor,
    now: datetime,
    group: Group,
    one: Hand,
    *,
    ways: tuple[Way, ...] = (),
    hint: str = "",
    is_order: bool = True,
) -> Case:
    is_mending = any(way.name not in {"take", "hand_on"} for way in ways)
    is_late_pickup = group == Group.PROMISES and not is_mending
    return Case(
        id=one.id,
        group=group,
        kind=one.kind,
        subject=one.subject,
        is_order=is_order and one.subject.isdigit(),
        place=one.place,
        since=one.since,
        worth=one.worth,
        owner=one.owner,
        taken_by_name=one.taken_by_name,
        is_mine=one.taken_by == actor.id,
        due_by=one.due_by,
        is_late=one.due_by is not None and one.due_by < now,
        ways=ways,
        hint=hint or ("goes_on" if is_late_pickup else ""),
    )
