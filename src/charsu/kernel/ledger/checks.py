"""What must be true of the ledger at any moment."""

from charsu.kernel.check import Check

CHECKS = (
    Check(
        "transfers_between_accounts",
        "Every transfer moves a positive amount between two accounts that count the same unit.",
        "SELECT count(*) FROM ledger.transfers",
        """
        SELECT 'transfer ' || t.id AS row,
               CASE WHEN f.id IS NULL OR o.id IS NULL THEN 'an account is missing'
                    WHEN f.unit <> o.unit OR f.book <> o.book
                    THEN 'moves ' || f.unit || ' into ' || o.unit
                    ELSE 'amount ' || t.amount END AS problem
        FROM ledger.transfers t
        LEFT JOIN ledger.accounts f ON f.id = t.from_account_id
        LEFT JOIN ledger.accounts o ON o.id = t.to_account_id
        WHERE f.id IS NULL OR o.id IS NULL OR f.unit <> o.unit OR f.book <> o.book
           OR t.amount <= 0 OR t.from_account_id = t.to_account_id
        """,
    ),
    Check(
        "balances_are_sums",
        "Every guarded balance is the sum of the transfers of its account.",
        "SELECT count(*) FROM ledger.balances",
        """
        WITH moved AS (
            SELECT account_id, sum(amount) AS amount FROM (
                SELECT to_account_id AS account_id, amount FROM ledger.transfers
                UNION ALL
                SELECT from_account_id, -amount FROM ledger.transfers
            ) m GROUP BY account_id
        )
        SELECT 'account ' || b.account_id AS row,
               'says ' || b.posted || ', its transfers sum to ' || coalesce(m.amount, 0) AS problem
        FROM ledger.balances b LEFT JOIN moved m USING (account_id)
        WHERE b.posted <> coalesce(m.amount, 0)
        """,
    ),
    Check(
        "guarded_balances_not_negative",
        "No guarded account is below zero, and no more is held than is there or known to be short.",
        "SELECT count(*) FROM ledger.balances",
        """
        SELECT 'account ' || account_id AS row,
               'on hand ' || posted || ', held ' || held || ', short ' || shortage AS problem
        FROM ledger.balances
        WHERE posted < 0 OR held < 0 OR shortage < 0 OR held > posted + shortage
        """,
    ),
    Check(
        "every_guarded_account_has_a_balance",
        "Every guarded account has one balance row, which names the same thing at the same place.",
        "SELECT count(*) FROM ledger.accounts WHERE is_guarded",
        """
        SELECT 'account ' || coalesce(a.id, b.account_id) AS row,
               CASE WHEN b.account_id IS NULL THEN 'has no balance'
                    WHEN a.id IS NULL OR NOT a.is_guarded THEN 'has a balance and no guard'
                    ELSE 'its balance names another thing, place, pool or kind' END AS problem
        FROM (SELECT * FROM ledger.accounts WHERE is_guarded) a
        FULL JOIN ledger.balances b ON b.account_id = a.id
        WHERE a.id IS NULL OR b.account_id IS NULL
           OR (a.thing_id, a.place_id, a.pool_id, a.kind)
              IS DISTINCT FROM (b.thing_id, b.place_id, b.pool_id, b.kind)
        """,
    ),
    Check(
        "held_is_live_holds",
        "What an account holds is the sum of its live holds.",
        "SELECT count(*) FROM ledger.balances WHERE held > 0",
        """
        WITH live AS (
            SELECT account_id, sum(amount - posted - released) AS open
            FROM ledger.holds WHERE state = 'live' GROUP BY account_id
        )
        SELECT 'account ' || coalesce(b.account_id, l.account_id) AS row,
               'holds ' || coalesce(b.held, 0) || ', live holds sum to ' || coalesce(l.open, 0)
                   AS problem
        FROM ledger.balances b FULL JOIN live l USING (account_id)
        WHERE coalesce(b.held, 0) <> coalesce(l.open, 0)
        """,
    ),
    Check(
        "holds_in_one_state",
        "Every hold is in exactly one state, and what was posted of it is in the transfers.",
        "SELECT count(*) FROM ledger.holds",
        """
        WITH posted AS (
            SELECT hold_id, sum(amount) AS amount FROM ledger.transfers
            WHERE hold_id IS NOT NULL GROUP BY hold_id
        )
        SELECT 'hold ' || coalesce(h.id, p.hold_id) AS row,
               CASE WHEN h.id IS NULL THEN 'is posted and does not exist'
                    WHEN h.posted <> coalesce(p.amount, 0)
                    THEN 'posted ' || h.posted || ', in the transfers ' || coalesce(p.amount, 0)
                    ELSE 'is ' || h.state || ' with ' || h.posted || ' posted and ' || h.released
                         || ' released of ' || h.amount END AS problem
        FROM ledger.holds h FULL JOIN posted p ON p.hold_id = h.id
        WHERE h.id IS NULL OR h.posted <> coalesce(p.amount, 0)
           OR h.posted < 0 OR h.released < 0 OR h.posted + h.released > h.amount
           OR (h.state = 'live') <> (h.posted + h.released < h.amount)
           OR h.state NOT IN ('live', 'posted', 'released', 'expired')
           OR (h.state = 'posted' AND h.posted = 0)
           OR (h.state = 'released' AND h.posted > 0)
        """,
    ),
)
