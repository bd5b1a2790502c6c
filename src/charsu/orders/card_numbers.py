"""Card numbers have no business here: what looks like one is refused before it is kept."""

import re

from charsu.orders.errors import CardNumberShown

# Issuers' ranges and the lengths of their numbers, with what people put between the digits: Visa,
# Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro, DinaCard (ISO/IEC 7812-1).
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z_.])(?:"
    r"4(?:[ -]?[0-9]){15}(?:(?:[ -]?[0-9]){3})?"
    r"|(?:5[1-5]|2[2-7]|35|6[0-9]|50|56|57|58|98)(?:[ -]?[0-9]){14}(?:(?:[ -]?[0-9]){3})?"
    r"|3[47](?:[ -]?[0-9]){13}"
    r"|3(?:0[0-5]|[68][0-9])(?:[ -]?[0-9]){11}"
    r")(?![0-9A-Za-z_])"
)


def has_card_number(text: str) -> bool:
    """Whether some part of a text is a whole card number: an issuer's, with its check digit."""
    return any(_is_whole(found.group()) for found in _NUMBER.finditer(text))


def refuse_card_numbers(*texts: str | None) -> None:
    """Raises CardNumberShown where one of these texts holds one; it is not repeated anywhere."""
    if any(text and has_card_number(text) for text in texts):
        raise CardNumberShown


def _is_whole(number: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(one) for one in reversed(number) if one.isdigit()]
    doubled = [2 * one - 9 if one > 4 else 2 * one for one in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
