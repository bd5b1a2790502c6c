"""What must be true of carts at any moment."""

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (Subject(table="shopping.carts", named="'cart ' || id", version="revision"),)

CHECKS = (
    Check(
        "one_open_cart_for_one_owner",
        "Nobody has two open carts in one channel.",
        "SELECT count(*) FROM shopping.carts WHERE state IN ('open', 'paying')",
        """
        SELECT 'owner ' || owner_id || ' in channel ' || channel_id AS row,
               count(*) || ' open carts' AS problem
        FROM shopping.carts WHERE state IN ('open', 'paying')
        GROUP BY channel_id, owner_kind, owner_id HAVING count(*) > 1
        """,
    ),
    Check(
        "an_ordered_cart_is_one_order",
        "Every ordered cart became exactly one order of its owner, and no other cart did.",
        "SELECT count(*) FROM shopping.carts WHERE state = 'ordered'",
        """
        SELECT 'cart ' || c.id AS row,
               'is ' || c.state || ' and became ' || count(o.id) || ' orders' AS problem
        FROM shopping.carts c LEFT JOIN orders.orders o ON o.cart_id = c.id
        GROUP BY c.id, c.state HAVING count(o.id) <> CASE c.state WHEN 'ordered' THEN 1 ELSE 0 END
        UNION ALL
        SELECT 'cart ' || c.id, 'its order ' || o.number || ' is of another customer or channel'
        FROM shopping.carts c JOIN orders.orders o ON o.cart_id = c.id
        WHERE o.channel_id <> c.channel_id
           OR (c.owner_kind = 'customer' AND o.customer_id IS DISTINCT FROM c.owner_id)
        """,
    ),
    Check(
        "carts_hold_no_more_than_they_want",
        "What is held for a cart is held for a line of it, never more than it wants, and for no"
        " cart that was ordered or merged.",
        """
        SELECT count(*) FROM ledger.holds h JOIN shopping.carts c ON c.id = h.owner_id
        WHERE h.state = 'live'
        """,
        """
        WITH held AS (
            SELECT owner_id, line_id, sum(amount - posted - released) AS pieces
            FROM ledger.holds WHERE state = 'live' GROUP BY owner_id, line_id
        )
        SELECT 'cart ' || c.id || ', line ' || h.line_id AS row,
               h.pieces || ' held, ' || coalesce(l.quantity, 0) || ' wanted; the cart is '
                   || c.state AS problem
        FROM held h
        JOIN shopping.carts c ON c.id = h.owner_id
        LEFT JOIN shopping.cart_lines l ON l.id = h.line_id AND l.cart_id = c.id
        WHERE h.pieces > coalesce(l.quantity, 0) OR c.state IN ('ordered', 'merged')
        """,
    ),
    Check(
        "what_is_held_for_a_cart_has_an_end",
        "Where anything is held for a cart that may still be ordered, the cart says until when.",
        """
        SELECT count(*) FROM ledger.holds h JOIN shopping.carts c ON c.id = h.owner_id
        WHERE h.state = 'live' AND c.state IN ('open', 'paying')
        """,
        """
        SELECT 'cart ' || c.id AS row,
               count(*) || ' live holds, and the cart says that nothing is held' AS problem
        FROM ledger.holds h JOIN shopping.carts c ON c.id = h.owner_id
        WHERE h.state = 'live' AND c.state IN ('open', 'paying') AND c.hold_until IS NULL
        GROUP BY c.id
        """,
    ),
    Check(
        "closed_carts_know_nobody",
        "Personal data stays only with carts that are open or being paid.",
        "SELECT count(*) FROM shopping.recipients",
        """
        SELECT 'cart ' || c.id AS row, 'is ' || c.state || ' and has a recipient' AS problem
        FROM shopping.carts c JOIN shopping.recipients r ON r.cart_id = c.id
        WHERE c.state NOT IN ('open', 'paying')
        """,
    ),
    Check(
        "a_paying_cart_is_being_paid",
        "A cart is being paid exactly as long as a payment of it is under way.",
        "SELECT count(*) FROM shopping.carts WHERE state = 'paying'",
        """
        SELECT 'cart ' || c.id AS row, 'is paying, and nobody is at it' AS problem
        FROM shopping.carts c
        WHERE c.state = 'paying'
          AND NOT EXISTS (SELECT FROM kernel.processes p
                          WHERE p.subject_id = c.id AND p.kind = 'shopping.pay'
                            AND p.state IN ('running', 'stuck'))
        """,
    ),
    changes_are_told("changes_of_carts_are_told", "Every change of a cart has its fact.", SUBJECTS),
)
