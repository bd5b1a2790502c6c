"""Carts and checkouts as this version writes them."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from charsu.channels.ucp.capabilities import CART, CHECKOUT, CONSENT, DISCOUNT, FULFILLMENT
from charsu.channels.ucp.errors import StoreNeeded
from charsu.channels.ucp.model import (
    LASTING,
    Address,
    Choice,
    Consent,
    Line,
    Person,
    Said,
    Session,
    Store,
    Totals,
)
from charsu.channels.ucp.naming import ORDER, SESSION, STORE, line_name, variant_name
from charsu.channels.ucp.pages import Pages
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.shaping import told
from charsu.channels.ucp.v2026_04_08.messages import Speak, messages, severities
from charsu.channels.ucp.v2026_04_08.profile import declared, envelope
from charsu.kernel import show_id
from charsu.language import mark_sentence

DAYS = mark_sentence("Arrives in {least} to {most} days.")
READY = mark_sentence("Ready in {least} to {most} days.")
THERE = mark_sentence("Can be picked up at {store}, {town}.")
SHIPPING = mark_sentence("Delivery")
AVAILABLE_MAX = 3


def session(
    one: Session,
    active: dict[str, str],
    pages: Pages,
    handlers: tuple[Handler, ...],
    speak: Speak,
) -> dict[str, Any]:
    """A cart or a checkout."""
    is_checkout = one.kind == "checkout"
    about = CHECKOUT if is_checkout else CART
    written: dict[str, Any] = {
        "ucp": envelope(about, active),
        "id": show_id(SESSION, one.id),
        "line_items": [_line_item(line) for line in one.lines],
        "currency": one.currency,
        "totals": totals(one.totals, one.lines, speak),
        "messages": _messages(one, speak),
        "links": pages.links(),
        "expires_at": one.expires_at.astimezone(UTC).isoformat(),
    }
    if is_checkout:
        written["ucp"]["payment_handlers"] = declared(handlers)
    if buyer := _buyer(one.person, one.consent if CONSENT in active else Consent()):
        written["buyer"] = buyer
    if url := pages.to_go_on(one):
        written["continue_url"] = url
    if DISCOUNT in active:
        written["discounts"] = _discounts(one)
    return written | (_of_checkout(one, active, pages, speak) if is_checkout else {})


def _of_checkout(
    one: Session, active: dict[str, str], pages: Pages, speak: Speak
) -> dict[str, Any]:
    written: dict[str, Any] = {"status": status(one)}
    if FULFILLMENT in active and one.state in {"open", "escalated"}:
        written["fulfillment"] = _fulfillment(one, speak)
    if one.order is not None:
        written["order"] = {
            "id": show_id(ORDER, one.order.id),
            "label": str(one.order.number),
            "permalink_url": pages.of_order(one.order.id, one.order.number),
        }
    return written


def status(one: Session) -> str:
    """Where the checkout stands."""
    if one.state == "escalated":
        return "requires_escalation"
    if one.state == "paying":
        return "complete_in_progress"
    if one.state != "open":
        return one.state
    stands = [*severities(_blocks(one)), *severities(_lasting(one))]
    return "incomplete" if stands else "ready_for_complete"


def _lasting(one: Session) -> list[Said]:
    """What was said of the last change and is in the way until the next."""
    return [said for said in one.notes if said.code in LASTING]


def _blocks(one: Session) -> list[Said]:
    """What is missing; of a pick-up without a store, that it has none."""
    if not one.lacks_store:
        return list(one.blocks)
    is_sent = one.method == "ship"
    blocks = [said for said in one.blocks if is_sent or said.code != "delivery_needed"]
    return [told(StoreNeeded()), *blocks]


def _messages(one: Session, speak: Speak) -> list[dict[str, Any]]:
    if one.state in {"paying", "completed", "canceled"}:
        return []
    said = [*one.notes, *(_blocks(one) if one.kind == "checkout" else ())]
    written = messages(said, speak, [line.variant_id for line in one.lines], one.codes)
    return [_at_pickup(message) for message in written] if one.method == "ship" else written


def _at_pickup(message: dict[str, Any]) -> dict[str, Any]:
    """The same where the store is that of the second method."""
    path = message.get("path", "")
    if not path.endswith("selected_destination_id"):
        return message
    return message | {"path": path.replace("methods[0]", "methods[1]")}


def _line_item(line: Line) -> dict[str, Any]:
    return {
        "id": line_name(line.variant_id),
        "item": item(line),
        "quantity": line.quantity,
        "totals": line_totals(line),
    }


def item(line: Line) -> dict[str, Any]:
    """What a line is of."""
    written = {
        "id": variant_name(line.variant_id),
        "title": line.title,
        "price": line.unit_minor,
    }
    return written | ({"image_url": line.image} if line.image else {})


def line_totals(line: Line) -> list[dict[str, Any]]:
    """What a line costs; discounts are taken off the whole, not off lines."""
    return [
        {"type": "subtotal", "amount": line.subtotal_minor},
        {"type": "total", "amount": line.subtotal_minor},
    ]


def totals(one: Totals, lines: Sequence[Line], speak: Speak) -> list[dict[str, Any]]:
    """What is to be paid, and what it is made of: the total is the sum of the others."""
    parts = [{"display_text": line.title, "amount": line.subtotal_minor} for line in lines]
    written: list[dict[str, Any]] = [
        {"type": "subtotal", "amount": one.subtotal_minor, "lines": parts}
    ]
    if one.discount_minor:
        written.append({"type": "discount", "amount": -one.discount_minor})
    if one.delivery_minor is not None:
        written.append(
            {"type": "fulfillment", "display_text": speak(SHIPPING), "amount": one.delivery_minor}
        )
    if one.tax_minor:
        written.append({"type": "tax", "amount": one.tax_minor})
    return [*written, {"type": "total", "amount": one.total_minor}]


def _buyer(person: Person, consent: Consent) -> dict[str, Any]:
    named = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "phone_number": person.phone,
    }
    written: dict[str, Any] = {name: text for name, text in named.items() if text}
    given = {name: getattr(consent, name) for name in Consent.__struct_fields__}
    if known := {name: said for name, said in given.items() if said is not None}:
        written["consent"] = known
    return written


def _discounts(one: Session) -> dict[str, Any]:
    applied = [
        {
            "code": _as_typed(discount.code, one.codes),
            "title": discount.code,
            "amount": discount.amount_minor,
        }
        for discount in one.applied
        if discount.amount_minor
    ]
    return {"codes": list(one.codes), "applied": applied}


def _as_typed(code: str, typed: Sequence[str]) -> str:
    return next((one for one in typed if one.casefold() == code.casefold()), code)


def _fulfillment(one: Session, speak: Speak) -> dict[str, Any]:
    """Both ways in which goods reach people, the chosen one first with all the lines."""
    ids = {line.variant_id: line_name(line.variant_id) for line in one.lines}
    there = [name for variant, name in ids.items() if variant in one.picked_up]
    sent = [name for name in ids.values() if name not in there]
    methods = [_shipping(one, sent, speak)]
    if one.stores:
        methods.insert(0 if one.method == "pickup" else 1, _pickup(one, there, speak))
    return {"methods": methods, "available_methods": _available(one, [*ids.values()], speak)}


def _shipping(one: Session, ids: list[str], speak: Speak) -> dict[str, Any]:
    destination = _destination(one)
    is_chosen = one.method == "ship"
    chosen = one.option if is_chosen else None
    return {
        "id": "shipping",
        "type": "shipping",
        "line_item_ids": ids,
        "destinations": [destination] if destination else [],
        "selected_destination_id": destination["id"] if destination and is_chosen else None,
        "groups": [_group("shipping", ids, _options(one, "ship", speak), chosen)],
    }


def _pickup(one: Session, ids: list[str], speak: Speak) -> dict[str, Any]:
    chosen = one.location_id
    return {
        "id": "pickup",
        "type": "pickup",
        "line_item_ids": ids,
        "destinations": [_store(store) for store in one.stores],
        "selected_destination_id": show_id(STORE, chosen) if chosen else None,
        "groups": [_group("pickup", ids, _options(one, "pickup", speak), one.pickup_option)],
    }


def _options(one: Session, kind: str, speak: Speak) -> list[dict[str, Any]]:
    return [_option(choice, speak) for choice in one.choices if choice.kind == kind]


def _group(
    name: str, ids: list[str], options: list[dict[str, Any]], chosen: str | None
) -> dict[str, Any]:
    return {
        "id": f"{name}_1",
        "line_item_ids": ids,
        "options": options,
        "selected_option_id": chosen,
    }


def _option(choice: Choice, speak: Speak) -> dict[str, Any]:
    days = DAYS if choice.kind == "ship" else READY
    return {
        "id": choice.code,
        "title": _title(choice, speak),
        "description": speak(days, least=choice.days_min, most=choice.days_max),
        "totals": [
            {"type": "subtotal", "amount": choice.amount_minor},
            {"type": "total", "amount": choice.amount_minor},
        ],
    }


def _title(choice: Choice, speak: Speak) -> str:
    """What the retailer calls it in the reader's language."""
    titles = choice.titles
    return (
        titles.get(speak.language.code)
        or titles.get("en")
        or next(iter(titles.values()), choice.code)
    )


def _destination(one: Session) -> dict[str, Any] | None:
    written = postal(one.address)
    if not written and one.destination_id is None:
        return None
    return {"id": one.destination_id or "address_1", "address_country": one.country, **written}


def postal(address: Address) -> dict[str, str]:
    """An address, as far as it is known."""
    named = {
        "first_name": address.first_name,
        "last_name": address.last_name,
        "phone_number": address.phone,
        "street_address": address.street,
        "extended_address": address.extended,
        "address_locality": address.town,
        "address_region": address.region,
        "postal_code": address.postcode,
        "address_country": address.country,
    }
    return {name: text for name, text in named.items() if text}


def _store(store: Store) -> dict[str, Any]:
    address = Address(street=store.street, town=store.town, country=store.country)
    return {"id": show_id(STORE, store.id), "name": store.name, "address": postal(address)}


def _available(one: Session, ids: list[str], speak: Speak) -> list[dict[str, Any]]:
    """Which goods can be had how: sent, and at the nearest stores that have some of them."""
    found = [{"type": "shipping", "line_item_ids": ids, "fulfillable_on": "now"}]
    for store in one.stores:
        there = [
            line_name(line.variant_id)
            for line in one.lines
            if store.pieces.get(line.variant_id, 0) >= line.quantity
        ]
        if there and len(found) <= AVAILABLE_MAX:
            found.append(
                {
                    "type": "pickup",
                    "line_item_ids": there,
                    "fulfillable_on": "now",
                    "description": speak(THERE, store=store.name, town=store.town),
                }
            )
    return found
