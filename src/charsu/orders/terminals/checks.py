"""What must be true of terminals: each taking is booked once, and nothing is left open unseen."""

from charsu.kernel.check import Check

TERMINAL_CHECKS = (
    Check(
        "what_a_terminal_took_is_booked",
        "Every payment on a terminal that was paid is one payment of its order, and the reverse.",
        "SELECT count(*) FROM orders.terminal_payments",
        """
        SELECT 'terminal payment ' || coalesce(t.id::text, 'of payment ' || p.id) AS row,
               CASE WHEN t.id IS NULL THEN 'is not there'
                    WHEN p.id IS NULL THEN 'was paid, and is not booked'
                    ELSE 'is ' || t.state || ', ' || t.amount_minor || ' ' || t.currency
                         || ' of order ' || t.order_id || '; booked are ' || p.captured_minor
                         || ' ' || p.currency || ' of order ' || p.order_id END AS problem
        FROM (SELECT * FROM orders.terminal_payments WHERE state = 'paid') t
        FULL JOIN (
            SELECT * FROM orders.payments
            WHERE provider IN (SELECT kind FROM orders.terminals) AND authorization_id IS NULL
        ) p ON p.id = t.payment_id
        WHERE t.id IS NULL OR p.id IS NULL OR p.order_id <> t.order_id
           OR p.captured_minor <> t.amount_minor OR p.currency <> t.currency
           OR p.reference <> t.reference
        """,
    ),
    Check(
        "terminals_go_on_or_are_seen",
        "Whatever a terminal may still be doing has a process that works on it, or is stuck.",
        "SELECT count(*) FROM orders.terminal_payments WHERE state IN"
        " ('asked', 'shown', 'unknown', 'unwanted')",
        """
        SELECT 'terminal payment ' || t.id AS row,
               'is ' || t.state || ', its process ' || coalesce(w.state, 'is not there') AS problem
        FROM orders.terminal_payments t
        LEFT JOIN kernel.processes w ON w.id = t.id AND w.kind = 'orders.terminal_payment'
        WHERE (t.state IN ('asked', 'shown', 'unknown', 'unwanted'))
              <> (coalesce(w.state, '') IN ('running', 'stuck'))
        """,
    ),
    Check(
        "day_ends_are_what_was_taken",
        "What a day-end says of our side is what its payments and refunds come to.",
        "SELECT count(*) FROM orders.terminal_closings",
        """
        WITH told AS (
            SELECT c.id, x.currency, x.our_taken_minor AS taken, x.our_given_back_minor AS back
            FROM orders.terminal_closings c
            CROSS JOIN LATERAL jsonb_to_recordset(c.totals)
                AS x (currency text, our_taken_minor bigint, our_given_back_minor bigint)
            WHERE c.state = 'done'
        ), moved AS (
            SELECT closing_id AS id, currency, amount_minor AS taken, 0::bigint AS back
            FROM orders.terminal_payments WHERE closing_id IS NOT NULL
            UNION ALL
            SELECT r.closing_id, p.currency, 0, r.amount_minor
            FROM orders.refunds r JOIN orders.payments p ON p.id = r.payment_id
            WHERE r.closing_id IS NOT NULL
            UNION ALL
            SELECT back_closing_id, currency, 0, amount_minor FROM orders.terminal_payments
            WHERE back_closing_id IS NOT NULL
        ), due AS (
            SELECT m.id, currency, sum(taken) AS taken, sum(back) AS back
            FROM moved m JOIN orders.terminal_closings c ON c.id = m.id AND c.state = 'done'
            GROUP BY m.id, currency
        )
        SELECT 'day-end ' || coalesce(t.id, d.id) AS row,
               'says ' || coalesce(t.taken, 0) || ' and ' || coalesce(t.back, 0) || '; '
                   || coalesce(d.taken, 0) || ' and ' || coalesce(d.back, 0) || ' were moved, '
                   || coalesce(t.currency, d.currency) AS problem
        FROM told t FULL JOIN due d ON d.id = t.id AND d.currency = t.currency
        WHERE coalesce(t.taken, 0) <> coalesce(d.taken, 0)
           OR coalesce(t.back, 0) <> coalesce(d.back, 0)
        """,
    ),
)
