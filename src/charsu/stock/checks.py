"""What must be true of stock at any moment."""

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (
    Subject(table="stock.locations", named="'location ' || code"),
    Subject(table="stock.documents", named="'document ' || id"),
    Subject(table="stock.exceptions", named="'exception ' || id"),
)

CHECKS = (
    Check(
        "shortages_have_exceptions",
        "Every shortage has one open exception that says how much is missing.",
        "SELECT count(*) FROM stock.exceptions",
        """
        SELECT 'account ' || coalesce(b.account_id, e.account_id) AS row,
               'short of ' || coalesce(b.shortage, 0) || ', the open exception says '
                   || coalesce(e.missing::text, 'nothing') AS problem
        FROM (SELECT account_id, shortage FROM ledger.balances WHERE shortage > 0) b
        FULL JOIN (SELECT account_id, sum(missing) AS missing FROM stock.exceptions
                   WHERE state = 'open' GROUP BY account_id) e USING (account_id)
        WHERE coalesce(b.shortage, 0) <> coalesce(e.missing, 0)
        """,
    ),
    Check(
        "stock_is_the_sum_of_the_ledger",
        "What lies on hand over all locations is what came in less what went out, by unit.",
        "SELECT count(*) FROM ledger.accounts WHERE book = 'stock'",
        """
        WITH moved AS (
            SELECT a.unit, a.is_guarded, sum(m.amount) AS amount FROM (
                SELECT to_account_id AS account_id, amount FROM ledger.transfers
                UNION ALL
                SELECT from_account_id, -amount FROM ledger.transfers
            ) m JOIN ledger.accounts a ON a.id = m.account_id
            WHERE a.book = 'stock' GROUP BY a.unit, a.is_guarded
        ), lying AS (
            SELECT a.unit, sum(b.posted) AS amount
            FROM ledger.balances b JOIN ledger.accounts a ON a.id = b.account_id
            GROUP BY a.unit
        )
        SELECT 'unit ' || l.unit AS row,
               l.amount || ' lie there, ' || coalesce(-m.amount, 0) || ' came in' AS problem
        FROM lying l LEFT JOIN moved m ON m.unit = l.unit AND NOT m.is_guarded
        WHERE l.amount <> coalesce(-m.amount, 0)
        """,
    ),
    Check(
        "stock_lies_somewhere",
        "Every balance of stock is of a known variant at a known location.",
        "SELECT count(*) FROM ledger.balances",
        """
        SELECT 'account ' || b.account_id AS row,
               CASE WHEN v.id IS NULL THEN 'its variant is unknown'
                    ELSE 'its location is unknown' END AS problem
        FROM ledger.balances b
        LEFT JOIN catalog.variants v ON v.id = b.thing_id
        LEFT JOIN stock.locations l ON l.id = b.place_id
        WHERE v.id IS NULL OR l.id IS NULL
        """,
    ),
    changes_are_told(
        "changes_of_stock_are_told",
        "Every change of a location or exception, and every movement of stock, has its fact.",
        SUBJECTS,
    ),
)
