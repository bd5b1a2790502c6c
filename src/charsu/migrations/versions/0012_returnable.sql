CREATE INDEX recipients_by_email ON orders.recipients (lower(email)) WHERE email <> '';

CREATE INDEX recipients_by_phone ON orders.recipients (
    "right"(ltrim(regexp_replace(phone, '[^0-9]', '', 'g'), '0'), 8)
) WHERE phone <> '';

ALTER TABLE orders.return_lines
    ADD COLUMN inspected BIGINT DEFAULT 0 NOT NULL,
    ADD CONSTRAINT return_lines_inspected_in_bounds CHECK (inspected BETWEEN 0 AND quantity);

CREATE INDEX return_lines_to_inspect ON orders.return_lines (return_id)
WHERE condition = 'quarantine' AND inspected < quantity;
