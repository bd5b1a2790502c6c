"""Words of orders, and the rules that need no database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, cast
from uuid import UUID

from msgspec import Meta, Struct

OrderKind = Literal["ship", "pickup", "counter"]
OrderState = Literal["open", "partly_fulfilled", "fulfilled", "canceled"]
TaskState = Literal["waiting", "ready", "done", "canceled"]
ParcelState = Literal["asked", "labeled", "refused", "sent"]
TerminalPaymentState = Literal[
    "asked",
    "shown",
    "unknown",
    "paid",
    "declined",
    "canceled",
    "failed",
    "unwanted",
    "given_back",
]
PaymentState = Literal[
    "pending", "authorized", "partly_paid", "paid", "partly_refunded", "refunded", "void"
]
Quantity = Annotated[int, Meta(ge=1, le=10**9)]
Note = Annotated[str, Meta(max_length=500)]
Reason = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        description="One word for programs, in small letters; other words are kept beside the log"
        " and are forgotten with the customer.",
    ),
]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$")]


class Recipient(Struct, frozen=True, kw_only=True):
    """Who gets the goods, and where. Kept apart from the order, and erased apart from it."""

    name: Annotated[str, Meta(max_length=200)] = ""
    email: Annotated[str, Meta(max_length=254)] = ""
    phone: Annotated[str, Meta(max_length=40)] = ""
    street: Annotated[str, Meta(max_length=300)] = ""
    postcode: Annotated[str, Meta(max_length=20)] = ""
    town: Annotated[str, Meta(max_length=120)] = ""
    note: Note = ""


class Progress(Struct, frozen=True):
    """How far a line has come, in pieces."""

    quantity: int
    fulfilled: int
    canceled: int


def order_state(lines: Sequence[Progress]) -> OrderState:
    """What the order is, derived again from its lines each time rather than trusted.

    A line of quantity 0, such as a coupon that a till handed in, asks for nothing: it decides only
    where there is no other, and then everything that was asked for is done.
    """
    if any(line.canceled for line in lines) and all(
        line.canceled == line.quantity for line in lines
    ):
        return "canceled"
    if all(line.fulfilled + line.canceled == line.quantity for line in lines):
        return "fulfilled"
    if any(line.fulfilled for line in lines):
        return "partly_fulfilled"
    return "open"


def payment_state(
    *, total: int, authorized: int, captured: int, refunded: int, is_canceled: bool
) -> PaymentState:
    """What has come of the money: amounts in minor units over all payments of an order.

    total        what is to be paid, less what was canceled before it was paid
    authorized   promised by a provider and neither captured nor voided yet
    """
    if captured and refunded == captured:
        return "refunded"
    if refunded:
        return "partly_refunded"
    if captured >= total and (captured or not is_canceled):
        return "paid"
    if captured:
        return "partly_paid"
    if is_canceled:
        return "void"
    return "authorized" if authorized else "pending"


def refund_share(*, paid: int, quantity: int, returned_before: int, returning: int) -> int:
    """What comes back for some pieces of a line: exact in sum, however they are returned.

    The share of the first n of N pieces is n/N of what was paid, rounded half up; returning some
    gives the difference of two such shares. So all pieces together give back all that was paid.

    paid     minor units paid for the whole line
    """
    return share(paid, returned_before + returning, quantity) - share(
        paid, returned_before, quantity
    )


def share(whole: int, part: int, parts: int) -> int:
    """So many parts of a whole, rounded half up; nothing where it has no parts."""
    return (2 * whole * part + parts) // (2 * parts) if parts else 0


class OnTerminal(Struct, frozen=True, kw_only=True):
    """What a terminal is at: a payment, and the number of its order.

    asked_again_by   until when the terminal is asked at the latest what became of it, also where
                     the worker at it has died; none where nobody asks any more
    """

    terminal_payment_id: UUID
    number: int
    asked_again_by: datetime | None


class Ids(Struct, frozen=True):
    """An order as other packages name it."""

    order_id: UUID
    number: int


Step = Literal["asked", "accepted", "picked", "ready", "done", "canceled"]
Unfit = Literal["not_found", "damaged", "closed", "busy", "other"]
"""Why a location does not do what it was asked: it looked and found too little, or did not look."""
NOT_THERE: frozenset[Unfit] = frozenset({"not_found", "damaged"})
ExceptionKind = Literal[
    "late", "rejected", "short", "uncollected", "recount", "undeliverable", "returned_to_sender"
]
Choice = Literal["store", "send", "cancel"]


def step_of(state: str, *, is_accepted: bool, is_picked: bool) -> Step:
    """How far a fulfillment is: asked, accepted, picked, laid out (ready), done or canceled."""
    if state != "waiting":
        return cast(Step, state)
    if is_picked:
        return "picked"
    return "accepted" if is_accepted else "asked"


class Placed(Struct, frozen=True):
    """The order as it came out."""

    order_id: UUID
    number: int
    state: str
    currency: str
    total_minor: int
    version: int = 1
