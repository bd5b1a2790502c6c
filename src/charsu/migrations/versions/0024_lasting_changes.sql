-- One row for each transaction that changed lasting data and that no later one has seen.
-- The time stands beside the number because numbers begin anew in a restored database.
CREATE TABLE kernel.lasting_changes (
    transaction xid8 NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (transaction, at)
);

-- What each transaction reads with its first statement.
CREATE VIEW kernel.lasting_state AS
    SELECT string_agg(transaction || '@' || extract(epoch FROM at), ' ' ORDER BY transaction, at)
           AS state
    FROM kernel.lasting_changes;

-- Notes the transaction once, and takes away the notes that it sees. Nobody waits: what another
-- transaction is taking away at this moment is left to it.
CREATE FUNCTION kernel.note_lasting_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel.lasting_changes (transaction, at)
    VALUES (pg_current_xact_id(), transaction_timestamp())
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        DELETE FROM kernel.lasting_changes AS c
        USING (
            SELECT transaction, at FROM kernel.lasting_changes
            WHERE (transaction, at) <> (pg_current_xact_id(), transaction_timestamp())
            FOR UPDATE SKIP LOCKED
        ) AS seen
        WHERE (c.transaction, c.at) = (seen.transaction, seen.at);
    END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'catalog.channels', 'catalog.products', 'catalog.variants', 'catalog.product_texts',
        'catalog.media', 'catalog.listings',
        'pricing.price_lists', 'pricing.prices', 'pricing.tax_rates',
        'orders.delivery_methods', 'orders.delivery_rates',
        'stock.locations', 'stock.channel_locations'
    ] LOOP
        EXECUTE 'CREATE TRIGGER note_lasting_change '
            || 'AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON ' || name
            || ' FOR EACH STATEMENT EXECUTE FUNCTION kernel.note_lasting_change()';
    END LOOP;
END
$$;
