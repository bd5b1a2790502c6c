"""Who buys: each customer once, under every identifier she comes in with."""

from charsu.customers.erasing import Names, forget, take_names
from charsu.customers.errors import (
    AlreadyMerged,
    CustomersBusy,
    IdentifierMissing,
    IdentifierTaken,
    PhoneInvalid,
    SameCustomer,
)
from charsu.customers.facts import CustomerIntroduced, CustomerRevised, IdentifierVerified
from charsu.customers.families import family_of, lock_family, root_of
from charsu.customers.model import (
    Address,
    CustomerDraft,
    Identifier,
    Purpose,
    email_identifier,
    exact_phone,
    phone_identifier,
    phone_key,
)
from charsu.customers.operations.add_identifier import AddIdentifier, add_identifier
from charsu.customers.operations.merge import (
    MergeCustomers,
    UndoMerge,
    merge_customers,
    undo_merge,
)
from charsu.customers.operations.put_customer import (
    CustomerOutcome,
    CustomerStored,
    PutCustomer,
    diff_customers,
    put_customer,
    put_many_customers,
)
from charsu.customers.operations.set_consent import SetConsent, keep_said, set_consent
from charsu.customers.proving import PHONE_DAYS, Proved, prove, prove_for
from charsu.customers.queries.consents import AskConsents, Consents, consents
from charsu.customers.queries.find_customers import CustomersFound, FindCustomers, find_customers
from charsu.customers.queries.view_customer import CustomerView, ViewCustomer, view_customer

__all__ = [
    "PHONE_DAYS",
    "AddIdentifier",
    "Address",
    "AlreadyMerged",
    "AskConsents",
    "Consents",
    "CustomerDraft",
    "CustomerIntroduced",
    "CustomerOutcome",
    "CustomerRevised",
    "CustomerStored",
    "CustomerView",
    "CustomersBusy",
    "CustomersFound",
    "FindCustomers",
    "Identifier",
    "IdentifierMissing",
    "IdentifierTaken",
    "IdentifierVerified",
    "MergeCustomers",
    "Names",
    "PhoneInvalid",
    "Proved",
    "Purpose",
    "PutCustomer",
    "SameCustomer",
    "SetConsent",
    "UndoMerge",
    "ViewCustomer",
    "add_identifier",
    "consents",
    "diff_customers",
    "email_identifier",
    "exact_phone",
    "family_of",
    "find_customers",
    "forget",
    "keep_said",
    "lock_family",
    "merge_customers",
    "phone_identifier",
    "phone_key",
    "prove",
    "prove_for",
    "put_customer",
    "put_many_customers",
    "root_of",
    "set_consent",
    "take_names",
    "undo_merge",
    "view_customer",
]
