"""Customers by what they say at the counter."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers.model import email_key, phone_key
from charsu.customers.queries.view_customer import CustomerView, viewed
from charsu.customers.stored import profiles_of
from charsu.kernel import Mark, PageUnknown, Tx, cut, query, read_mark

_FIND: LiteralString = """
    SELECT DISTINCT customer_id FROM customers.identifiers
    WHERE (kind, value_key) IN (('external', %(as_it_is)s), ('email', %(as_email)s),
                                ('phone', %(as_phone)s))
      AND (%(last)s::uuid IS NULL OR customer_id > %(last)s)
    ORDER BY customer_id LIMIT %(limit)s
"""


class FindCustomers(Struct, frozen=True, kw_only=True):
    """An e-mail address, a telephone number, or a number that another system gave."""

    text: Annotated[str, Meta(min_length=1, max_length=254)]
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class CustomersFound(Struct, frozen=True):
    """Who it may be, those longest known first; ``next`` asks for those after."""

    customers: tuple[CustomerView, ...]
    next: str | None


@query(
    "customers.find",
    permission="customers.read",
    http="GET /v1/customers",
    raises=(PageUnknown,),
)
def find_customers(tx: Tx, ask: FindCustomers) -> CustomersFound:
    """Customers with this e-mail address, telephone number or external id."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(
        _FIND,
        as_it_is=ask.text.strip(),
        as_email=email_key(ask.text.strip()),
        as_phone=phone_key(ask.text),
        last=last,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "customer_id")
    profiles = profiles_of(tx, [row.customer_id for row in shown])
    return CustomersFound(tuple(viewed(profiles[row.customer_id]) for row in shown), more)
