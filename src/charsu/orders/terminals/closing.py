"""The end of a terminal's day: what it took and gave back, against what the books say.

What was taken since the last closing is marked with this one before the terminal is asked, so that
both sides speak of the same payments. Totals that differ become a difference like any other.
"""

from collections.abc import Iterable
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.kernel import Hub, Tx, append
from charsu.kernel.processes import Outside, Process, Running, finish
from charsu.orders.facts import TerminalClosed
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Entry, Figures, kind_of
from charsu.orders.terminals.kinds import TERMINALS
from charsu.orders.terminals.terminal import Totals


class Compared(Struct, frozen=True, kw_only=True):
    """One currency of a day-end, in minor units: the books and the terminal."""

    currency: str
    our_taken_minor: int = 0
    our_given_back_minor: int = 0
    their_taken_minor: int = 0
    their_given_back_minor: int = 0

    @property
    def differs(self) -> bool:
        ours = (self.our_taken_minor, self.our_given_back_minor)
        return ours != (self.their_taken_minor, self.their_given_back_minor)


# What went back belongs to the terminal that took it, also where an exchange has carried it on.
_REFUNDS: LiteralString = """
    SELECT r.id, r.state, r.amount_minor, p.currency, r.closing_id
    FROM orders.refunds r
    JOIN orders.payments o ON o.id = r.payment_id
    JOIN orders.terminal_payments p ON p.payment_id = coalesce(o.from_payment_id, o.id)
    WHERE p.terminal_id = %(terminal)s AND r.exchange_id IS NULL AND NOT r.to_credit
"""

_IS_BUSY: LiteralString = (
    """
    SELECT EXISTS (SELECT FROM orders.terminal_payments
                   WHERE terminal_id = %(terminal)s AND ended_at IS NULL)
        OR EXISTS (SELECT FROM orders.terminal_payments p
                   JOIN kernel.processes w ON w.id = p.id AND w.state = 'running'
                   WHERE p.terminal_id = %(terminal)s AND p.state = 'unwanted')
        OR EXISTS (SELECT FROM ("""  # noqa: S608 - of constants only
    + _REFUNDS
    + """) r JOIN kernel.processes w ON w.id = r.id AND w.state = 'running'
            WHERE r.state = 'begun')
    """
)


def is_busy(tx: Tx, terminal: UUID) -> bool:
    """Whether money is moving at a locked terminal, so that its totals would be out of date."""
    return bool(tx.value(_IS_BUSY, terminal=terminal))


_MARK_PAYMENTS: LiteralString = """
    UPDATE orders.terminal_payments
    SET closing_id = coalesce(closing_id, %(closing)s),
        back_closing_id = CASE state WHEN 'given_back'
                          THEN coalesce(back_closing_id, %(closing)s) END
    WHERE terminal_id = %(terminal)s
      AND (closing_id IS NULL AND state IN ('paid', 'unwanted', 'given_back')
           OR back_closing_id IS NULL AND state = 'given_back')
"""

_MARK_REFUNDS: LiteralString = (
    "UPDATE orders.refunds f SET closing_id = %(closing)s FROM ("  # noqa: S608 - of constants only
    + _REFUNDS
    + ") r WHERE f.id = r.id AND r.state = 'done' AND f.closing_id IS NULL"
)


def mark(tx: Tx, closing: UUID, terminal: UUID) -> None:
    """Let everything since the last closing of a locked terminal belong to this one."""
    tx.run(_MARK_PAYMENTS, closing=closing, terminal=terminal)
    tx.run(_MARK_REFUNDS, closing=closing, terminal=terminal)


_OURS: LiteralString = """
    SELECT currency, sum(taken)::bigint AS taken_minor, sum(back)::bigint AS given_back_minor
    FROM (
        SELECT currency, amount_minor AS taken, 0 AS back
        FROM orders.terminal_payments WHERE closing_id = %(closing)s
        UNION ALL
        SELECT currency, 0, amount_minor
        FROM orders.terminal_payments WHERE back_closing_id = %(closing)s
        UNION ALL
        SELECT p.currency, 0, r.amount_minor
        FROM orders.refunds r JOIN orders.payments p ON p.id = r.payment_id
        WHERE r.closing_id = %(closing)s
    ) moved
    GROUP BY currency
"""


def our_totals(tx: Tx, closing: UUID) -> list[Totals]:
    """What the books say of a closing."""
    return [Totals(**row._asdict()) for row in tx.all(_OURS, closing=closing)]


def compare(ours: Iterable[Totals], theirs: Iterable[Totals]) -> list[Compared]:
    """Both sides, currency by currency; amounts that one side does not name are 0."""
    mine, told = ({one.currency: one for one in side} for side in (ours, theirs))
    found = []
    for currency in sorted({*mine, *told}):
        nothing = Totals(currency=currency, taken_minor=0, given_back_minor=0)
        our, their = mine.get(currency, nothing), told.get(currency, nothing)
        found.append(
            Compared(
                currency=currency,
                our_taken_minor=our.taken_minor,
                our_given_back_minor=our.given_back_minor,
                their_taken_minor=their.taken_minor,
                their_given_back_minor=their.given_back_minor,
            )
        )
    return found


_OPEN: LiteralString = """
    SELECT c.id, c.number AS closing, c.terminal_id, t.kind, t.number
    FROM orders.terminal_closings c JOIN orders.terminals t ON t.id = c.terminal_id
    WHERE c.id = %(id)s AND c.ended_at IS NULL FOR UPDATE
"""


def end_closing(tx: Tx, closing: UUID, theirs: Iterable[Totals]) -> list[Compared]:
    """Keep a terminal's totals beside ours; said again it changes nothing."""
    row: Any = tx.first(_OPEN, id=closing)
    if row is None:
        return []
    compared = compare(our_totals(tx, closing), theirs)
    tx.run(
        """
        UPDATE orders.terminal_closings
        SET state = 'done', totals = %(totals)s::jsonb, ended_at = %(now)s WHERE id = %(id)s
        """,
        id=closing,
        totals=msgspec.json.encode(compared).decode(),
        now=tx.now,
    )
    keep_differences(tx, row.kind, [_judged(row, one) for one in compared])
    version = tx.value(
        "UPDATE orders.terminals SET version = version + 1 WHERE id = %(id)s RETURNING version",
        id=row.terminal_id,
    )
    fact = TerminalClosed(closing_id=closing, differs=any(one.differs for one in compared))
    append(tx, fact, subject=row.terminal_id, version=version)
    return compared


def _judged(row: Any, one: Compared) -> Judged:
    reference = f"{row.number}/{row.closing}/{one.currency}"
    ours = _figures(one.currency, one.our_taken_minor, one.our_given_back_minor)
    theirs = _figures(one.currency, one.their_taken_minor, one.their_given_back_minor)
    entry = Entry(
        reference=reference, authorization_id=None, order_id=None, figures=ours, is_moving=False
    )
    return Judged(reference=reference, kind=kind_of(ours, theirs), ours=entry, theirs=theirs)


def _figures(currency: str, taken: int, back: int) -> Figures:
    return Figures(currency=currency, promised_minor=0, taken_minor=taken, given_back_minor=back)


def _ask(hub: Hub, running: Running) -> None:
    kind, number = running.data["kind"], running.data["number"]
    if kind not in TERMINALS:
        raise Outside(f"nobody here speaks to terminals of the kind {kind}")
    totals = TERMINALS[kind].end_day(key=str(running.id), terminal=number)
    with hub.writing("orders.terminal_closed") as tx:
        if finish(tx, running):
            end_closing(tx, running.id, totals)


CLOSE = Process("orders.close_terminal", {"ask": _ask})
