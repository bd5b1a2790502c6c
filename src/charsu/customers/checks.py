"""What must be true of customers at any moment."""

from typing import LiteralString

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (Subject(table="customers.customers", named="'customer ' || id"),)

_PERSONS: LiteralString = """
    SELECT 'customer ' || c.id AS row,
           CASE WHEN c.state = 'erased' THEN 'erased, and still known by name'
                ELSE 'no longer known by anything' END AS problem
    FROM customers.customers c
    WHERE CASE c.state
              WHEN 'erased'
              THEN EXISTS (SELECT FROM customers.persons p WHERE p.customer_id = c.id)
                OR EXISTS (SELECT FROM customers.identifiers i WHERE i.customer_id = c.id)
              ELSE NOT EXISTS (SELECT FROM customers.identifiers i
                               WHERE i.customer_id = c.id
                                 AND (i.kind <> 'phone' OR i.exact_key IS NOT NULL))
               AND NOT EXISTS (SELECT FROM customers.merges m WHERE m.absorbed_id = c.id)
          END
    ORDER BY 1
"""

_MERGES: LiteralString = """
    WITH RECURSIVE up AS (
        SELECT absorbed_id AS began, survivor_id AS id, 1 AS depth FROM customers.merges
        WHERE undone_at IS NULL
        UNION ALL
        SELECT up.began, m.survivor_id, up.depth + 1 FROM up
        JOIN customers.merges m ON m.absorbed_id = up.id AND m.undone_at IS NULL
        WHERE up.depth < 100 AND up.id <> up.began
    )
    SELECT 'customer ' || began AS row,
           CASE WHEN up.id = began THEN 'turned out to be herself in a circle'
                ELSE 'was merged into one who is no customer any more' END AS problem
    FROM up JOIN customers.customers c ON c.id = up.id
    JOIN customers.customers b ON b.id = up.began
    WHERE up.id = began OR (c.state = 'erased' AND b.state <> 'erased')
    UNION
    SELECT 'merge ' || id, 'ended before it began' FROM customers.merges
    WHERE undone_at < merged_at
    ORDER BY 1
"""

CHECKS = (
    Check(
        "customers_can_be_found",
        "Each customer can be found by an identifier, and nothing is known of an erased one.",
        "SELECT count(*) FROM customers.customers",
        _PERSONS,
    ),
    Check(
        "each_customer_has_one_who_answers",
        "Customers that were merged lead to one who answers for them, without a circle.",
        "SELECT count(*) FROM customers.merges",
        _MERGES,
    ),
    changes_are_told(
        "changes_of_customers_are_told", "Every change of a customer has its fact.", SUBJECTS
    ),
)
