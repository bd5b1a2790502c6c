"""Words of coming in, and the rules that need no database."""

from typing import Annotated, Literal

from msgspec import Meta

from charsu.customers import Identifier, PhoneInvalid, email_identifier, phone_identifier
from charsu.identity.errors import SignInAddressNeeded

AddressKind = Literal["email", "phone"]
ChallengePurpose = Literal["sign_in", "add", "erase"]
Device = Annotated[str, Meta(max_length=80)]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


def address_from(email: str | None, phone: str | None) -> Identifier:
    """The identifier that a code will go to.

    Raises SignInAddressNeeded unless exactly one is said, EmailInvalid, and PhoneInvalid also for a
    number without its country's code: nobody could call it.
    """
    said = [text for text in (email, phone) if text and text.strip()]
    if len(said) != 1:
        raise SignInAddressNeeded
    if email and email.strip():
        return email_identifier(email)
    found = phone_identifier(said[0])
    if found.exact is None:
        raise PhoneInvalid
    return found


def sent_to(found: Identifier) -> str:
    """The address as a sender needs it."""
    return found.exact or found.value


def compared_as(found: Identifier) -> str:
    """The spelling by which it is counted and joined."""
    return found.exact or found.key
