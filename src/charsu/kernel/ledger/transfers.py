"""Moving what is there: immutable transfers, and the guarded balances that follow them."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.ledger.seen import changes


class Transfer(Struct, frozen=True, kw_only=True):
    """An amount that leaves one account and reaches another."""

    from_id: UUID
    to_id: UUID
    amount: int  # > 0, in the accounts' unit
    reason: str
    cause_id: UUID
    hold_id: UUID | None = None


class Balance(Struct, frozen=True):
    """A guarded account after a change."""

    account_id: UUID
    thing_id: UUID
    place_id: UUID
    posted: int
    held: int
    shortage: int


_INSERT: LiteralString = """
    INSERT INTO ledger.transfers
        (id, from_account_id, to_account_id, amount, reason, cause_id, hold_id, actor_id, at)
    SELECT *, %(actor)s, %(now)s
    FROM unnest(%(ids)s::uuid[], %(froms)s::uuid[], %(tos)s::uuid[], %(amounts)s::bigint[],
                %(reasons)s::text[], %(causes)s::uuid[], %(holds)s::uuid[])
"""

# Rows are locked in the order of their ids, so that two of these never wait for each other.
_SHIFT: LiteralString = """
    WITH change AS (
        SELECT * FROM unnest(%(accounts)s::uuid[], %(deltas)s::bigint[]) AS c (account_id, delta)
    ), locked AS MATERIALIZED (
        SELECT b.account_id FROM ledger.balances b JOIN change USING (account_id)
        ORDER BY b.account_id FOR UPDATE OF b
    )
    UPDATE ledger.balances b
    SET posted = b.posted + c.delta,
        shortage = CASE WHEN %(may_fall_short)s
                        THEN greatest(0, b.held - b.posted - c.delta)
                        ELSE least(b.shortage, greatest(0, b.held - b.posted - c.delta)) END
    FROM change c JOIN locked USING (account_id)
    WHERE b.account_id = c.account_id AND b.posted + c.delta >= 0
      AND (c.delta > 0 OR %(may_fall_short)s OR b.posted - b.held >= -c.delta)
    RETURNING b.account_id, b.thing_id, b.place_id, b.posted, b.held, b.shortage
"""


def transfer(
    tx: Tx, transfers: Sequence[Transfer], *, may_fall_short: bool = False
) -> list[Balance] | None:
    """Move all of these or none; the guarded balances that changed, or None where one ran dry.

    What is held for somebody does not leave, unless ``may_fall_short`` says that it is gone anyway
    (a count, a write-off): then the balance gets a shortage, and the caller makes its exception.
    After None the transaction must not be committed.
    """
    changes(tx)
    _insert(tx, transfers)
    deltas: dict[UUID, int] = {}
    for moved in transfers:
        deltas[moved.from_id] = deltas.get(moved.from_id, 0) - moved.amount
        deltas[moved.to_id] = deltas.get(moved.to_id, 0) + moved.amount
    guarded = _guarded(tx, [account for account, delta in deltas.items() if delta])
    rows = tx.all(
        _SHIFT,
        accounts=guarded,
        deltas=[deltas[account] for account in guarded],
        may_fall_short=may_fall_short,
    )
    return [Balance(*row) for row in rows] if len(rows) == len(guarded) else None


def _insert(tx: Tx, transfers: Sequence[Transfer]) -> None:
    tx.run(
        _INSERT,
        ids=[tx.new_id() for _ in transfers],
        froms=[moved.from_id for moved in transfers],
        tos=[moved.to_id for moved in transfers],
        amounts=[moved.amount for moved in transfers],
        reasons=[moved.reason for moved in transfers],
        causes=[moved.cause_id for moved in transfers],
        holds=[moved.hold_id for moved in transfers],
        actor=tx.actor.id,
        now=tx.now,
    )


def _guarded(tx: Tx, accounts: list[UUID]) -> list[UUID]:
    rows = tx.all(
        "SELECT account_id FROM ledger.balances WHERE account_id = ANY(%(accounts)s)",
        accounts=accounts,
    )
    return sorted(row.account_id for row in rows)
