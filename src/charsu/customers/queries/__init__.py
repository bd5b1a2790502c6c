"""What is asked of customers, one question a file."""

from charsu.customers.queries.consents import consents
from charsu.customers.queries.find_customers import find_customers
from charsu.customers.queries.view_customer import view_customer

__all__ = ["consents", "find_customers", "view_customer"]
