"""What must be true of orders at any moment."""

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told
from charsu.orders.credit.checks import CREDIT_CHECKS
from charsu.orders.reconciling.checks import RECONCILING
from charsu.orders.sums import SUMS
from charsu.orders.terminals.checks import TERMINAL_CHECKS
from charsu.orders.unhappy import UNHAPPY

SUBJECTS = (
    Subject(table="orders.orders", named="'order ' || number"),
    Subject(table="orders.authorizations", named="'authorization ' || id"),
    Subject(table="orders.payment_differences", named="'difference of payment ' || reference"),
    Subject(table="orders.terminals", named="'terminal ' || code"),
    Subject(table="orders.terminal_payments", named="'terminal payment ' || id"),
    Subject(table="orders.credit_accounts", named="'credit of customer ' || customer_id"),
    Subject(table="orders.fulfillments", named="'fulfillment ' || id", told_as="order_id"),
    Subject(table="orders.delivery_methods", named="'delivery method ' || code"),
)

CHECKS = (
    Check(
        "order_total_is_its_parts",
        "Every order's figures are the sums of its lines and its delivery, to the minor unit.",
        "SELECT count(*) FROM orders.orders",
        """
        WITH lines AS (
            SELECT order_id, count(*) AS lines, sum(subtotal_minor) AS subtotal,
                   sum(discount_minor) AS discount, sum(tax_minor) AS tax,
                   sum(total_minor) AS total
            FROM orders.order_lines GROUP BY order_id
        )
        SELECT 'order ' || o.number AS row,
               CASE WHEN l.lines IS NULL THEN 'has no lines'
                    ELSE 'total ' || o.total_minor || ', lines ' || l.total || ' and delivery '
                         || o.delivery_minor END AS problem
        FROM orders.orders o LEFT JOIN lines l ON l.order_id = o.id
        WHERE l.lines IS NULL OR o.total_minor <> l.total + o.delivery_minor
           OR o.subtotal_minor <> l.subtotal OR o.discount_minor <> l.discount
           OR o.tax_minor <> l.tax + o.delivery_tax_minor
        """,
    ),
    Check(
        "one_order_for_one_external_id",
        "One number of a channel is one order, and one cart is at most one order.",
        "SELECT count(*) FROM orders.orders WHERE external_id IS NOT NULL OR cart_id IS NOT NULL",
        """
        SELECT 'external id ' || external_id AS row, count(*) || ' orders' AS problem
        FROM orders.orders WHERE external_id IS NOT NULL
        GROUP BY channel_id, external_id HAVING count(*) > 1
        UNION ALL
        SELECT 'cart ' || cart_id, count(*) || ' orders'
        FROM orders.orders WHERE cart_id IS NOT NULL GROUP BY cart_id HAVING count(*) > 1
        """,
    ),
    Check(
        "one_order_for_one_payment_reference",
        "One payment reference of a provider belongs to one order.",
        "SELECT count(*) FROM orders.payments",
        """
        SELECT 'payment ' || provider || ' ' || reference AS row,
               'stands ' || count(*) || ' times' AS problem
        FROM orders.payments GROUP BY provider, reference HAVING count(*) > 1
        """,
    ),
    Check(
        "refunds_within_captured",
        "Refunds never exceed what was captured, and orders say what their payments say.",
        "SELECT count(*) FROM orders.orders",
        """
        WITH paid AS (
            SELECT order_id, sum(captured_minor) AS captured, sum(refunded_minor) AS refunded
            FROM orders.payments GROUP BY order_id
        ), given AS (
            SELECT order_id, sum(amount_minor) AS refunded FROM orders.refunds
            WHERE state <> 'failed' GROUP BY order_id
        )
        SELECT 'order ' || o.number AS row,
               'captured ' || o.captured_minor || ' and refunded ' || o.refunded_minor
                   || '; payments say ' || coalesce(p.captured, 0) || ' and '
                   || coalesce(p.refunded, 0) || ', refunds ' || coalesce(g.refunded, 0) AS problem
        FROM orders.orders o
        LEFT JOIN paid p ON p.order_id = o.id
        LEFT JOIN given g ON g.order_id = o.id
        WHERE o.refunded_minor > o.captured_minor
           OR o.captured_minor <> coalesce(p.captured, 0)
           OR o.refunded_minor <> coalesce(p.refunded, 0)
           OR o.refunded_minor <> coalesce(g.refunded, 0)
        """,
    ),
    Check(
        "an_order_given_back_whole_keeps_no_tax",
        "Where all money of an order went back, the tax in its refunds is the tax of the order.",
        "SELECT count(*) FROM orders.orders WHERE refunded_minor = total_minor",
        """
        SELECT 'order ' || o.number AS row,
               'tax ' || o.tax_minor || ', in refunds ' || sum(r.tax_minor) AS problem
        FROM orders.orders o
        JOIN orders.refunds r ON r.order_id = o.id AND r.state <> 'failed'
        WHERE o.refunded_minor = o.total_minor AND NOT o.is_historical
        GROUP BY o.id HAVING sum(r.tax_minor) <> o.tax_minor
        """,
    ),
    Check(
        "payments_are_in_the_books",
        "Every payment and refund is in the ledger with its amount; those of the past are not.",
        "SELECT (SELECT count(*) FROM orders.payments) + (SELECT count(*) FROM orders.refunds)",
        """
        WITH booked AS (
            SELECT cause_id, reason, sum(amount) AS amount FROM ledger.transfers
            WHERE reason IN ('captured', 'refunded') GROUP BY cause_id, reason
        )
        SELECT 'payment ' || p.id AS row,
               'captured ' || p.captured_minor || ', booked ' || coalesce(b.amount, 0) AS problem
        FROM orders.payments p
        LEFT JOIN booked b ON b.cause_id = p.id AND b.reason = 'captured'
        WHERE CASE WHEN p.provider = 'history' THEN 0 ELSE p.captured_minor END
              <> coalesce(b.amount, 0)
        UNION ALL
        SELECT 'refund ' || r.id, 'refunded ' || r.amount_minor || ', booked '
               || coalesce(b.amount, 0)
        FROM orders.refunds r
        LEFT JOIN booked b ON b.cause_id = r.id AND b.reason = 'refunded'
        WHERE CASE WHEN r.is_historical THEN 0 ELSE r.amount_minor END <> coalesce(b.amount, 0)
        """,
    ),
    Check(
        "promised_money_is_accounted_for",
        "Of promised money nothing was taken but payments, and what is being taken is asked for.",
        "SELECT count(*) FROM orders.authorizations",
        """
        WITH taken AS (
            SELECT authorization_id AS id, sum(captured_minor) AS amount
            FROM orders.payments WHERE authorization_id IS NOT NULL GROUP BY authorization_id
        ), asked AS (
            SELECT (data ->> 'authorization')::uuid AS id,
                   sum((data ->> 'amount_minor')::bigint) AS amount
            FROM kernel.processes
            WHERE kind = 'orders.capture' AND state IN ('running', 'stuck') GROUP BY 1
        )
        SELECT 'authorization ' || a.id AS row,
               'captured ' || a.captured_minor || ', payments ' || coalesce(t.amount, 0)
                   || '; capturing ' || a.capturing_minor || ', asked for '
                   || coalesce(q.amount, 0) AS problem
        FROM orders.authorizations a
        LEFT JOIN taken t ON t.id = a.id
        LEFT JOIN asked q ON q.id = a.id
        WHERE a.captured_minor <> coalesce(t.amount, 0)
           OR a.capturing_minor <> coalesce(q.amount, 0)
        UNION ALL
        SELECT 'authorization ' || a.id, 'of cart ' || a.cart_id || ' is for order ' || o.number
        FROM orders.authorizations a JOIN orders.orders o ON o.id = a.order_id
        WHERE o.cart_id IS DISTINCT FROM a.cart_id
        """,
    ),
    Check(
        "no_promise_is_forgotten",
        "Money that a provider was asked to promise has an order, was let go, or is worked on.",
        "SELECT count(*) FROM orders.authorizations WHERE order_id IS NULL",
        """
        SELECT 'authorization ' || a.id AS row, 'is ' || a.state || ', forgotten' AS problem
        FROM orders.authorizations a
        WHERE a.order_id IS NULL AND a.state NOT IN ('declined', 'voided')
          AND NOT EXISTS (SELECT FROM kernel.processes p
                          WHERE (p.id = a.id OR a.provider = 'credit' AND p.subject_id = a.cart_id)
                            AND p.state IN ('running', 'stuck'))
        """,
    ),
    Check(
        "what_waits_is_held",
        "What locations still have to do for an order is held there for it, piece for piece.",
        "SELECT count(*) FROM orders.fulfillments WHERE state IN ('waiting', 'ready')",
        """
        WITH asked AS (
            SELECT f.order_id, f.location_id, p.line_id,
                   sum(p.quantity - p.done - p.canceled) AS pieces
            FROM orders.fulfillments f
            JOIN orders.fulfillment_lines p ON p.fulfillment_id = f.id
            GROUP BY f.order_id, f.location_id, p.line_id
            HAVING sum(p.quantity - p.done - p.canceled) > 0
        ), held AS (
            SELECT h.owner_id AS order_id, b.place_id AS location_id, h.line_id,
                   sum(h.amount - h.posted - h.released) AS pieces
            FROM ledger.holds h
            JOIN ledger.balances b USING (account_id)
            JOIN orders.orders o ON o.id = h.owner_id
            WHERE h.state = 'live' GROUP BY h.owner_id, b.place_id, h.line_id
        )
        SELECT 'order ' || coalesce(a.order_id, h.order_id) || ', line '
                   || coalesce(a.line_id, h.line_id) AS row,
               coalesce(a.pieces, 0) || ' to do, ' || coalesce(h.pieces, 0) || ' held' AS problem
        FROM asked a FULL JOIN held h USING (order_id, location_id, line_id)
        WHERE coalesce(a.pieces, 0) <> coalesce(h.pieces, 0)
        """,
    ),
    Check(
        "holds_without_end_belong_to_orders",
        "Whatever is held without an end is held for an order.",
        "SELECT count(*) FROM ledger.holds WHERE state = 'live' AND expires_at IS NULL",
        """
        SELECT 'hold ' || h.id AS row, 'of ' || h.owner_id || ', which is no order' AS problem
        FROM ledger.holds h
        WHERE h.state = 'live' AND h.expires_at IS NULL
          AND NOT EXISTS (SELECT FROM orders.orders o WHERE o.id = h.owner_id)
        """,
    ),
    Check(
        "lines_are_what_locations_did",
        "What a line says was fulfilled is what locations did; what returned is in the returns.",
        "SELECT count(*) FROM orders.order_lines",
        """
        WITH did AS (
            SELECT line_id, sum(done) AS done FROM orders.fulfillment_lines GROUP BY line_id
        ), back AS (
            SELECT line_id, sum(quantity) AS pieces FROM orders.return_lines GROUP BY line_id
        )
        SELECT 'line ' || l.id AS row,
               'fulfilled ' || l.fulfilled || ' and returned ' || l.returned || '; done '
                   || coalesce(d.done, 0) || ', back ' || coalesce(b.pieces, 0) AS problem
        FROM orders.order_lines l
        JOIN orders.orders o ON o.id = l.order_id
        LEFT JOIN did d ON d.line_id = l.id
        LEFT JOIN back b ON b.line_id = l.id
        WHERE l.fulfilled <> CASE WHEN o.is_historical THEN l.quantity ELSE coalesce(d.done, 0) END
           OR l.returned <> coalesce(b.pieces, 0)
        """,
    ),
    *RECONCILING,
    *TERMINAL_CHECKS,
    *SUMS,
    *UNHAPPY,
    *CREDIT_CHECKS,
    changes_are_told(
        "changes_of_orders_are_told",
        "Every change of an order, what locations do for it, or a delivery method has its fact.",
        SUBJECTS,
    ),
)
