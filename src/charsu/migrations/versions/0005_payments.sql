CREATE TABLE orders.authorizations (
    id UUID NOT NULL,
    cart_id UUID NOT NULL,
    order_id UUID,
    provider TEXT NOT NULL,
    reference TEXT,
    currency TEXT NOT NULL,
    asked_minor BIGINT NOT NULL,
    authorized_minor BIGINT DEFAULT 0 NOT NULL,
    capturing_minor BIGINT DEFAULT 0 NOT NULL,
    captured_minor BIGINT DEFAULT 0 NOT NULL,
    voided_minor BIGINT DEFAULT 0 NOT NULL,
    state TEXT NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    action_url TEXT,
    asked_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    version INTEGER NOT NULL,
    CONSTRAINT authorizations_pkey PRIMARY KEY (id),
    CONSTRAINT authorizations_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.orders (id),
    CONSTRAINT authorizations_something_is_asked CHECK (asked_minor > 0),
    CONSTRAINT authorizations_state_known
        CHECK (state IN ('asked', 'escalated', 'authorized', 'declined', 'voided')),
    CONSTRAINT authorizations_only_an_answer_promises
        CHECK (state IN ('authorized', 'voided') OR authorized_minor = 0),
    CONSTRAINT authorizations_no_more_than_was_promised
        CHECK (capturing_minor >= 0 AND captured_minor >= 0 AND voided_minor >= 0
               AND capturing_minor + captured_minor + voided_minor <= authorized_minor),
    CONSTRAINT authorizations_nothing_is_taken_without_an_order
        CHECK (order_id IS NOT NULL OR (capturing_minor = 0 AND captured_minor = 0)),
    CONSTRAINT one_authorization_for_one_reference UNIQUE (provider, reference)
);
CREATE INDEX authorizations_by_cart ON orders.authorizations (cart_id);
CREATE INDEX authorizations_by_order ON orders.authorizations (order_id)
    WHERE order_id IS NOT NULL;
CREATE UNIQUE INDEX one_payment_under_way_for_one_cart ON orders.authorizations (cart_id)
    WHERE state IN ('asked', 'escalated');

ALTER TABLE orders.payments
    ADD COLUMN authorization_id UUID
        CONSTRAINT payments_authorization_id_fkey REFERENCES orders.authorizations (id);

ALTER TABLE orders.refunds
    ADD COLUMN state TEXT DEFAULT 'done' NOT NULL,
    ADD CONSTRAINT refunds_state_known CHECK (state IN ('begun', 'done', 'failed'));

ALTER TABLE shopping.carts DROP CONSTRAINT carts_state_known;
ALTER TABLE shopping.carts ADD CONSTRAINT carts_state_known
    CHECK (state IN ('open', 'paying', 'merged', 'ordered', 'abandoned'));
DROP INDEX shopping.one_open_cart_for_one_owner;
CREATE UNIQUE INDEX one_open_cart_for_one_owner ON shopping.carts (channel_id, owner_kind, owner_id)
    WHERE state IN ('open', 'paying');
