CREATE TABLE kernel.seals_made (
    is_only_row BOOLEAN DEFAULT true NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT seals_made_pkey PRIMARY KEY (is_only_row),
    CONSTRAINT seals_made_one_row CHECK (is_only_row)
);

INSERT INTO kernel.seals_made (number)
SELECT max(number) FROM kernel.seals HAVING count(*) > 0;
