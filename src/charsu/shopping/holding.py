"""Promising what is in a cart for a while.

How much is held for a line is read from the ledger, never stored beside it: a hold that ran out
shows at once. For no line more is held than it wants.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from msgspec import structs

from charsu.kernel import Careful, Setting, Tx, ledger
from charsu.kernel.ledger import Hold
from charsu.orders import Promised, fewest_then_nearest
from charsu.shopping.model import Cart, Line, excess, held_by_line, missing
from charsu.stock import (
    Available,
    Choose,
    HoldGone,
    Want,
    available_to_promise,
    claim,
    hold,
    on_offer,
    pieces_by_variant,
    places_of,
    take_back,
)

HOLD_MINUTES = Setting(
    "shopping.hold_minutes", int, 15, "Minutes for which a cart is held after its last change."
)
HOLD_MINUTES_MAX = Setting(
    "shopping.hold_minutes_max", int, 60, "Minutes for which a cart is held at most, all in all."
)


def with_hold(tx: Tx, cart: Cart) -> Cart:
    """The cart held a while longer; from now on, if it was not held."""
    since = (cart.is_held_at(tx.now) and cart.held_since) or tx.now
    until = min(
        tx.now + timedelta(minutes=tx.setting(HOLD_MINUTES)),
        since + timedelta(minutes=tx.setting(HOLD_MINUTES_MAX)),
    )
    return structs.replace(cart, held_since=since, hold_until=max(until, cart.hold_until or until))


def without_hold(cart: Cart) -> Cart:
    """The cart with nothing held."""
    return structs.replace(cart, held_since=None, hold_until=None)


def renewed(tx: Tx, cart: Cart) -> Cart:
    """The cart after somebody was active in it: what is held lasts longer."""
    if not cart.is_held_at(tx.now):
        return cart
    longer = with_hold(tx, cart)
    assert longer.hold_until is not None, "a held cart has an end"
    ledger.extend(tx, owner=cart.id, expires_at=longer.hold_until)
    return longer


def hold_lines(tx: Tx, cart: Cart, lines: Sequence[Line]) -> None:
    """Hold what these lines want and is not held yet, all of it or nothing, until ``hold_until``.

    Raises NotEnoughStock.
    """
    _hold_missing(tx, cart, lines, held_by_line(ledger.live_holds(tx, cart.id)))


def hold_to_pay(tx: Tx, was: Cart, cart: Cart) -> None:
    """Hold everything in a cart until its new ``hold_until``, what is held already included.

    Raises NotEnoughStock, and then nothing has changed.
    """
    assert cart.hold_until is not None, "a held cart has an end"
    if was.hold_until is None and len(cart.groups) <= 1:
        _hold_missing(tx, cart, cart.lines, {})  # nothing is held: it is all or nothing by itself
        return
    with tx.savepoint():
        ledger.extend(tx, owner=cart.id, expires_at=cart.hold_until)
        hold_lines(tx, cart, cart.lines)


def _hold_missing(tx: Tx, cart: Cart, lines: Sequence[Line], held: Mapping[UUID, int]) -> None:
    for group in structs.replace(cart, lines=tuple(lines)).groups:
        if wants := missing(group.lines, held):
            hold(
                tx,
                wants,
                channel=cart.channel_id,
                owner=cart.id,
                choose=_choose(tx, group),
                expires_at=cart.hold_until,
                locations=group.locations,
                to_ship=group.kind == "ship",
            )


def trim(tx: Tx, cart: Cart, line: Line, pieces: int) -> None:
    """Give back what is held for a line beyond so many pieces."""
    holds = [held for held in ledger.live_holds(tx, cart.id) if held.line_id == line.id]
    _give_back(tx, excess(holds, pieces))


_LOCK: LiteralString = """
    SELECT FROM ledger.balances WHERE account_id = ANY(%(accounts)s)
    ORDER BY account_id FOR UPDATE
"""


def rehold(tx: Tx, was: Cart, cart: Cart) -> None:
    """Hold what is held in one place where the cart will get it now, or refuse.

    What is given back and what is taken is locked together, in the order of its ids: two carts
    that change places do not wait for each other in a circle. Raises NotEnoughStock.
    """
    held = {held.account_id for held in ledger.live_holds(tx, cart.id)}
    there = {entry.account_id for group in cart.groups for entry in available_in(tx, group)}
    tx.all(_LOCK, accounts=list(held | there))
    let_all_go(tx, was)
    if cart.is_held_at(tx.now):
        hold_lines(tx, cart, cart.lines)


def available_in(tx: Tx, group: Cart) -> list[Available]:
    """What may be promised of a group's goods where they must come from."""
    variants = [line.variant_id for line in group.lines]
    return available_to_promise(
        tx,
        variants,
        channel=group.channel_id,
        locations=group.locations,
        to_ship=group.kind == "ship",
    )


def offered_to(tx: Tx, cart: Cart) -> dict[UUID, int]:
    """How many pieces of each variant may be promised to the cart, where it will get them."""
    variants = [line.variant_id for line in cart.lines]
    offered: dict[UUID, int] = {}
    for group in cart.groups:
        entries = on_offer(
            tx,
            variants,
            channel=group.channel_id,
            locations=group.locations,
            to_ship=group.kind == "ship",
        )
        own = {line.variant_id for line in group.lines}
        offered |= pieces_by_variant([one for one in entries if one.variant_id in own])
    return offered


def held_for(tx: Tx, cart: Cart) -> list[Hold]:
    """What is held for the cart, to be shown."""
    if cart.hold_until is None:
        return []
    return ledger.seen(tx, ("live_holds", cart.id), lambda: ledger.live_holds(tx, cart.id))


def let_all_go(tx: Tx, cart: Cart) -> int:
    """Give back whatever is held for the cart; how many pieces that was."""
    holds = ledger.live_holds(tx, cart.id)
    _give_back(tx, {held.id: held.open for held in holds})
    return sum(held.open for held in holds)


def _give_back(tx: Tx, pieces: Mapping[UUID, int]) -> None:
    """A hold may run out between being read and being given back; then all is looked at anew."""
    if not pieces:
        return
    try:
        take_back(tx, pieces)
    except HoldGone as gone:
        raise Careful from gone


def move_holds(tx: Tx, source: Cart, target: Cart, lines: Mapping[UUID, UUID]) -> list[Hold]:
    """Hand what is held for one cart over to another, until the other's ``hold_until``.

    lines   the line of the target for each of the source
    """
    return ledger.claim(
        tx, owner=source.id, to=target.id, lines=dict(lines), expires_at=target.hold_until
    )


def promise(tx: Tx, cart: Cart, lines: Mapping[UUID, UUID], *, order: UUID) -> list[Promised]:
    """Promise to an order, for good, what is in the cart.

    What is held is handed over, also what ran out and nobody has taken since; the rest is taken
    anew if it is still there. Raises NotEnoughStock.

    lines   the order's line for each of the cart
    """
    promised = [Promised(*part) for part in claim(tx, owner=cart.id, to=order, lines=lines)]
    claimed: dict[UUID, int] = {}
    for part in promised:
        claimed[part.line_id] = claimed.get(part.line_id, 0) + part.quantity
    ordered = tuple(structs.replace(line, id=lines[line.id]) for line in cart.lines)
    for group in structs.replace(cart, lines=ordered).groups:
        promised += _take(tx, group, missing(group.lines, claimed), order=order)
    return promised


def _take(tx: Tx, cart: Cart, wants: Sequence[Want], *, order: UUID) -> list[Promised]:
    if not wants:
        return []
    picks = hold(
        tx,
        wants,
        channel=cart.channel_id,
        owner=order,
        choose=_choose(tx, cart),
        expires_at=None,
        locations=cart.locations,
        to_ship=cart.kind == "ship",
    )
    return [Promised(pick.want.line_id, pick.source.location_id, pick.quantity) for pick in picks]


def _choose(tx: Tx, cart: Cart) -> Choose:
    places = places_of(tx, channel=cart.channel_id) if cart.destination else None
    return fewest_then_nearest(places, cart.destination)
