"""Orders as this version writes them, for whoever asks and for events alike."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from charsu.channels.ucp.capabilities import ORDER as CAPABILITY
from charsu.channels.ucp.naming import ORDER, SESSION, line_name
from charsu.channels.ucp.pages import Pages
from charsu.channels.ucp.queries.read_order import (
    Adjusted,
    Expected,
    Happened,
    OrderedLine,
    Pieces,
    SessionOrder,
    Where,
)
from charsu.channels.ucp.v2026_04_08.messages import Speak
from charsu.channels.ucp.v2026_04_08.profile import envelope
from charsu.channels.ucp.v2026_04_08.sessions import item, line_totals, totals
from charsu.kernel import show_id

_METHODS = {"ship": "shipping", "pickup": "pickup", "counter": "pickup"}


def order(one: SessionOrder, active: dict[str, str], pages: Pages, speak: Speak) -> dict[str, Any]:
    """An order as it stands."""
    return {
        "ucp": envelope(CAPABILITY, active),
        "id": show_id(ORDER, one.id),
        "label": str(one.number),
        "checkout_id": _checkout(one),
        "permalink_url": pages.of_order(one.id, one.number),
        "line_items": [_line_item(line) for line in one.lines],
        "fulfillment": {
            "expectations": [_expectation(part) for part in one.expected],
            "events": [_event(event) for event in one.happened],
        },
        "adjustments": [_adjustment(adjusted) for adjusted in one.adjusted],
        "currency": one.currency,
        "totals": totals(one.totals, [ordered.line for ordered in one.lines], speak),
    }


def _checkout(one: SessionOrder) -> str:
    """The protocol wants one named: what was bought in another way is named by itself."""
    return show_id(ORDER, one.id) if one.session_id is None else show_id(SESSION, one.session_id)


def _line_item(ordered: OrderedLine) -> dict[str, Any]:
    line = ordered.line
    total = line.quantity - ordered.canceled - ordered.returned
    fulfilled = ordered.fulfilled - ordered.returned
    return {
        "id": line_name(line.variant_id),
        "item": item(line),
        "quantity": {"original": line.quantity, "total": total, "fulfilled": fulfilled},
        "totals": line_totals(line),
        "status": line_status(total, fulfilled),
    }


def line_status(total: int, fulfilled: int) -> str:
    """Source: UCP 2026-04-08, order, "Status Derivation"."""
    if total == 0:
        return "removed"
    if fulfilled == total:
        return "fulfilled"
    return "partial" if fulfilled else "processing"


def _expectation(part: Expected) -> dict[str, Any]:
    """A parcel to the buyer's door, or goods that lie in a store, which has a name."""
    method = _METHODS[part.kind]
    is_sent = method == "shipping"
    written = {
        "id": show_id("exp", part.id),
        "line_items": _pieces(part.pieces),
        "method_type": method,
        "destination": _where(part.where, part.where.name if is_sent else ""),
    }
    return written if is_sent else written | {"description": part.where.name}


def _where(where: Where, person: str) -> dict[str, str]:
    named = {
        "first_name": person,
        "street_address": where.street,
        "address_locality": where.town,
        "postal_code": where.postcode,
        "address_country": where.country,
        "phone_number": where.phone,
    }
    return {name: text for name, text in named.items() if text}


def _event(event: Happened) -> dict[str, Any]:
    written = {
        "id": show_id("evt", event.id),
        "occurred_at": _time(event.at),
        "type": event.kind,
        "line_items": _pieces(event.pieces),
    }
    if event.tracking_number:
        written["tracking_number"] = event.tracking_number
    if event.carrier:
        written["carrier"] = event.carrier
    return written


def _adjustment(adjusted: Adjusted) -> dict[str, Any]:
    """What came off the order: quantities and amounts are negative."""
    written: dict[str, Any] = {
        "id": show_id("adj", adjusted.id),
        "type": adjusted.kind,
        "occurred_at": _time(adjusted.at),
        "status": "completed",
    }
    if adjusted.pieces:
        written["line_items"] = [
            {"id": line_name(one.variant_id), "quantity": -one.quantity} for one in adjusted.pieces
        ]
    if adjusted.amount_minor is not None:
        written["totals"] = [{"type": "total", "amount": -adjusted.amount_minor}]
    if adjusted.reason:
        written["description"] = adjusted.reason
    return written


def _pieces(pieces: Iterable[Pieces]) -> list[dict[str, Any]]:
    return [{"id": line_name(one.variant_id), "quantity": one.quantity} for one in pieces]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
