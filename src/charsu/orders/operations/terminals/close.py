"""A terminal's day ends."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import NotFound, Tx, operation
from charsu.kernel.processes import begin
from charsu.orders.errors import TerminalBusy, TotalsNeeded
from charsu.orders.operations.terminals.start import terminal_places
from charsu.orders.terminals.closing import CLOSE, Compared, end_closing, is_busy, mark
from charsu.orders.terminals.kept import on_terminal
from charsu.orders.terminals.kinds import TERMINALS
from charsu.orders.terminals.outcomes import move_process
from charsu.orders.terminals.terminal import Totals

Amount = Annotated[int, Meta(ge=0, le=10**15)]


class PrintedTotals(Struct, frozen=True, kw_only=True):
    """What the terminal prints of one currency at its day-end, in minor units."""

    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    taken_minor: Amount
    given_back_minor: Amount = 0


class CloseTerminal(Struct, frozen=True, kw_only=True):
    """Which terminal.

    totals   as it prints them; none: it is asked
    """

    terminal_id: UUID
    totals: Annotated[tuple[PrintedTotals, ...], Meta(max_length=20)] | None = None


class TerminalDayEnded(Struct, frozen=True, kw_only=True):
    """The closing, and both sides by currency once they are known."""

    closing_id: UUID
    terminal_id: UUID
    number: int
    state: str
    totals: tuple[Compared, ...]


_TERMINAL: LiteralString = """
    SELECT t.id, t.name, t.kind, t.number, c.id AS closing_id, c.number AS closing,
           (SELECT coalesce(max(d.number), 0) FROM orders.terminal_closings d
            WHERE d.terminal_id = t.id) AS last
    FROM orders.terminals t
    LEFT JOIN orders.terminal_closings c ON c.terminal_id = t.id AND c.ended_at IS NULL
    WHERE t.id = %(id)s FOR UPDATE OF t
"""


@operation(
    "orders.close_terminal",
    permission="orders.close_terminal",
    at=terminal_places,
    http="POST /v1/terminals/{terminal_id}/closings",
    raises=(NotFound, TerminalBusy, TotalsNeeded),
)
def close_terminal(tx: Tx, ask: CloseTerminal) -> TerminalDayEnded:
    """End a terminal's day: compare its totals since the last time with the books. What differs
    becomes a payment difference.

    A terminal that tells its totals is asked by a worker; where that does not come about, or it
    tells none, whoever is there types in what it prints.
    """
    tx.run("SELECT FROM orders.terminals WHERE id = %(id)s FOR UPDATE", id=ask.terminal_id)
    terminal: Any = tx.first(_TERMINAL, id=ask.terminal_id)
    if terminal is None:
        raise NotFound("terminal", ask.terminal_id)
    kind = TERMINALS.get(terminal.kind)
    if ask.totals is None and (kind is None or not kind.tells_totals):
        raise TotalsNeeded
    closing, number = _open(tx, terminal, asks=ask.totals is None)
    if ask.totals is None:
        return _ended(ask, closing, number, "asked", ())
    theirs = [
        Totals(
            currency=one.currency,
            taken_minor=one.taken_minor,
            given_back_minor=one.given_back_minor,
        )
        for one in ask.totals
    ]
    compared = tuple(end_closing(tx, closing, theirs))
    return _ended(ask, closing, number, "done", compared)


def _open(tx: Tx, terminal: Any, *, asks: bool) -> tuple[UUID, int]:
    """The open closing of a locked terminal, or a new one. Raises TerminalBusy."""
    if terminal.closing_id is not None:
        if asks:
            raise TerminalBusy(terminal.name)
        move_process(tx, terminal.closing_id, state="done")  # a person was faster
        return terminal.closing_id, terminal.closing
    if is_busy(tx, terminal.id):
        raise TerminalBusy(terminal.name, on_terminal(tx, terminal.id))
    closing, number = tx.new_id(), terminal.last + 1
    tx.run(
        """
        INSERT INTO orders.terminal_closings (id, terminal_id, number, state, asked_at)
        VALUES (%(id)s, %(terminal)s, %(number)s, 'asked', %(now)s)
        """,
        id=closing,
        terminal=terminal.id,
        number=number,
        now=tx.now,
    )
    mark(tx, closing, terminal.id)
    if asks:
        data = {"kind": terminal.kind, "number": terminal.number}
        begin(tx, CLOSE, subject=terminal.id, data=data, identity=closing)
    return closing, number


def _ended(
    ask: CloseTerminal, closing: UUID, number: int, state: str, totals: tuple[Compared, ...]
) -> TerminalDayEnded:
    return TerminalDayEnded(
        closing_id=closing,
        terminal_id=ask.terminal_id,
        number=number,
        state=state,
        totals=totals,
    )
