ALTER TABLE imports.positions
    ADD COLUMN options_sha256 TEXT DEFAULT '' NOT NULL,
    ADD COLUMN rows_unexplained BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE imports.positions ALTER COLUMN options_sha256 DROP DEFAULT;
ALTER TABLE imports.positions DROP CONSTRAINT positions_pkey;
ALTER TABLE imports.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (target, file_sha256, options_sha256);

CREATE TABLE imports.remarks (
    target TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    options_sha256 TEXT NOT NULL,
    line BIGINT NOT NULL,
    is_refused BOOLEAN NOT NULL,
    problems JSONB NOT NULL,
    CONSTRAINT remarks_pkey PRIMARY KEY (target, file_sha256, options_sha256, line),
    CONSTRAINT remarks_positions_fkey FOREIGN KEY (target, file_sha256, options_sha256)
        REFERENCES imports.positions (target, file_sha256, options_sha256) ON DELETE CASCADE
);
