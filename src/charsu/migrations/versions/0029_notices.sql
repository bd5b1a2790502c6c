CREATE TABLE identity.notices (
    id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers.customers (id),
    kind text NOT NULL,
    address text NOT NULL,
    language text NOT NULL,
    made_at timestamptz NOT NULL,
    send_at timestamptz NOT NULL,
    sendings integer NOT NULL DEFAULT 0,
    CONSTRAINT notices_kind_is_known CHECK (kind IN ('email', 'phone'))
);
CREATE INDEX notices_by_customer ON identity.notices (customer_id);
CREATE INDEX notices_to_send ON identity.notices (send_at);
