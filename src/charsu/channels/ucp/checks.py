"""What must be true of the shopping door at any moment."""

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (Subject(table="ucp.sessions", named="kind || ' session ' || id", version="version"),)

CHECKS = (
    Check(
        "ucp_sessions_that_are_over_know_nobody",
        "Personal data stays with sessions of platforms that are not over.",
        "SELECT count(*) FROM ucp.buyers",
        """
        SELECT 'session ' || s.id AS row, 'is ' || s.state || ' and knows its buyer' AS problem
        FROM ucp.sessions s JOIN ucp.buyers b ON b.session_id = s.id
        WHERE s.state IN ('completed', 'canceled')
        """,
    ),
    Check(
        "ucp_checkouts_became_their_orders",
        "Every completed checkout of a platform became the order of its own cart.",
        "SELECT count(*) FROM ucp.sessions WHERE order_id IS NOT NULL",
        """
        SELECT 'session ' || s.id AS row, 'its order is of another cart' AS problem
        FROM ucp.sessions s LEFT JOIN orders.orders o ON o.id = s.order_id
        WHERE s.order_id IS NOT NULL AND o.cart_id IS DISTINCT FROM s.cart_id
        """,
    ),
    changes_are_told(
        "changes_of_ucp_sessions_are_told",
        "Every change of a session of a platform has its fact.",
        SUBJECTS,
    ),
)
