CREATE SCHEMA ucp;

CREATE TABLE ucp.platforms (
    id UUID NOT NULL,
    url TEXT NOT NULL,
    document JSONB NOT NULL,
    fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    fresh_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT platforms_pkey PRIMARY KEY (id),
    CONSTRAINT platforms_url_key UNIQUE (url)
);

CREATE INDEX platforms_by_age ON ucp.platforms (fresh_until);

CREATE TABLE ucp.sessions (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    platform_id UUID NOT NULL,
    cart_id UUID NOT NULL,
    state TEXT NOT NULL,
    method TEXT NOT NULL,
    destination_id TEXT,
    codes TEXT[] DEFAULT '{}' NOT NULL,
    said JSONB DEFAULT '[]' NOT NULL,
    consent JSONB DEFAULT '{}' NOT NULL,
    seen_total_minor BIGINT,
    order_id UUID,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_kind_known CHECK (kind IN ('cart', 'checkout')),
    CONSTRAINT sessions_state_known CHECK (state IN ('open', 'paying', 'escalated', 'completed', 'canceled')),
    CONSTRAINT sessions_method_known CHECK (method IN ('ship', 'pickup')),
    CONSTRAINT sessions_what_is_completed_has_an_order CHECK ((kind = 'checkout' AND state = 'completed') = (order_id IS NOT NULL)),
    CONSTRAINT sessions_platform_id_fkey FOREIGN KEY(platform_id) REFERENCES ucp.platforms (id),
    CONSTRAINT sessions_cart_id_fkey FOREIGN KEY(cart_id) REFERENCES shopping.carts (id),
    CONSTRAINT sessions_order_id_key UNIQUE (order_id)
);

CREATE UNIQUE INDEX one_open_session_of_a_kind_for_a_cart ON ucp.sessions (cart_id, kind) WHERE state IN ('open', 'paying', 'escalated');

CREATE INDEX sessions_by_platform ON ucp.sessions (platform_id);

CREATE INDEX sessions_due ON ucp.sessions (expires_at) WHERE state IN ('open', 'escalated');

CREATE TABLE ucp.buyers (
    session_id UUID NOT NULL,
    person JSONB NOT NULL,
    address JSONB NOT NULL,
    CONSTRAINT buyers_pkey PRIMARY KEY (session_id),
    CONSTRAINT buyers_session_id_fkey FOREIGN KEY(session_id) REFERENCES ucp.sessions (id)
);

CREATE TABLE ucp.events (
    session_id UUID NOT NULL,
    fact_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    last_problem TEXT,
    CONSTRAINT one_event_for_one_fact PRIMARY KEY (session_id, fact_id),
    CONSTRAINT events_state_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT events_session_id_fkey FOREIGN KEY(session_id) REFERENCES ucp.sessions (id)
);

CREATE INDEX events_due ON ucp.events (due_at) WHERE state = 'pending';
