"""Who buys: each customer once, under every identifier she comes in with."""

from charsu.customers.errors import (
    CustomersBusy,
    IdentifierMissing,
    IdentifierTaken,
    PhoneInvalid,
)
from charsu.customers.facts import CustomerIntroduced, CustomerRevised
from charsu.customers.model import Address, CustomerDraft, phone_key
from charsu.customers.operations.put_customer import (
    CustomerOutcome,
    CustomerStored,
    PutCustomer,
    diff_customers,
    put_customer,
    put_many_customers,
)
from charsu.customers.queries.find_customers import CustomersFound, FindCustomers, find_customers
from charsu.customers.queries.view_customer import CustomerView, ViewCustomer, view_customer

__all__ = [
    "Address",
    "CustomerDraft",
    "CustomerIntroduced",
    "CustomerOutcome",
    "CustomerRevised",
    "CustomerStored",
    "CustomerView",
    "CustomersBusy",
    "CustomersFound",
    "FindCustomers",
    "IdentifierMissing",
    "IdentifierTaken",
    "PhoneInvalid",
    "PutCustomer",
    "ViewCustomer",
    "diff_customers",
    "find_customers",
    "phone_key",
    "put_customer",
    "put_many_customers",
    "view_customer",
]
