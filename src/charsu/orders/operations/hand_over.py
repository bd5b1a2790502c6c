"""A location lays goods out, and a customer shows that they are hers and takes them away."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, append, operation
from charsu.orders.codes import WRONG_MAX, is_code, make_key
from charsu.orders.deadlines import collect_by
from charsu.orders.errors import CodeElsewhere, CodeLocked, ProofNeeded, TooMany, WrongStep
from charsu.orders.exceptions import close_of_task
from charsu.orders.facts import GoodsHandedOver, PickupCodeChecked, PickupReady
from charsu.orders.fulfilling import chosen_pieces, leave, set_task_state
from charsu.orders.loaded import Order, Task, load_task, settle_state, task_places, tell
from charsu.orders.model import Quantity
from charsu.stock import GoodsNotThere


class Pieces(Struct, frozen=True, kw_only=True):
    """Pieces of one line of the order."""

    line_id: UUID
    quantity: Quantity


SomeLines = Annotated[tuple[Pieces, ...], Meta(min_length=1, max_length=200)]
"""Left out it means all; an empty list is refused, for whoever ticked nothing does not mean all."""


class MakeReady(Struct, frozen=True, kw_only=True):
    """Which fulfillment is laid out."""

    fulfillment_id: UUID


class Progressed(Struct, frozen=True):
    """How far the order is now.

    left_minor   still to pay, in minor units of the order's currency; 0 where all is paid
    """

    order_id: UUID
    order_state: str
    fulfillment_state: str
    left_minor: int
    currency: str
    version: int


def _progressed(order: Order, fulfillment_state: str) -> Progressed:
    return Progressed(
        order.id, order.state, fulfillment_state, order.left_minor, order.currency, order.version
    )


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...]:
    return task_places(tx, ask.fulfillment_id)


@operation(
    "orders.make_ready",
    permission="orders.make_ready",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/ready",
    raises=(WrongStep,),
)
def make_ready(tx: Tx, ask: MakeReady) -> Progressed:
    """Say that what was picked is laid out: the customer may come, and her code counts from now."""
    order, task = load_task(tx, ask.fulfillment_id)
    if task.step != "picked" or task.kind != "pickup":
        raise WrongStep(state=task.step, asked="made ready")
    make_key(tx)
    last = collect_by(tx, task.location_id)
    set_task_state(tx, task.id, "ready", step_by=last)
    close_of_task(tx, task.id, "late", outcome="ready")
    fact = PickupReady(fulfillment_id=task.id, location_id=task.location_id, collect_by=last)
    return _progressed(tell(tx, order, fact), "ready")


class CheckPickupCode(Struct, frozen=True, kw_only=True):
    """What the customer shows: the letters of her code, or what her QR code says."""

    fulfillment_id: UUID
    code: Annotated[str, Meta(min_length=1, max_length=64)]


class CodeChecked(Struct, frozen=True):
    """Whether the goods are hers, and how many wrong codes are still forgiven."""

    order_id: UUID
    is_right: bool
    tries_left: int
    version: int


@operation(
    "orders.check_pickup_code",
    permission="orders.hand_over",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/code-checks",
    raises=(WrongStep, CodeElsewhere, CodeLocked),
)
def check_pickup_code(tx: Tx, ask: CheckPickupCode) -> CodeChecked:
    """Check the code for what is laid out; a wrong one is answered, counted and told, not refused.

    After five wrong ones codes no longer count; a document does. A QR code that names another
    pick-up is a mistake at the counter and no guess: it is refused and not counted.
    """
    order, task = load_task(tx, ask.fulfillment_id)
    if task.step != "ready" or task.kind != "pickup":
        raise WrongStep(state=task.step, asked="collected")
    if task.wrong_codes >= WRONG_MAX:
        raise CodeLocked
    is_right = is_code(tx, task.id, ask.code)
    wrong = task.wrong_codes + (not is_right)
    tx.run(
        """
        UPDATE orders.fulfillments
        SET wrong_codes = %(wrong)s, version = version + 1,
            proved_at = CASE WHEN %(is_right)s THEN %(now)s::timestamptz ELSE proved_at END
        WHERE id = %(id)s
        """,
        id=task.id,
        wrong=wrong,
        is_right=is_right,
        now=tx.now,
    )
    fact = PickupCodeChecked(
        fulfillment_id=task.id, location_id=task.location_id, is_right=is_right
    )
    order = tell(tx, order, fact)
    return CodeChecked(order.id, is_right, WRONG_MAX - wrong, order.version)


class HandOver(Struct, frozen=True, kw_only=True):
    """What the customer takes from one location; without lines, all that is left there.

    proof   how she shows that a pick-up is hers, where no code was checked before
    """

    fulfillment_id: UUID
    lines: SomeLines | None = None
    proof: Literal["document"] | None = None


@operation(
    "orders.hand_over",
    permission="orders.hand_over",
    at=_places,
    http="POST /v1/fulfillments/{fulfillment_id}/hand-over",
    raises=(WrongStep, ProofNeeded, TooMany, GoodsNotThere),
)
def hand_over(tx: Tx, ask: HandOver) -> Progressed:
    """Hand goods over to the customer, all of them or some; the answer says what is left to pay.

    A pick-up is laid out before, and its code checked, or a document. A code counts once: for
    what stays she shows it again.
    """
    order, task = load_task(tx, ask.fulfillment_id)
    if task.kind == "ship":
        raise WrongStep(state="to be shipped", asked="handed over")
    pieces = chosen_pieces(task, by_line(ask.lines))
    proof = _proof(task, ask) if task.kind == "pickup" else ""
    is_done = leave(tx, order, task, pieces)
    if not is_done and task.is_proved:
        tx.run("UPDATE orders.fulfillments SET proved_at = NULL WHERE id = %(id)s", id=task.id)
    order = settle_state(tx, order)
    fact = GoodsHandedOver(
        fulfillment_id=task.id,
        location_id=task.location_id,
        pieces=sum(pieces.values()),
        proof=proof,
    )
    append(tx, fact, subject=order.id, version=order.version)
    return _progressed(order, "done" if is_done else task.state)


def _proof(task: Task, ask: HandOver) -> str:
    if task.state != "ready":
        raise WrongStep(state=task.step, asked="handed over")
    if task.is_proved:
        return "code"
    if ask.proof is None:
        raise ProofNeeded
    return ask.proof


def by_line(lines: SomeLines | None) -> dict[UUID, int]:
    """The pieces of each line, a line named twice added up; none where no line was named."""
    pieces: dict[UUID, int] = {}
    for line in lines or ():
        pieces[line.line_id] = pieces.get(line.line_id, 0) + line.quantity
    return pieces
