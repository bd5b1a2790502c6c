"""A cart or checkout as its platform sees it."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.channels.ucp.errors import IdentityRequired
from charsu.channels.ucp.hers import check_hers
from charsu.channels.ucp.model import (
    STORES_MAX,
    Address,
    Choice,
    Discount,
    Line,
    Order,
    Said,
    Session,
    SessionKind,
    Store,
    Totals,
)
from charsu.channels.ucp.shaping import place_of
from charsu.channels.ucp.stored import Stored, buyer_of, find
from charsu.kernel import NotFound, Tx, query
from charsu.orders import OrderSummary, summary_of
from charsu.shopping import AskCart, Cart, CartTotals, CartView, find_cart, read_cart, standing_of
from charsu.stock import on_offer


class AskSession(Struct, frozen=True, kw_only=True):
    """Which session, and the customer for whom the platform asks.

    near   the store that the buyer thinks of: it is named first where it may be chosen
    """

    session_id: UUID
    kind: SessionKind
    shopper_id: UUID | None = None
    near: UUID | None = None


@query("ucp.read_session", permission="ucp.shop", raises=(NotFound, IdentityRequired))
def read_session(tx: Tx, ask: AskSession) -> Session:
    """A session whole: what is in it, what it costs, how it can be had, and what blocks it."""
    stored = check_hers(tx, find(tx, ask.session_id, ask.kind), ask.shopper_id)
    return view_of(tx, stored, near=ask.near)


def view_of(tx: Tx, stored: Stored, *, near: UUID | None = None) -> Session:
    """A session that was found, for its platform; ``near`` is as in AskSession."""
    return _ordered(tx, stored) if stored.order_id else _shopped(tx, stored, near)


def _ordered(tx: Tx, stored: Stored) -> Session:
    """What was bought; of the cart counts no more than how it was to be had."""
    assert stored.order_id is not None, "only an ordered session comes here"
    cart, order = find_cart(tx, stored.cart_id), summary_of(tx, stored.order_id)
    return _session(
        tx,
        stored,
        cart,
        state=stored.state,
        lines=_ordered_lines(tx, order),
        totals=totals_from(order, has_delivery=order.kind != "counter"),
        order=Order(id=order.id, number=order.number),
    )


def _shopped(tx: Tx, stored: Stored, near: UUID | None) -> Session:
    """What is wanted, as it can be had at this moment."""
    cart = read_cart(tx, AskCart(cart_id=stored.cart_id))
    is_open = stored.is_open and stored.expires_at > tx.now
    return _session(
        tx,
        stored,
        cart,
        state=stored.state if is_open or not stored.is_open else "canceled",
        action_url=standing_of(tx, cart.id).action_url if stored.state == "escalated" else None,
        lines=_lines(tx, cart),
        totals=_totals(cart),
        applied=_applied(cart.totals),
        choices=_choices(cart),
        stores=_stores(tx, cart, buyer_of(tx, stored.id)[1], near) if is_open else (),
        blocks=_blocks(cart) if is_open else (),
    )


def _session(tx: Tx, stored: Stored, cart: Cart | CartView, **more: Any) -> Session:
    """A session with what is said of it however it stands."""
    person, address = buyer_of(tx, stored.id)
    return Session(
        id=stored.id,
        kind=stored.kind,
        currency=cart.currency,
        country=cart.country,
        person=person,
        address=address,
        consent=stored.consent,
        method=stored.method,
        destination_id=stored.destination_id,
        picked_up=_picked_up(stored, cart),
        location_id=place_of(cart),
        option=cart.delivery_method if stored.method == "ship" else None,
        pickup_option=cart.pickup_method if stored.method == "ship" else cart.delivery_method,
        codes=stored.codes,
        notes=stored.said,
        expires_at=stored.expires_at,
        **more,
    )


def _picked_up(stored: Stored, cart: Cart | CartView) -> frozenset[UUID]:
    if stored.method == "pickup":
        return frozenset(line.variant_id for line in cart.lines)
    return frozenset(stored.picked_up)


_LOOKS: LiteralString = """
    SELECT v.id, p.unit, p.quantity_scale AS scale,
           (SELECT m.url FROM catalog.media m
                  WHERE m.product_id = v.product_id AND m.kind = 'image'
                  ORDER BY m.variant_id IS DISTINCT FROM v.id, m.position LIMIT 1) AS url
    FROM catalog.variants v JOIN catalog.products p ON p.id = v.product_id
    WHERE v.id = ANY(%(variants)s)
"""


def looks_of(tx: Tx, variants: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """Of each variant the picture that the world can fetch, its unit and the unit's scale."""
    return tx.lasting_each("ucp.looks_of", variants, lambda missing: _looks(tx, missing))


def _looks(tx: Tx, variants: list[UUID]) -> dict[UUID, dict[str, Any]]:
    return {
        row.id: {
            "image": row.url if row.url and row.url.startswith("https://") else None,
            "unit": row.unit,
            "scale": row.scale,
        }
        for row in tx.all(_LOOKS, variants=variants)
    }


def _lines(tx: Tx, cart: CartView) -> tuple[Line, ...]:
    looks = looks_of(tx, [line.variant_id for line in cart.lines])
    return tuple(
        Line(
            variant_id=line.variant_id,
            title=line.title or line.sku or "",
            **looks[line.variant_id],
            quantity=line.quantity,
            unit_minor=line.price.unit_minor if line.price else line.seen_minor,
            subtotal_minor=line.price.subtotal_minor if line.price else 0,
        )
        for line in cart.lines
    )


def _ordered_lines(tx: Tx, order: OrderSummary) -> tuple[Line, ...]:
    looks = looks_of(tx, [line.variant_id for line in order.lines])
    return tuple(
        Line(
            variant_id=line.variant_id,
            title=line.title,
            **looks[line.variant_id],
            quantity=line.quantity,
            unit_minor=line.unit_minor or 0,
            subtotal_minor=line.subtotal_minor,
        )
        for line in order.lines
    )


def _totals(cart: CartView) -> Totals:
    if cart.totals is None:
        return Totals()
    return totals_from(cart.totals, has_delivery=cart.delivery_method is not None)


def totals_from(figures: Any, *, has_delivery: bool) -> Totals:
    """The figures of a cart or an order; what is on top of goods and delivery is tax."""
    goods = figures.subtotal_minor - figures.discount_minor
    return Totals(
        subtotal_minor=figures.subtotal_minor,
        discount_minor=figures.discount_minor,
        delivery_minor=figures.delivery_minor if has_delivery else None,
        tax_minor=figures.total_minor - goods - figures.delivery_minor,
        total_minor=figures.total_minor,
    )


def _applied(totals: CartTotals | None) -> tuple[Discount, ...]:
    if totals is None:
        return ()
    return tuple(
        Discount(code=one.code, amount_minor=one.discount_minor) for one in totals.discounts
    )


def _choices(cart: CartView) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            code=one.code,
            titles=one.titles,
            kind=one.kind,
            amount_minor=one.amount_minor,
            days_min=one.days_min,
            days_max=one.days_max,
        )
        for one in cart.deliveries
    )


def _blocks(cart: CartView) -> tuple[Said, ...]:
    variants = {line.id: line.variant_id for line in cart.lines}
    return tuple(
        Said(
            code=block.code,
            template=block.template,
            data=block.data,
            variant_id=variants.get(block.line_id) if block.line_id else None,
        )
        for block in cart.blocks
    )


_STORES: LiteralString = """
    SELECT l.id, l.name, l.street, l.town, l.country FROM stock.locations l
    JOIN stock.channel_locations c ON c.location_id = l.id AND c.channel_id = %(channel)s
    WHERE l.offers_pickup AND l.is_open
"""


def _stores(tx: Tx, cart: CartView, home: Address, near: UUID | None) -> tuple[Store, ...]:
    """Where the goods can be picked up: where the buyer thinks of first, then in her town, then
    where most of them lie."""
    wanted = {line.variant_id: line.quantity for line in cart.lines}
    pieces: dict[UUID, dict[UUID, int]] = {}
    for entry in on_offer(tx, list(wanted), channel=cart.channel_id):
        there = pieces.setdefault(entry.location_id, {})
        there[entry.variant_id] = there.get(entry.variant_id, 0) + max(0, entry.pieces)
    stores = [
        Store(**row._asdict(), pieces=pieces.get(row.id, {}))
        for row in tx.lasting(
            ("ucp.stores", cart.channel_id), lambda: tx.all(_STORES, channel=cart.channel_id)
        )
    ]

    def far(store: Store) -> tuple[bool, bool, bool, bool, int, str]:
        has = sum(store.pieces.get(variant, 0) >= count for variant, count in wanted.items())
        is_chosen = store.id == place_of(cart)
        at_home = bool(home.town) and store.town.casefold() == home.town.casefold()
        is_abroad = store.country != home.country
        return (not is_chosen, store.id != near, not at_home, is_abroad, -has, store.name)

    return tuple(sorted(stores, key=far)[:STORES_MAX])
