"""An order as a verb sees it: its row locked, its lines and what is held for them."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel import Fact, NotFound, Tx, append
from charsu.kernel.ledger import Hold, live_holds
from charsu.orders.model import (
    OrderState,
    PaymentState,
    Progress,
    Recipient,
    Step,
    TaskState,
    order_state,
    payment_state,
    share,
    step_of,
)
from charsu.pricing import TaxMode


class Line(Struct, frozen=True, kw_only=True):
    """A line of an order, and how far it has come; amounts in minor units of the order."""

    id: UUID
    variant_id: UUID
    unit: str
    quantity: int
    fulfilled: int
    canceled: int
    returned: int
    unit_minor: int | None
    tax_rate_ppm: int
    tax_minor: int
    total_minor: int

    @property
    def open(self) -> int:
        """Pieces that neither left nor were canceled."""
        return self.quantity - self.fulfilled - self.canceled

    @property
    def progress(self) -> Progress:
        return Progress(self.quantity, self.fulfilled, self.canceled)

    @property
    def gone_minor(self) -> int:
        """What the canceled and the returned pieces cost.

        Pieces that leave are counted from the first, canceled ones from the last: so the two never
        claim the same cent, and what left is worth what is not canceled.
        """
        if not self.canceled and not self.returned:
            return 0
        kept = share(self.total_minor, self.quantity - self.canceled, self.quantity)
        returned = share(self.total_minor, self.returned, self.quantity)
        return self.total_minor - kept + returned


class Order(Struct, frozen=True, kw_only=True):
    """An order, locked until the transaction ends."""

    id: UUID
    channel_id: UUID
    customer_id: UUID | None
    kind: str
    state: OrderState
    currency: str
    tax_mode: TaxMode
    country: str
    placed_at: datetime
    delivery_minor: int
    delivery_tax_minor: int
    total_minor: int
    captured_minor: int
    refunded_minor: int
    is_historical: bool
    authorized_minor: int
    version: int
    lines: dict[UUID, Line]

    @property
    def goods_minor(self) -> int:
        """What all goods cost, as they are paid."""
        return self.total_minor - self.delivery_minor

    @property
    def goods_tax_minor(self) -> int:
        """The tax on all goods."""
        return sum(line.tax_minor for line in self.lines.values())

    @property
    def kept_minor(self) -> int:
        """What all that the customer keeps costs, delivery in it; nothing once all is canceled."""
        if self.state == "canceled":
            return 0
        return self.total_minor - sum(line.gone_minor for line in self.lines.values())

    @property
    def left_minor(self) -> int:
        """What is still to pay and was not promised by a provider."""
        return max(0, self.kept_minor - self.captured_minor - self.authorized_minor)

    @property
    def payment_state(self) -> PaymentState:
        """What has come of the money."""
        return payment_state(
            total=self.kept_minor,
            authorized=self.authorized_minor,
            captured=self.captured_minor,
            refunded=self.refunded_minor,
            is_canceled=self.state == "canceled",
        )


_ORDER: LiteralString = """
    SELECT id, channel_id, customer_id, kind, state, currency, tax_mode, country, placed_at,
           delivery_minor, delivery_tax_minor,
           total_minor, captured_minor, refunded_minor, is_historical, version,
           (SELECT coalesce(sum(a.authorized_minor - a.captured_minor - a.voided_minor), 0)::bigint
            FROM orders.authorizations a WHERE a.order_id = o.id) AS authorized_minor
    FROM orders.orders o WHERE id = %(id)s FOR UPDATE OF o
"""

_LINES: LiteralString = """
    SELECT id, variant_id, unit, quantity, fulfilled, canceled, returned, unit_minor,
           tax_rate_ppm, tax_minor, total_minor
    FROM orders.order_lines WHERE order_id = %(id)s ORDER BY position
"""


def load(tx: Tx, order_id: UUID) -> Order:
    """The order, its row locked. Raises NotFound."""
    row = tx.first(_ORDER, id=order_id)
    if row is None:
        raise NotFound("order", order_id)
    return Order(**row._asdict(), lines=_lines(tx, order_id))


def _lines(tx: Tx, order_id: UUID) -> dict[UUID, Line]:
    return {line.id: Line(**line._asdict()) for line in tx.all(_LINES, id=order_id)}


def holds_of(tx: Tx, order: Order) -> list[Hold]:
    """What is held for this order now."""
    return live_holds(tx, order.id)


class Task(Struct, frozen=True, kw_only=True):
    """What one location does for an order, and how far it is."""

    id: UUID
    order_id: UUID
    location_id: UUID
    kind: str
    state: TaskState
    due_by: datetime
    step: Step
    step_by: datetime | None
    is_proved: bool  # its pick-up code was shown
    wrong_codes: int
    parts: dict[UUID, int]  # pieces still to do, by order line


_TASK: LiteralString = """
    SELECT f.id, f.order_id, f.location_id, f.kind, f.state, f.due_by, f.step_by,
           f.accepted_at IS NOT NULL AS is_accepted, f.picked_at IS NOT NULL AS is_picked,
           f.proved_at IS NOT NULL AS is_proved, f.wrong_codes, p.line_id,
           p.quantity - p.done - p.canceled AS left
    FROM orders.fulfillments f JOIN orders.fulfillment_lines p ON p.fulfillment_id = f.id
    WHERE f.id = %(id)s FOR UPDATE OF f, p
"""


def load_task(tx: Tx, fulfillment_id: UUID) -> tuple[Order, Task]:
    """A fulfillment with its order; both locked, the order first. Raises NotFound."""
    order_id = tx.value(
        "SELECT order_id FROM orders.fulfillments WHERE id = %(id)s", id=fulfillment_id
    )
    if order_id is None:
        raise NotFound("fulfillment", fulfillment_id)
    order = load(tx, order_id)
    rows = tx.all(_TASK, id=fulfillment_id)
    first = rows[0]
    task = Task(
        id=first.id,
        order_id=first.order_id,
        location_id=first.location_id,
        kind=first.kind,
        state=first.state,
        due_by=first.due_by,
        step=step_of(first.state, is_accepted=first.is_accepted, is_picked=first.is_picked),
        step_by=first.step_by,
        is_proved=first.is_proved,
        wrong_codes=first.wrong_codes,
        parts={row.line_id: row.left for row in rows if row.left > 0},
    )
    return order, task


def task_places(tx: Tx, fulfillment_id: UUID) -> tuple[UUID, ...]:
    """The location of a fulfillment. Raises NotFound."""
    place = tx.value(
        "SELECT location_id FROM orders.fulfillments WHERE id = %(id)s", id=fulfillment_id
    )
    if place is None:
        raise NotFound("fulfillment", fulfillment_id)
    return (place,)


def order_places(tx: Tx, order_id: UUID) -> tuple[UUID, ...] | None:
    """Every location that has to do with an order. Raises NotFound.

    None, the whole business, where none has: an order of the past that was sent from elsewhere.
    """
    rows = tx.all(
        """
        SELECT location_id FROM orders.fulfillments WHERE order_id = %(id)s
        UNION
        SELECT location_id FROM orders.orders WHERE id = %(id)s
        """,
        id=order_id,
    )
    if not rows:
        raise NotFound("order", order_id)
    return tuple(row.location_id for row in rows if row.location_id) or None


def settle_state(tx: Tx, order: Order) -> Order:
    """Derive the order's state from its lines as they are now; the order as it is then."""
    lines = _lines(tx, order.id)
    state = order_state([line.progress for line in lines.values()])
    return settle(tx, replace(order, lines=lines, state=state))


def tell(tx: Tx, order: Order, fact: Fact) -> Order:
    """Derive the order's state again and append the fact; the order in its new version."""
    order = settle_state(tx, order)
    append(tx, fact, subject=order.id, version=order.version)
    return order


def settle(tx: Tx, order: Order) -> Order:
    """Write what has come of an order, and of its money; the order in its new version."""
    version: int = tx.value(
        """
        UPDATE orders.orders
        SET state = %(state)s, captured_minor = %(captured)s, refunded_minor = %(refunded)s,
            payment_state = %(payment_state)s, version = version + 1
        WHERE id = %(id)s RETURNING version
        """,
        id=order.id,
        state=order.state,
        captured=order.captured_minor,
        refunded=order.refunded_minor,
        payment_state=order.payment_state,
    )
    return replace(order, version=version)


_RECIPIENT: LiteralString = """
    SELECT name, email, phone, street, postcode, town, note
    FROM orders.recipients WHERE order_id = %(id)s
"""


def recipient_of(tx: Tx, order_id: UUID) -> Recipient | None:
    """Whom the goods of an order are for; None where it was erased or never known."""
    row = tx.first(_RECIPIENT, id=order_id)
    return None if row is None else Recipient(**row._asdict())
