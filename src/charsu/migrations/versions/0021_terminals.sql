-- Card terminals in stores: what was asked of each, and how its days ended.
CREATE TABLE orders.terminals (
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    location_id UUID NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    is_active BOOLEAN NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT terminals_pkey PRIMARY KEY (id),
    CONSTRAINT one_row_for_one_terminal UNIQUE (kind, number),
    CONSTRAINT terminals_code_key UNIQUE (code),
    CONSTRAINT terminals_location_id_fkey FOREIGN KEY(location_id) REFERENCES stock.locations (id)
);

CREATE INDEX terminals_by_location ON orders.terminals (location_id);

CREATE TABLE orders.terminal_closings (
    id UUID NOT NULL,
    terminal_id UUID NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    totals JSONB DEFAULT '[]' NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    CONSTRAINT terminal_closings_pkey PRIMARY KEY (id),
    CONSTRAINT terminal_closings_state_known CHECK (state IN ('asked', 'done')),
    CONSTRAINT terminal_closings_ended_at_some_time CHECK ((state = 'asked') = (ended_at IS NULL)),
    CONSTRAINT closings_are_numbered UNIQUE (terminal_id, number),
    CONSTRAINT terminal_closings_terminal_id_fkey FOREIGN KEY(terminal_id) REFERENCES orders.terminals (id)
);

CREATE UNIQUE INDEX one_closing_of_a_terminal_at_a_time ON orders.terminal_closings (terminal_id) WHERE ended_at IS NULL;

CREATE TABLE orders.terminal_payments (
    id UUID NOT NULL,
    terminal_id UUID NOT NULL,
    order_id UUID NOT NULL,
    currency TEXT NOT NULL,
    amount_minor BIGINT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT DEFAULT '' NOT NULL,
    asked_by UUID NOT NULL,
    asked_at TIMESTAMPTZ NOT NULL,
    shown_at TIMESTAMPTZ,
    cancel_asked_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    payment_id UUID,
    reference TEXT,
    last_four TEXT DEFAULT '' NOT NULL,
    scheme TEXT DEFAULT '' NOT NULL,
    authorization_code TEXT DEFAULT '' NOT NULL,
    printed_terminal TEXT DEFAULT '' NOT NULL,
    closing_id UUID,
    back_closing_id UUID,
    version INTEGER NOT NULL,
    CONSTRAINT terminal_payments_pkey PRIMARY KEY (id),
    CONSTRAINT terminal_payments_some_amount CHECK (amount_minor > 0),
    CONSTRAINT terminal_payments_state_known CHECK (state IN ('asked', 'shown', 'unknown', 'paid', 'declined', 'canceled', 'failed', 'unwanted', 'given_back')),
    CONSTRAINT terminal_payments_ended_at_some_time CHECK ((state IN ('asked', 'shown', 'unknown')) = (ended_at IS NULL)),
    CONSTRAINT terminal_payments_what_is_paid_is_booked CHECK ((state = 'paid') = (payment_id IS NOT NULL)),
    CONSTRAINT terminal_payments_what_was_taken_has_a_reference CHECK ((state IN ('paid', 'unwanted', 'given_back')) = (reference IS NOT NULL)),
    CONSTRAINT terminal_payments_no_more_of_a_card_than_four_digits CHECK (last_four ~ '^([0-9]{4})?$'),
    CONSTRAINT terminal_payments_terminal_id_fkey FOREIGN KEY(terminal_id) REFERENCES orders.terminals (id),
    CONSTRAINT terminal_payments_order_id_fkey FOREIGN KEY(order_id) REFERENCES orders.orders (id),
    CONSTRAINT terminal_payments_payment_id_key UNIQUE (payment_id),
    CONSTRAINT terminal_payments_payment_id_fkey FOREIGN KEY(payment_id) REFERENCES orders.payments (id),
    CONSTRAINT terminal_payments_closing_id_fkey FOREIGN KEY(closing_id) REFERENCES orders.terminal_closings (id),
    CONSTRAINT terminal_payments_back_closing_id_fkey FOREIGN KEY(back_closing_id) REFERENCES orders.terminal_closings (id)
);

CREATE UNIQUE INDEX one_payment_on_a_terminal_at_a_time ON orders.terminal_payments (terminal_id) WHERE ended_at IS NULL;

CREATE INDEX terminal_payments_by_back_closing ON orders.terminal_payments (back_closing_id);

CREATE INDEX terminal_payments_by_closing ON orders.terminal_payments (closing_id);

CREATE INDEX terminal_payments_by_order ON orders.terminal_payments (order_id);

CREATE INDEX terminal_payments_by_terminal ON orders.terminal_payments (terminal_id, id);

-- What went back to the card is counted by a day-end of the terminal that took it.
ALTER TABLE orders.refunds ADD COLUMN closing_id UUID;

ALTER TABLE orders.refunds ADD CONSTRAINT refunds_closing_id_fkey
    FOREIGN KEY (closing_id) REFERENCES orders.terminal_closings (id);

CREATE INDEX refunds_by_payment ON orders.refunds (payment_id);

CREATE INDEX refunds_by_closing ON orders.refunds (closing_id) WHERE closing_id IS NOT NULL;

-- Somebody of those whose it is sees to an exception.
ALTER TABLE orders.exceptions ADD COLUMN taken_by UUID;

ALTER TABLE orders.exceptions ADD COLUMN taken_at TIMESTAMPTZ;

ALTER TABLE orders.exceptions ADD CONSTRAINT exceptions_taken_at_some_time
    CHECK ((taken_by IS NULL) = (taken_at IS NULL));
