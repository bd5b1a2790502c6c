"""What can be refused about orders, and why."""

from typing import Literal
from uuid import UUID

import msgspec

from charsu.kernel import Conflict, Invalid
from charsu.orders.model import (
    Choice,
    ExceptionKind,
    OnTerminal,
    OrderState,
    ParcelState,
    Step,
    TaskState,
    TerminalPaymentState,
)
from charsu.orders.reconciling.model import DifferenceState

Way = Literal["to be collected", "to be shipped"]
Standing = (
    OrderState
    | TaskState
    | Step
    | ParcelState
    | TerminalPaymentState
    | ExceptionKind
    | DifferenceState
    | Way
    | Literal["closed"]
)
"""How something stands that a verb does not fit."""


class NotForSale(Conflict):
    """The channel does not sell this product."""

    code = "not_for_sale"

    def __init__(self, sku: str) -> None:
        super().__init__("{sku} is not for sale here.", sku=sku)


class LocationNeeded(Invalid):
    """A pick-up or a sale at a counter happens at a location."""

    code = "location_needed"

    def __init__(self) -> None:
        super().__init__("A pick-up or a sale at the counter needs a location.")


class NoPickupHere(Conflict):
    """The location hands nothing over to customers."""

    code = "no_pickup_here"

    def __init__(self) -> None:
        super().__init__("This location does not offer pick-up.")


class DeliveryUnknown(Invalid):
    """There is no such way of delivery, or not to this country or in this currency."""

    code = "delivery_unknown"

    def __init__(self, method: str) -> None:
        super().__init__("{method} does not deliver there.", method=method)


class WrongStep(Conflict):
    """The order or fulfillment is in a state in which this makes no sense."""

    code = "wrong_step"

    def __init__(self, *, state: Standing, asked: str) -> None:
        super().__init__("It is {state}; it cannot be {asked}.", state=state, asked=asked)


class TooMany(Conflict):
    """More pieces than the line still has for this."""

    code = "too_many_pieces"

    def __init__(self, *, asked: int, left: int) -> None:
        super().__init__("{asked} pieces asked for, {left} left.", asked=asked, left=left)


class LineElsewhere(Invalid):
    """A line that was named is not one of the order that was named."""

    code = "line_of_another_order"

    def __init__(self, line: UUID) -> None:
        super().__init__("This line is not of that order.", line_id=str(line))


class RefundTooLarge(Conflict):
    """More money than was taken."""

    code = "refund_too_large"

    def __init__(self, *, asked: int, left: int) -> None:
        super().__init__("This is more than can be given back.", asked=asked, left=left)


class AlreadyPaid(Conflict):
    """There is nothing left to pay."""

    code = "already_paid"

    def __init__(self, *, left: int) -> None:
        super().__init__("This is more than is left to pay.", left=left)


class PaymentDeclined(Conflict):
    """The provider said no."""

    code = "payment_declined"

    def __init__(self, reason: str) -> None:
        super().__init__("The payment was declined: {reason}.", reason=reason)


class PaymentReferenceTaken(Conflict):
    """The provider's reference belongs to another payment already."""

    code = "payment_reference_taken"

    def __init__(self, reference: str) -> None:
        super().__init__("The payment {reference} is booked already.", reference=reference[:64])


class ProviderUnknown(Invalid):
    """Nobody of this name takes money for this shop."""

    code = "provider_unknown"

    def __init__(self, provider: str) -> None:
        super().__init__("This shop takes no payments through {provider}.", provider=provider[:64])


class EventForged(Invalid):
    """A message that does not prove that it comes from the payment provider or carrier."""

    code = "event_forged"

    def __init__(self) -> None:
        super().__init__("This message does not prove who sent it.")


class CardNumberShown(Invalid):
    """A text holds what looks like a card number, which has no business here."""

    code = "card_number_shown"

    def __init__(self) -> None:
        super().__init__("This looks like a card number. Card numbers are never kept here.")


class TerminalKindUnknown(Invalid):
    """Nobody here speaks to terminals of this kind."""

    code = "terminal_kind_unknown"

    def __init__(self, kind: str) -> None:
        super().__init__("This shop has no terminals of the kind {kind}.", kind=kind[:64])


class TerminalTaken(Conflict):
    """Another entry stands for this terminal."""

    code = "terminal_taken"

    def __init__(self, number: str) -> None:
        super().__init__("Terminal {number} is set up already.", number=number[:64])


class TerminalBusy(Conflict):
    """The terminal is at work for somebody.

    Where it is at a payment the data names it, and says in ``asked_again_by`` until when the
    terminal is asked about it again at the latest.
    """

    code = "terminal_busy"

    def __init__(self, name: str, on_it: OnTerminal | None = None) -> None:
        if on_it is None:
            super().__init__("{name} is busy; try again in a moment.", name=name)
        else:
            super().__init__(
                "{name} is busy with order {number}; wait for it, or take the amount back.",
                name=name,
                **msgspec.to_builtins(on_it),
            )


class TerminalAway(Conflict):
    """The terminal was taken out of use."""

    code = "terminal_away"

    def __init__(self, name: str) -> None:
        super().__init__("{name} is not in use.", name=name)


class TotalsNeeded(Invalid):
    """This terminal does not tell its totals: somebody types in what it prints."""

    code = "totals_needed"

    def __init__(self) -> None:
        super().__init__("Type in the totals that the terminal prints.")


class NotEnoughCredit(Conflict):
    """The customer has less store credit than that."""

    code = "not_enough_credit"

    def __init__(self, *, asked: int, left: int) -> None:
        super().__init__("{asked} of store credit asked for, {left} left.", asked=asked, left=left)


class CreditNeedsCustomer(Invalid):
    """Store credit belongs to a customer, and there is none here."""

    code = "credit_needs_customer"

    def __init__(self) -> None:
        super().__init__("Only a customer who is known can have store credit.")


class CreditBeyondLimit(Conflict):
    """More store credit than somebody in this role may give."""

    code = "credit_beyond_limit"

    def __init__(self, *, asked: int, most: int) -> None:
        super().__init__("{asked} asked for; you may give {most}.", asked=asked, most=most)


class PriceMoved(Conflict):
    """The total is no longer what the customer saw."""

    code = "price_moved"

    def __init__(self, *, expected: int, actual: int) -> None:
        super().__init__(
            "The total is now {actual}, not {expected}.", expected=expected, actual=actual
        )


class DifferenceMoved(Conflict):
    """The difference of an exchange is no longer what the customer was told."""

    code = "difference_moved"

    def __init__(self, *, expected: int, actual: int) -> None:
        super().__init__(
            "The difference is another one than the customer was told.",
            expected=expected,
            actual=actual,
        )


class ExternalOrderTaken(Conflict):
    """The channel's number belongs to another order already."""

    code = "external_order_taken"

    def __init__(self, external_id: str) -> None:
        super().__init__("Order {external_id} came in before.", external_id=external_id[:64])


class ProofNeeded(Conflict):
    """Goods laid out for somebody are handed to whoever shows the code or a document."""

    code = "proof_needed"

    def __init__(self) -> None:
        super().__init__("Check the pick-up code or a document first.")


class CodeLocked(Conflict):
    """So many wrong codes were shown that codes no longer count; a document does."""

    code = "code_locked"

    def __init__(self) -> None:
        super().__init__("Too many wrong codes; check a document.")


class CodeElsewhere(Conflict):
    """A QR code that names another pick-up than the one that is handed over; no try is lost."""

    code = "code_of_another_pickup"

    def __init__(self, named: UUID) -> None:
        super().__init__("This is the code of another pick-up.", fulfillment_id=str(named))


class AddressNeeded(Invalid):
    """Nobody knows where the goods should be sent."""

    code = "address_needed"

    def __init__(self) -> None:
        super().__init__("To send the goods, name, street and town are needed.")


class NotOffered(Conflict):
    """The exception is closed, or this is not among what the customer may choose."""

    code = "not_offered"

    def __init__(self, choice: Choice) -> None:
        super().__init__("{choice} is not offered here.", choice=choice)


class CarrierUnknown(Invalid):
    """No label can be had from a carrier of this name."""

    code = "carrier_unknown"

    def __init__(self, carrier: str) -> None:
        super().__init__("This shop gets no labels from {carrier}.", carrier=carrier[:64])
