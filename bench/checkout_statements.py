"""The statements of ``checkout_by_hand``: thirteen for a checkout, in four transactions."""

from typing import LiteralString

OPEN: LiteralString = """
    SELECT clock_timestamp(), pg_try_advisory_xact_lock(%(lock)s),
           (SELECT answer FROM kernel.effects
            WHERE actor_id = %(actor)s AND operation = %(operation)s AND key = %(key)s)
"""

GOODS: LiteralString = """
    SELECT v.id, v.sku, t.title, r.amount_minor, b.account_id
    FROM catalog.variants v
    JOIN catalog.products p ON p.id = v.product_id AND p.status = 'active'
    JOIN catalog.product_texts t ON t.product_id = p.id AND t.language = 'en'
    JOIN pricing.price_lists l ON l.channel_id = %(channel)s AND l.currency = 'EUR'
    JOIN pricing.prices r ON r.list_id = l.id AND r.variant_id = v.id
    JOIN ledger.balances b ON b.thing_id = v.id AND b.kind = 'on_hand' AND b.pool_id IS NULL
    WHERE v.id = %(id)s AND NOT v.is_archived AND b.posted - b.held >= 1
    ORDER BY r.valid_from DESC LIMIT 1
"""

_EFFECT: LiteralString = """
    INSERT INTO kernel.effects (actor_id, operation, key, ask_digest, answer, at)
    VALUES (%(actor)s, %(operation)s, %(key)s, %(digest)s, %(answer)s, clock_timestamp())
"""

_FACTS: LiteralString = """
    INSERT INTO kernel.facts (id, name, subject_id, version, at, actor_id, operation, body)
    SELECT id, name, subject, version, clock_timestamp(), %(actor)s, %(operation)s, body
    FROM ROWS FROM (
        unnest(%(ids)s::uuid[], %(names)s::text[], %(subjects)s::uuid[], %(versions)s::bigint[]),
        jsonb_array_elements(%(bodies)s::jsonb)
    ) AS f (id, name, subject, version, body)
"""

CREATE: LiteralString = (
    """
    WITH cart AS (
        INSERT INTO shopping.carts
            (id, channel_id, owner_kind, owner_id, currency, country, kind, state, codes,
             opened_at, active_at, expires_at, revision)
        VALUES (%(cart)s, %(channel)s, 'guest', %(owner)s, 'EUR', 'RS', 'ship', 'open', '{}',
                clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '30 days', 2)
    ), line AS (
        INSERT INTO shopping.cart_lines (id, cart_id, variant_id, quantity, seen_minor)
        VALUES (%(line)s, %(cart)s, %(variant_id)s, 1, %(seen)s)
    ), reader AS (
        INSERT INTO shopping.recipients (cart_id, name, email, phone, street, postcode, town, note)
        VALUES (%(cart)s, %(name)s, %(email)s, '', '', '', '', '')
    ), session AS (
        INSERT INTO ucp.sessions (id, kind, platform_id, cart_id, state, method, seen_total_minor,
                                  opened_at, expires_at, version)
        VALUES (%(session)s, 'checkout', %(actor)s, %(cart)s, 'open', 'ship', %(seen)s,
                clock_timestamp(), clock_timestamp() + interval '6 hours', 1)
    ), buyer AS (
        INSERT INTO ucp.buyers (session_id, person, address)
        VALUES (%(session)s, %(person)s::jsonb, '{}')
    ), effect AS ("""
    + _EFFECT
    + ")"
    + _FACTS
)

LOCK: LiteralString = """
    SELECT c.id, l.id, l.variant_id
    FROM ucp.sessions s
    JOIN shopping.carts c ON c.id = s.cart_id
    JOIN shopping.cart_lines l ON l.cart_id = c.id
    WHERE s.id = %(session)s FOR UPDATE OF s, c
"""

UPDATE: LiteralString = (
    """
    WITH cart AS (
        UPDATE shopping.carts
        SET delivery_method = 'post', active_at = clock_timestamp(),
            expires_at = clock_timestamp() + interval '30 days', revision = revision + 1
        WHERE id = %(cart)s
    ), line AS (
        UPDATE shopping.cart_lines SET quantity = 1 WHERE id = %(line)s
    ), reader AS (
        UPDATE shopping.recipients
        SET name = %(name)s, email = %(email)s, street = %(street)s, postcode = %(postcode)s,
            town = %(town)s
        WHERE cart_id = %(cart)s
    ), session AS (
        UPDATE ucp.sessions
        SET destination_id = 'home', seen_total_minor = %(total)s,
            expires_at = clock_timestamp() + interval '6 hours', version = version + 1
        WHERE id = %(session)s
    ), buyer AS (
        UPDATE ucp.buyers SET person = %(person)s::jsonb, address = %(address)s::jsonb
        WHERE session_id = %(session)s
    ), effect AS ("""
    + _EFFECT
    + ")"
    + _FACTS
)

TAKE: LiteralString = """
    WITH taken AS (
        UPDATE ledger.balances SET held = held + 1
        WHERE account_id = %(account)s AND posted - held >= 1 RETURNING account_id
    ), kept AS (
        INSERT INTO ledger.holds
            (id, account_id, to_account_id, amount, owner_id, line_id, made_at, expires_at)
        SELECT %(hold)s, account_id, (SELECT id FROM ledger.accounts WHERE kind = 'sold' LIMIT 1),
               1, %(cart)s, %(line)s, clock_timestamp(), clock_timestamp() + interval '20 minutes'
        FROM taken
    )
    SELECT count(*) FROM taken
"""

BEGIN: LiteralString = (
    """
    WITH payment AS (
        INSERT INTO orders.authorizations (id, cart_id, provider, currency, asked_minor, state,
                                           asked_at, version)
        VALUES (%(payment)s, %(cart)s, 'test', 'EUR', %(total)s, 'asked', clock_timestamp(), 1)
    ), cart AS (
        UPDATE shopping.carts
        SET state = 'paying', held_since = clock_timestamp(),
            hold_until = clock_timestamp() + interval '20 minutes', revision = revision + 1
        WHERE id = %(cart)s
    ), process AS (
        INSERT INTO kernel.processes (id, kind, subject_id, step, data, state, due_at, begun_at,
                                      leased_until)
        VALUES (%(payment)s, 'shopping.pay', %(cart)s, 'authorize', '{"token": "tok_ucp"}',
                'running', clock_timestamp(), clock_timestamp(),
                clock_timestamp() + interval '2 minutes')
    ), session AS (
        UPDATE ucp.sessions SET state = 'paying', version = version + 1 WHERE id = %(session)s
    ), effect AS ("""
    + _EFFECT
    + ")"
    + _FACTS
)

LOCK_ALL: LiteralString = """
    SELECT c.id FROM shopping.carts c
    JOIN orders.authorizations a ON a.id = %(payment)s AND a.state = 'asked'
    JOIN ucp.sessions s ON s.id = %(session)s AND s.state = 'paying'
    WHERE c.id = %(cart)s AND c.state = 'paying' FOR UPDATE
"""

ORDER: LiteralString = (
    """
    WITH placed AS (
        INSERT INTO orders.orders
            (id, channel_id, cart_id, kind, state, payment_state, currency, tax_mode, country,
             subtotal_minor, discount_minor, delivery_minor, delivery_tax_minor, tax_minor,
             total_minor, placed_at, version)
        VALUES (%(order)s, %(channel)s, %(cart)s, 'ship', 'open', 'authorized', 'EUR', 'included',
                'RS', %(amount)s, 0, %(delivery)s, %(delivery_tax)s, %(tax)s, %(total)s,
                clock_timestamp(), 1)
        RETURNING number
    ), bought AS (
        INSERT INTO orders.order_lines
            (id, order_id, position, variant_id, sku, title, unit, quantity, unit_minor,
             subtotal_minor, discount_minor, tax_rate_ppm, tax_minor, total_minor)
        VALUES (%(order_line)s, %(order)s, 1, %(variant)s, %(sku)s, %(title)s, 'H87', 1,
                %(amount)s, %(amount)s, 0, 200000, %(line_tax)s, %(amount)s)
    ), asked AS (
        INSERT INTO orders.fulfillments
            (id, order_id, location_id, kind, state, due_by, step_by, version)
        VALUES (%(task)s, %(order)s, %(location)s, 'ship', 'waiting',
                clock_timestamp() + interval '24 hours', clock_timestamp() + interval '24 hours', 1)
    ), parts AS (
        INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity)
        VALUES (%(part)s, %(task)s, %(order_line)s, 1)
    ), receiver AS (
        INSERT INTO orders.recipients (order_id, name, email, phone, street, postcode, town, note)
        SELECT %(order)s, name, email, phone, street, postcode, town, note
        FROM shopping.recipients WHERE cart_id = %(cart)s
    ), forgotten AS (
        DELETE FROM shopping.recipients WHERE cart_id = %(cart)s
    ), hold AS (
        UPDATE ledger.holds SET owner_id = %(order)s, line_id = %(order_line)s, expires_at = NULL
        WHERE owner_id = %(cart)s AND state = 'live'
    ), cart AS (
        UPDATE shopping.carts
        SET state = 'ordered', held_since = NULL, hold_until = NULL, revision = revision + 1
        WHERE id = %(cart)s
    ), payment AS (
        UPDATE orders.authorizations
        SET state = 'authorized', reference = %(reference)s, authorized_minor = asked_minor,
            order_id = %(order)s, version = version + 2
        WHERE id = %(payment)s
    ), session AS (
        UPDATE ucp.sessions SET state = 'completed', order_id = %(order)s, version = version + 1
        WHERE id = %(session)s
    ), buyer AS (
        DELETE FROM ucp.buyers WHERE session_id = %(session)s
    ), process AS (
        UPDATE kernel.processes
        SET state = 'done', ended_at = clock_timestamp(), leased_until = NULL
        WHERE id = %(payment)s
    ), facts AS ("""
    + _FACTS
    + ") SELECT number FROM placed"
)

# What checkouts leave behind, ids and times aside: the kinds of rows, and how many for each order.
ROWS: dict[str, LiteralString] = {
    "orders": """
        SELECT DISTINCT kind, state, payment_state, subtotal_minor, delivery_minor, tax_minor,
               delivery_tax_minor, total_minor, version FROM orders.orders""",
    "lines": """
        SELECT DISTINCT unit, quantity, unit_minor, tax_rate_ppm, tax_minor, total_minor
        FROM orders.order_lines""",
    "tasks": """
        SELECT DISTINCT f.kind, f.state, f.version, l.quantity, l.done
        FROM orders.fulfillments f JOIN orders.fulfillment_lines l ON l.fulfillment_id = f.id""",
    "people": "SELECT DISTINCT name, email, phone, street, postcode, town FROM orders.recipients",
    "carts": """
        SELECT DISTINCT kind, state, delivery_method, revision, held_since FROM shopping.carts""",
    "sessions": """
        SELECT DISTINCT kind, state, method, destination_id, seen_total_minor, version
        FROM ucp.sessions""",
    "payments": """
        SELECT DISTINCT provider, state, asked_minor, authorized_minor, version
        FROM orders.authorizations""",
    "processes": "SELECT DISTINCT kind, step, state FROM kernel.processes",
    "holds": "SELECT DISTINCT amount, posted, state, expires_at FROM ledger.holds",
    "facts": """
        SELECT DISTINCT name, version, operation FROM kernel.facts
        WHERE operation LIKE 'ucp.%' OR operation = 'shopping.payment_answered'""",
    "per order": """
        SELECT round(count(*) / (SELECT count(*) FROM orders.orders)::numeric, 6) FROM (
            SELECT FROM orders.order_lines UNION ALL SELECT FROM orders.fulfillments
            UNION ALL SELECT FROM orders.fulfillment_lines UNION ALL SELECT FROM orders.recipients
            UNION ALL SELECT FROM shopping.carts UNION ALL SELECT FROM shopping.cart_lines
            UNION ALL SELECT FROM ucp.sessions UNION ALL SELECT FROM ledger.holds
            UNION ALL SELECT FROM orders.authorizations UNION ALL SELECT FROM kernel.processes
            UNION ALL SELECT FROM kernel.effects WHERE operation LIKE 'ucp.%'
            UNION ALL SELECT FROM kernel.facts
                      WHERE operation LIKE 'ucp.%' OR operation = 'shopping.payment_answered'
        ) r""",
    "personal data of what is over": """
        SELECT (SELECT count(*) FROM shopping.recipients), (SELECT count(*) FROM ucp.buyers)""",
}
