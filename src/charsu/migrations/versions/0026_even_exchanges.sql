ALTER TABLE orders.order_lines
    ADD COLUMN exchanged_line_id uuid,
    ADD CONSTRAINT order_lines_exchanged_line_id_fkey
        FOREIGN KEY (exchanged_line_id) REFERENCES orders.order_lines (id);

CREATE INDEX lines_exchanged_evenly ON orders.order_lines (exchanged_line_id)
    WHERE exchanged_line_id IS NOT NULL;
