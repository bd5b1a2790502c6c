ALTER TABLE kernel.consumers
    ADD COLUMN passed BIGINT DEFAULT 0 NOT NULL,
    ADD COLUMN waiting BIGINT DEFAULT 0 NOT NULL;

UPDATE kernel.consumers c SET waiting = p.facts
FROM (SELECT consumer, count(*) AS facts FROM kernel.parked GROUP BY consumer) p
WHERE p.consumer = c.name;

CREATE TABLE kernel.beginnings (
    consumer TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    transaction XID8 NOT NULL,
    sequence BIGINT NOT NULL,
    CONSTRAINT beginnings_pkey PRIMARY KEY (consumer),
    CONSTRAINT beginnings_consumer_fkey FOREIGN KEY (consumer) REFERENCES kernel.consumers (name)
);

INSERT INTO kernel.beginnings (consumer, epoch, transaction, sequence)
SELECT name, epoch, transaction, sequence FROM kernel.consumers;

-- What was delivered up to now may be forgotten already, and nobody noted what.
ALTER TABLE kernel.webhook_endpoints ADD COLUMN kept_since TIMESTAMPTZ;
UPDATE kernel.webhook_endpoints SET kept_since = clock_timestamp();
