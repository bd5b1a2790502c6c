"""What putting products would do, decided before anything is written.

The plan is the whole of a dry run and the first half of a real one, so the two cannot disagree.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import problems as reasons
from charsu.catalog.difference import Difference, differences
from charsu.catalog.model import ProductDraft, normal, sku_key
from charsu.catalog.problems import Problem, problem
from charsu.catalog.search.document import CategoryPlace
from charsu.catalog.search.index import category_places
from charsu.catalog.soundness import problems_of
from charsu.catalog.stored import StoredProduct, stored_products
from charsu.kernel import Tx

Effect = Literal["created", "changed", "unchanged", "refused"]

_IDS: LiteralString = "SELECT id FROM catalog.products WHERE handle = ANY(%(handles)s)"

_IDS_LOCKED: LiteralString = """
    SELECT id FROM catalog.products WHERE handle = ANY(%(handles)s) ORDER BY handle FOR UPDATE
"""

_SKUS_HELD: LiteralString = """
    SELECT v.sku_key, p.handle FROM catalog.variants AS v
    JOIN catalog.products AS p ON p.id = v.product_id
    WHERE v.sku_key = ANY(%(keys)s)
"""

_GTINS_HELD: LiteralString = """
    SELECT v.gtin, p.handle FROM catalog.variants AS v
    JOIN catalog.products AS p ON p.id = v.product_id
    WHERE v.gtin = ANY(%(gtins)s) AND NOT v.is_archived
"""


class Step(Struct, frozen=True):
    """What will happen to one draft, and why."""

    draft: ProductDraft
    effect: Effect
    stored: StoredProduct | None = None  # as it is now
    differences: tuple[Difference, ...] = ()
    problems: tuple[Problem, ...] = ()


class Plan(Struct, frozen=True):
    """One step for each draft, in their order, with the categories that they name."""

    steps: tuple[Step, ...]
    places: dict[str, CategoryPlace]

    def having(self, *effects: Effect) -> list[Step]:
        """The steps with one of these effects."""
        return [step for step in self.steps if step.effect in effects]


def plan(tx: Tx, drafts: Sequence[ProductDraft], *, for_writing: bool) -> Plan:
    """Compare the drafts with each other and with what is stored; nothing is written.

    ``for_writing`` holds the stored products as they are until the transaction ends.
    """
    wanted = [normal(draft) for draft in drafts]
    flaws = [problems_of(draft) for draft in wanted]
    sound = [draft for draft, own in zip(wanted, flaws, strict=True) if not own]
    handles = [draft.handle for draft in sound]
    ids: list[UUID] = [
        row.id for row in tx.all(_IDS_LOCKED if for_writing else _IDS, handles=handles)
    ]
    stored = {product.draft.handle: product for product in stored_products(tx, ids)}
    places = category_places(tx, {draft.category for draft in sound if draft.category})
    claims = _Claims(tx, sound, places)
    steps = (
        _step(draft, known := stored.get(draft.handle), tuple(own or claims.problems(draft, known)))
        for draft, own in zip(wanted, flaws, strict=True)
    )
    return Plan(tuple(steps), places)


def _step(draft: ProductDraft, stored: StoredProduct | None, problems: tuple[Problem, ...]) -> Step:
    if problems:
        return Step(draft, "refused", stored, problems=problems)
    found = differences(stored.draft if stored else None, draft)
    if stored is None:
        return Step(draft, "created", None, found)
    return Step(draft, "changed" if found else "unchanged", stored, found)


def _unit_problems(draft: ProductDraft, stored: ProductDraft) -> Iterator[Problem]:
    """A product keeps the unit and the scale that it was made with, from its first moment.

    Drafts are counted, priced and ordered too, and by packages that the catalog cannot ask; so
    nobody would know here that a step means nothing to anybody yet.
    """
    kept = {"unit": stored.unit, "scale": str(stored.quantity_scale)}
    if draft.unit != stored.unit:
        yield problem(reasons.UNIT_KEPT, "unit", handle=draft.handle, **kept)
    elif draft.quantity_scale != stored.quantity_scale:
        yield problem(reasons.UNIT_KEPT, "quantity_scale", handle=draft.handle, **kept)


class _Claims:
    """Who has each handle, SKU and GTIN: what is stored has it first, then the earlier draft."""

    def __init__(
        self, tx: Tx, drafts: Sequence[ProductDraft], places: dict[str, CategoryPlace]
    ) -> None:
        self.places = places
        self.first: dict[str, ProductDraft] = {}
        self.skus: dict[str, str] = {}  # handle of whoever has it
        self.gtins: dict[str, str] = {}
        for draft in drafts:
            self.first.setdefault(draft.handle, draft)
            for variant in draft.variants:
                self.skus.setdefault(sku_key(variant.sku), draft.handle)
                if variant.gtin:
                    self.gtins.setdefault(variant.gtin, draft.handle)
        for row in tx.all(_SKUS_HELD, keys=list(self.skus)):
            self.skus[row.sku_key] = row.handle
        for row in tx.all(_GTINS_HELD, gtins=list(self.gtins)) if self.gtins else ():
            self.gtins[row.gtin] = row.handle

    def problems(self, draft: ProductDraft, known: StoredProduct | None) -> Iterator[Problem]:
        if known:
            yield from _unit_problems(draft, known.draft)
        if self.first[draft.handle] is not draft:
            yield problem(reasons.HANDLE_REPEATED, "handle", handle=draft.handle)
        if draft.category and draft.category not in self.places:
            yield problem(reasons.CATEGORY_UNKNOWN, "category", category=draft.category)
        for variant in draft.variants:
            holder = self.skus[sku_key(variant.sku)]
            if holder != draft.handle:
                yield problem(reasons.SKU_TAKEN, "sku", sku=variant.sku, holder=holder)
            gtin = variant.gtin or ""
            holder = self.gtins.get(gtin, draft.handle)
            if holder != draft.handle:
                yield problem(reasons.GTIN_TAKEN, "gtin", gtin=gtin, holder=holder)
