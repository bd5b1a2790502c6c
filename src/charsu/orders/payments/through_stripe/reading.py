"""What Stripe's objects mean here: pure functions of what it says."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from charsu.orders.payments.provider import (
    Answer,
    Authorized,
    Declined,
    Escalated,
    Event,
    Lapsed,
    RefundEvent,
    Statement,
)

OURS, OUR_REFUND = "charsu_authorization", "charsu_refund"
"""Names in the metadata of what we have asked for."""

TWO_DIGITS_THERE = frozenset({"ISK", "UGX"})
"""Without a minor unit in ISO 4217, but counted in hundredths by Stripe (its page "Supported
currencies", special cases)."""


def to_stripe(amount_minor: int, currency: str) -> int:
    """An amount as Stripe counts it."""
    return amount_minor * 100 if currency.upper() in TWO_DIGITS_THERE else amount_minor


def from_stripe(amount: int, currency: str) -> int:
    """An amount of Stripe's in our minor units."""
    return amount // 100 if currency.upper() in TWO_DIGITS_THERE else amount


Json = dict[str, Any]


def answer_of(intent: Json) -> Answer | None:
    """How a payment intent stands; None where Stripe has not decided yet, or nobody was asked."""
    match intent["status"]:
        case "requires_capture" | "succeeded":
            return Authorized(reference=intent["id"], expires_at=_expires_at(intent))
        case "requires_action" | "requires_source_action":
            return Escalated(reference=intent["id"], url=_page(intent))
        case "requires_payment_method" | "requires_source":
            return Declined(_why(intent))
        case "canceled":
            return Declined(str(intent.get("cancellation_reason") or "canceled"))
        case _:
            return None


def _page(intent: Json) -> str:
    action = intent.get("next_action") or {}
    page = action.get("redirect_to_url") or {}
    return str(page.get("url") or "")


def _why(intent: Json) -> str:
    error = intent.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or "declined")[:64]


def _expires_at(intent: Json) -> datetime | None:
    """The end of a card's promise; none where the charge was not asked for along."""
    charge = intent.get("latest_charge")
    if charge is None or isinstance(charge, str):
        return None
    card = (charge.get("payment_method_details") or {}).get("card") or {}
    before = card.get("capture_before")
    return None if before is None else datetime.fromtimestamp(before, UTC)


def statement_of(intent: Json) -> Statement:
    """What a payment intent, its charge along, has come to."""
    currency = str(intent["currency"]).upper()
    charge = intent.get("latest_charge")
    back = (
        0
        if charge is None or isinstance(charge, str)
        else _returned(charge, is_over=intent["status"] == "canceled")
    )
    return Statement(
        reference=intent["id"],
        authorization_id=_uuid((intent.get("metadata") or {}).get(OURS)),
        currency=currency,
        promised_minor=from_stripe(intent.get("amount_capturable") or 0, currency),
        taken_minor=from_stripe(intent.get("amount_received") or 0, currency),
        given_back_minor=from_stripe(back, currency),
    )


def _returned(charge: Json, *, is_over: bool) -> int:
    """What went back of what was taken; letting go the untaken rest counts as a refund there."""
    never_taken = charge["amount"] - (charge.get("amount_captured") or 0)
    returned = charge.get("amount_refunded") or 0
    is_rest_in_it = (is_over or charge.get("captured")) and returned >= never_taken > 0
    return int(returned - never_taken if is_rest_in_it else returned)


def event_of(event: Json) -> Event | RefundEvent | None:
    """What a proved message says; None where it is about nothing of ours."""
    about = event["data"]["object"]
    metadata = about.get("metadata") or {}
    if about["object"] == "refund":
        return _refund_event(event["id"], about, _uuid(metadata.get(OUR_REFUND)))
    authorization = _uuid(metadata.get(OURS))
    answer = _said(event["type"], about)
    if authorization is None or answer is None:
        return None
    return Event(event_id=event["id"], authorization_id=authorization, answer=answer)


def _said(kind: str, intent: Json) -> Answer | Lapsed | None:
    match kind:
        case "payment_intent.amount_capturable_updated" | "payment_intent.succeeded":
            return Authorized(reference=intent["id"])
        case "payment_intent.requires_action":
            return Escalated(reference=intent["id"], url=_page(intent))
        case "payment_intent.payment_failed":
            return Declined(_why(intent))
        case "payment_intent.canceled":
            return Lapsed(str(intent.get("cancellation_reason") or "canceled"))
        case _:
            return None


def _refund_event(event_id: str, refund: Json, ours: UUID | None) -> RefundEvent | None:
    if ours is None or refund["status"] not in {"failed", "canceled"}:
        return None
    reason = str(refund.get("failure_reason") or refund["status"])
    return RefundEvent(event_id=event_id, refund_id=ours, reason=reason)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
