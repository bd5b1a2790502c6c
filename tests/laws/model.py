"""A shop in memory, as simple as it can be: what must be true of the real one after each step."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

PRICES = {"mug": 1_000, "cup": 333}
TAX_PERCENT = 20
COURIER = 499
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

    @property
    def gone(self) -> int:
        """What is not kept: canceled pieces are the last ones, returned pieces the first."""
        kept = self.worth(self.quantity - self.canceled)
        return self.worth(self.quantity) - kept + self.worth(self.returned)

    def worth(self, pieces: int) -> int:
        """What the first so many pieces cost: their part of the total, half a cent up."""
        return _half_up(self.total * pieces, self.quantity)


@dataclass
class Task:
    """What one store still has to do for an order, as one piece of work."""

    id: UUID
    store: str
    is_pickup: bool
    left: Pieces

    @property
    def is_open(self) -> bool:
        return any(self.left.values())


@dataclass
class Order:
    """An order: its lines, what stores still have to do for it, and its money."""

    id: UUID
    lines: dict[str, Line]
    total: int
    tax: int
    delivery: int
    delivery_tax: int
    has_coupon: bool
    tasks: list[Task] = field(default_factory=list)
    laid_out: set[UUID] = field(default_factory=set)
    captured: int = 0
    refunded: int = 0

    def to_do(self, store: str, product: str) -> int:
        return sum(task.left.get(product, 0) for task in self.tasks if task.store == store)

    @property
    def stores(self) -> set[str]:
        return {task.store for task in self.tasks}

    @property
    def goods_total(self) -> int:
        return self.total - self.delivery

    @property
    def goods_tax(self) -> int:
        return self.tax - self.delivery_tax

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
        gone = sum(line.gone for line in self.lines.values())
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
    is_customers: bool
    wants: Pieces
    held: Parts
    expires: int  # minutes


@dataclass
class Model:
    """The whole shop; its prices have the tax in them, or it is added."""

    is_tax_added: bool = False
    buffers: Counter[str] = field(default_factory=Counter)  # pieces left at a store, of each
    on_hand: Parts = field(default_factory=Counter)
    orders: list[Order] = field(default_factory=list)
    carts: list[Cart] = field(default_factory=list)
    minutes: int = 0
    coupon_uses: int = 0

    def held(self, store: str, product: str) -> int:
        """Promised to orders, and to carts whose time is not over."""
        orders = sum(order.to_do(store, product) for order in self.orders)
        carts = sum(cart.held[store, product] for cart in self.carts if self.is_held(cart))
        return orders + carts

    def is_held(self, cart: Cart) -> bool:
        return self.minutes < cart.expires

    @property
    def is_swept(self) -> bool:
        """Whether no hold has run out that the real shop may not have noticed yet."""
        return all(self.is_held(cart) for cart in self.carts)

    def available(self, product: str, stores: Iterable[str] = STORES) -> int:
        return sum(self.available_at(store, product) for store in stores)

    def available_at(self, store: str, product: str) -> int:
        free = self.on_hand[store, product] - self.held(store, product)
        return max(0, free - self.buffers[store])

    def is_short(self, wants: Pieces, stores: Iterable[str] = STORES) -> bool:
        """Whether these stores together have too little of something."""
        stores = tuple(stores)
        return any(pieces > self.available(product, stores) for product, pieces in wants.items())

    def lies_at(self, store: str, wants: Pieces) -> bool:
        return all(self.on_hand[store, product] >= n for product, n in wants.items())

    def priced(self, minor: int) -> tuple[int, int]:
        """What something comes to, and the tax in that: half a cent up."""
        if self.is_tax_added:
            tax = _half_up(minor * TAX_PERCENT, 100)
            return minor + tax, tax
        return minor, _half_up(minor * TAX_PERCENT, 100 + TAX_PERCENT)


def price(wants: Pieces, *, coupon: bool) -> tuple[int, int]:
    """Worth and discount: a tenth with the coupon, half a cent up."""
    worth = sum(PRICES[product] * pieces for product, pieces in wants.items())
    return worth, _half_up(worth, 10) if coupon else 0


def total_pieces(parts: Parts, product: str) -> int:
    return sum(pieces for (_, of), pieces in parts.items() if of == product)


def added_up(one: Pieces, other: Pieces) -> Pieces:
    return dict(Counter(one) + Counter(other))


def _half_up(amount: int, of: int) -> int:
    return (2 * amount + of) // (2 * of)
