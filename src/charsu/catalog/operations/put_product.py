"""Putting products: the catalog holds exactly what the draft says, however often it is put."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from psycopg.errors import UniqueViolation

from charsu.catalog.difference import Difference
from charsu.catalog.errors import GtinTaken, ProductInvalid, ProductsBusy, SkuTaken, refusal
from charsu.catalog.model import Problem, ProductDraft
from charsu.catalog.planning import Effect, Plan, Step, plan
from charsu.catalog.writing import write
from charsu.kernel import Tx, operation

_LOCK: LiteralString = """
    SELECT id FROM catalog.products WHERE handle = ANY(%(handles)s) ORDER BY handle FOR UPDATE
"""


class PutProduct(Struct, frozen=True, kw_only=True):
    """One whole product."""

    product: ProductDraft


class PutOutcome(Struct, frozen=True):
    """What putting one draft did, or would do."""

    handle: str
    effect: Effect
    product_id: UUID | None  # None where nothing is stored under this handle
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()


class PutReport(Struct, frozen=True):
    """What putting many drafts did, or would do: one outcome for each, in their order."""

    outcomes: tuple[PutOutcome, ...]

    def count(self, effect: Effect) -> int:
        """How many drafts had this effect."""
        return sum(outcome.effect == effect for outcome in self.outcomes)


@operation(
    "catalog.put_product",
    permission="catalog.edit",
    http="POST /v1/products",
    raises=(ProductInvalid, SkuTaken, GtinTaken, ProductsBusy),
)
def put_product(tx: Tx, ask: PutProduct) -> PutOutcome:
    """Store a whole product with its variants, replacing what its handle stood for.

    Putting the same again changes nothing. A variant left out is archived and its id kept, so
    that it comes back as itself when its SKU is put again.
    """
    outcome = put_many_products(tx, [ask.product]).outcomes[0]
    if outcome.problems:
        raise refusal(outcome.handle, outcome.problems)
    return outcome


def put_many_products(
    tx: Tx, drafts: Sequence[ProductDraft], *, historical: bool = False
) -> PutReport:
    """Store many products in one go; the good ones go in, the others are reported as refused.

    Meant for chunks of some thousands. ``historical`` marks the facts so that nothing reacts.
    Raises ProductsBusy where another transaction takes one of the SKUs or GTINs meanwhile.
    """
    tx.run(_LOCK, handles=[draft.handle for draft in drafts])
    planned = plan(tx, drafts)
    try:
        with tx.savepoint():
            ids, lost = write(tx, planned, historical=historical)
    except UniqueViolation as race:
        raise ProductsBusy from race
    done = {step.draft.handle: _outcome(step, ids) for step in _sound(planned)}
    if lost:  # somebody has just created these, so now they are ours to change
        again = [step.draft for step in planned.having("created") if step.draft.handle in lost]
        report = put_many_products(tx, again, historical=historical)
        done |= {outcome.handle: outcome for outcome in report.outcomes}
    return PutReport(
        tuple(
            _outcome(step, ids) if step.problems else done[step.draft.handle]
            for step in planned.steps
        )
    )


def diff_products(tx: Tx, drafts: Sequence[ProductDraft]) -> PutReport:
    """What putting these products would do; nothing is written."""
    return PutReport(tuple(_outcome(step, {}) for step in plan(tx, drafts).steps))


def _sound(planned: Plan) -> list[Step]:
    return planned.having("created", "changed", "unchanged")


def _outcome(step: Step, ids: dict[str, UUID]) -> PutOutcome:
    stored = step.stored.id if step.stored else None
    return PutOutcome(
        step.draft.handle,
        step.effect,
        stored or (None if step.problems else ids.get(step.draft.handle)),
        step.differences,
        step.problems,
    )
