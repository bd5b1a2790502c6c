ALTER TABLE orders.refunds ADD COLUMN to_credit BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE orders.authorizations ADD COLUMN freed_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE orders.authorizations ADD COLUMN customer_id UUID;

ALTER TABLE orders.authorizations ADD CONSTRAINT authorizations_credit_is_somebodys
    CHECK ((provider = 'credit') = (customer_id IS NOT NULL) OR state = 'asked');

CREATE TABLE orders.credit_accounts (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    currency TEXT NOT NULL,
    balance_minor BIGINT DEFAULT 0 NOT NULL,
    held_minor BIGINT DEFAULT 0 NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT credit_accounts_pkey PRIMARY KEY (id),
    CONSTRAINT one_account_for_one_customer_and_currency UNIQUE (customer_id, currency),
    CONSTRAINT credit_accounts_credit_is_never_below_zero CHECK (balance_minor >= 0),
    CONSTRAINT credit_accounts_no_credit_is_promised_twice CHECK (held_minor BETWEEN 0 AND balance_minor)
);

CREATE INDEX credit_accounts_by_age ON orders.credit_accounts (moved_at) WHERE balance_minor > held_minor;

CREATE TABLE orders.credit_moves (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    order_id UUID,
    payment_id UUID,
    refund_id UUID,
    reason TEXT DEFAULT '' NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT credit_moves_pkey PRIMARY KEY (id),
    CONSTRAINT credit_moves_kind_known CHECK (kind IN ('issued', 'refunded', 'spent', 'expired')),
    CONSTRAINT credit_moves_what_comes_and_what_goes CHECK (CASE WHEN kind IN ('issued', 'refunded') THEN amount_minor > 0 ELSE amount_minor < 0 END),
    CONSTRAINT credit_moves_what_an_order_moves_names_it CHECK ((kind = 'spent') = (payment_id IS NOT NULL) AND (kind = 'refunded') = (refund_id IS NOT NULL) AND (kind IN ('spent', 'refunded')) = (order_id IS NOT NULL)),
    CONSTRAINT one_move_for_one_payment UNIQUE (payment_id),
    CONSTRAINT one_move_for_one_refund UNIQUE (refund_id),
    CONSTRAINT credit_moves_account_id_fkey FOREIGN KEY(account_id) REFERENCES orders.credit_accounts (id),
    CONSTRAINT credit_moves_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT credit_moves_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES orders.payments (id),
    CONSTRAINT credit_moves_refund_id_fkey FOREIGN KEY(refund_id) REFERENCES orders.refunds (id)
);

CREATE INDEX credit_moves_by_account ON orders.credit_moves (account_id, at, id);
