"""What must be true of store credit."""

from charsu.kernel.check import Check

CREDIT_CHECKS = (
    Check(
        "credit_is_the_sum_of_its_moves",
        "What a customer has in credit is the sum of what moved it, and what the ledger owes her.",
        "SELECT count(*) FROM orders.credit_accounts",
        """
        WITH moved AS (
            SELECT account_id, sum(amount_minor) AS amount FROM orders.credit_moves
            GROUP BY account_id
        ), owed AS (
            SELECT a.place_id AS customer_id, a.unit AS currency, sum(m.amount) AS amount FROM (
                SELECT from_account_id AS account_id, amount FROM ledger.transfers
                UNION ALL
                SELECT to_account_id, -amount FROM ledger.transfers
            ) m JOIN ledger.accounts a ON a.id = m.account_id
            WHERE a.book = 'money' AND a.kind = 'credit' GROUP BY a.place_id, a.unit
        )
        SELECT 'credit of customer ' || coalesce(c.customer_id, o.customer_id) AS row,
               'says ' || coalesce(c.balance_minor, 0) || ', moved ' || coalesce(m.amount, 0)
                   || ', owed ' || coalesce(o.amount, 0) AS problem
        FROM orders.credit_accounts c LEFT JOIN moved m ON m.account_id = c.id
        FULL JOIN owed o USING (customer_id, currency)
        WHERE coalesce(c.balance_minor, 0) <> coalesce(m.amount, 0)
           OR coalesce(c.balance_minor, 0) <> coalesce(o.amount, 0)
        """,
    ),
    Check(
        "held_credit_is_promised",
        "Credit that is kept ready is what open promises to carts and orders come to.",
        "SELECT count(*) FROM orders.credit_accounts WHERE held_minor > 0",
        """
        WITH promised AS (
            SELECT customer_id, currency,
                   sum(authorized_minor - captured_minor - voided_minor) AS amount
            FROM orders.authorizations
            WHERE provider = 'credit' AND state = 'authorized' GROUP BY customer_id, currency
        )
        SELECT 'credit of customer ' || customer_id AS row,
               'keeps ' || coalesce(c.held_minor, 0) || ' ready, promised '
                   || coalesce(p.amount, 0) AS problem
        FROM orders.credit_accounts c FULL JOIN promised p USING (customer_id, currency)
        WHERE coalesce(c.held_minor, 0) <> coalesce(p.amount, 0)
        """,
    ),
    Check(
        "spent_credit_has_an_order",
        "Credit that was spent or given back is a payment or refund of its order, to the cent.",
        "SELECT count(*) FROM orders.credit_moves WHERE order_id IS NOT NULL",
        """
        WITH said AS (
            SELECT payment_id AS id, order_id, -amount_minor AS amount FROM orders.credit_moves
            WHERE kind = 'spent'
            UNION ALL
            SELECT refund_id, order_id, amount_minor FROM orders.credit_moves
            WHERE kind = 'refunded'
        ), done AS (
            SELECT id, order_id, captured_minor AS amount FROM orders.payments
            WHERE provider = 'credit'
            UNION ALL
            SELECT id, order_id, amount_minor FROM orders.refunds WHERE to_credit
        )
        SELECT 'payment or refund ' || id AS row,
               'moved ' || coalesce(s.amount, 0) || ' of credit, is of '
                   || coalesce(d.amount, 0) AS problem
        FROM said s FULL JOIN done d USING (id)
        WHERE s.amount IS DISTINCT FROM d.amount OR s.order_id IS DISTINCT FROM d.order_id
        """,
    ),
)
