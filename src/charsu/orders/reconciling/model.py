"""Two accounts of one payment, and in what they differ."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

DifferenceKind = Literal[
    "missing_at_provider", "missing_in_books", "other_amount", "other_currency"
]
"""What is wrong: one side knows nothing of a payment, or both say something else of it."""

DifferenceState = Literal["open", "resolved", "gone"]
"""Somebody must see to it; somebody has; later both sides said the same."""

OWNER = "manager"
"""The role that sees to differences: money of the whole business."""


class Figures(Struct, frozen=True, kw_only=True):
    """What somebody has of a payment, in minor units.

    promised_minor   kept ready, and not taken
    """

    currency: str
    promised_minor: int
    taken_minor: int
    given_back_minor: int

    @property
    def is_something(self) -> bool:
        """Whether money is kept ready, or was taken and did not go back."""
        return self.promised_minor != 0 or self.taken_minor != self.given_back_minor

    @property
    def was_nothing(self) -> bool:
        """Whether money never moved nor is about to."""
        return not (self.promised_minor or self.taken_minor or self.given_back_minor)


class Entry(Struct, frozen=True, kw_only=True):
    """A payment as the books have it.

    is_moving   it changed after the provider told of it, or is being worked on: no time to compare
    """

    reference: str
    authorization_id: UUID | None
    order_id: UUID | None
    figures: Figures
    is_moving: bool


def kind_of(ours: Figures | None, theirs: Figures | None) -> DifferenceKind | None:
    """In what two accounts of a payment differ; None where they agree.

    Of a payment that came to nothing, or went back whole, the other side need not know.
    """
    if ours is None or theirs is None:
        known = ours or theirs
        if known is None or not known.is_something:
            return None
        return "missing_in_books" if ours is None else "missing_at_provider"
    if ours == theirs or (ours.was_nothing and theirs.was_nothing):
        return None
    return "other_amount" if ours.currency == theirs.currency else "other_currency"
