CREATE TABLE orders.reconciliations (
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    pages INTEGER DEFAULT 0 NOT NULL,
    statements INTEGER DEFAULT 0 NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT reconciliations_pkey PRIMARY KEY (id),
    CONSTRAINT reconciliations_state_known CHECK (state IN ('reading', 'done', 'failed')),
    CONSTRAINT reconciliations_ended_at_some_time CHECK ((state = 'reading') = (ended_at IS NULL)),
    CONSTRAINT reconciliations_a_span CHECK (since < until)
);

CREATE UNIQUE INDEX one_reading_of_a_provider_at_a_time ON orders.reconciliations (provider) WHERE ended_at IS NULL;

CREATE INDEX reconciliations_by_provider ON orders.reconciliations (provider, begun_at);

CREATE TABLE orders.statements (
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    authorization_id UUID,
    currency TEXT NOT NULL,
    promised_minor BIGINT NOT NULL,
    taken_minor BIGINT NOT NULL,
    given_back_minor BIGINT NOT NULL,
    reading_id UUID NOT NULL,
    read_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT statements_pkey PRIMARY KEY (provider, reference),
    CONSTRAINT statements_reading_id_fkey FOREIGN KEY(reading_id) REFERENCES orders.reconciliations (id)
);

CREATE INDEX statements_by_age ON orders.statements (read_at);

CREATE TABLE orders.payment_differences (
    id UUID NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    authorization_id UUID,
    order_id UUID,
    our_currency TEXT,
    our_promised_minor BIGINT DEFAULT 0 NOT NULL,
    our_taken_minor BIGINT DEFAULT 0 NOT NULL,
    our_given_back_minor BIGINT DEFAULT 0 NOT NULL,
    their_currency TEXT,
    their_promised_minor BIGINT DEFAULT 0 NOT NULL,
    their_taken_minor BIGINT DEFAULT 0 NOT NULL,
    their_given_back_minor BIGINT DEFAULT 0 NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    resolved_by UUID,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    version INTEGER NOT NULL,
    CONSTRAINT payment_differences_pkey PRIMARY KEY (id),
    CONSTRAINT payment_differences_kind_known CHECK (kind IN ('missing_at_provider', 'missing_in_books', 'other_amount', 'other_currency')),
    CONSTRAINT payment_differences_state_known CHECK (state IN ('open', 'resolved', 'gone')),
    CONSTRAINT payment_differences_closed_at_some_time CHECK ((state = 'open') = (closed_at IS NULL)),
    CONSTRAINT payment_differences_who_resolves_says_how CHECK ((state = 'resolved') = (note <> '' AND resolved_by IS NOT NULL)),
    CONSTRAINT payment_differences_what_is_missing_says_nothing CHECK ((kind = 'missing_in_books') = (our_currency IS NULL) AND (kind = 'missing_at_provider') = (their_currency IS NULL)),
    CONSTRAINT payment_differences_authorization_id_fkey FOREIGN KEY(authorization_id) REFERENCES orders.authorizations (id),
    CONSTRAINT payment_differences_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id)
);

CREATE UNIQUE INDEX one_open_difference_for_one_payment ON orders.payment_differences (provider, reference) WHERE state = 'open';

CREATE INDEX payment_differences_by_payment ON orders.payment_differences (provider, reference, id);

CREATE INDEX payment_differences_by_state ON orders.payment_differences (state, id);

CREATE INDEX authorizations_by_provider ON orders.authorizations (provider, asked_at);

CREATE INDEX authorizations_of_no_order ON orders.authorizations (id) WHERE order_id IS NULL;

