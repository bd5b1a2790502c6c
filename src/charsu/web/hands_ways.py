"""What can be done about each case: operations of the hub, offered to whoever may do them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from charsu.insights import Hand, OrderHand
from charsu.kernel import Actor
from charsu.web.hands import Input, Option, Way

OWNERS = ("picker", "stockkeeper", "support", "manager")
OUTCOMES = {"undeliverable": ("sent_again", "refunded", "found"), "recount": ("counted", "found")}


def ways_for_order(actor: Actor, one: OrderHand) -> tuple[Way, ...]:
    """For an exception of an order; that which mends it first, then who sees to it."""
    places = (one.location_id,) if one.location_id else None
    ways: list[Way] = []
    if actor.may("orders.reroute", places):
        ways.extend(_mending(one))
    if one.kind == "uncollected" and actor.may("orders.make_ready", places):
        ways.append(_way("put_back", "orders.put_back", fulfillment_id=one.fulfillment_id))
    if actor.may("orders.see_to", places):
        if one.taken_by != actor.id:
            ways.append(_way("take", "orders.take_exception", exception_id=one.id))
        others = tuple(Option(role) for role in OWNERS if role != one.owner)
        hand_on = Input(name="owner", options=others)
        ways.append(_way("hand_on", "orders.hand_on_exception", input=hand_on, exception_id=one.id))
    return _with_a_first(ways)


def _mending(one: OrderHand) -> Iterator[Way]:
    if one.is_offered:
        yield from _choices(one)
    elif one.kind == "late" and one.task_kind == "ship":
        yield _way("reroute", "orders.reroute", fulfillment_id=one.fulfillment_id, reason="late")
    elif one.kind in OUTCOMES:
        done = Input(name="outcome", options=tuple(map(Option, OUTCOMES[one.kind])))
        yield _way("close", "orders.close_exception", input=done, exception_id=one.id)


def _choices(one: OrderHand) -> Iterator[Way]:
    """What the customer was asked: staff says it for her."""
    if one.stores:
        stores = tuple(Option(str(store), name) for store, name in one.stores)
        elsewhere = Input(name="location_id", options=stores)
        yield _choice(one, "store", input=elsewhere)
    if one.can_send:
        yield _choice(one, "send")
    yield _choice(one, "cancel", is_grave=True)


def _choice(one: OrderHand, choice: str, **more: Any) -> Way:
    return _way(f"choose_{choice}", "orders.choose", exception_id=one.id, choice=choice, **more)


def ways_for_terminal(actor: Actor, one: Hand) -> tuple[Way, ...]:
    """Somebody has looked at the terminal's journal."""
    verb = "orders.resolve_terminal_payment"
    if not actor.may(verb, (one.location_id,) if one.location_id else None):
        return ()
    paid = Input(name="reference", is_needed=False)
    return _with_a_first(
        [
            _way("was_paid", verb, input=paid, terminal_payment_id=one.id, was_paid="true"),
            _way("was_not_paid", verb, terminal_payment_id=one.id, was_paid="false"),
        ]
    )


def ways_for_difference(actor: Actor, one: Hand) -> tuple[Way, ...]:
    """Somebody has seen to it and says how."""
    if not actor.may("orders.reconcile", None):
        return ()
    note = Input(name="note")
    way = _way("resolve", "orders.resolve_difference", input=note, difference_id=one.id)
    return _with_a_first([way])


def ways_for_receiver(actor: Actor, one: Hand) -> tuple[Way, ...]:
    """Send again what was given up, unless nobody listens there any more."""
    if one.kind == "gone" or not actor.may("webhooks.edit", None):
        return ()
    return _with_a_first([_way("replay", "webhooks.replay", endpoint_id=one.id, dead="true")])


def ways_for_reaction(actor: Actor, one: Hand) -> tuple[Way, ...]:
    """Try at once what waits, once its cause was mended."""
    if not actor.may("log.try_again", None):
        return ()
    return _with_a_first([_way("try_again", "log.try_again", consumer=one.subject)])


def _way(
    name: str,
    verb: str,
    *,
    input: Input | None = None,
    is_grave: bool = False,
    **fields: UUID | str,
) -> Way:
    settled = {field: str(value) for field, value in fields.items()}
    return Way(name=name, verb=verb, fields=settled, input=input, is_grave=is_grave)


def _with_a_first(ways: list[Way]) -> tuple[Way, ...]:
    """The first that is not grave stands out."""
    first = next((way for way in ways if not way.is_grave), None)
    return tuple(replace(way, is_first=True) if way is first else way for way in ways)
