ALTER TABLE identity.linked_platforms ADD COLUMN keys JSONB;

ALTER TABLE identity.linked_platforms ADD CONSTRAINT linked_platforms_one_kind_of_proof
    CHECK (secret_digest IS NULL OR keys IS NULL);

CREATE TABLE identity.assertions (
    linked_platform_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT assertions_pkey PRIMARY KEY (linked_platform_id, digest),
    CONSTRAINT assertions_linked_platform_id_fkey FOREIGN KEY(linked_platform_id) REFERENCES identity.linked_platforms (id)
);

CREATE INDEX assertions_by_end ON identity.assertions (expires_at);
