"""Customers as they are described, and the spellings by which they are told apart."""

import re
import unicodedata
from typing import Annotated, Literal

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from msgspec import Meta, Struct

from charsu.customers.errors import IdentifierMissing, PhoneInvalid
from charsu.customers.kinds import IdentifierKind, IssuedKind
from charsu.kernel import EmailInvalid

Source = Annotated[str, Meta(pattern="^[a-z0-9]+(?:[-_.][a-z0-9]+)*$", max_length=80)]
"""Another system by its short name: ``shopify``, ``till-7``."""
Purpose = Literal["marketing", "personalization", "analytics", "sharing"]
"""What consent is asked for."""
ConsentChannel = Literal["email", "sms", "phone", "post", "push", "messenger", "any"]
Language = Annotated[str, Meta(pattern="^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$")]
"""A BCP 47 tag."""
Line = Annotated[str, Meta(max_length=200)]


class Address(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where somebody lives or has things sent to."""

    street: Line = ""
    postcode: Annotated[str, Meta(max_length=20)] = ""
    town: Line = ""
    region: Line = ""
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    name: Line = ""  # on the door, where it is another than the customer's


class CustomerDraft(Struct, frozen=True, kw_only=True):
    """What somebody knows about a customer; None leaves as it is what is known already.

    Which customer it is follows from the external id of its source, else from the e-mail address.
    """

    source: Source | None = None
    external_id: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    phone: Annotated[str, Meta(max_length=40)] | None = None
    given_name: Annotated[str, Meta(max_length=100)] | None = None
    family_name: Annotated[str, Meta(max_length=100)] | None = None
    language: Language | None = None
    addresses: Annotated[tuple[Address, ...], Meta(max_length=20)] | None = None
    is_invented: bool = False


class Identifier(Struct, frozen=True):
    """One of the names under which a customer is known.

    source      who gave it; empty for an e-mail address or a telephone number
    key         the spelling by which it is compared
    exact       a telephone number as E.164; none where it does not say its country
    is_verified she has shown that it is hers; else somebody has said so
    """

    kind: IdentifierKind
    source: str
    value: str
    key: str
    exact: str | None = None
    is_verified: bool = False

    @property
    def name(self) -> tuple[str, str, str]:
        """What belongs to one customer only, unless it is a phone."""
        return self.kind, self.source, self.key


def email_identifier(text: str) -> Identifier:
    """An address in the spelling that is compared; whether it can be reached is not asked.

    Case does not count before the @ either, though the standard would let it: no mail service in
    use tells two people apart by it. Raises EmailInvalid.
    """
    try:
        address = validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as problem:
        raise EmailInvalid from problem
    return Identifier("email", "", address, email_key(address))


def email_key(address: str) -> str:
    """The spelling by which addresses are the same."""
    return unicodedata.normalize("NFKC", address).casefold()


def phone_identifier(text: str) -> Identifier:
    """A number as it was given. Raises PhoneInvalid."""
    key = phone_key(text)
    if key is None:
        raise PhoneInvalid
    return Identifier("phone", "", text.strip(), key, exact_phone(text))


def exact_phone(text: str) -> str | None:
    """The number as E.164 (ITU-T); None for one without its country's code or that cannot exist."""
    try:
        number = phonenumbers.parse(text.strip(), None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_key(text: str) -> str | None:
    """The last eight digits, by which numbers are looked up; None for what is no number.

    ``+381 11 123 456`` and ``011/123-456`` end alike: people leave out the country's code or write
    a zero for it. Two numbers may have one key, so a phone alone never says who somebody is.
    """
    if not re.fullmatch(r"\+?[0-9\s()./-]+", text.strip()):
        return None
    digits = re.sub(r"[^0-9]", "", text)
    return digits.lstrip("0")[-8:] if 4 <= len(digits.lstrip("0")) <= 15 else None


def external_identifier(source: str, value: str) -> Identifier:
    """Another system's number, compared as it is but for outer blanks."""
    return issued_identifier("external", source, value)


def issued_identifier(kind: IssuedKind, source: str, value: str) -> Identifier:
    """What somebody gave her, compared as it is but for outer blanks.

    A card is read off or typed in, so the blanks and dashes of its groups do not count.
    """
    plain = value.strip()
    key = re.sub(r"[\s-]", "", plain).upper() if kind == "card" else plain
    if not key:
        raise IdentifierMissing
    return Identifier(kind, source, plain, key)


def identifiers_of(draft: CustomerDraft) -> list[Identifier]:
    """Everything that says who this is, the surest first.

    Raises EmailInvalid, PhoneInvalid, and IdentifierMissing where neither an e-mail address nor an
    external id is among it, or an external id does not say whose it is: it would be lost.
    """
    found = []
    if draft.external_id and draft.external_id.strip():
        if not draft.source:
            raise IdentifierMissing
        found.append(external_identifier(draft.source, draft.external_id))
    if draft.email and draft.email.strip():
        found.append(email_identifier(draft.email))
    if not found:
        raise IdentifierMissing
    if draft.phone and draft.phone.strip():
        found.append(phone_identifier(draft.phone))
    return found
