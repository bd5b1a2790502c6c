-- Some goods of a cart may be picked up at a store of their own, while the others are sent.
ALTER TABLE shopping.cart_lines ADD COLUMN location_id UUID;

ALTER TABLE shopping.cart_lines ADD CONSTRAINT cart_lines_location_id_fkey
    FOREIGN KEY (location_id) REFERENCES stock.locations (id);

ALTER TABLE shopping.carts ADD COLUMN pickup_method TEXT;

-- Which goods of a checkout its buyer wants to pick up, before she says where.
ALTER TABLE ucp.sessions ADD COLUMN picked_up UUID[] DEFAULT '{}' NOT NULL;
