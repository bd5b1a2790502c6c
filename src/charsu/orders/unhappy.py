"""What must be true of what goes otherwise than promised: it is somebody's, and nothing is lost."""

from charsu.kernel.check import Check

UNHAPPY = (
    Check(
        "labels_name_nobody_in_vain",
        "A label is kept only of a parcel whose carrier does not have it yet, in its own order.",
        "SELECT count(*) FROM orders.labels",
        """
        SELECT 'label of parcel ' || l.parcel_id AS row,
               CASE WHEN p.state NOT IN ('labeled', 'sent') THEN 'the parcel is ' || p.state
                    WHEN s.state <> 'shipped' THEN 'its carrier says ' || s.state
                    WHEN r.order_id IS NULL THEN 'whom it names was erased'
                    ELSE 'it lies with another order' END AS problem
        FROM orders.labels l
        JOIN orders.parcels p ON p.id = l.parcel_id
        JOIN orders.fulfillments f ON f.id = p.fulfillment_id
        LEFT JOIN orders.shipments s ON s.id = p.id
        LEFT JOIN orders.recipients r ON r.order_id = l.order_id
        WHERE p.state NOT IN ('labeled', 'sent') OR s.state <> 'shipped'
           OR r.order_id IS NULL OR f.order_id <> l.order_id
        """,
    ),
    Check(
        "open_exceptions_have_an_owner_and_a_timer",
        "Every open exception of an order is a role's to see to by a time after it was opened.",
        "SELECT count(*) FROM orders.exceptions WHERE closed_at IS NULL",
        """
        SELECT 'exception ' || id AS row,
               'is of ' || coalesce(nullif(owner, ''), 'nobody') || ', until '
                   || coalesce(due_by::text, 'ever') AS problem
        FROM orders.exceptions
        WHERE closed_at IS NULL
          AND (coalesce(owner, '') NOT IN ('picker', 'stockkeeper', 'support', 'manager')
               OR due_by IS NULL OR due_by < opened_at
               OR kind IN ('rejected', 'short') AND options ->> 'otherwise' IS NULL)
        """,
    ),
    Check(
        "what_was_ordered_is_seen_to",
        "Each piece that neither left nor was canceled is a location's to do, or an exception's.",
        "SELECT count(*) FROM orders.order_lines WHERE fulfilled + canceled < quantity",
        """
        WITH asked AS (
            SELECT line_id, sum(quantity - done - canceled) AS pieces
            FROM orders.fulfillment_lines GROUP BY line_id
        ), adrift AS (
            SELECT l.key::uuid AS line_id, sum(l.value::bigint) AS pieces
            FROM orders.exceptions e CROSS JOIN LATERAL jsonb_each_text(e.lines) l
            WHERE e.closed_at IS NULL AND e.kind IN ('rejected', 'short') GROUP BY l.key
        )
        SELECT 'line ' || l.id AS row,
               l.quantity - l.fulfilled - l.canceled || ' open; ' || coalesce(a.pieces, 0)
                   || ' at locations, ' || coalesce(d.pieces, 0) || ' in exceptions' AS problem
        FROM orders.order_lines l
        JOIN orders.orders o ON o.id = l.order_id AND NOT o.is_historical
        LEFT JOIN asked a ON a.line_id = l.id
        LEFT JOIN adrift d ON d.line_id = l.id
        WHERE l.quantity - l.fulfilled - l.canceled
              <> coalesce(a.pieces, 0) + coalesce(d.pieces, 0)
        """,
    ),
    Check(
        "what_went_wrong_has_an_exception",
        "Whatever was rejected, short, late, lost, sent back or not collected became an exception.",
        "SELECT count(*) FROM orders.exceptions",
        """
        WITH wrong AS (
            SELECT (body ->> 'fulfillment_id')::uuid AS fulfillment_id,
                   CASE name WHEN 'orders.fulfillment_rejected' THEN 'rejected'
                             WHEN 'orders.goods_picked' THEN 'short'
                             WHEN 'orders.fulfillment_late' THEN 'late'
                             ELSE 'uncollected' END AS kind
            FROM kernel.facts
            WHERE name IN ('orders.fulfillment_rejected', 'orders.fulfillment_late',
                           'orders.pickup_not_collected')
               OR (name = 'orders.goods_picked' AND (body ->> 'missing')::bigint > 0)
            UNION ALL
            SELECT fulfillment_id, 'undeliverable' FROM orders.shipments WHERE state = 'lost'
            UNION ALL
            SELECT fulfillment_id, state FROM orders.shipments WHERE state = 'returned_to_sender'
        )
        SELECT DISTINCT 'fulfillment ' || w.fulfillment_id AS row,
               'was ' || w.kind || ', and nobody was to see to it' AS problem
        FROM wrong w
        WHERE NOT EXISTS (SELECT FROM orders.exceptions e
                          WHERE e.fulfillment_id = w.fulfillment_id AND e.kind = w.kind)
        """,
    ),
)
