"""What the figures of an order must come to, derived again from what happened to it."""

from typing import LiteralString

from charsu.kernel.check import Check

# Shares are rounded half up and exact in sum, so what was earned follows from how many pieces have
# left. ``from`` and ``to`` follow from the reason: money that is taken, kept or given up leaves the
# order's account; what is earned or refunded reaches it.
_BOOKS: LiteralString = """
    WITH earned AS (
        SELECT l.order_id,
               sum(div(2::numeric * l.total_minor * l.fulfilled + l.quantity, 2 * l.quantity))
                   AS total,
               sum(div(2::numeric * l.tax_minor * l.fulfilled + l.quantity, 2 * l.quantity)) AS tax
        FROM orders.order_lines l JOIN orders.orders o ON o.id = l.order_id AND NOT o.is_historical
        WHERE l.fulfilled > 0 GROUP BY l.order_id
    ), refunds AS (
        SELECT r.order_id,
               CASE WHEN r.to_credit THEN 'credit'
                    WHEN r.exchange_id IS NOT NULL THEN 'clearing:exchange'
                    ELSE 'clearing:' || s.provider END AS kind,
               sum(r.amount_minor) AS asked,
               sum(r.amount_minor) FILTER (WHERE r.state = 'failed') AS failed
        FROM orders.refunds r
        JOIN orders.payments p ON p.id = r.payment_id
        JOIN orders.payments s ON s.id = coalesce(p.from_payment_id, p.id)
        WHERE NOT r.is_historical GROUP BY 1, 2
    ), moves (order_id, reason, kind, place_id, amount) AS (
        SELECT o.id, m.reason, m.kind, m.place_id, m.amount
        FROM earned e JOIN orders.orders o ON o.id = e.order_id
        CROSS JOIN LATERAL (VALUES
            ('earned', 'revenue', o.channel_id, e.total - e.tax),
            ('earned', 'tax:' || o.country, NULL, e.tax),
            ('delivery_earned', 'delivery', o.channel_id, o.delivery_minor - o.delivery_tax_minor),
            ('delivery_earned', 'tax:' || o.country, NULL, o.delivery_tax_minor)
        ) AS m (reason, kind, place_id, amount)
        UNION ALL
        SELECT order_id, 'captured',
               CASE provider WHEN 'credit' THEN 'credit' ELSE 'clearing:' || provider END, NULL,
               sum(captured_minor)
        FROM orders.payments WHERE provider <> 'history' GROUP BY order_id, provider
        UNION ALL
        SELECT order_id, 'refunded', kind, NULL, asked FROM refunds
        UNION ALL
        SELECT order_id, 'refund_failed', kind, NULL, failed FROM refunds
    ), due AS (
        SELECT order_id, reason, kind, place_id, sum(amount) AS amount FROM moves
        WHERE amount <> 0 GROUP BY order_id, reason, kind, place_id
    ), booked AS (
        SELECT CASE WHEN f.kind = 'order' THEN f.place_id ELSE t.place_id END AS order_id, m.reason,
               CASE WHEN f.kind = 'order' THEN t.kind ELSE f.kind END AS kind,
               nullif(CASE WHEN f.kind = 'order' THEN t.place_id ELSE f.place_id END,
                      CASE 'credit' WHEN f.kind THEN f.place_id
                                    WHEN t.kind THEN t.place_id END) AS place_id,
               sum(CASE WHEN (f.kind = 'order') = (m.reason IN ('captured', 'refund_failed'))
                        THEN m.amount ELSE -m.amount END) AS amount
        FROM ledger.transfers m
        JOIN ledger.accounts f ON f.id = m.from_account_id
        JOIN ledger.accounts t ON t.id = m.to_account_id
        WHERE m.reason IN ('captured', 'refunded', 'refund_failed', 'earned', 'delivery_earned')
        GROUP BY 1, 2, 3, 4
    )
    SELECT coalesce('order ' || o.number, 'no order') AS row,
           coalesce(d.reason, b.reason) || ' with ' || coalesce(d.kind, b.kind) || ': '
               || coalesce(d.amount, 0) || ' due, ' || coalesce(b.amount, 0) || ' booked' AS problem
    FROM due d FULL JOIN booked b
      ON (b.order_id, b.reason, b.kind) = (d.order_id, d.reason, d.kind)
     AND coalesce(b.place_id, b.order_id) = coalesce(d.place_id, d.order_id)
    LEFT JOIN orders.orders o ON o.id = coalesce(d.order_id, b.order_id)
    WHERE coalesce(d.amount, 0) <> coalesce(b.amount, 0)
"""

# What is given up follows from the order of things: goods that come back give up what they are
# worth, a refund gives up what it takes beyond what is owed. So after the last refund nothing is
# owed by the customer, unless something was earned since.
_GIVEN_UP: LiteralString = """
    WITH moved AS (
        SELECT CASE WHEN f.kind = 'order' THEN f.place_id ELSE t.place_id END AS order_id,
               CASE WHEN f.kind = 'order' THEN t.kind ELSE f.kind END AS kind,
               CASE WHEN f.kind = 'order' THEN t.place_id ELSE f.place_id END AS place_id,
               m.reason, m.cause_id, m.at,
               CASE WHEN f.kind = 'order' THEN m.amount ELSE -m.amount END AS amount
        FROM ledger.transfers m
        JOIN ledger.accounts f ON f.id = m.from_account_id
        JOIN ledger.accounts t ON t.id = m.to_account_id
        WHERE f.book = 'money' AND (f.kind = 'order' OR t.kind = 'order'
                                    OR m.reason IN ('given_up', 'delivery_given_up'))
    ), summed AS (
        SELECT order_id, sum(amount) AS owed,
               max(at) FILTER (WHERE reason IN ('earned', 'delivery_earned')) AS earned_at,
               sum(amount) FILTER (WHERE reason = 'given_up') AS goods,
               -sum(amount) FILTER (WHERE reason = 'earned') AS goods_earned,
               sum(amount) FILTER (WHERE reason = 'delivery_given_up') AS delivery,
               -sum(amount) FILTER (WHERE reason = 'delivery_earned') AS delivery_earned
        FROM moved GROUP BY order_id
    ), refunded AS (
        SELECT order_id, max(at) AS at, sum(amount_minor) AS amount
        FROM orders.refunds WHERE NOT is_historical GROUP BY order_id
    ), back AS (
        SELECT r.order_id, r.id, sum(l.refund_minor) AS amount
        FROM orders.returns r JOIN orders.return_lines l ON l.return_id = r.id
        JOIN orders.orders o ON o.id = r.order_id AND NOT o.is_historical
        GROUP BY r.order_id, r.id
    ), given AS (
        SELECT cause_id, order_id, sum(amount) AS amount FROM moved
        WHERE reason = 'given_up' GROUP BY cause_id, order_id
    )
    SELECT 'order ' || o.number AS row,
           'goods ' || coalesce(s.goods, 0) || ' and delivery ' || coalesce(s.delivery, 0)
               || ' given up of ' || coalesce(s.goods_earned, 0) || ' and '
               || coalesce(s.delivery_earned, 0) AS problem
    FROM summed s JOIN orders.orders o ON o.id = s.order_id AND NOT o.is_historical
    WHERE s.goods > coalesce(s.goods_earned, 0) OR s.delivery > coalesce(s.delivery_earned, 0)
    UNION ALL
    SELECT 'order ' || o.number, 'given back ' || -s.owed || ' more than was owed or given up'
    FROM summed s JOIN refunded r ON r.order_id = s.order_id
    JOIN orders.orders o ON o.id = s.order_id AND NOT o.is_historical
    WHERE s.owed < 0 AND coalesce(s.earned_at < r.at - interval '20 seconds', true)
    UNION ALL
    SELECT 'return ' || b.id || ' of order ' || o.number,
           'is worth ' || b.amount || ', given up ' || coalesce(g.amount, 0)
    FROM back b JOIN orders.orders o ON o.id = b.order_id
    LEFT JOIN given g ON g.cause_id = b.id AND g.order_id = b.order_id
    LEFT JOIN given kind ON kind.cause_id = b.order_id
    WHERE coalesce(g.amount, 0) > b.amount OR (coalesce(g.amount, 0) < b.amount
                                               AND kind.cause_id IS NULL)
    UNION ALL
    SELECT coalesce('order ' || o.number, 'no order'),
           m.reason || ' by ' || m.kind || ' for ' || m.cause_id
    FROM moved m LEFT JOIN orders.orders o ON o.id = m.order_id
    LEFT JOIN back b ON b.id = m.cause_id AND b.order_id = m.order_id
    WHERE m.reason IN ('given_up', 'delivery_given_up')
      AND (o.id IS NULL OR m.amount < 0
           OR NOT (m.kind = 'tax:' || o.country
                   OR (m.kind, m.place_id) = ('revenue', o.channel_id) AND m.reason = 'given_up'
                   OR (m.kind, m.place_id) = ('delivery', o.channel_id)
                      AND m.reason = 'delivery_given_up')
           OR (m.cause_id <> o.id AND b.id IS NULL AND NOT o.is_historical))
"""

# What leaves one order reaches the other, payment by payment; no payment is carried by nothing.
_EXCHANGES: LiteralString = """
    WITH given AS (
        SELECT r.exchange_id, coalesce(p.from_payment_id, p.id) AS source_id,
               sum(r.amount_minor) AS amount
        FROM orders.refunds r
        JOIN orders.exchanges e ON (e.id, e.order_id, e.return_id)
                                 = (r.exchange_id, r.order_id, r.return_id)
        JOIN orders.payments p ON p.id = r.payment_id
        WHERE r.state = 'done' AND NOT r.to_credit GROUP BY 1, 2
    ), taken AS (
        SELECT e.id AS exchange_id, p.from_payment_id AS source_id, sum(p.captured_minor) AS amount
        FROM orders.payments p LEFT JOIN orders.exchanges e ON e.new_order_id = p.order_id
        WHERE p.from_payment_id IS NOT NULL GROUP BY 1, 2
    )
    SELECT 'exchange ' || coalesce(exchange_id::text, 'of nothing') AS row,
           coalesce(g.amount, 0) || ' given, ' || coalesce(t.amount, 0) || ' taken' AS problem
    FROM given g FULL JOIN taken t USING (exchange_id, source_id)
    WHERE g.amount IS DISTINCT FROM t.amount
    UNION ALL
    SELECT 'exchange ' || coalesce(exchange_id::text, 'of nothing'),
           'carries the refund ' || r.id || ' of another return'
    FROM orders.refunds r
    LEFT JOIN orders.exchanges e ON (e.id, e.order_id, e.return_id)
                                  = (r.exchange_id, r.order_id, r.return_id)
    WHERE r.exchange_id IS NOT NULL AND e.id IS NULL
    UNION ALL
    SELECT 'exchange ' || e.id, 'is of a return of another order'
    FROM orders.exchanges e
    LEFT JOIN orders.returns b ON (b.id, b.order_id) = (e.return_id, e.order_id)
    WHERE b.id IS NULL OR e.new_order_id = e.order_id
"""

_EVEN: LiteralString = """
    WITH taken AS (
        SELECT order_id, exchanged_line_id AS line_id, sum(quantity) AS pieces,
               sum(total_minor) AS total, array_agg(DISTINCT v.product_id) AS products
        FROM orders.order_lines l JOIN catalog.variants v ON v.id = l.variant_id
        WHERE exchanged_line_id IS NOT NULL GROUP BY order_id, exchanged_line_id
    ), came AS (
        SELECT e.new_order_id AS order_id, b.line_id, sum(b.quantity) AS pieces,
               sum(b.refund_minor) AS worth
        FROM orders.exchanges e JOIN orders.return_lines b ON b.return_id = e.return_id
        GROUP BY e.new_order_id, b.line_id
    )
    SELECT 'order ' || o.number AS row,
           'took ' || t.pieces || ' for ' || t.total || ' in exchange for '
               || coalesce(c.pieces, 0) || ' for ' || coalesce(c.worth, 0) AS problem
    FROM taken t
    JOIN orders.orders o ON o.id = t.order_id
    JOIN orders.order_lines l ON l.id = t.line_id
    JOIN catalog.variants v ON v.id = l.variant_id
    LEFT JOIN came c ON (c.order_id, c.line_id) = (t.order_id, t.line_id)
    WHERE c.line_id IS NULL OR t.pieces > c.pieces OR t.total > c.worth
       OR t.products <> ARRAY[v.product_id]
"""

_PAYMENTS: LiteralString = """
    WITH given AS (
        SELECT payment_id, sum(amount_minor) AS amount FROM orders.refunds
        WHERE state <> 'failed' GROUP BY payment_id
    )
    SELECT 'payment ' || p.id AS row,
           'captured ' || p.captured_minor || ', says ' || p.refunded_minor
               || ' refunded, its refunds ' || coalesce(g.amount, 0) AS problem
    FROM orders.payments p LEFT JOIN given g ON g.payment_id = p.id
    WHERE p.refunded_minor > p.captured_minor OR p.refunded_minor <> coalesce(g.amount, 0)
"""

# A till of the past may have counted in another unit than the product has: fuel "for 20 dollars".
_LINES: LiteralString = """
    WITH back AS (
        SELECT line_id, sum(refund_minor) AS refund, sum(tax_minor) AS tax
        FROM orders.return_lines GROUP BY line_id
    )
    SELECT 'line ' || l.id || ' of order ' || o.number AS row,
           CASE WHEN b.refund > l.total_minor OR b.tax > l.tax_minor
                THEN 'worth ' || l.total_minor || ', returned for ' || b.refund
                ELSE l.quantity || ' at ' || coalesce(l.unit_minor::text, '?') || ' less '
                     || l.discount_minor || ' is not ' || l.subtotal_minor || ' and '
                     || l.total_minor END AS problem
    FROM orders.order_lines l
    JOIN orders.orders o ON o.id = l.order_id
    JOIN catalog.variants v ON v.id = l.variant_id
    JOIN catalog.products p ON p.id = v.product_id
    LEFT JOIN back b ON b.line_id = l.id
    WHERE l.subtotal_minor
          <> round(l.quantity::numeric * l.unit_minor
                   / CASE WHEN l.unit = p.unit THEN 10::numeric ^ p.quantity_scale ELSE 1 END)
       OR l.total_minor <> l.subtotal_minor - l.discount_minor
                           + CASE WHEN o.tax_mode = 'added' THEN l.tax_minor ELSE 0 END
       OR b.refund > greatest(l.total_minor, 0) OR b.tax > greatest(l.tax_minor, 0)
"""

_STATES: LiteralString = """
    WITH lines AS (
        SELECT order_id, bool_or(canceled + returned > 0) AS some_gone,
               CASE WHEN bool_or(canceled > 0) AND bool_and(canceled = quantity) THEN 'canceled'
                    WHEN bool_and(fulfilled + canceled = quantity) THEN 'fulfilled'
                    WHEN bool_or(fulfilled > 0) THEN 'partly_fulfilled' ELSE 'open' END AS state
        FROM orders.order_lines GROUP BY order_id
    )
    SELECT 'order ' || o.number AS row, 'is ' || o.state || ', its lines ' || l.state AS problem
    FROM orders.orders o JOIN lines l ON l.order_id = o.id WHERE o.state <> l.state
    UNION ALL
    SELECT 'order ' || o.number, 'is ' || payment_state || ', captured ' || captured_minor
           || ' and refunded ' || refunded_minor || ' of ' || total_minor
    FROM orders.orders o JOIN lines l ON l.order_id = o.id
    WHERE (payment_state = 'refunded') <> (captured_minor > 0 AND refunded_minor = captured_minor)
       OR (payment_state = 'partly_refunded')
          <> (refunded_minor > 0 AND refunded_minor < captured_minor)
       OR (payment_state IN ('void', 'authorized', 'pending') AND captured_minor > 0)
       OR (payment_state = 'partly_paid' AND (captured_minor = 0 OR captured_minor >= total_minor))
       OR (payment_state = 'paid' AND captured_minor < total_minor AND NOT l.some_gone)
       OR (payment_state = 'void' AND o.state <> 'canceled')
       OR (payment_state IN ('authorized', 'pending') AND o.state = 'canceled')
"""

_COUPONS: LiteralString = """
    WITH used AS (
        SELECT order_id, sum(discount_minor) AS discount, min(currency) AS currency,
               count(DISTINCT currency) AS currencies
        FROM pricing.redemptions GROUP BY order_id
    ), carried AS (
        SELECT order_id, sum(discount_minor) AS discount FROM orders.order_lines
        WHERE exchanged_line_id IS NOT NULL GROUP BY order_id
    )
    SELECT CASE WHEN o.id IS NULL THEN 'redemption of ' || u.order_id
                ELSE 'order ' || o.number END AS row,
           CASE WHEN o.id IS NULL THEN 'is of no order'
                ELSE 'discount ' || o.discount_minor || ' ' || o.currency || ', coupons '
                     || coalesce(u.discount, 0) || ' ' || coalesce(u.currency, '') END AS problem
    FROM used u FULL JOIN orders.orders o ON o.id = u.order_id
    LEFT JOIN carried c ON c.order_id = o.id
    WHERE o.id IS NULL
       OR (NOT o.is_historical
           AND o.discount_minor - coalesce(c.discount, 0) <> coalesce(u.discount, 0))
       OR (u.order_id IS NOT NULL AND (u.currencies > 1 OR u.currency <> o.currency))
"""

_PLACINGS: LiteralString = """
    SELECT 'order ' || (answer::jsonb ->> 'order_id') AS row,
           'was placed ' || count(*) || ' times' AS problem
    FROM kernel.effects WHERE operation = 'orders.place'
    GROUP BY answer::jsonb ->> 'order_id' HAVING count(*) > 1
    UNION ALL
    SELECT 'order ' || (e.answer::jsonb ->> 'order_id'), 'was placed and is not there'
    FROM kernel.effects e
    LEFT JOIN orders.orders o ON o.id = (e.answer::jsonb ->> 'order_id')::uuid
    WHERE e.operation = 'orders.place' AND o.id IS NULL
"""

SUMS = (
    Check(
        "the_books_follow_the_orders",
        "The ledger has of each order what its lines, payments and refunds come to.",
        "SELECT count(*) FROM ledger.accounts WHERE kind = 'order'",
        _BOOKS,
    ),
    Check(
        "what_is_given_up_was_earned",
        "What an order gave up was earned before, and follows from its returns and refunds.",
        "SELECT count(*) FROM orders.refunds",
        _GIVEN_UP,
    ),
    Check(
        "exchanges_carry_what_they_took",
        "What was paid for goods that were exchanged pays for what was taken, to the cent.",
        "SELECT count(*) FROM orders.exchanges",
        _EXCHANGES,
    ),
    Check(
        "what_is_taken_at_the_price_paid_came_back",
        "What was taken at the price paid is of the product that came back, and costs no more.",
        "SELECT count(*) FROM orders.order_lines WHERE exchanged_line_id IS NOT NULL",
        _EVEN,
    ),
    Check(
        "refunds_within_their_payment",
        "What a payment gave back is the sum of its refunds, and no more than it took.",
        "SELECT count(*) FROM orders.payments",
        _PAYMENTS,
    ),
    Check(
        "lines_are_reckoned_right",
        "Each line is its pieces times their price, less its discount; returns are within it.",
        "SELECT count(*) FROM orders.order_lines",
        _LINES,
    ),
    Check(
        "orders_are_as_far_as_their_lines",
        "Each order is in the state that follows from its lines and its payments.",
        "SELECT count(*) FROM orders.orders",
        _STATES,
    ),
    Check(
        "coupons_are_in_the_discount",
        "The discount of each order is that of the coupons used for it and of what it exchanged.",
        "SELECT count(*) FROM pricing.redemptions",
        _COUPONS,
    ),
    Check(
        "one_placing_one_order",
        "Each order that was placed is there, and was placed once.",
        "SELECT count(*) FROM kernel.effects WHERE operation = 'orders.place'",
        _PLACINGS,
    ),
)
