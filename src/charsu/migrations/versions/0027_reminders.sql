ALTER TABLE orders.fulfillments ADD COLUMN reminded_for timestamptz;
ALTER TABLE orders.exceptions ADD COLUMN reminded_for timestamptz;
