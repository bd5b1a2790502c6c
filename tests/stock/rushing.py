"""What the processes of a rush do, safely and with one guard off."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.kernel import SYSTEM, Careful, Tx, Unavailable, ledger, operation
from charsu.orders import PlaceOrder, ShipParcel, place_order, ship_parcel
from charsu.orders.queries.read_order import AskOrder, read_order
from charsu.orders.sourcing import fewest_then_nearest
from charsu.stock import NotEnoughStock, Want, hold
from charsu.stock.bulk import PastCount, put_many_counts
from charsu.stock.operations import count
from tests.crowd import Member


class Reserve(Struct, frozen=True, kw_only=True):
    owner: UUID
    channel: UUID
    wants: tuple[Want, ...]
    seconds: int | None = None


class Reserved(Struct, frozen=True):
    picks: int


class Outcome(Struct, frozen=True):
    done: int
    refused: int


def tried(asks: Sequence[Any], do: Callable[[Any], Any]) -> Outcome:
    refused = 0
    for ask in asks:
        try:
            do(ask)
        except NotEnoughStock:
            refused += 1
    return Outcome(len(asks) - refused, refused)


# Testing and taking is one statement. Without it: read, meet the others, write back.


def order(member: Member, asks: Sequence[PlaceOrder], *, guarded: bool) -> Outcome:
    """Order one after the other."""
    with taking(ledger.take if guarded else taking_what_was_read(member)):
        if guarded:
            member.meet()
        return tried(asks, lambda ask: member.hub.run(place_order, ask, actor=SYSTEM))


def reserve(
    member: Member,
    asks: Sequence[Reserve],
    *,
    guarded: bool = True,
    ahead: timedelta = timedelta(),
) -> Outcome:
    """Hold one basket after the other; unguarded, each line by itself.

    ahead   how far hub time is ahead
    """
    member.hub.offset = ahead
    verb = reserving(fewest_then_nearest())
    with taking(ledger.take if guarded else taking_line_by_line):
        return tried(asks, lambda ask: member.hub.run(verb, ask, actor=SYSTEM))


def reserving(choose: Any, *, looks_again: bool = True) -> Any:
    @operation("test.reserve", permission="test.reserve")
    def reserve(tx: Tx, ask: Reserve) -> Reserved:
        """Hold goods for a test."""
        end = None if ask.seconds is None else tx.now + timedelta(seconds=ask.seconds)
        more = {"channel": ask.channel, "owner": ask.owner, "expires_at": end}
        try:
            return Reserved(len(hold(tx, ask.wants, choose=choose, **more)))
        except Careful:
            if looks_again:
                raise
            raise NotEnoughStock([]) from None

    return reserve


@contextmanager
def taking(take: Any) -> Iterator[None]:
    """Take in this way instead."""
    own, ledger.take = ledger.take, take
    try:
        yield
    finally:
        ledger.take = own


_READ = "SELECT posted, held FROM ledger.balances WHERE account_id = %(account)s"
_WRITE_BACK = "UPDATE ledger.balances SET held = %(held)s WHERE account_id = %(account)s"
_ADD = """
    UPDATE ledger.balances SET held = held + %(amount)s
    WHERE account_id = %(account)s AND posted - held >= %(amount)s
"""
_HOLD = """
    INSERT INTO ledger.holds (id, account_id, to_account_id, amount, owner_id, line_id, made_at)
    VALUES (%(id)s, %(account)s, %(to)s, %(amount)s, %(owner)s, %(line)s, %(now)s)
"""


def taking_what_was_read(member: Member) -> Any:
    def take(tx: Tx, wanted: Sequence[ledger.Wanted], *, owner: UUID, **_: Any) -> bool:
        seen = {want.account_id: tx.first(_READ, account=want.account_id) for want in wanted}
        member.meet()
        for want in wanted:
            before: Any = seen[want.account_id]
            if before.posted - before.held < want.amount:
                return False
            tx.run(_WRITE_BACK, account=want.account_id, held=before.held + want.amount)
            _store(tx, want, owner)
        return True

    return take


def taking_line_by_line(tx: Tx, wanted: Sequence[ledger.Wanted], *, owner: UUID, **_: Any) -> bool:
    for want in wanted:
        if tx.run(_ADD, account=want.account_id, amount=want.amount):
            _store(tx, want, owner)
    return True


def _store(tx: Tx, want: ledger.Wanted, owner: UUID) -> None:
    tx.run(
        _HOLD,
        id=tx.new_id(),
        account=want.account_id,
        to=want.to_account_id,
        amount=want.amount,
        owner=owner,
        line=want.line_id,
        now=tx.now,
    )


# Everybody has seen what is available before anybody takes.


def reserve_or_give_up(member: Member, asks: Sequence[Reserve], *, looks_again: bool) -> Outcome:
    """Hold one after the other; unguarded, whoever comes too late at one location is refused."""
    choose = fewest_then_nearest()

    def choose_together(*seen: Any) -> Any:
        chosen = choose(*seen)
        member.meet()
        return chosen

    verb = reserving(choose_together, looks_again=looks_again)
    return tried(asks, lambda ask: member.hub.run(verb, ask, actor=SYSTEM))


# Balances are locked in the order of their ids. Without it: as the basket has them.


def reserve_in_order(member: Member, asks: Sequence[Reserve], *, in_order: bool) -> Outcome:
    """Hold one after the other, tried once each; whoever meets a deadlock counts as refused."""
    member.hub.patience = 0  # no second try hides a deadlock
    verb = reserving(fewest_then_nearest())
    with taking(ledger.take if in_order else taking_in_own_order(member)):
        if in_order:
            member.meet()
        refused = 0
        for ask in asks:
            try:
                member.hub.run(verb, ask, actor=SYSTEM)
            except Unavailable:
                refused += 1
        return Outcome(len(asks) - refused, refused)


def taking_in_own_order(member: Member) -> Any:
    def take(tx: Tx, wanted: Sequence[ledger.Wanted], *, owner: UUID, **_: Any) -> bool:
        for want in wanted:
            tx.run(_ADD, account=want.account_id, amount=want.amount)
            _store(tx, want, owner)
            member.meet()
        return True

    return take


# Two count while two sell.


class Sheet(Struct, frozen=True):
    """What was found at a time."""

    counts: tuple[PastCount, ...]
    times: int


def sell_or_count(
    member: Member, share: Sequence[PlaceOrder] | Sheet, *, guard_off: str | None = None
) -> int:
    """Sell and send, or import counts again and again; how many pieces left.

    guard_off   ``lock``: two counts find the same pieces; ``time``: a count is of now
    """
    if isinstance(share, Sheet):
        with counting_without(guard_off, member):
            _import(member, share)
        return 0
    first = _sell(member, share[0])
    member.meet()  # so that something was sold after the counts and before they are told
    return first + sum(_sell(member, ask) for ask in share[1:])


def _sell(member: Member, ask: PlaceOrder) -> int:
    try:
        placed = member.hub.run(place_order, ask, actor=SYSTEM)
    except NotEnoughStock:
        return 0
    view = member.hub.run(read_order, AskOrder(order_id=placed.order_id), actor=SYSTEM)
    for task in view.fulfillments:
        parcel = ShipParcel(fulfillment_id=task.id, carrier="post")
        member.hub.run(ship_parcel, parcel, actor=SYSTEM)
    return sum(line.quantity for line in ask.lines)


def _import(member: Member, sheet: Sheet) -> None:
    for _ in range(sheet.times):
        for one in sheet.counts:
            with member.hub.writing("imports.stock") as tx:
                put_many_counts(tx, [one])


@contextmanager
def counting_without(guard: str | None, member: Member) -> Iterator[None]:
    """Count with one guard off."""
    lock, expected = count._lock, count._expected

    def read_only(tx: Tx, variants: Any, location: UUID) -> Any:
        ledger.open_accounts(tx, [count.on_hand(v, location) for v in variants], guarded=True)
        rows = tx.all(
            "SELECT account_id, thing_id, posted FROM ledger.balances WHERE thing_id = ANY(%(v)s)",
            v=[variant.id for variant in variants],
        )
        return {row.thing_id: [(row.account_id, row.posted)] for row in rows}

    def expected_then_met(*given: Any) -> Any:
        found = expected(*given)
        member.meet()
        return found

    def expected_now(tx: Tx, variants: Any, location: UUID, at: datetime) -> Any:
        return expected(tx, variants, location, max(at, tx.now))

    if guard == "lock":
        count._lock, count._expected = read_only, expected_then_met
    else:
        member.meet()
        count._expected = expected_now if guard == "time" else expected
    try:
        yield
    finally:
        count._lock, count._expected = lock, expected
