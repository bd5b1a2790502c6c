"""Our words as this version writes them: those of the version before, with what is new."""

from collections.abc import Iterable
from typing import Any

from charsu.channels.ucp.capabilities import (
    CART,
    CHECKOUT,
    CONSENT,
    FULFILLMENT,
    LOOKUP,
    ORDER,
    SEARCH,
    Active,
)
from charsu.channels.ucp.model import Line, Session
from charsu.channels.ucp.naming import STORE, variant_name
from charsu.channels.ucp.pages import Pages
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.queries.find_goods import GoodsAnswer, VariantFound
from charsu.channels.ucp.queries.read_order import SessionOrder
from charsu.channels.ucp.v2026_04_08 import catalog, orders, sessions
from charsu.channels.ucp.v2026_04_08.messages import Speak
from charsu.channels.ucp.v2026_08_25 import consent
from charsu.channels.ucp.v2026_08_25.profile import DECLARED
from charsu.channels.ucp.versions import ProductAsk
from charsu.kernel import show_id

PIECE = "H87"  # what the protocol calls each

Body = dict[str, Any]


def session(
    one: Session, active: Active, pages: Pages, handlers: tuple[Handler, ...], speak: Speak
) -> Body:
    """A cart or a checkout."""
    written = sessions.session(one, active, pages, handlers, speak)
    is_checkout = one.kind == "checkout"
    written["ucp"] = DECLARED.envelope(CHECKOUT if is_checkout else CART, active)
    if is_checkout:
        written["ucp"]["payment_handlers"] = DECLARED.handlers(handlers)
    if CONSENT in active:
        said = consent.written(one.consent, speak, pages.privacy)
        written["buyer"] = written.get("buyer", {}) | {"consent": said}
    _with_units(written["line_items"], one.lines)
    for method in written.get("fulfillment", {}).get("methods", ()):
        _explain(method)
    return written


def _explain(method: Body) -> None:
    """Destinations say what they are, and options are described by an object."""
    is_pickup = method["type"] == "pickup"
    kind = "business_location" if is_pickup else "shipping_address"
    method["destinations"] = [{"type": kind, **place} for place in method["destinations"]]
    for group in method["groups"]:
        for option in group["options"]:
            option["description"] = {"plain": option["description"]}


def _with_units(items: Iterable[Body], lines: Iterable[Line]) -> None:
    """What is not sold by the piece says in which steps."""
    for written, line in zip(items, lines, strict=True):
        if line.unit != PIECE:
            written["item"]["quantity_unit"] = {
                "unit": line.unit,
                "scale": line.scale,
                "display_text": line.unit,
            }


def order(one: SessionOrder, active: Active, pages: Pages, speak: Speak) -> Body:
    """An order as it stands."""
    written = orders.order(one, active, pages, speak)
    written["ucp"] = DECLARED.envelope(ORDER, active)
    _with_units(written["line_items"], [ordered.line for ordered in one.lines])
    return written


def found(answer: GoodsAnswer, active: Active) -> Body:
    """What a search found."""
    written = catalog.found(answer, active)
    return _goods(written, written["products"], answer, SEARCH, active)


def looked_up(answer: GoodsAnswer, active: Active) -> Body:
    """Each product once, with the variants that were named and what named them."""
    written = catalog.looked_up(answer, active)
    return _goods(written, written["products"], answer, LOOKUP, active)


def detailed(answer: GoodsAnswer, ask: ProductAsk, active: Active) -> Body | None:
    """One product in full; None where there is none."""
    written = catalog.detailed(answer, ask, active)
    if written is None:
        return None
    return _goods(written, [written["product"]], answer, LOOKUP, active)


def _goods(
    written: Body, products: Iterable[Body], answer: GoodsAnswer, about: str, active: Active
) -> Body:
    written["ucp"] = DECLARED.envelope(about, active)
    if FULFILLMENT in active:
        known = {variant_name(one.id): one for goods in answer.goods for one in goods.variants}
        for product in products:
            for variant in product["variants"]:
                methods = _methods(known[variant["id"]], answer)
                variant["fulfillment"] = {"methods": methods}
    return written


def _methods(one: VariantFound, answer: GoodsAnswer) -> list[Body]:
    """Sent from anywhere, and picked up in the store that was named or in any."""
    pickup: Body = {"type": "pickup", "availability": _availability(one.pieces_to_pick_up)}
    if answer.store_id is not None:
        pickup["location"] = show_id(STORE, answer.store_id)
    return [{"type": "shipping", "availability": _availability(one.pieces_to_send)}, pickup]


def _availability(pieces: int) -> Body:
    is_there = pieces > 0
    return {"available": is_there, "status": "in_stock" if is_there else "out_of_stock"}
