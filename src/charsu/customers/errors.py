"""What is refused about customers, and why. No message repeats personal data."""

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

    def __init__(self, kind: str, customer_id: str) -> None:
        super().__init__(
            "This {kind} belongs to another customer.", kind=kind, customer_id=customer_id
        )


class CustomersBusy(Unavailable):
    """The same new customer is being stored by somebody else at this moment."""

    code = "customers_busy"

    def __init__(self) -> None:
        super().__init__("The same customer is being stored by somebody else; try again.")
