-- A label names the customer: it lives as long as whom the order is for is known, and no longer.
CREATE TABLE orders.labels (
    parcel_id UUID NOT NULL,
    order_id UUID NOT NULL,
    document TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT labels_pkey PRIMARY KEY (parcel_id),
    CONSTRAINT labels_there_is_something_to_print CHECK (document <> ''),
    CONSTRAINT labels_parcel_id_fkey FOREIGN KEY (parcel_id) REFERENCES orders.parcels (id),
    CONSTRAINT labels_order_id_fkey FOREIGN KEY (order_id)
        REFERENCES orders.recipients (order_id) ON DELETE CASCADE
);

CREATE INDEX labels_by_order ON orders.labels (order_id);

CREATE INDEX labels_by_time ON orders.labels (made_at);

INSERT INTO orders.labels (parcel_id, order_id, document, made_at)
SELECT p.id, f.order_id, p.label, p.asked_at
FROM orders.parcels p
JOIN orders.fulfillments f ON f.id = p.fulfillment_id
JOIN orders.recipients r ON r.order_id = f.order_id
WHERE p.label <> '';

ALTER TABLE orders.parcels DROP COLUMN label;

-- All that a carrier says of a parcel, also before the store has said that it left.
CREATE TABLE orders.parcel_events (
    parcel_id UUID NOT NULL,
    event TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    noted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT parcel_events_pkey PRIMARY KEY (parcel_id, event, at)
);

INSERT INTO orders.parcel_events (parcel_id, event, at, noted_at)
SELECT id, state, noted_at, noted_at FROM orders.shipments
WHERE state <> 'shipped' AND noted_at IS NOT NULL;

CREATE INDEX parcels_labeled ON orders.parcels (tracking_number, carrier)
    WHERE state = 'labeled';

ALTER TABLE orders.shipments DROP CONSTRAINT shipments_state_known;

ALTER TABLE orders.shipments ADD CONSTRAINT shipments_state_known
    CHECK (state IN ('shipped', 'collected', 'in_transit', 'out_for_delivery', 'failed_attempt',
                     'delivered', 'returned_to_sender', 'lost'));

ALTER TABLE orders.exceptions DROP CONSTRAINT exceptions_kind_known;

ALTER TABLE orders.exceptions ADD CONSTRAINT exceptions_kind_known
    CHECK (kind IN ('late', 'rejected', 'short', 'uncollected', 'recount', 'undeliverable',
                    'returned_to_sender'));
