ALTER TABLE identity.challenges
    ADD COLUMN code_id uuid,
    ADD COLUMN digits integer,
    ADD COLUMN on_known_device boolean;
UPDATE identity.challenges SET code_id = id, digits = 6, on_known_device = false;
ALTER TABLE identity.challenges
    ALTER COLUMN code_id SET NOT NULL,
    ALTER COLUMN digits SET NOT NULL,
    ALTER COLUMN on_known_device SET NOT NULL,
    DROP CONSTRAINT challenges_purpose_is_known,
    ADD CONSTRAINT challenges_purpose_is_known CHECK (purpose IN ('sign_in', 'add', 'erase')),
    DROP CONSTRAINT challenges_what_is_over_is_forgotten,
    DROP CONSTRAINT challenges_what_is_over_is_not_sent,
    ADD CONSTRAINT challenges_what_is_over_is_forgotten CHECK (
        (address IS NOT NULL) = (state = 'open' OR send_at IS NOT NULL)),
    ADD CONSTRAINT challenges_what_is_over_is_sent_for_others_only CHECK (
        state = 'open' OR send_at IS NULL OR (state = 'over' AND digits = 20)),
    ADD CONSTRAINT challenges_a_code_is_short_or_long CHECK (digits IN (6, 20)),
    ADD CONSTRAINT challenges_only_a_long_code_is_shared CHECK (code_id = id OR digits = 20);

CREATE TABLE identity.known_devices (
    actor_id uuid NOT NULL,
    address_digest bytea NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (actor_id, address_digest)
);
CREATE INDEX known_devices_by_address ON identity.known_devices (address_digest);
CREATE INDEX known_devices_by_age ON identity.known_devices (last_at);

CREATE TABLE orders.words (
    order_id uuid NOT NULL REFERENCES orders.orders (id),
    version bigint NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (order_id, version)
);
