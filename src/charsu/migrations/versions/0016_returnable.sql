CREATE INDEX recipients_by_email ON orders.recipients (lower(email)) WHERE email <> '';

CREATE INDEX recipients_by_phone ON orders.recipients (
    "right"(ltrim(regexp_replace(phone, '[^0-9]', '', 'g'), '0'), 8)
) WHERE phone <> '';
