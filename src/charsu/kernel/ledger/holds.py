"""Holds: pending transfers that promise something to one owner.

Testing and taking is one statement guarded by the database, so two owners cannot both win the
last piece. The guard stands in the update itself, where PostgreSQL asks it of the row as it is
then; what another part of the same statement saw of the row may be older.

The fast way takes from the balance row as it is. Where that refuses, the whole operation runs once
more carefully: it locks the rows in the order of their ids, expires what has run out by the time
after the lock, and takes then. (Subtracting expired holds in the taking
statement itself sold a piece twice: after waiting for a lock it still saw the holds as they were
before.)

Balances are always locked before holds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.ledger.seen import changes
from charsu.kernel.ledger.transfers import Balance


class Wanted(Struct, frozen=True, kw_only=True):
    """Part of a promise: so much from this account, for this line of the owner.

    floor   how much must stay for others: the buffer of the channel that asks
    """

    account_id: UUID
    to_account_id: UUID
    line_id: UUID
    amount: int
    floor: int = 0


class Hold(Struct, frozen=True):
    """A promise as it stands."""

    id: UUID
    account_id: UUID
    line_id: UUID
    amount: int  # held in all
    open: int  # neither posted nor released yet
    thing_id: UUID
    place_id: UUID
    expires_at: datetime | None


class Expired(Struct, frozen=True):
    """A hold that ran out before it was used."""

    hold_id: UUID
    owner_id: UUID
    thing_id: UUID
    place_id: UUID
    amount: int


_TAKE: LiteralString = """
    WITH wanted AS (
        SELECT * FROM unnest(%(accounts)s::uuid[], %(amounts)s::bigint[], %(floors)s::bigint[])
            AS w (account_id, amount, floor)
    ), locked AS MATERIALIZED (
        SELECT b.account_id, b.posted - b.held - w.floor >= w.amount AS has_enough
        FROM ledger.balances b JOIN wanted w USING (account_id)
        ORDER BY b.account_id FOR UPDATE OF b
    ), verdict AS MATERIALIZED (
        SELECT count(*) FILTER (WHERE has_enough) = %(count)s AS is_taken FROM locked
    ), taken AS (
        UPDATE ledger.balances b SET held = b.held + w.amount
        FROM wanted w
        WHERE b.account_id = w.account_id AND b.posted - b.held - w.floor >= w.amount
          AND (SELECT is_taken FROM verdict)
        RETURNING b.account_id
    ), promised AS (
        INSERT INTO ledger.holds (id, account_id, to_account_id, amount, owner_id, line_id, made_at,
                                  expires_at)
        SELECT h.id, h.account_id, h.to_account_id, h.amount, %(owner)s, h.line_id, %(now)s,
               %(expires_at)s
        FROM unnest(%(ids)s::uuid[], %(hold_accounts)s::uuid[], %(to_accounts)s::uuid[],
                    %(hold_amounts)s::bigint[], %(lines)s::uuid[])
             AS h (id, account_id, to_account_id, amount, line_id)
        WHERE (SELECT is_taken FROM verdict)
    )
    SELECT is_taken AND (SELECT count(*) FROM taken) = %(count)s FROM verdict
"""


def take(tx: Tx, wanted: Sequence[Wanted], *, owner: UUID, expires_at: datetime | None) -> bool:
    """Hold all of this for ``owner`` or nothing; whether it was all there.

    Where it was not, the transaction must not be committed: a part may have been taken.

    Wants from one account are added up before the check; the highest floor among them counts.
    """
    totals: dict[UUID, tuple[int, int]] = {}
    for want in wanted:
        amount, floor = totals.get(want.account_id, (0, 0))
        totals[want.account_id] = (amount + want.amount, max(floor, want.floor))
    changes(tx)
    return bool(
        tx.value(
            _TAKE,
            accounts=list(totals),
            amounts=[amount for amount, _ in totals.values()],
            floors=[floor for _, floor in totals.values()],
            count=len(totals),
            ids=[tx.new_id() for _ in wanted],
            hold_accounts=[want.account_id for want in wanted],
            to_accounts=[want.to_account_id for want in wanted],
            hold_amounts=[want.amount for want in wanted],
            lines=[want.line_id for want in wanted],
            owner=owner,
            now=tx.now,
            expires_at=expires_at,
        )
    )


_LOCK: LiteralString = """
    SELECT account_id FROM ledger.balances
    WHERE account_id = ANY(%(accounts)s) ORDER BY account_id FOR UPDATE
"""

_EXPIRE: LiteralString = """
    WITH expired AS (
        UPDATE ledger.holds SET state = 'expired', released = amount - posted
        WHERE account_id = ANY(%(accounts)s) AND state = 'live' AND expires_at <= %(time)s
        RETURNING id, account_id, owner_id, released AS amount
    ), freed AS (
        UPDATE ledger.balances b
        SET held = b.held - e.amount,
            shortage = least(b.shortage, greatest(0, b.held - e.amount - b.posted))
        FROM (SELECT account_id, sum(amount) AS amount FROM expired GROUP BY account_id) e
        WHERE b.account_id = e.account_id
    )
    SELECT e.id, e.owner_id, b.thing_id, b.place_id, e.amount
    FROM expired e JOIN ledger.balances b USING (account_id)
"""

_BALANCES: LiteralString = """
    SELECT account_id, thing_id, place_id, posted, held, shortage FROM ledger.balances
    WHERE account_id = ANY(%(accounts)s)
"""


def lock(tx: Tx, accounts: Iterable[UUID]) -> tuple[dict[UUID, Balance], list[Expired]]:
    """Lock these balances in the order of their ids and expire the holds on them that ran out.

    Until the transaction ends nobody else takes from them: what the returned balances promise can
    be taken. The time is read after the lock, for the wait may have been long.
    """
    ids = list(accounts)
    changes(tx)
    tx.all(_LOCK, accounts=ids)
    expired = tx.all(_EXPIRE, accounts=ids, time=tx.read_clock())
    balances = {row.account_id: Balance(*row) for row in tx.all(_BALANCES, accounts=ids)}
    return balances, [Expired(*row) for row in expired]


_DUE: LiteralString = """
    SELECT DISTINCT account_id FROM (
        SELECT account_id FROM ledger.holds
        WHERE state = 'live' AND expires_at <= %(now)s
        ORDER BY expires_at LIMIT %(limit)s
    ) due
"""


def expire_due(tx: Tx, *, limit: int) -> tuple[dict[UUID, Balance], list[Expired]]:
    """Expire holds that ran out, the oldest first; the balances after it, and which they were."""
    return lock(tx, [row.account_id for row in tx.all(_DUE, now=tx.now, limit=limit)])


_CLAIM: LiteralString = """
    UPDATE ledger.holds h
    SET owner_id = %(to)s, line_id = m.line_id, expires_at = %(expires_at)s
    FROM unnest(%(from_lines)s::uuid[], %(to_lines)s::uuid[]) AS m (from_line_id, line_id),
         ledger.balances b
    WHERE h.owner_id = %(owner)s AND h.line_id = m.from_line_id AND h.state = 'live'
      AND b.account_id = h.account_id
    RETURNING h.id, h.account_id, h.line_id, h.amount, h.amount - h.posted - h.released AS open,
              b.thing_id, b.place_id, h.expires_at
"""


def claim(
    tx: Tx, *, owner: UUID, to: UUID, lines: dict[UUID, UUID], expires_at: datetime | None
) -> list[Hold]:
    """Hand the live holds of ``owner`` over to another owner; which they are.

    lines   the new line for each old one
    A hold past its time that nobody has taken meanwhile still counts: it is the owner's until then.
    """
    changes(tx)
    rows = tx.all(
        _CLAIM,
        owner=owner,
        to=to,
        from_lines=list(lines),
        to_lines=list(lines.values()),
        expires_at=expires_at,
    )
    return [Hold(*row) for row in rows]


_LIVE: LiteralString = """
    SELECT h.id, h.account_id, h.line_id, h.amount, h.amount - h.posted - h.released AS open,
           b.thing_id, b.place_id, h.expires_at
    FROM ledger.holds h JOIN ledger.balances b USING (account_id)
    WHERE h.owner_id = %(owner)s AND h.state = 'live'
    ORDER BY h.id
"""


def live_holds(tx: Tx, owner: UUID) -> list[Hold]:
    """What is held for this owner now."""
    return [Hold(*row) for row in tx.all(_LIVE, owner=owner)]


def extend(tx: Tx, *, owner: UUID, expires_at: datetime) -> int:
    """Let the live holds of this owner last until then; how many they are."""
    changes(tx)
    return tx.run(
        """
        UPDATE ledger.holds SET expires_at = %(expires_at)s
        WHERE owner_id = %(owner)s AND state = 'live'
        """,
        owner=owner,
        expires_at=expires_at,
    )


_WITH_LOCKED: LiteralString = """
    WITH wanted AS (
        SELECT * FROM unnest(%(holds)s::uuid[], %(amounts)s::bigint[]) AS w (id, amount)
    ), locked AS MATERIALIZED (
        SELECT account_id FROM ledger.balances
        WHERE account_id IN (SELECT h.account_id FROM ledger.holds h JOIN wanted USING (id))
        ORDER BY account_id FOR UPDATE
    ),
"""

_RELEASE: LiteralString = (
    _WITH_LOCKED
    + """
    resolved AS (
        UPDATE ledger.holds h
        SET released = h.released + w.amount,
            state = CASE WHEN h.posted + h.released + w.amount < h.amount THEN 'live'
                         WHEN h.posted > 0 THEN 'posted' ELSE 'released' END
        FROM wanted w
        WHERE h.id = w.id AND h.state = 'live' AND h.amount - h.posted - h.released >= w.amount
          AND (SELECT count(*) FROM locked) > 0
        RETURNING h.account_id, w.amount
    ), freed AS (
        UPDATE ledger.balances b
        SET held = b.held - r.amount,
            shortage = least(b.shortage, greatest(0, b.held - r.amount - b.posted))
        FROM (SELECT account_id, sum(amount) AS amount FROM resolved GROUP BY account_id) r
        WHERE b.account_id = r.account_id
        RETURNING b.account_id, b.thing_id, b.place_id, b.posted, b.held, b.shortage,
                  (SELECT count(*) FROM resolved) AS resolved
    )
    SELECT * FROM freed
"""
)

_POST: LiteralString = (
    _WITH_LOCKED
    + """
    resolved AS (
        UPDATE ledger.holds h
        SET posted = h.posted + w.amount,
            state = CASE WHEN h.posted + h.released + w.amount < h.amount THEN 'live'
                         ELSE 'posted' END
        FROM wanted w
        WHERE h.id = w.id AND h.state = 'live' AND h.amount - h.posted - h.released >= w.amount
          AND (SELECT count(*) FROM locked) > 0
        RETURNING h.id, h.account_id, h.to_account_id, w.amount
    ), told AS (
        INSERT INTO ledger.transfers
            (id, from_account_id, to_account_id, amount, reason, cause_id, hold_id, actor_id, at)
        SELECT t.id, r.account_id, r.to_account_id, r.amount, %(reason)s, %(cause)s, r.id,
               %(actor)s, %(now)s
        FROM resolved r
        JOIN unnest(%(holds)s::uuid[], %(transfers)s::uuid[]) AS t (hold_id, id) ON t.hold_id = r.id
    ), gone AS (
        UPDATE ledger.balances b
        SET posted = b.posted - r.amount, held = b.held - r.amount
        FROM (SELECT account_id, sum(amount) AS amount FROM resolved GROUP BY account_id) r
        WHERE b.account_id = r.account_id AND b.posted >= r.amount
        RETURNING b.account_id, b.thing_id, b.place_id, b.posted, b.held, b.shortage,
                  (SELECT count(*) FROM resolved) AS resolved
    )
    SELECT * FROM gone
"""
)


def release(tx: Tx, amounts: dict[UUID, int]) -> list[Balance] | None:
    """Give back so much of each hold, all or nothing; the balances after it.

    None where a hold is no longer live or has less left; then the transaction must not be
    committed.
    """
    return _resolve(tx, _RELEASE, amounts)


_LOCK_HELD: LiteralString = """
    SELECT account_id FROM ledger.balances
    WHERE account_id IN (SELECT account_id FROM ledger.holds WHERE id = ANY(%(holds)s))
    ORDER BY account_id FOR UPDATE
"""


def post(tx: Tx, amounts: dict[UUID, int], *, reason: str, cause: UUID) -> list[Balance] | None:
    """Let so much of each hold go where it was meant to go, all or nothing.

    The goods go at the time after the lock: whoever counted while this waited saw them lie there.

    None where a hold is no longer live, has less left, or the goods are not there (a shortage);
    then the transaction must not be committed.
    """
    tx.all(_LOCK_HELD, holds=list(amounts))
    return _resolve(
        tx,
        _POST,
        amounts,
        transfers=[tx.new_id() for _ in amounts],
        reason=reason,
        cause=cause,
        actor=tx.actor.id,
        now=tx.read_clock(),
    )


def _resolve(
    tx: Tx, statement: LiteralString, amounts: dict[UUID, int], **values: object
) -> list[Balance] | None:
    changes(tx)
    holds = sorted(amounts)
    rows = tx.all(statement, holds=holds, amounts=[amounts[hold] for hold in holds], **values)
    if not rows or rows[0].resolved != len(holds):
        return None
    accounts = tx.value(
        "SELECT count(DISTINCT account_id) FROM ledger.holds WHERE id = ANY(%(holds)s)",
        holds=holds,
    )
    return [Balance(*row[:6]) for row in rows] if len(rows) == accounts else None
