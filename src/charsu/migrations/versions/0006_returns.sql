ALTER TABLE orders.return_lines ADD COLUMN tax_minor BIGINT DEFAULT 0 NOT NULL;

UPDATE orders.return_lines r
SET tax_minor = div(2 * l.tax_minor * r.refund_minor + l.total_minor, 2 * l.total_minor)
FROM orders.order_lines l WHERE l.id = r.line_id AND l.total_minor > 0;

-- A return that a refund named and nobody had seen: no such return is there to be bound to.
UPDATE orders.refunds f SET return_id = NULL
WHERE NOT EXISTS (SELECT FROM orders.returns r WHERE r.id = f.return_id AND r.order_id = f.order_id);
ALTER TABLE orders.refunds ADD CONSTRAINT refunds_return_id_fkey
    FOREIGN KEY (return_id) REFERENCES orders.returns (id);

-- Refunds that were rounded each alone: the last one of an order that is given back whole takes
-- along what is missing.
UPDATE orders.refunds f SET tax_minor = f.tax_minor + g.missing
FROM (
    SELECT o.id AS order_id, o.tax_minor - sum(r.tax_minor) AS missing,
           (array_agg(r.id ORDER BY r.at DESC, r.id DESC))[1] AS last
    FROM orders.orders o JOIN orders.refunds r ON r.order_id = o.id
    WHERE o.refunded_minor = o.total_minor AND NOT o.is_historical GROUP BY o.id
) g
WHERE f.id = g.last AND g.missing <> 0;
