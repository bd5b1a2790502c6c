CREATE TABLE identity.linked_platforms (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    profile_url TEXT NOT NULL,
    redirects TEXT[] NOT NULL,
    secret_digest BYTEA,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT linked_platforms_pkey PRIMARY KEY (id),
    CONSTRAINT linked_platforms_somewhere_to_go_back_to CHECK (cardinality(redirects) > 0)
);

CREATE TABLE identity.links (
    id UUID NOT NULL,
    linked_platform_id UUID NOT NULL,
    customer_id UUID NOT NULL,
    scopes TEXT[] NOT NULL,
    redirect TEXT NOT NULL,
    code_digest BYTEA NOT NULL,
    code_challenge TEXT NOT NULL,
    code_expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    code_used_at TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT links_code_digest_key UNIQUE (code_digest),
    CONSTRAINT links_code_is_used_in_time CHECK (code_used_at < code_expires_at),
    CONSTRAINT links_linked_platform_id_fkey FOREIGN KEY(linked_platform_id) REFERENCES identity.linked_platforms (id),
    CONSTRAINT links_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE INDEX links_by_customer ON identity.links (customer_id, made_at);

CREATE INDEX links_by_platform ON identity.links (linked_platform_id);

CREATE TABLE identity.link_tokens (
    digest BYTEA NOT NULL,
    link_id UUID NOT NULL,
    kind TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT link_tokens_pkey PRIMARY KEY (digest),
    CONSTRAINT link_tokens_kind_is_known CHECK (kind IN ('access', 'refresh')),
    CONSTRAINT link_tokens_only_a_refresh_token_is_used_up CHECK (kind = 'refresh' OR used_at IS NULL),
    CONSTRAINT link_tokens_link_id_fkey FOREIGN KEY(link_id) REFERENCES identity.links (id)
);

CREATE INDEX link_tokens_by_link ON identity.link_tokens (link_id);
CREATE INDEX link_tokens_by_end ON identity.link_tokens (expires_at);
