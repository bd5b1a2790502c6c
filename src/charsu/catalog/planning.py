"""What putting products would do, decided before anything is written.

The plan is the whole of a dry run and the first half of a real one, so the two cannot disagree.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog.difference import Difference, differences
from charsu.catalog.model import Problem, ProductDraft, normal, problems_of, sku_key
from charsu.catalog.search.document import CategoryPlace
from charsu.catalog.search.index import category_places
from charsu.catalog.stored import StoredProduct, stored_products
from charsu.kernel import Tx

Effect = Literal["created", "changed", "unchanged", "refused"]

_IDS: LiteralString = "SELECT id FROM catalog.products WHERE handle = ANY(%(handles)s)"

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


def plan(tx: Tx, drafts: Sequence[ProductDraft]) -> Plan:
    """Compare the drafts with each other and with what is stored; nothing is written."""
    wanted = [normal(draft) for draft in drafts]
    handles = [draft.handle for draft in wanted]
    ids: list[UUID] = [row.id for row in tx.all(_IDS, handles=handles)]
    stored = {product.draft.handle: product for product in stored_products(tx, ids)}
    places = category_places(tx, {draft.category for draft in wanted if draft.category})
    check = _Check(tx, wanted, places)
    return Plan(
        tuple(
            _step(draft, stored.get(draft.handle), tuple(check.problems(at, draft)))
            for at, draft in enumerate(wanted)
        ),
        places,
    )


def _step(draft: ProductDraft, stored: StoredProduct | None, problems: tuple[Problem, ...]) -> Step:
    if problems:
        return Step(draft, "refused", stored, problems=problems)
    found = differences(stored.draft if stored else None, draft)
    if stored is None:
        return Step(draft, "created", None, found)
    return Step(draft, "changed" if found else "unchanged", stored, found)


class _Check:
    """What several products must agree on: handles, SKUs, GTINs, and the categories there are."""

    def __init__(
        self, tx: Tx, drafts: Sequence[ProductDraft], places: dict[str, CategoryPlace]
    ) -> None:
        self.places = places
        self.first_at: dict[str, int] = {}
        self.sku_holders: dict[str, str] = {}  # handle of whoever had it first
        self.gtin_holders: dict[str, str] = {}
        for at, draft in enumerate(drafts):
            self.first_at.setdefault(draft.handle, at)
            for variant in draft.variants:
                self.sku_holders.setdefault(sku_key(variant.sku), draft.handle)
                if variant.gtin:
                    self.gtin_holders.setdefault(variant.gtin, draft.handle)
        for row in tx.all(_SKUS_HELD, keys=list(self.sku_holders)):
            self.sku_holders[row.sku_key] = row.handle
        if self.gtin_holders:
            for row in tx.all(_GTINS_HELD, gtins=list(self.gtin_holders)):
                self.gtin_holders[row.gtin] = row.handle

    def problems(self, at: int, draft: ProductDraft) -> Iterator[Problem]:
        yield from problems_of(draft)
        if self.first_at[draft.handle] != at:
            yield Problem("handle", "repeated", f"{draft.handle} stands above already.")
        if draft.category and draft.category not in self.places:
            message = f"There is no category {draft.category}."
            yield Problem("category", "unknown", message, draft.category)
        for variant in draft.variants:
            holder = self.sku_holders[sku_key(variant.sku)]
            if holder != draft.handle:
                message = f"SKU {variant.sku} belongs to {holder}."
                yield Problem("sku", "taken", message, holder)
            holder = self.gtin_holders.get(variant.gtin or "", draft.handle)
            if holder != draft.handle:
                message = f"GTIN {variant.gtin} belongs to {holder}."
                yield Problem("gtin", "taken", message, holder)
