"""What a card terminal says of a payment, and what its receipt prints."""

from typing import Literal

from msgspec import Struct

Told = Literal["shown", "paid", "declined", "canceled", "unheard"]
"""It waits for the card; the money was taken; the card was refused; the customer or the till gave
up; the terminal was never asked for this and will not act upon it any more."""


class Receipt(Struct, frozen=True, kw_only=True):
    """What a receipt prints of a card payment, and nothing more.

    last_four            the last four digits of the card
    scheme               whose card it is: Visa, Mastercard, DinaCard, …
    authorization_code   the issuer's
    terminal             the terminal's number as it is printed
    """

    last_four: str = ""
    scheme: str = ""
    authorization_code: str = ""
    terminal: str = ""


class Outcome(Struct, frozen=True, kw_only=True):
    """What a terminal says of a sale.

    reference   of the taking, unlike that of any other taking of this kind of terminal
    reason      of the refusal, in the terminal's words
    """

    state: Told
    reference: str = ""
    reason: str = ""
    receipt: Receipt = Receipt()
