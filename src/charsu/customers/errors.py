"""What is refused about customers, and why. No message repeats personal data."""

from uuid import UUID

from charsu.customers.kinds import IdentifierKind
from charsu.kernel import Conflict, Invalid, Unavailable


class PhoneInvalid(Invalid):
    """A telephone number has 4 to 15 digits (ITU-T E.164)."""

    code = "phone_invalid"

    def __init__(self) -> None:
        super().__init__("The telephone number must have 4 to 15 digits.")


class IdentifierMissing(Invalid):
    """Neither an e-mail address nor another system's number says which customer this is."""

    code = "identifier_missing"

    def __init__(self) -> None:
        super().__init__("An e-mail address, or an external id with its source, is needed.")


class IdentifierTaken(Conflict):
    """The identifiers belong to two customers; who they are must be settled by a person."""

    code = "identifier_taken"

    def __init__(self, kind: IdentifierKind, customer_id: str) -> None:
        super().__init__(
            "This {kind} belongs to another customer.", kind=kind, customer_id=customer_id
        )


class CustomersBusy(Unavailable):
    """The same new customer is being stored by somebody else at this moment."""

    code = "customers_busy"

    def __init__(self) -> None:
        super().__init__("The same customer is being stored by somebody else; try again.")


class SameCustomer(Invalid):
    """A customer cannot be merged with herself."""

    code = "same_customer"

    def __init__(self) -> None:
        super().__init__("These two are one customer already.")


class AlreadyMerged(Conflict):
    """Another customer answers for this one already; ``root_id`` says who."""

    code = "already_merged"

    def __init__(self, customer_id: UUID, root_id: UUID) -> None:
        super().__init__(
            "Another customer answers for {customer_id} already.",
            customer_id=str(customer_id),
            root_id=str(root_id),
        )
