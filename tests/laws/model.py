"""A shop in memory, as simple as it can be: what must be true of the real one after each step."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

PRICES = {"mug": 1_000, "cup": 333}  # tax in it
STORES = ("north", "south")
COUPON_LIMIT = 2
HOLD_MINUTES = 15

Pieces = dict[str, int]  # by product
Parts = Counter[tuple[str, str]]  # pieces by store and product


@dataclass
class Line:
    """Pieces of one product in an order, and what they cost together."""

    id: UUID
    quantity: int
    total: int
    fulfilled: int = 0
    canceled: int = 0
    returned: int = 0

    @property
    def open(self) -> int:
        return self.quantity - self.fulfilled - self.canceled

    def worth(self, pieces: int) -> int:
        """What the first so many pieces cost: their part of the total, half a cent up."""
        return (2 * self.total * pieces + self.quantity) // (2 * self.quantity)


@dataclass
class Order:
    """An order: its lines, what stores still have to do for it, and its money."""

    id: UUID
    lines: dict[str, Line]
    total: int
    has_coupon: bool
    to_do: Parts
    captured: int = 0
    refunded: int = 0

    @property
    def state(self) -> str:
        lines = self.lines.values()
        if all(line.canceled == line.quantity for line in lines):
            return "canceled"
        if not any(line.open for line in lines):
            return "fulfilled"
        return "partly_fulfilled" if any(line.fulfilled for line in lines) else "open"

    @property
    def left_to_pay(self) -> int:
        return max(0, self.kept - self.captured)

    @property
    def left_to_refund(self) -> int:
        return self.captured - self.refunded

    @property
    def kept(self) -> int:
        """What all that the customer gets and did not bring back costs."""
        gone = sum(line.worth(line.canceled + line.returned) for line in self.lines.values())
        return 0 if self.state == "canceled" else self.total - gone

    @property
    def owed(self) -> int:
        """Taken from the customer for what she will not get or has brought back."""
        return max(0, self.left_to_refund - self.kept)


@dataclass
class Cart:
    """A cart whose goods are held for a while."""

    id: UUID
    owner: UUID
    wants: Pieces
    held: Parts
    expires: int  # minutes


@dataclass
class Model:
    """The whole shop."""

    on_hand: Parts = field(default_factory=Counter)
    orders: list[Order] = field(default_factory=list)
    carts: list[Cart] = field(default_factory=list)
    minutes: int = 0
    coupon_uses: int = 0

    def held(self, store: str, product: str) -> int:
        """Promised to orders, and to carts whose time is not over."""
        orders = sum(order.to_do[store, product] for order in self.orders)
        carts = sum(cart.held[store, product] for cart in self.carts if self.is_held(cart))
        return orders + carts

    def is_held(self, cart: Cart) -> bool:
        return self.minutes < cart.expires

    @property
    def is_swept(self) -> bool:
        """Whether no hold has run out that the real shop may not have noticed yet."""
        return all(self.is_held(cart) for cart in self.carts)

    def available(self, product: str) -> int:
        return sum(self.available_at(store, product) for store in STORES)

    def available_at(self, store: str, product: str) -> int:
        return max(0, self.on_hand[store, product] - self.held(store, product))

    def short(self, wants: Pieces) -> dict[str, tuple[int, int]]:
        """What there is too little of: wanted and available."""
        return {
            product: (wanted, self.available(product))
            for product, wanted in wants.items()
            if wanted > self.available(product)
        }

    def one_store_has(self, wants: Pieces) -> bool:
        return any(
            all(self.available_at(store, product) >= n for product, n in wants.items())
            for store in STORES
        )


def price(wants: Pieces, *, coupon: bool) -> tuple[int, int]:
    """Worth and discount: a tenth with the coupon, half a cent up."""
    worth = sum(PRICES[product] * pieces for product, pieces in wants.items())
    return worth, (worth + 5) // 10 if coupon else 0


def total_pieces(parts: Parts, product: str) -> int:
    return sum(pieces for (_, of), pieces in parts.items() if of == product)


def stores_in(parts: Iterable[tuple[str, str]]) -> set[str]:
    return {store for store, _ in parts}
