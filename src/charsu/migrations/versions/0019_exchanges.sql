-- Goods that come back are exchanged for others, which are an order of their own.
CREATE TABLE orders.exchanges (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    return_id UUID NOT NULL,
    new_order_id UUID NOT NULL,
    location_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT exchanges_pkey PRIMARY KEY (id),
    CONSTRAINT one_exchange_for_one_return UNIQUE (return_id),
    CONSTRAINT one_exchange_for_one_new_order UNIQUE (new_order_id),
    CONSTRAINT exchanges_what_is_taken_is_another_order CHECK (new_order_id <> order_id),
    CONSTRAINT exchanges_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.orders (id),
    CONSTRAINT exchanges_return_id_fkey FOREIGN KEY (return_id) REFERENCES orders.returns (id),
    CONSTRAINT exchanges_new_order_id_fkey FOREIGN KEY (new_order_id) REFERENCES orders.orders (id),
    CONSTRAINT exchanges_location_id_fkey
        FOREIGN KEY (location_id) REFERENCES stock.locations (id)
);

CREATE INDEX exchanges_by_order ON orders.exchanges (order_id);

-- What was paid for the old goods pays for the new ones, and goes back to where it came in.
ALTER TABLE orders.refunds ADD COLUMN exchange_id UUID;

ALTER TABLE orders.refunds ADD CONSTRAINT refunds_exchange_id_fkey
    FOREIGN KEY (exchange_id) REFERENCES orders.exchanges (id);

ALTER TABLE orders.payments ADD COLUMN from_payment_id UUID;

ALTER TABLE orders.payments ADD CONSTRAINT payments_from_payment_id_fkey
    FOREIGN KEY (from_payment_id) REFERENCES orders.payments (id);

ALTER TABLE orders.payments ADD CONSTRAINT payments_what_is_carried_came_in
    CHECK ((provider = 'exchange') = (from_payment_id IS NOT NULL));

-- Credit follows a customer into who turned out to be her, and back where that was a mistake.
ALTER TABLE orders.credit_moves ADD COLUMN merge_id UUID;

ALTER TABLE orders.credit_moves ADD CONSTRAINT credit_moves_merge_id_fkey
    FOREIGN KEY (merge_id) REFERENCES customers.merges (id);

ALTER TABLE orders.credit_moves DROP CONSTRAINT credit_moves_kind_known;

ALTER TABLE orders.credit_moves ADD CONSTRAINT credit_moves_kind_known
    CHECK (kind IN ('issued', 'refunded', 'spent', 'expired', 'moved'));

ALTER TABLE orders.credit_moves DROP CONSTRAINT credit_moves_what_comes_and_what_goes;

ALTER TABLE orders.credit_moves ADD CONSTRAINT credit_moves_what_comes_and_what_goes
    CHECK (CASE WHEN kind IN ('issued', 'refunded') THEN amount_minor > 0
                WHEN kind = 'moved' THEN amount_minor <> 0 ELSE amount_minor < 0 END);

ALTER TABLE orders.credit_moves ADD CONSTRAINT credit_moves_a_merge_moves
    CHECK ((kind = 'moved') = (merge_id IS NOT NULL));

CREATE INDEX credit_moves_by_merge ON orders.credit_moves (merge_id) WHERE merge_id IS NOT NULL;
