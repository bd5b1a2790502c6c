"""Making an order of a priced basket whose goods are promised: shared by every way to buy."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import LiteralString
from uuid import UUID

import psycopg
from msgspec import Struct

from charsu.kernel import Tx, append
from charsu.orders.deadlines import accept_by
from charsu.orders.errors import ExternalOrderTaken, PriceMoved
from charsu.orders.facts import OrderPlaced
from charsu.orders.goods import Channel, Goods
from charsu.orders.model import OrderKind, Placed, Recipient
from charsu.orders.promising import Promise, promise_for
from charsu.orders.summing_up import know_summary
from charsu.pricing import PricedBasket, redeem


class Draft(Struct, frozen=True, kw_only=True):
    """Everything about an order but its goods and prices.

    picked_up   lines of an order that is sent otherwise, which wait in a store
    exchanged   by line, the line of another order at whose price it is taken for that
    """

    channel: Channel
    kind: OrderKind
    country: str
    recipient: Recipient | None = None
    customer_id: UUID | None = None
    location_id: UUID | None = None
    external_id: str | None = None
    cart_id: UUID | None = None
    expected_total_minor: int | None = None
    is_authorized: bool = False  # a provider has promised the money
    promise: Promise | None = None  # none: what the kind and the location make of it
    picked_up: frozenset[UUID] = frozenset()
    exchanged: Mapping[UUID, UUID] = {}

    def kind_of(self, line_id: UUID) -> OrderKind:
        """How a line reaches the customer."""
        return "pickup" if line_id in self.picked_up else self.kind


class Promised(Struct, frozen=True):
    """Pieces for a line that a location has promised."""

    line_id: UUID
    location_id: UUID
    quantity: int


def store_order(
    tx: Tx,
    draft: Draft,
    priced: PricedBasket,
    goods: Mapping[UUID, Goods],
    promised: Sequence[Promised],
    *,
    order: UUID,
) -> Placed:
    """Store an order whose goods are promised to it already, and say so.

    Uses its coupons. Raises PriceMoved, ExternalOrderTaken, CouponUsedUp.
    """
    expected = draft.expected_total_minor
    if expected is not None and expected != priced.total_minor:
        raise PriceMoved(expected=expected, actual=priced.total_minor)
    tasks = _tasks(tx, draft, promised)
    number = _insert(tx, draft, priced, goods, tasks, order=order)
    redeem(
        tx,
        priced.coupons,
        order_id=order,
        customer_id=draft.customer_id,
        currency=priced.currency,
    )
    _tell(tx, draft, priced, tasks, order=order)
    placed = Placed(order, number, "open", priced.currency, priced.total_minor)
    titles = {variant: one.title for variant, one in goods.items()}
    know_summary(tx, placed, draft.kind, priced, titles)
    return placed


class _Task(Struct, frozen=True):
    """What one location does for the order."""

    id: UUID
    location_id: UUID
    kind: OrderKind
    lines: dict[UUID, int]


def _tasks(tx: Tx, draft: Draft, promised: Iterable[Promised]) -> list[_Task]:
    """One for each location, two where it sends some of the goods and others wait in it."""

    def by_place(part: Promised) -> tuple[UUID, OrderKind]:
        return part.location_id, draft.kind_of(part.line_id)

    tasks = []
    for (location, kind), parts in groupby(sorted(promised, key=by_place), key=by_place):
        lines: dict[UUID, int] = {}
        for part in parts:
            lines[part.line_id] = lines.get(part.line_id, 0) + part.quantity
        tasks.append(_Task(tx.new_id(), location, kind, lines))
    return tasks


# One statement for the whole order: each row once, one round trip. Foreign keys are checked at
# its end.
_INSERT: LiteralString = """
    WITH placed AS (
        INSERT INTO orders.orders
            (id, channel_id, external_id, location_id, customer_id, cart_id, kind, state,
             payment_state, currency, tax_mode, country, subtotal_minor, discount_minor,
             delivery_minor, delivery_tax_minor, tax_minor, total_minor, placed_at, arrives_from,
             arrives_by, version)
        VALUES (%(order)s, %(channel)s, %(external)s, %(location)s, %(customer)s, %(cart)s,
                %(kind)s, 'open', %(payment_state)s, %(currency)s, %(tax_mode)s, %(country)s,
                %(subtotal)s, %(discount)s, %(delivery)s, %(delivery_tax)s, %(tax)s, %(total)s,
                %(now)s, %(arrives_from)s, %(arrives_by)s, 1)
        RETURNING number
    ), bought AS (
        INSERT INTO orders.order_lines
            (id, order_id, position, variant_id, sku, title, unit, quantity, unit_minor,
             subtotal_minor, discount_minor, tax_rate_ppm, tax_minor, total_minor,
             exchanged_line_id)
        SELECT id, %(order)s, position, variant_id, sku, title, unit, quantity, unit_minor,
               subtotal_minor, discount_minor, tax_rate_ppm, tax_minor, total_minor,
               exchanged_line_id
        FROM unnest(%(line_ids)s::uuid[], %(variants)s::uuid[], %(skus)s::text[],
                    %(titles)s::text[], %(units)s::text[], %(quantities)s::bigint[],
                    %(unit_minors)s::bigint[], %(subtotals)s::bigint[], %(discounts)s::bigint[],
                    %(rates)s::int[], %(taxes)s::bigint[], %(totals)s::bigint[],
                    %(exchanged)s::uuid[])
             WITH ORDINALITY
             AS l (id, variant_id, sku, title, unit, quantity, unit_minor, subtotal_minor,
                   discount_minor, tax_rate_ppm, tax_minor, total_minor, exchanged_line_id,
                   position)
    ), asked AS (
        INSERT INTO orders.fulfillments
            (id, order_id, location_id, kind, state, due_by, step_by, version)
        SELECT id, %(order)s, location_id, kind, 'waiting', due_by, step_by, 1
        FROM unnest(%(task_ids)s::uuid[], %(task_locations)s::uuid[], %(task_kinds)s::text[],
                    %(task_dues)s::timestamptz[], %(task_steps)s::timestamptz[])
             AS f (id, location_id, kind, due_by, step_by)
    ), parts AS (
        INSERT INTO orders.fulfillment_lines (id, fulfillment_id, line_id, quantity)
        SELECT * FROM unnest(%(part_ids)s::uuid[], %(part_tasks)s::uuid[], %(part_lines)s::uuid[],
                             %(part_quantities)s::bigint[])
    ), reader AS (
        INSERT INTO orders.recipients
            (order_id, name, email, phone, street, postcode, town, note)
        SELECT %(order)s, %(name)s, %(email)s, %(phone)s, %(street)s, %(postcode)s, %(town)s,
               %(note)s
        WHERE %(has_recipient)s
    )
    SELECT number FROM placed
"""


def _insert(
    tx: Tx,
    draft: Draft,
    priced: PricedBasket,
    goods: Mapping[UUID, Goods],
    tasks: Sequence[_Task],
    *,
    order: UUID,
) -> int:
    promise = draft.promise or promise_for(
        tx, kind=draft.kind, location=draft.location_id, delivery=None
    )
    try:
        number: int = tx.value(
            _INSERT,
            **_order_values(tx, draft, priced, promise, order),
            **_line_values(draft, priced, goods),
            **_task_values(tx, draft, promise, tasks),
            **_recipient_values(draft.recipient),
        )
    except psycopg.errors.UniqueViolation as taken:
        if taken.diag.constraint_name == "one_order_for_one_external_id":
            raise ExternalOrderTaken(draft.external_id or "") from taken
        raise
    return number


def _order_values(
    tx: Tx, draft: Draft, priced: PricedBasket, promise: Promise, order: UUID
) -> dict[str, object]:
    return {
        "order": order,
        "channel": draft.channel.id,
        "external": draft.external_id,
        "location": draft.location_id,
        "customer": draft.customer_id,
        "cart": draft.cart_id,
        "kind": draft.kind,
        "payment_state": "authorized" if draft.is_authorized else "pending",
        "currency": priced.currency,
        "tax_mode": priced.tax_mode,
        "country": draft.country,
        "subtotal": priced.subtotal_minor,
        "discount": priced.discount_minor,
        "delivery": priced.charges_minor,
        "delivery_tax": sum(charge.tax_minor for charge in priced.charges),
        "tax": priced.tax_minor,
        "total": priced.total_minor,
        "now": tx.now,
        "arrives_from": promise.arrives_from,
        "arrives_by": promise.arrives_by,
    }


def _due(tx: Tx, draft: Draft, promise: Promise, task: _Task) -> datetime:
    """When it should have left or be ready: what waits in a store is promised by that store."""
    if task.kind == draft.kind:
        return promise.due_by
    return promise_for(tx, kind=task.kind, location=task.location_id, delivery=None).due_by


def _begin_by(tx: Tx, task: _Task, due_by: datetime) -> datetime | None:
    """By when somebody must have begun: accepted a pick-up, or sent a parcel."""
    if task.kind == "counter":
        return None  # she takes it along
    return accept_by(tx, task.location_id) if task.kind == "pickup" else due_by


def _line_values(
    draft: Draft, priced: PricedBasket, goods: Mapping[UUID, Goods]
) -> dict[str, object]:
    lines = priced.lines
    sold = [goods[line.variant_id] for line in lines]
    return {
        "line_ids": [line.line_id for line in lines],
        "variants": [line.variant_id for line in lines],
        "skus": [one.sku for one in sold],
        "titles": [one.title for one in sold],
        "units": [one.unit for one in sold],
        "quantities": [line.quantity for line in lines],
        "unit_minors": [line.unit_minor for line in lines],
        "subtotals": [line.subtotal_minor for line in lines],
        "discounts": [line.discount_minor for line in lines],
        "rates": [line.tax_rate_ppm for line in lines],
        "taxes": [line.tax_minor for line in lines],
        "totals": [line.total_minor for line in lines],
        "exchanged": [draft.exchanged.get(line.line_id) for line in lines],
    }


def _task_values(
    tx: Tx, draft: Draft, promise: Promise, tasks: Sequence[_Task]
) -> dict[str, object]:
    dues = [_due(tx, draft, promise, task) for task in tasks]
    parts = [(task.id, line, pieces) for task in tasks for line, pieces in task.lines.items()]
    return {
        "task_ids": [task.id for task in tasks],
        "task_locations": [task.location_id for task in tasks],
        "task_kinds": [task.kind for task in tasks],
        "task_dues": dues,
        "task_steps": [_begin_by(tx, task, due) for task, due in zip(tasks, dues, strict=True)],
        "part_ids": [tx.new_id() for _ in parts],
        "part_tasks": [task for task, _, _ in parts],
        "part_lines": [line for _, line, _ in parts],
        "part_quantities": [pieces for _, _, pieces in parts],
    }


def _recipient_values(recipient: Recipient | None) -> dict[str, object]:
    person = recipient or Recipient()
    return {
        "has_recipient": recipient is not None,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "street": person.street,
        "postcode": person.postcode,
        "town": person.town,
        "note": person.note,
    }


def _tell(
    tx: Tx, draft: Draft, priced: PricedBasket, tasks: Sequence[_Task], *, order: UUID
) -> None:
    fact = OrderPlaced(
        channel_id=draft.channel.id,
        kind=draft.kind,
        customer_id=draft.customer_id,
        location_ids=tuple(task.location_id for task in tasks),
        currency=priced.currency,
        total_minor=priced.total_minor,
        lines=len(priced.lines),
    )
    append(tx, fact, subject=order, version=1)
