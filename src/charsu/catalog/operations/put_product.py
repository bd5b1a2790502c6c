"""Putting products: the catalog holds exactly what the draft says, however often it is put."""

from collections import ChainMap
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct
from psycopg.errors import UniqueViolation

from charsu.catalog.difference import Difference
from charsu.catalog.errors import (
    CategoryUnknown,
    GtinTaken,
    ProductInvalid,
    ProductsBusy,
    SkuTaken,
    UnitKept,
    refusal,
)
from charsu.catalog.model import ProductDraft
from charsu.catalog.planning import Effect, Plan, Step, plan
from charsu.catalog.problems import Problem
from charsu.catalog.stored import keys_of
from charsu.catalog.writing import Written, write
from charsu.kernel import WHOLE_BUSINESS, Tx, operation


class PutProduct(Struct, frozen=True, kw_only=True):
    """One whole product."""

    product: ProductDraft


class PutOutcome(Struct, frozen=True):
    """What putting one draft did, or would do."""

    handle: str
    effect: Effect
    product_id: UUID | None  # None where nothing is stored under this handle
    variant_ids: tuple[UUID, ...] = ()  # in the draft's order; empty where nothing is stored
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
    at=WHOLE_BUSINESS,
    http="POST /v1/products",
    raises=(ProductInvalid, CategoryUnknown, SkuTaken, GtinTaken, UnitKept, ProductsBusy),
)
def put_product(tx: Tx, ask: PutProduct) -> PutOutcome:
    """Store a whole product with its variants, replacing what its handle stood for.

    Putting the same again changes nothing. A variant left out is archived and its id kept, so
    that it comes back as itself when its SKU is put again. Unit and scale stay as they were first
    put: what stock, carts and orders count are steps of them.
    """
    outcome = put_many_products(tx, [ask.product]).outcomes[0]
    if outcome.problems:
        raise refusal(outcome.problems)
    return outcome


def put_many_products(
    tx: Tx, drafts: Sequence[ProductDraft], *, historical: bool = False
) -> PutReport:
    """Store many products in one go; the good ones go in, the others are reported as refused.

    Meant for chunks of some thousands. ``historical`` marks the facts so that nothing reacts.
    Raises ProductsBusy where another transaction takes one of the SKUs or GTINs meanwhile.
    """
    planned = plan(tx, drafts, for_writing=True)
    try:
        with tx.savepoint():
            written = write(tx, planned, historical=historical)
    except UniqueViolation as race:
        raise ProductsBusy from race
    outcomes = [_outcome(step, written) for step in planned.steps]
    if written.lost:  # somebody has just created these, so now they are ours to change
        again = _put_lost(tx, planned, written.lost, historical=historical)
        outcomes = [again.get(at, outcome) for at, outcome in enumerate(outcomes)]
    return PutReport(tuple(outcomes))


def _put_lost(tx: Tx, planned: Plan, lost: set[str], *, historical: bool) -> dict[int, PutOutcome]:
    """Put the drafts of these handles again; their outcomes by their place in the plan."""
    places = [
        at
        for at, step in enumerate(planned.steps)
        if step.effect == "created" and step.draft.handle in lost
    ]
    drafts = [planned.steps[at].draft for at in places]
    report = put_many_products(tx, drafts, historical=historical)
    return dict(zip(places, report.outcomes, strict=True))


def diff_products(tx: Tx, drafts: Sequence[ProductDraft]) -> PutReport:
    """What putting these products would do; nothing is written."""
    nothing = Written({}, {}, set())
    return PutReport(
        tuple(_outcome(step, nothing) for step in plan(tx, drafts, for_writing=False).steps)
    )


def _outcome(step: Step, written: Written) -> PutOutcome:
    handle = step.draft.handle
    if step.effect == "refused":
        product = step.stored.id if step.stored else None
        return PutOutcome(handle, step.effect, product, problems=step.problems)
    kept = step.stored.variants if step.stored else {}
    variants = ChainMap({key: variant.id for key, variant in kept.items()}, written.variants)
    known = tuple(variants[key] for key in keys_of(step.draft) if key in variants)
    product = step.stored.id if step.stored else written.products.get(handle)
    return PutOutcome(handle, step.effect, product, known, step.differences)
