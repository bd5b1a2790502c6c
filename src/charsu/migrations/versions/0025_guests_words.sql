CREATE TABLE identity.guest_consents (
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    channel TEXT NOT NULL,
    is_granted BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    wording TEXT NOT NULL,
    said_by UUID NOT NULL,
    said_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT guest_consents_pkey PRIMARY KEY (id),
    CONSTRAINT one_word_of_a_guest_with_an_order UNIQUE (order_id, purpose, channel),
    CONSTRAINT guest_consents_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id)
);

ALTER TABLE customers.consents ADD COLUMN guest_order_id UUID;
