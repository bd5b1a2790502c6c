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
                               WHERE i.customer_id = c.id AND i.kind <> 'phone')
          END
    ORDER BY 1
"""

CHECKS = (
    Check(
        "customers_can_be_found",
        "Each customer can be found by an identifier, and nothing is known of an erased one.",
        "SELECT count(*) FROM customers.customers",
        _PERSONS,
    ),
    changes_are_told(
        "changes_of_customers_are_told", "Every change of a customer has its fact.", SUBJECTS
    ),
)
