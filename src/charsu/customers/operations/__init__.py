"""What changes customers, one verb a file."""

from charsu.customers.operations.add_identifier import add_identifier
from charsu.customers.operations.merge import merge_customers, undo_merge
from charsu.customers.operations.put_customer import put_customer
from charsu.customers.operations.set_consent import set_consent

__all__ = ["add_identifier", "merge_customers", "put_customer", "set_consent", "undo_merge"]
