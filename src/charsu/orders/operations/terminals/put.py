"""A card terminal stands at a location."""

from typing import Annotated
from uuid import UUID

import psycopg
from msgspec import Meta, Struct

from charsu.kernel import NotFound, Setting, Tx, append, operation
from charsu.orders.card_numbers import refuse_card_numbers
from charsu.orders.errors import (
    CardNumberShown,
    TerminalBusy,
    TerminalKindUnknown,
    TerminalTaken,
)
from charsu.orders.facts import TerminalPut
from charsu.orders.terminals.closing import is_busy
from charsu.orders.terminals.kept import on_terminal
from charsu.orders.terminals.kinds import TERMINALS, TEST_KIND

TEST_TERMINAL = Setting(
    "orders.test_terminal",
    bool,
    False,
    "Terminals may be test terminals, which take no money. For demos only.",
)

Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class PutTerminal(Struct, frozen=True, kw_only=True):
    """A card terminal, where it stands, and who speaks to it.

    kind     as the reference of plug-ins names it; test_terminal takes no money
    number   the terminal's own, as its acquirer knows it (TID)
    """

    code: Code
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    location_id: UUID
    kind: Annotated[str, Meta(min_length=1, max_length=32, pattern=r"^[a-z][a-z0-9_]*$")]
    number: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")]
    is_active: bool = True


class TerminalSaved(Struct, frozen=True):
    """The terminal as it was saved."""

    terminal_id: UUID
    version: int


def _places(tx: Tx, ask: PutTerminal) -> tuple[UUID, ...]:
    """Where it will stand, and where it stands."""
    was = tx.value("SELECT location_id FROM orders.terminals WHERE code = %(code)s", code=ask.code)
    return (ask.location_id, *([was] if was else []))


@operation(
    "orders.put_terminal",
    permission="orders.put_terminal",
    at=_places,
    http="PUT /v1/terminals/{code}",
    raises=(NotFound, TerminalKindUnknown, TerminalTaken, TerminalBusy, CardNumberShown),
)
def put_terminal(tx: Tx, ask: PutTerminal) -> TerminalSaved:
    """Set a card terminal up at a location, or change the one with this code.

    While money moves there it stays as it is.
    """
    refuse_card_numbers(ask.code, ask.name, ask.number)
    if ask.kind not in TERMINALS or (ask.kind == TEST_KIND and not tx.setting(TEST_TERMINAL)):
        raise TerminalKindUnknown(ask.kind)
    was = tx.value(
        "SELECT id FROM orders.terminals WHERE code = %(code)s FOR UPDATE", code=ask.code
    )
    if was is not None and is_busy(tx, was):
        raise TerminalBusy(ask.name, on_terminal(tx, was))
    row = _store(tx, ask)
    fact = TerminalPut(code=ask.code, location_id=ask.location_id, is_active=ask.is_active)
    append(tx, fact, subject=row.terminal_id, version=row.version)
    return row


def _store(tx: Tx, ask: PutTerminal) -> TerminalSaved:
    try:
        row = tx.first(
            """
            INSERT INTO orders.terminals AS t
                (id, code, name, location_id, kind, number, is_active, version)
            VALUES (%(id)s, %(code)s, %(name)s, %(location)s, %(kind)s, %(number)s, %(active)s, 1)
            ON CONFLICT (code) DO UPDATE
            SET name = excluded.name, location_id = excluded.location_id, kind = excluded.kind,
                number = excluded.number, is_active = excluded.is_active, version = t.version + 1
            RETURNING id, version
            """,
            id=tx.new_id(),
            code=ask.code,
            name=ask.name,
            location=ask.location_id,
            kind=ask.kind,
            number=ask.number,
            active=ask.is_active,
        )
    except psycopg.errors.UniqueViolation as taken:
        raise TerminalTaken(ask.number) from taken
    except psycopg.errors.ForeignKeyViolation as missing:
        raise NotFound("location", ask.location_id) from missing
    assert row is not None
    return TerminalSaved(row.id, row.version)
