"""What must be true of those who come in, at any moment."""

from typing import LiteralString

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (
    Subject(table="identity.sessions", named="'customer session ' || id"),
    Subject(table="identity.linked_platforms", named="'linked platform ' || name"),
    Subject(table="identity.links", named="'link ' || id"),
)

_PURCHASES: LiteralString = """
    SELECT 'order ' || p.order_id AS row,
           CASE WHEN o.customer_id IS NOT NULL THEN 'was a customer''s from the first'
                WHEN g.order_id IS NULL THEN 'was never noted as a guest''s'
                ELSE 'joined by something that its guest did not say' END AS problem
    FROM identity.purchases p JOIN orders.orders o ON o.id = p.order_id
    LEFT JOIN identity.guest_orders g ON g.order_id = p.order_id
    WHERE o.customer_id IS NOT NULL OR g.order_id IS NULL
       OR CASE p.joined_by WHEN 'email' THEN g.email_digest IS NULL
                           ELSE g.phone_digest IS NULL OR g.email_digest IS NOT NULL END
    ORDER BY 1
"""

CHECKS = (
    Check(
        "guests_purchases_join_by_what_was_said",
        "A purchase that joined a customer was a guest's, who said what she has proved.",
        "SELECT count(*) FROM identity.purchases",
        _PURCHASES,
    ),
    changes_are_told(
        "changes_of_identity_are_told",
        "Every change of a customer's session, of a link and of its platform has its fact.",
        SUBJECTS,
    ),
)
