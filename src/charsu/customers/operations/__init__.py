"""What changes customers, one verb a file."""

from charsu.customers.operations.put_customer import put_customer

__all__ = ["put_customer"]
