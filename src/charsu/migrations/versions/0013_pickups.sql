ALTER TABLE orders.fulfillments
    ADD COLUMN accepted_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN picked_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN proved_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN step_by TIMESTAMP WITH TIME ZONE,
    ADD COLUMN wrong_codes SMALLINT DEFAULT 0 NOT NULL;

-- What is laid out was accepted and picked; its customer gets a week from now on.
UPDATE orders.fulfillments
SET step_by = CASE WHEN state = 'ready' THEN now() + interval '7 days'
                   WHEN kind = 'counter' THEN NULL ELSE due_by END,
    accepted_at = CASE WHEN state = 'ready' THEN now() END,
    picked_at = CASE WHEN state = 'ready' THEN now() END
WHERE state IN ('waiting', 'ready');

ALTER TABLE orders.fulfillments
    ADD CONSTRAINT fulfillments_what_is_picked_was_accepted
        CHECK (picked_at IS NULL OR accepted_at IS NOT NULL),
    ADD CONSTRAINT fulfillments_a_ready_pickup_is_to_be_collected_by
        CHECK (kind <> 'pickup' OR state <> 'ready' OR step_by IS NOT NULL);

CREATE INDEX fulfillments_due ON orders.fulfillments (step_by)
    WHERE state IN ('waiting', 'ready') AND step_by IS NOT NULL;

CREATE TABLE orders.exceptions (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    fulfillment_id UUID NOT NULL,
    location_id UUID NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    lines JSONB NOT NULL,
    owner TEXT NOT NULL,
    due_by TIMESTAMP WITH TIME ZONE NOT NULL,
    options JSONB NOT NULL,
    outcome TEXT DEFAULT '' NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT exceptions_pkey PRIMARY KEY (id),
    CONSTRAINT exceptions_kind_known
        CHECK (kind IN ('late', 'rejected', 'short', 'uncollected', 'recount', 'undeliverable')),
    CONSTRAINT exceptions_somebody_sees_to_it CHECK (owner <> ''),
    CONSTRAINT exceptions_closed_with_an_outcome CHECK ((closed_at IS NULL) = (outcome = '')),
    CONSTRAINT exceptions_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.orders (id),
    CONSTRAINT exceptions_fulfillment_id_fkey
        FOREIGN KEY (fulfillment_id) REFERENCES orders.fulfillments (id),
    CONSTRAINT exceptions_location_id_fkey
        FOREIGN KEY (location_id) REFERENCES stock.locations (id)
);

CREATE UNIQUE INDEX one_open_exception_of_a_kind ON orders.exceptions (fulfillment_id, kind)
    WHERE closed_at IS NULL;
CREATE INDEX exceptions_by_order ON orders.exceptions (order_id);
CREATE INDEX exceptions_open ON orders.exceptions (due_by, id) WHERE closed_at IS NULL;

-- Zones, cut-offs, and the days that customers were promised.
ALTER TABLE orders.delivery_methods
    ADD COLUMN zones JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN cut_off TEXT,
    ADD COLUMN from_location_id UUID,
    ADD CONSTRAINT delivery_methods_from_location_id_fkey
        FOREIGN KEY (from_location_id) REFERENCES stock.locations (id);

ALTER TABLE orders.orders
    ADD COLUMN arrives_from DATE,
    ADD COLUMN arrives_by DATE;

-- Labels of carriers, and what carriers say of parcels.
CREATE TABLE orders.parcels (
    id UUID NOT NULL,
    fulfillment_id UUID NOT NULL,
    carrier TEXT NOT NULL,
    lines JSONB NOT NULL,
    state TEXT NOT NULL,
    tracking_number TEXT DEFAULT '' NOT NULL,
    label TEXT DEFAULT '' NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT parcels_pkey PRIMARY KEY (id),
    CONSTRAINT parcels_state_known CHECK (state IN ('asked', 'labeled', 'refused', 'sent')),
    CONSTRAINT parcels_a_label_has_a_number
        CHECK (state NOT IN ('labeled', 'sent') OR tracking_number <> ''),
    CONSTRAINT parcels_fulfillment_id_fkey
        FOREIGN KEY (fulfillment_id) REFERENCES orders.fulfillments (id)
);

CREATE INDEX parcels_by_fulfillment ON orders.parcels (fulfillment_id);

ALTER TABLE orders.shipments
    ADD COLUMN state TEXT DEFAULT 'shipped' NOT NULL,
    ADD COLUMN noted_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT shipments_state_known
        CHECK (state IN ('shipped', 'collected', 'delivered', 'lost'));

CREATE INDEX shipments_by_number ON orders.shipments (tracking_number, carrier);
