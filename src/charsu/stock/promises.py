"""Promising goods, taking a promise back, and letting the goods go.

Orders and carts promise through here and never touch the ledger themselves: a shortage that grows
smaller or an expired hold has consequences that belong to stock.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Careful, Tx, append, ledger
from charsu.stock.availability import available_to_promise, on_offer, pieces_by_variant
from charsu.stock.errors import GoodsNotThere, HoldGone, NotEnoughStock, Shortfall
from charsu.stock.facts import HoldExpired
from charsu.stock.model import Available, Pick, Want, outside_account, shortfalls
from charsu.stock.shortages import settle

Choose = Callable[[Sequence[Want], Sequence[Available]], list[Pick] | None]
"""Decides which account serves which want; None where there is too little. Stores nothing."""


def hold(
    tx: Tx,
    wants: Sequence[Want],
    *,
    channel: UUID,
    owner: UUID,
    choose: Choose,
    expires_at: datetime | None,
    locations: Sequence[UUID] | None = None,
    to_ship: bool = False,
) -> list[Pick]:
    """Promise all of this to ``owner`` or nothing; from where each piece will come.

    The promise always sits on real locations, over several where needed; ``to_ship``: on such as
    send parcels. Whatever availability
    said a channel may sell can be held.

    Raises NotEnoughStock naming each variant that falls short.
    """
    variants = {want.variant_id for want in wants}
    if tx.is_careful:
        _lock_and_expire(tx, variants, channel=channel, locations=locations)
    available = on_offer(tx, variants, channel=channel, locations=locations, to_ship=to_ship)
    picks = choose(wants, available)
    if picks is None:
        _refuse(tx, wants, available)
    elif ledger.take(tx, _wanted(picks), owner=owner, expires_at=expires_at):
        return picks
    raise Careful


def _refuse(tx: Tx, wants: Sequence[Want], available: Sequence[Available]) -> None:
    """Refuse for good, unless a hold that has run out may still be in the way."""
    accounts = [entry.account_id for entry in available]
    if tx.is_careful or not _some_ran_out(tx, accounts):
        short = shortfalls(wants, pieces_by_variant(available))
        raise NotEnoughStock(_named(tx, short))


def _wanted(picks: Sequence[Pick]) -> list[ledger.Wanted]:
    return [
        ledger.Wanted(
            account_id=pick.source.account_id,
            to_account_id=outside_account("sold", pick.want.unit).id,
            line_id=pick.want.line_id,
            amount=pick.quantity,
            floor=pick.source.floor,
        )
        for pick in picks
    ]


def _lock_and_expire(
    tx: Tx, variants: set[UUID], *, channel: UUID, locations: Sequence[UUID] | None
) -> None:
    available = available_to_promise(tx, variants, channel=channel, locations=locations)
    balances, expired = ledger.lock(tx, [entry.account_id for entry in available])
    tell_expired(tx, expired)
    settle(tx, list(balances.values()))


def tell_expired(tx: Tx, expired: Sequence[ledger.Expired]) -> None:
    """Say of each hold that it ran out."""
    for hold in expired:
        fact = HoldExpired(
            owner_id=hold.owner_id,
            variant_id=hold.thing_id,
            location_id=hold.place_id,
            pieces=hold.amount,
        )
        append(tx, fact, subject=hold.hold_id, version=1)


_SOME_RAN_OUT: LiteralString = """
    SELECT EXISTS (
        SELECT FROM ledger.holds
        WHERE account_id = ANY(%(accounts)s) AND state = 'live' AND expires_at <= %(now)s
    )
"""


def _some_ran_out(tx: Tx, accounts: list[UUID]) -> bool:
    return bool(tx.value(_SOME_RAN_OUT, accounts=accounts, now=tx.read_clock()))


def _named(tx: Tx, short: Sequence[tuple[UUID, int, int]]) -> list[Shortfall]:
    rows = tx.all(
        "SELECT id, sku FROM catalog.variants WHERE id = ANY(%(ids)s)",
        ids=[variant for variant, _, _ in short],
    )
    skus = {row.id: row.sku for row in rows}
    return [
        Shortfall(variant, skus.get(variant, "?"), wanted, available)
        for variant, wanted, available in short
    ]


def take_back(tx: Tx, pieces: Mapping[UUID, int]) -> None:
    """Put so many pieces of each hold on sale again. Raises HoldGone where they are not held."""
    balances = ledger.release(tx, dict(pieces))
    if balances is None:
        raise HoldGone
    settle(tx, balances)


def let_go(tx: Tx, pieces: Mapping[UUID, int], *, cause: UUID) -> None:
    """Let so many pieces of each hold leave the location, sold.

    Raises GoodsNotThere where they are no longer held or do not lie there.
    """
    if ledger.post(tx, dict(pieces), reason="sold", cause=cause) is None:
        raise GoodsNotThere


def claim(
    tx: Tx, *, owner: UUID, to: UUID, lines: Mapping[UUID, UUID]
) -> list[tuple[UUID, UUID, int]]:
    """Hand what is held for ``owner`` over to another, for good: (new line, location, pieces).

    lines   the new line for each old one
    What ran out and was taken by somebody else is missing from the answer.
    """
    holds = ledger.claim(tx, owner=owner, to=to, lines=dict(lines), expires_at=None)
    return [(held.line_id, held.place_id, held.open) for held in holds]
