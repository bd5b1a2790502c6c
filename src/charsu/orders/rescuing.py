"""What a location cannot do is found elsewhere, or the customer says what she wants instead.

Nothing is canceled in silence. What a store could hand over or send is done by others where they
have it; else it is an exception with an owner, and the customer may choose until its time is over:
then what she was told would happen does.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Literal, LiteralString
from uuid import UUID

from charsu.kernel import Setting, Tx
from charsu.orders.canceling import give_up_pieces
from charsu.orders.deadlines import CHOICE_HOURS, ship_by
from charsu.orders.exceptions import Open, Options, close_exception, open_exception
from charsu.orders.facts import ChoiceMade, ChoiceOffered, FulfillmentMoved
from charsu.orders.fulfilling import spread
from charsu.orders.loaded import Order, Task, holds_of, tell
from charsu.orders.model import NOT_THERE, Choice
from charsu.orders.sourcing import fewest_then_nearest
from charsu.orders.tasks import ask_to_lay_out, ask_to_send, try_to_hold, wants_of
from charsu.stock import (
    Available,
    Known,
    available_to_promise,
    distance_km,
    pickup_places,
    places_of,
    serving_others,
    take_back,
    take_off_sale,
)

SENDS_PICKUPS = Setting(
    "orders.rescue_by_sending",
    bool,
    True,
    "What a store cannot lay out is sent where the customer's address is known; off: she is asked.",
)
STORES_MAX = 10


def put_off_sale(
    tx: Tx, order: Order, task: Task, missing: Mapping[UUID, int], *, reason: str
) -> None:
    """Take back the promise of pieces that a location cannot give, and what is not there off sale.

    Somebody has to count what was not found; what is damaged is gone.
    """
    held = [hold for hold in holds_of(tx, order) if hold.place_id == task.location_id]
    take_back(tx, spread(held, missing))
    if reason not in NOT_THERE:
        return
    pieces: dict[Known, int] = {}
    for line, count in missing.items():
        variant = Known(order.lines[line].variant_id, order.lines[line].unit)
        pieces[variant] = pieces.get(variant, 0) + count
    is_empty = reason == "not_found"
    take_off_sale(tx, pieces, location=task.location_id, reason=reason, everything=is_empty)
    if is_empty:
        open_exception(
            tx,
            "recount",
            order=order.id,
            task=task.id,
            location=task.location_id,
            reason=reason,
            lines=missing,
        )


def rescue(
    tx: Tx,
    order: Order,
    task: Task,
    missing: Mapping[UUID, int],
    *,
    kind: Literal["rejected", "short"],
    reason: str,
) -> Order:
    """Find elsewhere what the location cannot give, or offer a choice; never cancel it.

    kind   of the exception: rejected or short
    """
    about = partial(
        open_exception, tx, kind, order=order.id, task=task.id, location=task.location_id
    )
    if locations := _elsewhere(tx, order, task, missing, reason=reason):
        about(reason=reason, outcome="moved")
        fact = FulfillmentMoved(
            fulfillment_id=task.id,
            from_location_id=task.location_id,
            to_location_ids=locations,
            reason=reason,
        )
        return tell(tx, order, fact)
    options = _options(tx, order, task, missing)
    answer_by = tx.now + timedelta(hours=tx.setting(CHOICE_HOURS))
    exception = about(reason=reason, lines=missing, options=options, due_by=answer_by)
    offered = ChoiceOffered(
        exception_id=exception,
        fulfillment_id=task.id,
        line_ids=tuple(missing),
        pieces=sum(missing.values()),
        store_ids=options.stores,
        can_send=options.can_send,
        otherwise=options.otherwise or "",
        answer_by=answer_by,
    )
    return tell(tx, order, offered)


def _elsewhere(
    tx: Tx, order: Order, task: Task, missing: Mapping[UUID, int], *, reason: str
) -> tuple[UUID, ...]:
    """Who does it now; empty where nobody can, or the customer has to be asked first."""
    if task.kind == "ship":
        return _send(tx, order, missing, than=task.location_id, due_by=task.due_by)
    if reason == "damaged":  # other pieces may lie there still
        picks = try_to_hold(tx, order, missing, locations=[task.location_id])
        if picks:
            return ask_to_lay_out(tx, order, picks, location=task.location_id)
    if tx.setting(SENDS_PICKUPS) and has_address(tx, order.id):
        return _send(tx, order, missing, than=task.location_id, due_by=ship_by(tx))
    return ()


def _send(
    tx: Tx, order: Order, missing: Mapping[UUID, int], *, than: UUID, due_by: datetime
) -> tuple[UUID, ...]:
    others = serving_others(tx, channel=order.channel_id, than=than, to_ship=True)
    picks = try_to_hold(tx, order, missing, locations=others)
    return ask_to_send(tx, order, picks, due_by=due_by) if picks else ()


_HAS_ADDRESS: LiteralString = """
    SELECT EXISTS (SELECT FROM orders.recipients
                   WHERE order_id = %(order)s AND name <> '' AND street <> '' AND town <> '')
"""


def has_address(tx: Tx, order: UUID) -> bool:
    """Whether it is known where the order could be sent."""
    return bool(tx.value(_HAS_ADDRESS, order=order))


def _options(tx: Tx, order: Order, task: Task, missing: Mapping[UUID, int]) -> Options:
    """What the customer may choose now, and what happens if she says nothing."""
    others = serving_others(tx, channel=order.channel_id, than=task.location_id)
    variants = [order.lines[line].variant_id for line in missing]
    there = available_to_promise(tx, variants, channel=order.channel_id, locations=others)
    wants, choose = wants_of(order, missing), fewest_then_nearest()
    senders = set(serving_others(tx, channel=order.channel_id, than=task.location_id, to_ship=True))
    can_send = choose(wants, [one for one in there if one.location_id in senders]) is not None
    stores = _stores(tx, order, task, there) if task.kind == "pickup" else []
    whole = [
        store
        for store in stores
        if choose(wants, [one for one in there if one.location_id == store]) is not None
    ]
    is_sent = task.kind == "ship" or has_address(tx, order.id)
    return Options(
        stores=tuple(whole[:STORES_MAX]),
        can_send=can_send,
        otherwise="send" if is_sent else "cancel",
    )


def _stores(tx: Tx, order: Order, task: Task, there: Sequence[Available]) -> list[UUID]:
    """Where customers may collect and something lies, the nearest to the failing store first."""
    found = pickup_places(tx, {one.location_id for one in there})
    places = places_of(tx, channel=order.channel_id)
    here = places.get(task.location_id)

    def distance(store: UUID) -> tuple[float, UUID]:
        known = here and places.get(store)
        return (distance_km(here, known) if here and known else 0.0, store)

    return sorted(found, key=distance)


def settle_choice(
    tx: Tx, order: Order, one: Open, choice: Choice, *, is_default: bool, store: UUID | None = None
) -> Order | None:
    """Do what was chosen; None, and nothing changed, where what it needs is gone by now."""
    locations: tuple[UUID, ...] = ()
    if choice == "store" and store is not None:
        picks = try_to_hold(tx, order, one.lines, locations=[store])
        locations = ask_to_lay_out(tx, order, picks, location=store) if picks else ()
    elif choice == "send":
        locations = _send(tx, order, one.lines, than=one.location_id, due_by=ship_by(tx))
    if choice != "cancel" and not locations:
        return None
    close_exception(tx, one.id, outcome=choice)
    made = ChoiceMade(
        exception_id=one.id, choice=choice, is_default=is_default, location_ids=locations
    )
    order = tell(tx, order, made)
    if choice == "cancel":
        order = give_up_pieces(tx, order, one.lines, reason="not_available")
    return order
