"""What the catalog refuses, and why."""

from collections.abc import Sequence

import msgspec

from charsu.catalog.model import Problem
from charsu.kernel import Conflict, HubError, Invalid, Unavailable


class ProductInvalid(Invalid):
    """The product contradicts itself; ``problems`` names each field with the reason."""

    code = "product_invalid"

    def __init__(self, handle: str, problems: Sequence[Problem]) -> None:
        super().__init__(
            "{handle} cannot be stored: {reasons}",
            handle=handle,
            reasons=" ".join(problem.message for problem in problems),
            problems=msgspec.to_builtins(problems),
        )
        self.problems = tuple(problems)


class SkuTaken(Conflict):
    """Another product has a variant with this SKU; SKUs that differ only in case are one."""

    code = "sku_taken"

    def __init__(self, handle: str, holder: str) -> None:
        super().__init__(
            "{handle} has an SKU that belongs to {holder}.", handle=handle, holder=holder
        )


class GtinTaken(Conflict):
    """Another product has a variant with this GTIN, and a scan must find one thing."""

    code = "gtin_taken"

    def __init__(self, handle: str, holder: str) -> None:
        super().__init__(
            "{handle} has a GTIN that belongs to {holder}.", handle=handle, holder=holder
        )


class ProductsBusy(Unavailable):
    """Somebody else is storing the same new SKU or GTIN at this moment."""

    code = "products_busy"

    def __init__(self) -> None:
        super().__init__("The same SKU or GTIN is being stored by somebody else; try again.")


class CategoryUnknown(Invalid):
    """A product or category names a category that does not exist."""

    code = "category_unknown"

    def __init__(self, category: str) -> None:
        super().__init__("There is no category {category}.", category=category)


class CategoryCycle(Conflict):
    """A category cannot stand below itself."""

    code = "category_cycle"

    def __init__(self, category: str, parent: str) -> None:
        super().__init__(
            "{parent} stands below {category} and cannot be its parent.",
            category=category,
            parent=parent,
        )


class PageInvalid(Invalid):
    """The page was not given out by this list."""

    code = "page_invalid"

    def __init__(self) -> None:
        super().__init__("This page does not exist; begin at the first one.")


def refusal(handle: str, problems: Sequence[Problem]) -> HubError:
    """The error that says why a product cannot be stored."""
    match problems[0]:
        case Problem(field="sku", reason="taken", about=holder):
            return SkuTaken(handle, holder)
        case Problem(field="gtin", reason="taken", about=holder):
            return GtinTaken(handle, holder)
        case Problem(field="category", about=category):
            return CategoryUnknown(category)
        case _:
            return ProductInvalid(handle, problems)
