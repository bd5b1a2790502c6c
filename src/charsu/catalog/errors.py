"""What the catalog refuses, and why."""

from collections.abc import Sequence

import msgspec

from charsu.catalog.problems import CATEGORY_UNKNOWN, GTIN_TAKEN, SKU_TAKEN, UNIT_KEPT, Problem
from charsu.kernel import Conflict, HubError, Invalid, Unavailable


class ProductInvalid(Invalid):
    """The product contradicts itself.

    The sentence tells the first problem; ``problems`` in the data holds all, each with its field,
    code, template, data and how to mend it.
    """

    code = "product_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.message, **first.data, problems=msgspec.to_builtins(problems))
        self.problems = tuple(problems)


class SkuTaken(Conflict):
    """Another product has a variant with this SKU; SKUs that differ only in case are one."""

    code = "sku_taken"

    def __init__(self, sku: str, holder: str) -> None:
        super().__init__(SKU_TAKEN.message, sku=sku, holder=holder)


class GtinTaken(Conflict):
    """Another product has a variant with this GTIN, and a scan must find one thing."""

    code = "gtin_taken"

    def __init__(self, gtin: str, holder: str) -> None:
        super().__init__(GTIN_TAKEN.message, gtin=gtin, holder=holder)


class UnitKept(Conflict):
    """A product keeps the unit and the scale that it was made with.

    Stock, carts, prices and orders say how many steps, and a step is what unit and scale make of
    it: changed here, a thousand grams on a shelf would be a thousand pieces.
    """

    code = "unit_kept"

    def __init__(self, handle: str, unit: str, scale: str) -> None:
        super().__init__(UNIT_KEPT.message, handle=handle, unit=unit, scale=scale)


class ProductsBusy(Unavailable):
    """Somebody else is storing the same new SKU or GTIN at this moment."""

    code = "products_busy"

    def __init__(self) -> None:
        super().__init__("The same SKU or GTIN is being stored by somebody else; try again.")


class CategoryUnknown(Invalid):
    """A product or category names a category that does not exist."""

    code = "category_unknown"

    def __init__(self, category: str) -> None:
        super().__init__(CATEGORY_UNKNOWN.message, category=category)


class CategoryCycle(Conflict):
    """A category cannot stand below itself."""

    code = "category_cycle"

    def __init__(self, category: str, parent: str) -> None:
        super().__init__(
            "{parent} stands below {category} and cannot be its parent.",
            category=category,
            parent=parent,
        )


def refusal(problems: Sequence[Problem]) -> HubError:
    """The error that says why a product cannot be stored."""
    first = problems[0]
    for error in (SkuTaken, GtinTaken, CategoryUnknown, UnitKept):
        if first.code == error.code:
            return error(**first.data)
    return ProductInvalid(problems)
