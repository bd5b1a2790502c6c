ALTER TABLE orders.refunds ADD COLUMN is_historical BOOLEAN DEFAULT false NOT NULL;

INSERT INTO orders.payments (id, order_id, provider, reference, method, currency,
                             authorized_minor, captured_minor, refunded_minor, at)
SELECT uuidv7(), o.id, 'history', o.id::text, 'other', o.currency,
       o.captured_minor, o.captured_minor, o.refunded_minor, o.placed_at
FROM orders.orders o
WHERE o.is_historical AND o.captured_minor > 0
  AND NOT EXISTS (SELECT FROM orders.payments p WHERE p.order_id = o.id);

-- Returns that an import took over say with their lines what was paid back.
INSERT INTO orders.refunds (id, order_id, payment_id, return_id, amount_minor, goods_minor,
                            delivery_minor, tax_minor, reason, at, is_historical)
SELECT uuidv7(), r.order_id, p.id, r.id, b.refund, b.refund, 0,
       div(2 * g.tax * b.refund + g.total, 2 * g.total), 'history', r.at, true
FROM orders.returns r
JOIN orders.payments p ON p.order_id = r.order_id AND p.provider = 'history'
CROSS JOIN LATERAL (SELECT sum(refund_minor) AS refund FROM orders.return_lines
                    WHERE return_id = r.id) b
CROSS JOIN LATERAL (SELECT sum(tax_minor) AS tax, sum(total_minor) AS total
                    FROM orders.order_lines WHERE order_id = r.order_id) g
WHERE b.refund > 0
  AND EXISTS (SELECT FROM kernel.facts f
              WHERE f.subject_id = r.order_id AND f.name = 'orders.goods_returned'
                AND f.is_historical AND f.body ->> 'return_id' = r.id::text);
