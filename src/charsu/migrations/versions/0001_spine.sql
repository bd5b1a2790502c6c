-- Frozen with the first release: what comes later is a step of its own.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS vector;

CREATE SCHEMA IF NOT EXISTS catalog;
CREATE SCHEMA IF NOT EXISTS customers;
CREATE SCHEMA IF NOT EXISTS imports;
CREATE SCHEMA IF NOT EXISTS kernel;
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS orders;
CREATE SCHEMA IF NOT EXISTS pricing;
CREATE SCHEMA IF NOT EXISTS shopping;
CREATE SCHEMA IF NOT EXISTS stock;

CREATE TABLE catalog.categories (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    parent_id UUID,
    path TEXT[] NOT NULL,
    position INTEGER NOT NULL,
    titles JSONB NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT categories_pkey PRIMARY KEY (id),
    CONSTRAINT categories_category_is_not_its_own_parent CHECK (parent_id <> id),
    CONSTRAINT categories_code_key UNIQUE (code),
    CONSTRAINT categories_parent_id_fkey FOREIGN KEY(parent_id) REFERENCES catalog.categories (id)
);

CREATE INDEX categories_by_parent ON catalog.categories (parent_id, position);

CREATE TABLE catalog.channels (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    tax_mode TEXT NOT NULL,
    language TEXT NOT NULL,
    assortment TEXT NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT channels_pkey PRIMARY KEY (id),
    CONSTRAINT channels_tax_mode_is_known CHECK (tax_mode IN ('included', 'added')),
    CONSTRAINT channels_assortment_is_known CHECK (assortment IN ('everything', 'listed')),
    CONSTRAINT channels_code_key UNIQUE (code)
);

CREATE TABLE catalog.search_shapes (
    shape TEXT NOT NULL,
    word TEXT NOT NULL,
    CONSTRAINT search_shapes_pkey PRIMARY KEY (shape, word)
);

CREATE TABLE catalog.search_synonyms (
    language TEXT NOT NULL,
    group_number INTEGER NOT NULL,
    term TEXT NOT NULL,
    CONSTRAINT search_synonyms_pkey PRIMARY KEY (language, group_number, term)
);

CREATE INDEX search_synonyms_by_term ON catalog.search_synonyms (term);

CREATE TABLE catalog.search_words (
    word TEXT NOT NULL,
    entries INTEGER NOT NULL,
    CONSTRAINT search_words_pkey PRIMARY KEY (word)
);

CREATE TABLE customers.customers (
    id UUID NOT NULL,
    state TEXT NOT NULL,
    language TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (id),
    CONSTRAINT customers_state_is_known CHECK (state IN ('active', 'erased'))
);

CREATE TABLE imports.positions (
    target TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    position BIGINT NOT NULL,
    actor_id UUID NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT positions_pkey PRIMARY KEY (target, file_sha256)
);

CREATE TABLE kernel.accounts (
    id UUID NOT NULL,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    password_hash TEXT,
    state TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_one_state CHECK (state IN ('invited', 'active', 'disabled')),
    CONSTRAINT accounts_active_can_sign_in CHECK (state <> 'active' OR password_hash IS NOT NULL),
    CONSTRAINT accounts_email_folded_key UNIQUE (email_folded)
);

CREATE TABLE kernel.api_keys (
    id UUID NOT NULL,
    label TEXT NOT NULL,
    digest BYTEA NOT NULL,
    hint TEXT NOT NULL,
    issued_by UUID NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_digest_key UNIQUE (digest)
);

CREATE TABLE kernel.consumers (
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    transaction xid8 NOT NULL,
    sequence BIGINT NOT NULL,
    delivered BIGINT DEFAULT 0 NOT NULL,
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT consumers_pkey PRIMARY KEY (name)
);

CREATE TABLE kernel.denials (
    id UUID NOT NULL,
    actor_id UUID NOT NULL,
    operation TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT denials_pkey PRIMARY KEY (id)
);

CREATE TABLE kernel.effects (
    actor_id UUID NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    ask_digest BYTEA NOT NULL,
    answer TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT one_key_one_effect PRIMARY KEY (actor_id, operation, key)
);

CREATE INDEX effects_by_time ON kernel.effects (at);

CREATE TABLE kernel.epochs (
    number SERIAL NOT NULL,
    server TEXT NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT epochs_pkey PRIMARY KEY (number)
);

CREATE TABLE kernel.facts (
    id UUID NOT NULL,
    epoch INTEGER DEFAULT 1 NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    sequence BIGINT GENERATED ALWAYS AS IDENTITY (CACHE 32),
    name TEXT NOT NULL,
    subject_id UUID NOT NULL,
    version BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id UUID NOT NULL,
    operation TEXT NOT NULL,
    is_historical BOOLEAN DEFAULT false NOT NULL,
    body JSONB NOT NULL,
    CONSTRAINT facts_pkey PRIMARY KEY (id),
    CONSTRAINT facts_of_one_subject_are_numbered UNIQUE (subject_id, version)
);

CREATE INDEX facts_in_reading_order ON kernel.facts (epoch, transaction, sequence);

CREATE TABLE kernel.parked (
    consumer TEXT NOT NULL,
    fact_id UUID NOT NULL,
    subject_id UUID NOT NULL,
    version BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT parked_pkey PRIMARY KEY (consumer, fact_id),
    CONSTRAINT parked_attempts_are_counted CHECK (attempts >= 0)
);

CREATE INDEX parked_by_subject ON kernel.parked (consumer, subject_id, version);

CREATE TABLE kernel.seals (
    number BIGSERIAL NOT NULL,
    epoch INTEGER NOT NULL,
    up_to_transaction xid8 NOT NULL,
    up_to_sequence BIGINT NOT NULL,
    facts INTEGER NOT NULL,
    digest BYTEA NOT NULL,
    sealed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT seals_pkey PRIMARY KEY (number)
);

CREATE TABLE kernel.secrets (
    name TEXT NOT NULL,
    value BYTEA NOT NULL,
    CONSTRAINT secrets_pkey PRIMARY KEY (name)
);

CREATE TABLE kernel.settings (
    name TEXT NOT NULL,
    value JSONB NOT NULL,
    CONSTRAINT settings_pkey PRIMARY KEY (name)
);

CREATE TABLE kernel.sign_in_failures (
    id UUID NOT NULL,
    name_digest BYTEA NOT NULL,
    address_digest BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT sign_in_failures_pkey PRIMARY KEY (id)
);

CREATE INDEX sign_in_failures_by_address ON kernel.sign_in_failures (address_digest, at);

CREATE INDEX sign_in_failures_by_name ON kernel.sign_in_failures (name_digest, at);

CREATE INDEX sign_in_failures_by_time ON kernel.sign_in_failures (at);

CREATE TABLE kernel.webhook_endpoints (
    id UUID NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    events TEXT[] NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    failures_in_row INTEGER DEFAULT 0 NOT NULL,
    last_delivered_at TIMESTAMP WITH TIME ZONE,
    last_failed_at TIMESTAMP WITH TIME ZONE,
    last_problem TEXT,
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_state_is_known CHECK (state IN ('active', 'paused', 'gone'))
);

CREATE TABLE ledger.accounts (
    id UUID NOT NULL,
    book TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    thing_id UUID,
    place_id UUID,
    pool_id UUID,
    is_guarded BOOLEAN NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (id),
    CONSTRAINT accounts_are_told_apart UNIQUE NULLS NOT DISTINCT (book, kind, unit, thing_id, place_id, pool_id)
);

CREATE TABLE ledger.transfers (
    id UUID NOT NULL,
    from_account_id UUID NOT NULL,
    to_account_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    cause_id UUID NOT NULL,
    hold_id UUID,
    actor_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT transfers_pkey PRIMARY KEY (id),
    CONSTRAINT transfers_something_moves CHECK (amount > 0),
    CONSTRAINT transfers_to_another_account CHECK (from_account_id <> to_account_id)
);

CREATE INDEX transfers_by_cause ON ledger.transfers (cause_id);

CREATE INDEX transfers_in ON ledger.transfers (to_account_id, at);

CREATE INDEX transfers_out ON ledger.transfers (from_account_id, at);

CREATE TABLE orders.delivery_methods (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    titles JSONB NOT NULL,
    kind TEXT NOT NULL,
    countries JSONB NOT NULL,
    channels JSONB NOT NULL,
    tax_class TEXT NOT NULL,
    days_min SMALLINT NOT NULL,
    days_max SMALLINT NOT NULL,
    is_active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT delivery_methods_pkey PRIMARY KEY (id),
    CONSTRAINT delivery_methods_days_in_order CHECK (days_min BETWEEN 0 AND days_max),
    CONSTRAINT delivery_methods_code_key UNIQUE (code)
);

CREATE TABLE pricing.coupons (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    code_key TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    discount_ppm INTEGER,
    priority INTEGER NOT NULL,
    combines BOOLEAN NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE,
    valid_until TIMESTAMP WITH TIME ZONE,
    limit_total BIGINT,
    limit_per_customer BIGINT,
    groups TEXT[] DEFAULT '{}' NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT coupons_pkey PRIMARY KEY (id),
    CONSTRAINT coupons_discount_is_a_part CHECK (discount_ppm BETWEEN 1 AND 1000000),
    CONSTRAINT coupons_ends_after_it_begins CHECK (valid_until > valid_from),
    CONSTRAINT coupons_limit_allows_one CHECK (limit_total >= 1),
    CONSTRAINT coupons_customer_limit_allows_one CHECK (limit_per_customer >= 1),
    CONSTRAINT coupons_code_key_key UNIQUE (code_key)
);

CREATE TABLE pricing.tax_countries (
    country TEXT NOT NULL,
    id UUID NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT tax_countries_pkey PRIMARY KEY (country),
    CONSTRAINT tax_countries_country_is_a_code CHECK (country ~ '^[A-Z]{2}$'),
    CONSTRAINT tax_countries_id_key UNIQUE (id)
);

CREATE TABLE stock.locations (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    country TEXT NOT NULL,
    town TEXT DEFAULT '' NOT NULL,
    street TEXT DEFAULT '' NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    time_zone TEXT NOT NULL,
    hours JSONB NOT NULL,
    offers_pickup BOOLEAN NOT NULL,
    ships BOOLEAN NOT NULL,
    is_open BOOLEAN DEFAULT true NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT locations_pkey PRIMARY KEY (id),
    CONSTRAINT locations_kind_known CHECK (kind IN ('store', 'warehouse', 'dark_store', 'supplier')),
    CONSTRAINT locations_on_the_globe CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT locations_around_the_globe CHECK (longitude BETWEEN -180 AND 180),
    CONSTRAINT locations_code_key UNIQUE (code)
);

CREATE TABLE catalog.products (
    id UUID NOT NULL,
    handle TEXT NOT NULL,
    status TEXT NOT NULL,
    brand TEXT,
    category_id UUID,
    product_type TEXT,
    tax_class TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity_scale SMALLINT NOT NULL,
    options JSONB NOT NULL,
    attributes JSONB NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT products_pkey PRIMARY KEY (id),
    CONSTRAINT products_status_is_known CHECK (status IN ('draft', 'active', 'archived')),
    CONSTRAINT products_scale_is_sane CHECK (quantity_scale BETWEEN 0 AND 6),
    CONSTRAINT products_handle_key UNIQUE (handle),
    CONSTRAINT products_category_id_fkey FOREIGN KEY(category_id) REFERENCES catalog.categories (id)
);

CREATE INDEX products_category_id_idx ON catalog.products (category_id);

CREATE TABLE customers.identifiers (
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    value TEXT NOT NULL,
    value_key TEXT NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT identifiers_pkey PRIMARY KEY (id),
    CONSTRAINT identifiers_kind_is_known CHECK (kind IN ('email', 'phone', 'external')),
    CONSTRAINT identifiers_external_id_has_a_source CHECK ((kind = 'external') = (source <> '')),
    CONSTRAINT identifiers_says_something CHECK (value_key <> ''),
    CONSTRAINT identifiers_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE INDEX identifiers_by_value ON customers.identifiers (value_key);

CREATE UNIQUE INDEX one_customer_to_an_identifier ON customers.identifiers (kind, source, value_key) WHERE kind <> 'phone';

CREATE UNIQUE INDEX one_identifier_of_a_kind_and_source ON customers.identifiers (customer_id, kind, source);

CREATE TABLE customers.persons (
    customer_id UUID NOT NULL,
    given_name TEXT,
    family_name TEXT,
    addresses JSONB NOT NULL,
    is_invented BOOLEAN NOT NULL,
    CONSTRAINT persons_pkey PRIMARY KEY (customer_id),
    CONSTRAINT persons_customer_id_fkey FOREIGN KEY(customer_id) REFERENCES customers.customers (id)
);

CREATE TABLE kernel.invitations (
    digest BYTEA NOT NULL,
    account_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT invitations_pkey PRIMARY KEY (digest),
    CONSTRAINT invitations_account_id_fkey FOREIGN KEY(account_id) REFERENCES kernel.accounts (id)
);

CREATE INDEX invitations_by_account ON kernel.invitations (account_id);

CREATE TABLE kernel.role_grants (
    id UUID NOT NULL,
    account_id UUID,
    key_id UUID,
    role TEXT NOT NULL,
    location_id UUID,
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT role_grants_pkey PRIMARY KEY (id),
    CONSTRAINT role_grants_one_holder CHECK (num_nonnulls(account_id, key_id) = 1),
    CONSTRAINT role_grants_are_told_apart UNIQUE NULLS NOT DISTINCT (account_id, key_id, role, location_id),
    CONSTRAINT role_grants_account_id_fkey FOREIGN KEY(account_id) REFERENCES kernel.accounts (id),
    CONSTRAINT role_grants_key_id_fkey FOREIGN KEY(key_id) REFERENCES kernel.api_keys (id)
);

CREATE INDEX role_grants_by_key ON kernel.role_grants (key_id);

CREATE TABLE kernel.sessions (
    id UUID NOT NULL,
    digest BYTEA NOT NULL,
    account_id UUID NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    version BIGINT DEFAULT 1 NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_digest_key UNIQUE (digest),
    CONSTRAINT sessions_account_id_fkey FOREIGN KEY(account_id) REFERENCES kernel.accounts (id)
);

CREATE INDEX sessions_by_account ON kernel.sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE kernel.webhook_deliveries (
    endpoint_id UUID NOT NULL,
    fact_id UUID NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    delivered_at TIMESTAMP WITH TIME ZONE,
    last_status INTEGER,
    last_problem TEXT,
    latency_ms INTEGER,
    CONSTRAINT one_delivery_per_endpoint_and_fact PRIMARY KEY (endpoint_id, fact_id),
    CONSTRAINT webhook_deliveries_state_is_known CHECK (state IN ('pending', 'delivered', 'dead')),
    CONSTRAINT webhook_deliveries_delivered_has_a_time CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_endpoint_id_fkey FOREIGN KEY(endpoint_id) REFERENCES kernel.webhook_endpoints (id)
);

CREATE INDEX webhook_deliveries_by_age ON kernel.webhook_deliveries (delivered_at) WHERE state = 'delivered';

CREATE INDEX webhook_deliveries_dead ON kernel.webhook_deliveries (endpoint_id, fact_id) WHERE state = 'dead';

CREATE INDEX webhook_deliveries_due ON kernel.webhook_deliveries (endpoint_id, due_at, fact_id) WHERE state = 'pending';

CREATE INDEX webhook_deliveries_under_way ON kernel.webhook_deliveries (endpoint_id, leased_until) WHERE leased_until IS NOT NULL;

CREATE TABLE kernel.webhook_secrets (
    id UUID NOT NULL,
    endpoint_id UUID NOT NULL,
    secret TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT webhook_secrets_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_secrets_endpoint_id_fkey FOREIGN KEY(endpoint_id) REFERENCES kernel.webhook_endpoints (id)
);

CREATE UNIQUE INDEX webhook_endpoint_has_one_current_secret ON kernel.webhook_secrets (endpoint_id) WHERE valid_until IS NULL;

CREATE TABLE ledger.balances (
    account_id UUID NOT NULL,
    kind TEXT NOT NULL,
    thing_id UUID NOT NULL,
    place_id UUID NOT NULL,
    pool_id UUID,
    posted BIGINT DEFAULT 0 NOT NULL,
    held BIGINT DEFAULT 0 NOT NULL,
    shortage BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT balances_pkey PRIMARY KEY (account_id),
    CONSTRAINT balances_nothing_below_zero CHECK (posted >= 0),
    CONSTRAINT balances_holds_are_positive CHECK (held >= 0),
    CONSTRAINT balances_shortages_are_positive CHECK (shortage >= 0),
    CONSTRAINT balances_nothing_promised_twice CHECK (held <= posted + shortage),
    CONSTRAINT balances_account_id_fkey FOREIGN KEY(account_id) REFERENCES ledger.accounts (id)
)
 WITH (fillfactor = 70);

CREATE INDEX balances_by_place ON ledger.balances (place_id);

CREATE INDEX balances_by_thing ON ledger.balances (thing_id, place_id);

CREATE INDEX balances_short ON ledger.balances (account_id) WHERE shortage > 0;

CREATE TABLE orders.delivery_rates (
    method_id UUID NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    free_from_minor BIGINT,
    CONSTRAINT delivery_rates_pkey PRIMARY KEY (method_id, currency),
    CONSTRAINT delivery_rates_rate_is_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT delivery_rates_method_id_fkey FOREIGN KEY(method_id) REFERENCES orders.delivery_methods (id)
);

CREATE TABLE orders.orders (
    id UUID NOT NULL,
    number BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 100001 CACHE 32),
    channel_id UUID NOT NULL,
    external_id TEXT,
    location_id UUID,
    customer_id UUID,
    cart_id UUID,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    payment_state TEXT NOT NULL,
    currency TEXT NOT NULL,
    tax_mode TEXT NOT NULL,
    country TEXT NOT NULL,
    subtotal_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    delivery_minor BIGINT NOT NULL,
    delivery_tax_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    captured_minor BIGINT DEFAULT 0 NOT NULL,
    refunded_minor BIGINT DEFAULT 0 NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_historical BOOLEAN DEFAULT false NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_kind_known CHECK (kind IN ('ship', 'pickup', 'counter')),
    CONSTRAINT orders_state_known CHECK (state IN ('open', 'partly_fulfilled', 'fulfilled', 'canceled')),
    CONSTRAINT orders_payment_state_known CHECK (payment_state IN ('pending', 'authorized', 'partly_paid', 'paid', 'partly_refunded', 'refunded', 'void')),
    CONSTRAINT orders_refunds_within_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    CONSTRAINT orders_total_is_the_sum_of_its_parts CHECK (total_minor = subtotal_minor - discount_minor + delivery_minor + CASE WHEN tax_mode = 'added' THEN tax_minor - delivery_tax_minor ELSE 0 END),
    CONSTRAINT orders_number_key UNIQUE (number),
    CONSTRAINT orders_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id),
    CONSTRAINT orders_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id),
    CONSTRAINT orders_cart_id_key UNIQUE (cart_id)
);

CREATE UNIQUE INDEX one_order_for_one_external_id ON orders.orders (channel_id, external_id) WHERE external_id IS NOT NULL;

CREATE INDEX orders_by_customer ON orders.orders (customer_id) WHERE customer_id IS NOT NULL;

CREATE INDEX orders_by_time ON orders.orders (placed_at, id);

CREATE INDEX orders_waiting ON orders.orders (placed_at) WHERE state IN ('open', 'partly_fulfilled');

CREATE TABLE pricing.coupon_channels (
    coupon_id UUID NOT NULL,
    channel_id UUID NOT NULL,
    CONSTRAINT coupon_channels_pkey PRIMARY KEY (coupon_id, channel_id),
    CONSTRAINT coupon_channels_coupon_id_fkey FOREIGN KEY(coupon_id) REFERENCES pricing.coupons (id),
    CONSTRAINT coupon_channels_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id)
);

CREATE TABLE pricing.coupon_counters (
    coupon_id UUID NOT NULL,
    customer_id UUID,
    uses BIGINT NOT NULL,
    limit_uses BIGINT NOT NULL,
    CONSTRAINT one_counter_each UNIQUE NULLS NOT DISTINCT (coupon_id, customer_id),
    CONSTRAINT coupon_counters_never_used_beyond_its_limit CHECK (uses BETWEEN 0 AND limit_uses),
    CONSTRAINT coupon_counters_coupon_id_fkey FOREIGN KEY(coupon_id) REFERENCES pricing.coupons (id)
)
 WITH (fillfactor = 70);

CREATE TABLE pricing.coupon_terms (
    coupon_id UUID NOT NULL,
    currency TEXT NOT NULL,
    off_minor BIGINT,
    minimum_minor BIGINT NOT NULL,
    CONSTRAINT coupon_terms_pkey PRIMARY KEY (coupon_id, currency),
    CONSTRAINT coupon_terms_takes_something_off CHECK (off_minor > 0),
    CONSTRAINT coupon_terms_minimum_is_not_negative CHECK (minimum_minor >= 0),
    CONSTRAINT coupon_terms_coupon_id_fkey FOREIGN KEY(coupon_id) REFERENCES pricing.coupons (id)
);

CREATE TABLE pricing.price_lists (
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    currency TEXT NOT NULL,
    tax_mode TEXT NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT price_lists_pkey PRIMARY KEY (id),
    CONSTRAINT one_list_to_a_channel_and_currency UNIQUE (channel_id, currency),
    CONSTRAINT price_lists_tax_mode_is_known CHECK (tax_mode IN ('included', 'added')),
    CONSTRAINT price_lists_currency_is_a_code CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT price_lists_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id)
);

CREATE TABLE pricing.redemptions (
    id UUID NOT NULL,
    coupon_id UUID NOT NULL,
    order_id UUID NOT NULL,
    customer_id UUID,
    discount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    redeemed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    given_back_at TIMESTAMP WITH TIME ZONE,
    version BIGINT NOT NULL,
    CONSTRAINT redemptions_pkey PRIMARY KEY (id),
    CONSTRAINT one_use_to_an_order UNIQUE (order_id, coupon_id),
    CONSTRAINT redemptions_discount_is_not_negative CHECK (discount_minor >= 0),
    CONSTRAINT redemptions_coupon_id_fkey FOREIGN KEY(coupon_id) REFERENCES pricing.coupons (id)
);

CREATE INDEX redemptions_by_coupon ON pricing.redemptions (coupon_id, customer_id);

CREATE TABLE pricing.tax_rates (
    country TEXT NOT NULL,
    tax_class TEXT NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    rate_ppm INTEGER NOT NULL,
    CONSTRAINT tax_rates_pkey PRIMARY KEY (country, tax_class, valid_from),
    CONSTRAINT tax_rates_rate_is_a_rate CHECK (rate_ppm BETWEEN 0 AND 1000000),
    CONSTRAINT tax_rates_country_fkey FOREIGN KEY(country) REFERENCES pricing.tax_countries (country)
);

CREATE TABLE shopping.carts (
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    owner_kind TEXT NOT NULL,
    owner_id UUID NOT NULL,
    currency TEXT NOT NULL,
    country TEXT NOT NULL,
    kind TEXT NOT NULL,
    location_id UUID,
    delivery_method TEXT,
    codes TEXT[] DEFAULT '{}' NOT NULL,
    state TEXT NOT NULL,
    merged_into_id UUID,
    held_since TIMESTAMP WITH TIME ZONE,
    hold_until TIMESTAMP WITH TIME ZONE,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    active_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT carts_pkey PRIMARY KEY (id),
    CONSTRAINT carts_owner_kind_known CHECK (owner_kind IN ('guest', 'customer')),
    CONSTRAINT carts_kind_known CHECK (kind IN ('ship', 'pickup')),
    CONSTRAINT carts_state_known CHECK (state IN ('open', 'merged', 'ordered', 'abandoned')),
    CONSTRAINT carts_a_pickup_has_a_location CHECK ((kind = 'pickup') = (location_id IS NOT NULL)),
    CONSTRAINT carts_what_is_merged_says_into_what CHECK ((state = 'merged') = (merged_into_id IS NOT NULL)),
    CONSTRAINT carts_a_hold_has_a_beginning_and_an_end CHECK ((held_since IS NULL) = (hold_until IS NULL)),
    CONSTRAINT carts_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id),
    CONSTRAINT carts_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id),
    CONSTRAINT carts_merged_into_id_fkey FOREIGN KEY(merged_into_id) REFERENCES shopping.carts (id)
);

CREATE INDEX carts_due ON shopping.carts (expires_at) WHERE state = 'open';

CREATE UNIQUE INDEX one_open_cart_for_one_owner ON shopping.carts (channel_id, owner_kind, owner_id) WHERE state = 'open';

CREATE TABLE stock.channel_locations (
    channel_id UUID NOT NULL,
    location_id UUID NOT NULL,
    CONSTRAINT channel_locations_pkey PRIMARY KEY (channel_id, location_id),
    CONSTRAINT channel_locations_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id),
    CONSTRAINT channel_locations_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE TABLE stock.documents (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    location_id UUID NOT NULL,
    reference TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    counted_at TIMESTAMP WITH TIME ZONE,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT documents_pkey PRIMARY KEY (id),
    CONSTRAINT documents_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE INDEX documents_by_location ON stock.documents (location_id, at);

CREATE TABLE catalog.listings (
    product_id UUID NOT NULL,
    channel_id UUID NOT NULL,
    is_published BOOLEAN NOT NULL,
    texts JSONB NOT NULL,
    CONSTRAINT listings_pkey PRIMARY KEY (product_id, channel_id),
    CONSTRAINT listings_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id),
    CONSTRAINT listings_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id)
);

CREATE INDEX listings_by_channel ON catalog.listings (channel_id);

CREATE TABLE catalog.product_texts (
    product_id UUID NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT NOT NULL,
    description TEXT NOT NULL,
    CONSTRAINT product_texts_pkey PRIMARY KEY (product_id, language),
    CONSTRAINT product_texts_title_says_something CHECK (title <> ''),
    CONSTRAINT product_texts_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id)
);

CREATE TABLE catalog.search_entries (
    number INTEGER GENERATED ALWAYS AS IDENTITY,
    product_id UUID NOT NULL,
    document TSVECTOR NOT NULL,
    facets TEXT[] NOT NULL,
    title_words SMALLINT NOT NULL,
    title_number INTEGER NOT NULL,
    popularity REAL DEFAULT 0 NOT NULL,
    CONSTRAINT search_entries_pkey PRIMARY KEY (number),
    CONSTRAINT search_entries_product_id_key UNIQUE (product_id),
    CONSTRAINT search_entries_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id) ON DELETE CASCADE
);

CREATE INDEX search_entries_by_popularity ON catalog.search_entries (popularity DESC, number);

CREATE INDEX search_entries_by_word ON catalog.search_entries USING gin (document) WITH (fastupdate = off);

CREATE TABLE catalog.search_places (
    location_id UUID NOT NULL,
    product_id UUID NOT NULL,
    CONSTRAINT search_places_pkey PRIMARY KEY (location_id, product_id),
    CONSTRAINT search_places_product_id_location_id_key UNIQUE (product_id, location_id),
    CONSTRAINT search_places_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id) ON DELETE CASCADE
);

CREATE TABLE catalog.variants (
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    sku TEXT NOT NULL,
    sku_key TEXT NOT NULL,
    gtin TEXT,
    mpn TEXT,
    options JSONB NOT NULL,
    weight_grams INTEGER,
    position INTEGER NOT NULL,
    is_archived BOOLEAN DEFAULT false NOT NULL,
    CONSTRAINT variants_pkey PRIMARY KEY (id),
    CONSTRAINT variants_gtin_has_14_digits CHECK (gtin ~ '^[0-9]{14}$'),
    CONSTRAINT variants_weight_is_not_negative CHECK (weight_grams >= 0),
    CONSTRAINT variants_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id),
    CONSTRAINT variants_sku_key_key UNIQUE (sku_key)
);

CREATE UNIQUE INDEX one_variant_to_a_gtin ON catalog.variants (gtin) WHERE gtin IS NOT NULL AND NOT is_archived;

CREATE INDEX variants_by_product ON catalog.variants (product_id, position);

CREATE TABLE ledger.holds (
    id UUID NOT NULL,
    account_id UUID NOT NULL,
    to_account_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    posted BIGINT DEFAULT 0 NOT NULL,
    released BIGINT DEFAULT 0 NOT NULL,
    state TEXT DEFAULT 'live' NOT NULL,
    owner_id UUID NOT NULL,
    line_id UUID NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT holds_pkey PRIMARY KEY (id),
    CONSTRAINT holds_something_is_held CHECK (amount > 0),
    CONSTRAINT holds_resolved_forward_only CHECK (posted >= 0 AND released >= 0),
    CONSTRAINT holds_resolved_once CHECK (posted + released <= amount),
    CONSTRAINT holds_one_state CHECK (state IN ('live', 'posted', 'released', 'expired')),
    CONSTRAINT holds_live_until_resolved CHECK ((state = 'live') = (posted + released < amount)),
    CONSTRAINT holds_account_id_fkey FOREIGN KEY(account_id) REFERENCES ledger.balances (account_id)
)
 WITH (fillfactor = 80);

CREATE INDEX holds_by_owner ON ledger.holds (owner_id);

CREATE INDEX holds_due ON ledger.holds (expires_at) WHERE state = 'live' AND expires_at IS NOT NULL;

CREATE INDEX holds_live ON ledger.holds (account_id) WHERE state = 'live';

CREATE TABLE orders.fulfillments (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    location_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    due_by TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT fulfillments_pkey PRIMARY KEY (id),
    CONSTRAINT fulfillments_kind_known CHECK (kind IN ('ship', 'pickup', 'counter')),
    CONSTRAINT fulfillments_state_known CHECK (state IN ('waiting', 'ready', 'done', 'canceled')),
    CONSTRAINT fulfillments_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT fulfillments_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE INDEX fulfillments_by_order ON orders.fulfillments (order_id);

CREATE INDEX fulfillments_waiting ON orders.fulfillments (location_id, due_by) WHERE state IN ('waiting', 'ready');

CREATE TABLE orders.payments (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    method TEXT NOT NULL,
    currency TEXT NOT NULL,
    authorized_minor BIGINT NOT NULL,
    captured_minor BIGINT DEFAULT 0 NOT NULL,
    refunded_minor BIGINT DEFAULT 0 NOT NULL,
    voided_minor BIGINT DEFAULT 0 NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (id),
    CONSTRAINT one_order_for_one_payment_reference UNIQUE (provider, reference),
    CONSTRAINT payments_capture_in_bounds CHECK (captured_minor + voided_minor <= authorized_minor),
    CONSTRAINT payments_refunds_within_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    CONSTRAINT payments_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id)
);

CREATE INDEX payments_by_order ON orders.payments (order_id);

CREATE TABLE orders.recipients (
    order_id UUID NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    street TEXT NOT NULL,
    postcode TEXT NOT NULL,
    town TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT recipients_pkey PRIMARY KEY (order_id),
    CONSTRAINT recipients_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id)
);

CREATE TABLE orders.returns (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    location_id UUID NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT returns_pkey PRIMARY KEY (id),
    CONSTRAINT returns_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT returns_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE INDEX returns_by_order ON orders.returns (order_id);

CREATE TABLE shopping.recipients (
    cart_id UUID NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    street TEXT NOT NULL,
    postcode TEXT NOT NULL,
    town TEXT NOT NULL,
    note TEXT NOT NULL,
    latitude FLOAT,
    longitude FLOAT,
    CONSTRAINT recipients_pkey PRIMARY KEY (cart_id),
    CONSTRAINT recipients_a_place_has_two_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL)),
    CONSTRAINT recipients_cart_id_fkey FOREIGN KEY(cart_id) REFERENCES shopping.carts (id)
);

CREATE TABLE catalog.media (
    product_id UUID NOT NULL,
    position INTEGER NOT NULL,
    variant_id UUID,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    alt JSONB DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT media_pkey PRIMARY KEY (product_id, position),
    CONSTRAINT media_product_id_fkey FOREIGN KEY(product_id) REFERENCES catalog.products (id),
    CONSTRAINT media_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE orders.order_lines (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    variant_id UUID NOT NULL,
    sku TEXT NOT NULL,
    title TEXT NOT NULL,
    unit TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_minor BIGINT,
    subtotal_minor BIGINT NOT NULL,
    discount_minor BIGINT NOT NULL,
    tax_rate_ppm INTEGER NOT NULL,
    tax_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    fulfilled BIGINT DEFAULT 0 NOT NULL,
    canceled BIGINT DEFAULT 0 NOT NULL,
    returned BIGINT DEFAULT 0 NOT NULL,
    refunded_minor BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT order_lines_pkey PRIMARY KEY (id),
    CONSTRAINT order_lines_progress_is_forward CHECK (fulfilled >= 0 AND canceled >= 0),
    CONSTRAINT order_lines_no_more_than_was_ordered CHECK (fulfilled + canceled <= quantity),
    CONSTRAINT order_lines_only_what_was_handed_over_returns CHECK (returned BETWEEN 0 AND fulfilled),
    CONSTRAINT order_lines_refunds_are_positive CHECK (refunded_minor >= 0),
    CONSTRAINT order_lines_order_id_position_key UNIQUE (order_id, position),
    CONSTRAINT order_lines_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT order_lines_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE orders.refunds (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    payment_id UUID NOT NULL,
    return_id UUID,
    amount_minor BIGINT NOT NULL,
    goods_minor BIGINT NOT NULL,
    delivery_minor BIGINT NOT NULL,
    tax_minor BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT refunds_pkey PRIMARY KEY (id),
    CONSTRAINT refunds_something_is_refunded CHECK (amount_minor > 0),
    CONSTRAINT refunds_parts_add_up CHECK (amount_minor = goods_minor + delivery_minor),
    CONSTRAINT refunds_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT refunds_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES orders.payments (id)
);

CREATE INDEX refunds_by_order ON orders.refunds (order_id);

CREATE TABLE orders.shipments (
    id UUID NOT NULL,
    fulfillment_id UUID NOT NULL,
    carrier TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    lines JSONB NOT NULL,
    shipped_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT shipments_pkey PRIMARY KEY (id),
    CONSTRAINT shipments_fulfillment_id_fkey FOREIGN KEY(fulfillment_id) REFERENCES orders.fulfillments (id)
);

CREATE INDEX shipments_by_fulfillment ON orders.shipments (fulfillment_id);

CREATE TABLE pricing.prices (
    list_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    is_offer BOOLEAN NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    amount_minor BIGINT,
    CONSTRAINT prices_pkey PRIMARY KEY (list_id, variant_id, is_offer, valid_from),
    CONSTRAINT prices_amount_is_not_negative CHECK (amount_minor >= 0),
    CONSTRAINT prices_ends_after_it_begins CHECK (valid_until > valid_from),
    CONSTRAINT prices_offer_has_an_end CHECK (is_offer = (valid_until IS NOT NULL)),
    CONSTRAINT prices_offer_has_an_amount CHECK (NOT is_offer OR amount_minor IS NOT NULL),
    CONSTRAINT prices_list_id_fkey FOREIGN KEY(list_id) REFERENCES pricing.price_lists (id),
    CONSTRAINT prices_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE shopping.cart_lines (
    id UUID NOT NULL,
    cart_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    quantity BIGINT NOT NULL,
    seen_minor BIGINT NOT NULL,
    CONSTRAINT cart_lines_pkey PRIMARY KEY (id),
    CONSTRAINT one_line_for_one_variant UNIQUE (cart_id, variant_id),
    CONSTRAINT cart_lines_something_is_wanted CHECK (quantity > 0),
    CONSTRAINT cart_lines_cart_id_fkey FOREIGN KEY(cart_id) REFERENCES shopping.carts (id),
    CONSTRAINT cart_lines_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE stock.buffers (
    channel_id UUID NOT NULL,
    location_id UUID NOT NULL,
    variant_id UUID,
    pieces BIGINT NOT NULL,
    CONSTRAINT buffers_buffer_is_not_negative CHECK (pieces >= 0),
    CONSTRAINT one_buffer UNIQUE NULLS NOT DISTINCT (channel_id, location_id, variant_id),
    CONSTRAINT buffers_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES catalog.channels (id),
    CONSTRAINT buffers_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id),
    CONSTRAINT buffers_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE stock.counts (
    document_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    counted BIGINT NOT NULL,
    expected BIGINT NOT NULL,
    CONSTRAINT counts_pkey PRIMARY KEY (document_id, variant_id),
    CONSTRAINT counts_counted_is_not_negative CHECK (counted >= 0),
    CONSTRAINT counts_document_id_fkey FOREIGN KEY(document_id) REFERENCES stock.documents (id),
    CONSTRAINT counts_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id)
);

CREATE TABLE stock.exceptions (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    account_id UUID NOT NULL,
    variant_id UUID NOT NULL,
    location_id UUID NOT NULL,
    missing BIGINT NOT NULL,
    state TEXT NOT NULL,
    owner TEXT NOT NULL,
    due_by TIMESTAMP WITH TIME ZONE NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT exceptions_pkey PRIMARY KEY (id),
    CONSTRAINT exceptions_state_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT exceptions_open_while_something_is_missing CHECK ((state = 'closed') = (missing = 0)),
    CONSTRAINT exceptions_closed_at_some_time CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT exceptions_account_id_fkey FOREIGN KEY(account_id) REFERENCES ledger.accounts (id),
    CONSTRAINT exceptions_variant_id_fkey FOREIGN KEY(variant_id) REFERENCES catalog.variants (id),
    CONSTRAINT exceptions_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE INDEX exceptions_by_location ON stock.exceptions (location_id, state);

CREATE UNIQUE INDEX one_open_exception_to_an_account ON stock.exceptions (account_id) WHERE state = 'open';

CREATE TABLE orders.fulfillment_lines (
    id UUID NOT NULL,
    fulfillment_id UUID NOT NULL,
    line_id UUID NOT NULL,
    quantity BIGINT NOT NULL,
    done BIGINT DEFAULT 0 NOT NULL,
    canceled BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT fulfillment_lines_pkey PRIMARY KEY (id),
    CONSTRAINT fulfillment_lines_something_to_do CHECK (quantity > 0),
    CONSTRAINT fulfillment_lines_progress_is_forward CHECK (done >= 0 AND canceled >= 0),
    CONSTRAINT fulfillment_lines_no_more_than_was_asked CHECK (done + canceled <= quantity),
    CONSTRAINT fulfillment_lines_fulfillment_id_fkey FOREIGN KEY(fulfillment_id) REFERENCES orders.fulfillments (id),
    CONSTRAINT fulfillment_lines_line_id_fkey FOREIGN KEY(line_id) REFERENCES orders.order_lines (id)
);

CREATE INDEX fulfillment_lines_by_fulfillment ON orders.fulfillment_lines (fulfillment_id);

CREATE INDEX fulfillment_lines_by_line ON orders.fulfillment_lines (line_id);

CREATE TABLE orders.return_lines (
    return_id UUID NOT NULL,
    line_id UUID NOT NULL,
    quantity BIGINT NOT NULL,
    condition TEXT NOT NULL,
    refund_minor BIGINT NOT NULL,
    CONSTRAINT return_lines_pkey PRIMARY KEY (return_id, line_id, condition),
    CONSTRAINT return_lines_something_returns CHECK (quantity > 0),
    CONSTRAINT return_lines_return_id_fkey FOREIGN KEY(return_id) REFERENCES orders.returns (id),
    CONSTRAINT return_lines_line_id_fkey FOREIGN KEY(line_id) REFERENCES orders.order_lines (id)
);
