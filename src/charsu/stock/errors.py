"""What can be refused about stock, and why."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Conflict, Invalid


class Shortfall(Struct, frozen=True):
    """A line, or several of one variant, that ask for more than is left."""

    variant_id: UUID
    sku: str
    wanted: int
    available: int


class NotEnoughStock(Conflict):
    """Some lines ask for more than is left to promise."""

    code = "not_enough_stock"

    def __init__(self, short: Sequence[Shortfall]) -> None:
        self.short = short
        if len(short) == 1:
            super().__init__(
                "There is not enough of {sku} in stock: {wanted} wanted, {available} left.",
                sku=short[0].sku,
                wanted=short[0].wanted,
                available=short[0].available,
                short=list(short),
            )
            return
        super().__init__(
            "There is not enough in stock. Left of what is wanted: {lines}.",
            lines=", ".join(f"{one.sku} {one.available}/{one.wanted}" for one in short),
            short=list(short),
        )


class GoodsNotThere(Conflict):
    """More should leave a place than lies there."""

    code = "goods_not_there"

    def __init__(self) -> None:
        super().__init__("Less is there than should leave.")


class HoldGone(Conflict):
    """What was held is no longer: it was used, given back, or ran out."""

    code = "hold_gone"

    def __init__(self) -> None:
        super().__init__("What was reserved is no longer reserved.")


class CountTooOld(Invalid):
    """The count was taken before the books of this location begin, or in the future."""

    code = "count_out_of_time"

    def __init__(self) -> None:
        super().__init__("A count must lie in the past and at most 31 days ago.")


class PlaceIncomplete(Invalid):
    """A place on the map is given by half."""

    code = "place_incomplete"

    def __init__(self) -> None:
        super().__init__("A place needs its latitude and its longitude.")


class SkuUnknown(Invalid):
    """No variant has this SKU."""

    code = "sku_unknown"

    def __init__(self, sku: str) -> None:
        super().__init__("No variant has the SKU {sku}.", sku=sku)
