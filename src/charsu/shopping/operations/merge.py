"""A cart goes into another: a guest signs in, or two customers turn out to be one."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import NotFound, Tx, ledger, operation
from charsu.orders import Channel, channel_of
from charsu.pricing import BasketTooLarge, PriceListMissing, PriceMissing, TaxRateMissing
from charsu.shopping.changed import CartChanged, changed
from charsu.shopping.errors import OwnerNeeded, TooManyCodes
from charsu.shopping.facts import CartMerged, CartTookOver
from charsu.shopping.holding import let_all_go, move_holds, offered_to, without_hold
from charsu.shopping.model import (
    Cart,
    Line,
    OwnerKind,
    held_by_line,
    is_assistant,
    merged_quantity,
)
from charsu.shopping.operations.codes import with_code
from charsu.shopping.operations.open_cart import COUNTRY, open_for
from charsu.shopping.reckoning import COUPON_REFUSALS
from charsu.shopping.stored import (
    close,
    lock_all,
    put_recipient,
    recipient_of,
    save,
    store_lines,
)

Owner = tuple[OwnerKind, UUID]


class MergeCarts(Struct, frozen=True, kw_only=True):
    """Whose cart goes into whose.

    guest_id      who the customer was before she signed in, as the edge has proved it
    customer_id   None where the customer asks herself
    """

    channel_id: UUID
    guest_id: UUID
    customer_id: UUID | None = None


@operation("shopping.merge", permission="shopping.merge", raises=(NotFound, OwnerNeeded))
def merge_carts(tx: Tx, ask: MergeCarts) -> CartChanged:
    """Put what the guest had in her cart into the customer's, once, however often it is asked.

    Lines of one variant are added up, capped by what the shop has; what was held stays held;
    coupons are kept where they are still valid together. While the customer pays for her own cart
    the guest's stays as it is. A customer without a cart gets one with
    the guest's delivery and recipient. There is no way here over HTTP: whoever signs a customer in
    knows which guest she was.
    """
    channel = channel_of(tx, ask.channel_id)
    cart, _ = _join(tx, channel, ("guest", ask.guest_id), _customer(tx, ask))
    return changed(tx, cart)


def join_carts(tx: Tx, owner: Owner, *, customer_id: UUID) -> int:
    """Put what somebody has in her carts into a customer's, in every channel; how many carts.

    owner   who she was: a guest, for whoever signs her in in the same transaction; or a customer
            who turned out to be this one
    """
    rows = tx.all(_CHANNELS, kind=owner[0], owner=owner[1])
    joins = (_join(tx, channel_of(tx, row.channel_id), owner, customer_id) for row in rows)
    return sum(is_joined for _, is_joined in joins)


def _join(tx: Tx, channel: Channel, owner: Owner, customer_id: UUID) -> tuple[Cart, bool]:
    """The customer's cart in a channel, and whether the other's has just gone into it."""
    guests: Any = tx.first(_OPEN_CART, channel=channel.id, kind=owner[0], owner=owner[1])
    own = open_for(
        tx,
        channel_id=channel.id,
        owner_kind="customer",
        owner_id=customer_id,
        country=guests.country if guests else tx.setting(COUNTRY),
        currency=guests.currency if guests else channel.currency,
    )
    locked = lock_all(tx, {own.cart_id, guests.id} if guests else {own.cart_id})
    source = locked[guests.id] if guests else None
    target = locked[own.cart_id]
    if source is None or source.state != "open" or target.state != "open":
        return target, False
    return merge_into(tx, target, source, is_new=own.is_new), True


def _customer(tx: Tx, ask: MergeCarts) -> UUID:
    if is_assistant(tx.actor) and ask.customer_id is not None:
        return ask.customer_id
    if tx.actor.kind != "customer" or ask.customer_id not in {None, tx.actor.id}:
        raise OwnerNeeded
    return tx.actor.id


_OPEN_CART: LiteralString = """
    SELECT id, country, currency FROM shopping.carts
    WHERE channel_id = %(channel)s AND owner_id = %(owner)s AND owner_kind = %(kind)s
      AND state = 'open'
"""

_CHANNELS: LiteralString = """
    SELECT channel_id FROM shopping.carts
    WHERE owner_id = %(owner)s AND owner_kind = %(kind)s AND state = 'open' ORDER BY channel_id
"""


def merge_into(tx: Tx, target: Cart, source: Cart, *, is_new: bool) -> Cart:
    """Put one locked open cart into another, and close it."""
    if is_new:
        target = _like(target, source)
    _move_recipient(tx, target, source)
    ids = {
        line.id: was.id if (was := target.line_of(line.variant_id)) else tx.new_id()
        for line in source.lines
    }
    target = _move_holds(tx, target, source, ids)
    lines = _merged_lines(tx, target, source, ids)
    store_lines(tx, target.id, lines)
    kept = [line for line in target.lines if line.id not in ids.values()]
    target = structs.replace(target, lines=(*kept, *lines))
    target = structs.replace(target, codes=_codes(tx, target, source))
    closed = structs.replace(without_hold(source), state="merged", merged_into_id=target.id)
    close(tx, closed, CartMerged(into_id=target.id, lines=len(source.lines)))
    return save(tx, target, CartTookOver(from_id=source.id, lines=len(source.lines)))


def _like(target: Cart, source: Cart) -> Cart:
    return structs.replace(
        target,
        kind=source.kind,
        location_id=source.location_id,
        delivery_method=source.delivery_method,
        pickup_method=source.pickup_method,
    )


def _move_recipient(tx: Tx, target: Cart, source: Cart) -> None:
    person = recipient_of(tx, source.id)
    if person is not None and recipient_of(tx, target.id) is None:
        put_recipient(tx, target.id, person, source.destination)


def _move_holds(tx: Tx, target: Cart, source: Cart, ids: dict[UUID, UUID]) -> Cart:
    """Keep held what is held in either cart, until the later of both ends.

    What is held elsewhere than the customer's own cart will be picked up goes back.
    """
    is_elsewhere = source.location_id != target.location_id or any(
        was.location_id != line.location_id
        for line in source.lines
        if (was := target.line_of(line.variant_id))
    )
    if is_elsewhere or not source.is_held_at(tx.now):
        let_all_go(tx, source)
        return target
    held = [cart for cart in (target, source) if cart.is_held_at(tx.now)]
    until = max(cart.hold_until for cart in held if cart.hold_until)
    since = min(cart.held_since for cart in held if cart.held_since)
    target = structs.replace(target, held_since=since, hold_until=until)
    move_holds(tx, source, target, ids)
    ledger.extend(tx, owner=target.id, expires_at=until)
    return target


def _merged_lines(tx: Tx, target: Cart, source: Cart, ids: dict[UUID, UUID]) -> list[Line]:
    """The lines of the source as the target's, added up with what it had."""
    theirs = tuple(target.line_of(line.variant_id) or _going(line, target) for line in source.lines)
    offered = offered_to(tx, structs.replace(target, lines=theirs))
    held = held_by_line(ledger.live_holds(tx, target.id))
    merged = []
    for line in source.lines:
        was = target.line_of(line.variant_id)
        quantity = merged_quantity(
            own=was.quantity if was else 0,
            more=line.quantity,
            offered=offered.get(line.variant_id, 0) + held.get(ids[line.id], 0),
        )
        as_is = was or _going(line, target)
        merged.append(structs.replace(as_is, id=ids[line.id], quantity=quantity))
    return merged


def _going(line: Line, target: Cart) -> Line:
    """A line in another cart: with a place of its own only where the rest is sent."""
    return line if target.kind == "ship" else structs.replace(line, location_id=None)


def _codes(tx: Tx, target: Cart, source: Cart) -> tuple[str, ...]:
    """The customer's coupons, and those of the guest's that are valid beside them."""
    for code in source.codes:
        try:
            target = structs.replace(target, codes=with_code(tx, target, code))
        except (
            *COUPON_REFUSALS,
            TooManyCodes,
            PriceMissing,
            PriceListMissing,
            TaxRateMissing,
            BasketTooLarge,
        ):
            continue
    return target.codes
