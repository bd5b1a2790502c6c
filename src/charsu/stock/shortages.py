"""Shortages: what was promised and turned out not to be there.

The system never cancels because a number was wrong. Each shortage is an open exception with an
owner and a deadline; it closes when goods arrive, or when what was promised is taken from elsewhere
or given up.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, LiteralString

from charsu.kernel import Setting, Tx, append
from charsu.kernel.ledger import Balance
from charsu.stock.facts import ShortageChanged, ShortageFound

DEADLINE_HOURS = Setting(
    "stock.shortage_hours", int, 4, "Hours in which a shortage must be seen to."
)

_MISSING: LiteralString = """
    SELECT a.id AS account_id, a.thing_id AS variant_id, a.place_id AS location_id,
           coalesce(b.shortage, 0) AS missing, e.id AS exception_id
    FROM unnest(%(accounts)s::uuid[]) AS asked (id)
    JOIN ledger.accounts a USING (id)
    LEFT JOIN ledger.balances b ON b.account_id = a.id
    LEFT JOIN stock.exceptions e ON e.account_id = a.id AND e.state = 'open'
    WHERE coalesce(b.shortage, 0) <> coalesce(e.missing, 0)
    ORDER BY a.id
"""


def settle(tx: Tx, balances: Sequence[Balance]) -> None:
    """Make the open exceptions say what these balances say.

    The balances' rows are locked by the change that returned them.
    """
    if not balances:
        return
    accounts = [balance.account_id for balance in balances]
    for row in tx.all(_MISSING, accounts=accounts):
        if row.exception_id is None:
            _open(tx, row)
        else:
            _change(tx, row)


def _open(tx: Tx, row: Any) -> None:
    exception = tx.new_id()
    tx.run(
        """
        INSERT INTO stock.exceptions (id, kind, account_id, variant_id, location_id, missing, state,
                                      owner, due_by, opened_at, version)
        VALUES (%(id)s, 'shortage', %(account)s, %(variant)s, %(location)s, %(missing)s, 'open',
                'stockkeeper', %(due_by)s, %(now)s, 1)
        """,
        id=exception,
        account=row.account_id,
        variant=row.variant_id,
        location=row.location_id,
        missing=row.missing,
        due_by=tx.now + timedelta(hours=tx.setting(DEADLINE_HOURS)),
        now=tx.now,
    )
    found = ShortageFound(
        variant_id=row.variant_id, location_id=row.location_id, missing=row.missing
    )
    append(tx, found, subject=exception, version=1)


def _change(tx: Tx, row: Any) -> None:
    version = tx.value(
        """
        UPDATE stock.exceptions
        SET missing = %(missing)s, version = version + 1,
            state = CASE WHEN %(missing)s = 0 THEN 'closed' ELSE 'open' END,
            closed_at = CASE WHEN %(missing)s = 0 THEN %(now)s::timestamptz END
        WHERE id = %(id)s RETURNING version
        """,
        id=row.exception_id,
        missing=row.missing,
        now=tx.now,
    )
    changed = ShortageChanged(
        variant_id=row.variant_id, location_id=row.location_id, missing=row.missing
    )
    append(tx, changed, subject=row.exception_id, version=version)
