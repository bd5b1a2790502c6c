"""What the log may say about orders."""

from datetime import datetime
from uuid import UUID

from charsu.kernel import Fact


class OrderPlaced(Fact, frozen=True, kw_only=True):
    """Somebody bought something; the goods are promised at the locations named."""

    channel_id: UUID
    kind: str
    customer_id: UUID | None
    location_ids: tuple[UUID, ...]
    currency: str
    total_minor: int
    lines: int


class OrderPaid(Fact, frozen=True, kw_only=True):
    """Money was taken for an order; ``captured_minor`` in all."""

    payment_id: UUID
    provider: str
    amount_minor: int
    currency: str
    captured_minor: int


class PaymentAsked(Fact, frozen=True, kw_only=True):
    """A provider is asked to promise money for a cart; the subject is the authorization."""

    cart_id: UUID
    provider: str
    amount_minor: int
    currency: str


class PaymentAuthorized(Fact, frozen=True, kw_only=True):
    """The provider promised the money."""

    amount_minor: int
    currency: str


class PaymentEscalated(Fact, frozen=True, kw_only=True):
    """The provider wants the customer to do something first."""


class PaymentDeclined(Fact, frozen=True, kw_only=True):
    """The provider said no."""

    reason: str


class PaymentJoined(Fact, frozen=True, kw_only=True):
    """The cart became an order, and the promised money is for that."""

    order_id: UUID


class PaymentVoided(Fact, frozen=True, kw_only=True):
    """What was promised and not taken is free again."""

    amount_minor: int
    currency: str
    reason: str


class PaymentOrphaned(Fact, frozen=True, kw_only=True):
    """A provider held money ready that nobody here wanted any more; it was let go."""

    amount_minor: int
    currency: str


class PaymentDiffers(Fact, frozen=True, kw_only=True):
    """A provider's statement of a payment is not as the books say; the subject is the difference.

    kind    missing_at_provider, missing_in_books, other_amount or other_currency
    owner   the role that must see to it
    """

    provider: str
    kind: str
    order_id: UUID | None
    owner: str


class DifferenceResolved(Fact, frozen=True, kw_only=True):
    """Somebody has seen to a difference between a provider and the books."""


class DifferenceGone(Fact, frozen=True, kw_only=True):
    """A provider and the books say the same again, or differ otherwise."""


class TerminalPut(Fact, frozen=True, kw_only=True):
    """A card terminal was set up at a location, or changed."""

    code: str
    location_id: UUID
    is_active: bool


class TerminalPaymentAsked(Fact, frozen=True, kw_only=True):
    """A till asks a terminal for money; the subject is the payment on the terminal."""

    terminal_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str


class TerminalPaymentShown(Fact, frozen=True, kw_only=True):
    """The terminal waits for the customer's card."""


class TerminalPaymentUnknown(Fact, frozen=True, kw_only=True):
    """Nobody knows whether the terminal has taken the money; it is asked until it says so.

    reason   no_answer, forgotten or reference_taken
    """

    reason: str


class TerminalCancelAsked(Fact, frozen=True, kw_only=True):
    """The till wants the terminal to give up; the customer may have been faster."""


class TerminalPaymentTaken(Fact, frozen=True, kw_only=True):
    """The terminal took the money; ``payment_id`` is what it became."""

    payment_id: UUID
    amount_minor: int
    currency: str


class TerminalPaymentEnded(Fact, frozen=True, kw_only=True):
    """No money was taken.

    state    declined, canceled, or failed: the terminal was never reached
    reason   of the refusal; of a cancellation customer, cashier or too_late
    """

    state: str
    reason: str


class TerminalPaymentUnwanted(Fact, frozen=True, kw_only=True):
    """The terminal took money that the order no longer wants; it goes back to the card."""

    amount_minor: int
    currency: str


class TerminalPaymentGivenBack(Fact, frozen=True, kw_only=True):
    """What the order did not want is on its way to the card."""

    amount_minor: int
    currency: str


class TerminalClosed(Fact, frozen=True, kw_only=True):
    """A terminal's day has ended, and its totals were compared; the subject is the terminal."""

    closing_id: UUID
    differs: bool


class CaptureBegun(Fact, frozen=True, kw_only=True):
    """A part of the promised money is being taken."""

    amount_minor: int
    currency: str


class CaptureDone(Fact, frozen=True, kw_only=True):
    """A part of the promised money was taken; ``payment_id`` is what it became."""

    payment_id: UUID
    amount_minor: int
    currency: str


class CaptureFailed(Fact, frozen=True, kw_only=True):
    """The provider did not keep its promise; what is owed has to be asked for otherwise."""

    amount_minor: int
    currency: str
    reason: str


class PaymentMissing(Fact, frozen=True, kw_only=True):
    """What was promised for an order cannot be taken; so much is to be paid otherwise."""

    left_minor: int
    currency: str
    reason: str


class CreditIssued(Fact, frozen=True, kw_only=True):
    """A customer has more store credit: for a refund, or out of kindness (no order then)."""

    customer_id: UUID
    amount_minor: int
    currency: str
    order_id: UUID | None
    reason: str


class CreditHeld(Fact, frozen=True, kw_only=True):
    """Credit is kept ready for a cart."""

    amount_minor: int
    currency: str


class CreditFreed(Fact, frozen=True, kw_only=True):
    """Credit that was kept ready may be spent otherwise again."""

    amount_minor: int
    currency: str


class CreditSpent(Fact, frozen=True, kw_only=True):
    """An order was paid with credit."""

    amount_minor: int
    currency: str
    order_id: UUID


class CreditExpired(Fact, frozen=True, kw_only=True):
    """Credit that nobody used for long can no longer be spent."""

    amount_minor: int
    currency: str


class CreditMoved(Fact, frozen=True, kw_only=True):
    """Credit followed its customer in a merge, or went back as that ended; below 0: it left."""

    amount_minor: int
    currency: str
    merge_id: UUID


class RefundFailed(Fact, frozen=True, kw_only=True):
    """The provider did not give the money back; it is owed to the customer still."""

    refund_id: UUID
    amount_minor: int
    currency: str
    reason: str


class ChargeBegun(Fact, frozen=True, kw_only=True):
    """Money is being asked for at a provider."""

    process_id: UUID
    amount_minor: int
    currency: str


class ChargeFailed(Fact, frozen=True, kw_only=True):
    """The provider said no, or the order no longer wanted the money and it went back."""

    process_id: UUID
    amount_minor: int
    reason: str


class PickupReady(Fact, frozen=True, kw_only=True):
    """A location has laid everything out; the customer may come until ``collect_by``."""

    fulfillment_id: UUID
    location_id: UUID
    collect_by: datetime | None = None


class PickupReminded(Fact, frozen=True, kw_only=True):
    """What is laid out was not collected, and the time for it is over soon: she is reminded once.

    Whoever tells people tells her.
    """

    fulfillment_id: UUID
    location_id: UUID
    collect_by: datetime


class GoodsHandedOver(Fact, frozen=True, kw_only=True):
    """A customer took goods away with her; ``proof`` says how she showed that they are hers."""

    fulfillment_id: UUID
    location_id: UUID
    pieces: int
    proof: str = ""


class ParcelShipped(Fact, frozen=True, kw_only=True):
    """A parcel left a location."""

    fulfillment_id: UUID
    shipment_id: UUID
    location_id: UUID
    carrier: str
    pieces: int


class LinesCanceled(Fact, frozen=True, kw_only=True):
    """Pieces that had not left yet will not; they are on sale again."""

    line_ids: tuple[UUID, ...]
    pieces: int
    reason: str
    is_whole_order: bool


class GoodsReturned(Fact, frozen=True, kw_only=True):
    """Goods came back, into the state named for each line."""

    return_id: UUID
    location_id: UUID
    line_ids: tuple[UUID, ...]
    pieces: int
    reason: str = ""


class ReturnInspected(Fact, frozen=True, kw_only=True):
    """Somebody looked at goods in quarantine; so many of the pieces were thrown away."""

    return_id: UUID
    location_id: UUID
    pieces: int
    gone: int


class MoneyRefunded(Fact, frozen=True, kw_only=True):
    """Money went back."""

    refund_id: UUID
    payment_id: UUID
    amount_minor: int
    currency: str
    reason: str


class MoneyCarried(Fact, frozen=True, kw_only=True):
    """What was paid for goods that came back pays for those that were taken instead."""

    refund_id: UUID
    payment_id: UUID
    to_order_id: UUID
    amount_minor: int
    currency: str


class GoodsExchanged(Fact, frozen=True, kw_only=True):
    """Goods came back and others were taken for them, which are ``new_order_id``.

    carried_minor    what of the money for the old goods paid for the new ones
    surplus_minor    what was more and went back
    left_minor       what was to be paid still when it was done
    """

    exchange_id: UUID
    return_id: UUID
    new_order_id: UUID
    location_id: UUID
    carried_minor: int
    surplus_minor: int
    left_minor: int
    currency: str


class FulfillmentMoved(Fact, frozen=True, kw_only=True):
    """Another location does what one could not."""

    fulfillment_id: UUID
    from_location_id: UUID
    to_location_ids: tuple[UUID, ...]
    reason: str


class DeliveryMethodPut(Fact, frozen=True, kw_only=True):
    """A way of delivery was opened or changed."""

    code: str


class FulfillmentAccepted(Fact, frozen=True, kw_only=True):
    """A location will do what it was asked, by ``step_by``."""

    fulfillment_id: UUID
    location_id: UUID
    step_by: datetime


class FulfillmentRejected(Fact, frozen=True, kw_only=True):
    """A location will not do what it was asked; what becomes of it is told by what follows."""

    fulfillment_id: UUID
    location_id: UUID
    reason: str
    pieces: int


class GoodsPicked(Fact, frozen=True, kw_only=True):
    """A location has the goods together; so many pieces of what was asked are missing."""

    fulfillment_id: UUID
    location_id: UUID
    pieces: int
    missing: int
    reason: str


class FulfillmentLate(Fact, frozen=True, kw_only=True):
    """A location has not taken its next step in time."""

    fulfillment_id: UUID
    location_id: UUID
    step: str  # how far it was
    step_by: datetime


class ChoiceOffered(Fact, frozen=True, kw_only=True):
    """What was promised cannot be had where it was promised; the customer may say what instead.

    Until ``answer_by`` she may choose; then what ``otherwise`` says happens: it is sent, if anybody
    has it by then, or canceled.
    """

    exception_id: UUID
    fulfillment_id: UUID
    line_ids: tuple[UUID, ...]
    pieces: int
    store_ids: tuple[UUID, ...]
    can_send: bool
    otherwise: str
    answer_by: datetime


class ChoiceReminded(Fact, frozen=True, kw_only=True):
    """The customer has not chosen, and soon ``otherwise`` happens: she is reminded once.

    Whoever tells people tells her.
    """

    exception_id: UUID
    fulfillment_id: UUID
    otherwise: str
    answer_by: datetime


class ChoiceMade(Fact, frozen=True, kw_only=True):
    """The customer chose, or by saying nothing let the default happen."""

    exception_id: UUID
    choice: str
    is_default: bool
    location_ids: tuple[UUID, ...]


class PickupCodeChecked(Fact, frozen=True, kw_only=True):
    """Somebody showed a code for a pick-up, the right one or a wrong one."""

    fulfillment_id: UUID
    location_id: UUID
    is_right: bool


class PickupNotCollected(Fact, frozen=True, kw_only=True):
    """Nobody came for a pick-up in time; its goods are on sale again and its money is let go."""

    fulfillment_id: UUID
    location_id: UUID
    line_ids: tuple[UUID, ...]
    pieces: int


class GoodsPutBack(Fact, frozen=True, kw_only=True):
    """What nobody collected lies where it is sold again."""

    fulfillment_id: UUID
    location_id: UUID


class ExceptionEscalated(Fact, frozen=True, kw_only=True):
    """Nobody saw to an exception in time; now somebody else has to."""

    exception_id: UUID
    kind: str
    owner: str
    due_by: datetime


class ExceptionTaken(Fact, frozen=True, kw_only=True):
    """Somebody sees to an exception; who it is, the audit tells."""

    exception_id: UUID
    kind: str


class ExceptionHandedOn(Fact, frozen=True, kw_only=True):
    """Another role sees to an exception from now on."""

    exception_id: UUID
    kind: str
    owner: str
    due_by: datetime


class ExceptionClosed(Fact, frozen=True, kw_only=True):
    """Somebody saw to an exception in a way that no other fact tells."""

    exception_id: UUID
    kind: str
    outcome: str


class ParcelAsked(Fact, frozen=True, kw_only=True):
    """A carrier is asked for the label of a parcel."""

    parcel_id: UUID
    carrier: str


class ParcelLabeled(Fact, frozen=True, kw_only=True):
    """The carrier made a label; the parcel can be sent."""

    parcel_id: UUID
    carrier: str


class ParcelRefused(Fact, frozen=True, kw_only=True):
    """The carrier will not take the parcel."""

    parcel_id: UUID
    carrier: str
    reason: str


class ParcelNoted(Fact, frozen=True, kw_only=True):
    """The carrier said what became of a parcel.

    event         collected, in_transit, out_for_delivery, failed_attempt, delivered,
                  returned_to_sender or lost
    happened_at   when that was, as the carrier says
    """

    shipment_id: UUID
    fulfillment_id: UUID
    event: str
    happened_at: datetime | None = None
