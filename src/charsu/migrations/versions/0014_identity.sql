ALTER TABLE customers.identifiers
    ADD COLUMN exact_key TEXT,
    ADD COLUMN proved_at TIMESTAMP WITH TIME ZONE,
    DROP CONSTRAINT identifiers_kind_is_known,
    DROP CONSTRAINT identifiers_external_id_has_a_source,
    ADD CONSTRAINT identifiers_kind_is_known
        CHECK (kind IN ('email', 'phone', 'external', 'card', 'device', 'marketplace', 'agent')),
    ADD CONSTRAINT identifiers_what_is_given_has_a_source
        CHECK ((kind IN ('email', 'phone')) = (source = '')),
    ADD CONSTRAINT identifiers_what_is_verified_was_proved
        CHECK ((verified_at IS NULL) = (proved_at IS NULL)),
    ADD CONSTRAINT identifiers_a_verified_phone_is_a_whole_number
        CHECK (verified_at IS NULL OR kind <> 'phone' OR exact_key IS NOT NULL);

CREATE UNIQUE INDEX one_customer_to_a_verified_phone ON customers.identifiers (exact_key)
    WHERE kind = 'phone' AND verified_at IS NOT NULL;

CREATE SCHEMA identity;

CREATE TABLE identity.challenges (
    id UUID NOT NULL,
    purpose TEXT NOT NULL,
    kind TEXT NOT NULL,
    address TEXT,
    address_digest BYTEA NOT NULL,
    origin_digest BYTEA NOT NULL,
    actor_id UUID NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    send_at TIMESTAMP WITH TIME ZONE,
    sendings INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT challenges_pkey PRIMARY KEY (id),
    CONSTRAINT challenges_purpose_is_known CHECK (purpose IN ('sign_in', 'add')),
    CONSTRAINT challenges_kind_is_known CHECK (kind IN ('email', 'phone')),
    CONSTRAINT challenges_state_is_known CHECK (state IN ('open', 'used', 'over')),
    CONSTRAINT challenges_what_is_over_is_forgotten CHECK ((state = 'open') = (address IS NOT NULL)),
    CONSTRAINT challenges_what_is_over_is_not_sent CHECK (state = 'open' OR send_at IS NULL)
);

CREATE INDEX challenges_by_address ON identity.challenges (address_digest, made_at);

CREATE INDEX challenges_by_age ON identity.challenges (made_at);

CREATE INDEX challenges_by_origin ON identity.challenges (origin_digest, made_at);

CREATE INDEX challenges_to_send ON identity.challenges (send_at) WHERE send_at IS NOT NULL;

CREATE TABLE customers.consents (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    is_granted BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    wording TEXT NOT NULL,
    said_by UUID NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (id),
    CONSTRAINT consents_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE INDEX consents_by_customer ON customers.consents (customer_id, purpose, channel, said_at, id);

CREATE TABLE customers.merges (
    id UUID NOT NULL,
    absorbed_id UUID NOT NULL,
    survivor_id UUID NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    merged_by UUID NOT NULL,
    merged_at TIMESTAMP WITH TIME ZONE NOT NULL,
    undone_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT merges_pkey PRIMARY KEY (id),
    CONSTRAINT merges_two_are_merged CHECK (absorbed_id <> survivor_id),
    CONSTRAINT merges_rule_is_known CHECK (rule IN ('said', 'proved')),
    CONSTRAINT merges_absorbed_id_fkey FOREIGN KEY(absorbed_id) REFERENCES customers.customers (id),
    CONSTRAINT merges_survivor_id_fkey FOREIGN KEY(survivor_id) REFERENCES customers.customers (id)
);

CREATE UNIQUE INDEX a_customer_is_absorbed_once ON customers.merges (absorbed_id) WHERE undone_at IS NULL;

CREATE INDEX merges_by_survivor ON customers.merges (survivor_id) WHERE undone_at IS NULL;

CREATE TABLE identity.sessions (
    id UUID NOT NULL,
    digest BYTEA NOT NULL,
    customer_id UUID NOT NULL,
    device TEXT NOT NULL,
    guest_id UUID,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_digest_key UNIQUE (digest),
    CONSTRAINT sessions_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE INDEX sessions_by_customer ON identity.sessions (customer_id, made_at);

CREATE TABLE identity.guest_orders (
    order_id UUID NOT NULL,
    email_digest BYTEA,
    phone_digest BYTEA,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT guest_orders_pkey PRIMARY KEY (order_id),
    CONSTRAINT guest_orders_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id)
);

CREATE INDEX guest_orders_by_email ON identity.guest_orders (email_digest);

CREATE INDEX guest_orders_by_phone ON identity.guest_orders (phone_digest);

CREATE TABLE identity.purchases (
    order_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    joined_by TEXT NOT NULL,
    joined_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT purchases_pkey PRIMARY KEY (order_id),
    CONSTRAINT purchases_joined_by_something CHECK (joined_by IN ('email', 'phone')),
    CONSTRAINT purchases_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT purchases_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE INDEX purchases_by_customer ON identity.purchases (customer_id);

