"""What the live overview shows: one question, one answer, frozen.

Amounts of different currencies stand side by side and are never added. The answer holds ids,
names, numbers and instants (UTC); words and formats are the page's matter.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Money
from charsu.web.formats import Grain


class Period(StrEnum):
    """Whole days of the business, the present one included."""

    TODAY = "today"
    WEEK = "7d"
    MONTH = "30d"
    YEAR = "year"


class OverviewAsk(Struct, frozen=True, kw_only=True):
    """Which part of the business to show; None is all of it."""

    period: Period = Period.WEEK
    channel_id: UUID | None = None
    location_id: UUID | None = None


class Choice(Struct, frozen=True):
    """A channel or location to filter by."""

    id: UUID
    name: str


class SalesPoint(Struct, frozen=True):
    """Sales of one hour, day, week or month."""

    start: datetime
    minor: int
    orders: int


class CurrencySales(Struct, frozen=True, kw_only=True):
    """Sales in one currency over the period.

    before   the same stretch one period earlier, up to the same time of day; None when unknown
    points   without gaps, oldest first
    """

    total: Money
    orders: int
    before: Money | None
    points: tuple[SalesPoint, ...]

    @property
    def change(self) -> float | None:
        """Growth over ``before``: 0.1 is ten per cent more; None where that says nothing."""
        if self.before is None or self.before.minor <= 0:
            return None
        return self.total.minor / self.before.minor - 1

    @property
    def average(self) -> Money:
        """Of one order, rounded down to the minor unit; zero without orders."""
        return Money(self.total.minor // max(self.orders, 1), self.total.currency)


class ChannelSales(Struct, frozen=True, kw_only=True):
    """Sales of one channel: at most one total per currency."""

    channel_id: UUID
    name: str
    kind: str  # web, app, store, …: chooses the icon; see titles.CHANNEL_ICONS
    orders: int
    totals: tuple[Money, ...]

    def total(self, currency: str) -> Money | None:
        """Sales in this currency; None where there were none."""
        return next((total for total in self.totals if total.currency == currency), None)


class StoreSales(Struct, frozen=True, kw_only=True):
    """Sales of one location in one currency."""

    location_id: UUID
    name: str
    town: str
    orders: int
    total: Money


class CurrencyStores(Struct, frozen=True, kw_only=True):
    """Where one currency was taken in. A store that takes two stands under each of them.

    best    the best few of ``stores``, larger amounts first
    total   all sales in this currency, those of no store included
    """

    total: Money
    best: tuple[StoreSales, ...]
    stores: int


class WaitingKind(StrEnum):
    """What an order waits for."""

    PAYMENT = "payment"  # placed, not paid yet
    PICK = "pick"  # somebody has to take the goods from the shelf
    SHIP = "ship"  # packed or to be packed, no parcel yet
    COLLECT = "collect"  # ready at the counter
    REFUND = "refund"  # goods are back, money is not


class WaitingOrders(Struct, frozen=True, kw_only=True):
    """Orders that wait for the same thing."""

    kind: WaitingKind
    count: int
    late: int  # of these, past what the customer was promised
    oldest_at: datetime


class StockOut(Struct, frozen=True, kw_only=True):
    """A variant of the assortment with nothing left to promise at a location."""

    variant_id: UUID
    name: str  # product and options, ready to read
    sku: str
    location: str
    since: datetime | None  # None where it is all promised and nothing has left yet
    sold_28d: int  # pieces sold there in the four weeks before: what is being missed


class OpenException(Struct, frozen=True, kw_only=True):
    """Something that a person has to mend."""

    id: UUID
    kind: str  # stable code, such as "shortage"; see titles.EXCEPTIONS
    subject: str  # the order number, product or location it is about
    owner: str | None  # who has taken it: a name, or a role; see titles.ROLES
    opened_at: datetime


class ArrivedFact(Struct, frozen=True, kw_only=True):
    """One line of the log."""

    id: UUID
    name: str  # such as "orders.order_placed"; see titles.FACTS
    subject: str  # shown id, such as "ord_…" or an order number
    place: str  # channel or location; may be empty
    amount: Money | None
    at: datetime


class OverviewView(Struct, frozen=True, kw_only=True):
    """The business at one moment.

    sales            the main currency first, then by name; empty when nothing was sold
    sales_by_store   in the order of ``sales``; a currency that no store takes is left out
    stock_outs       the most missed few of ``stock_out_count``
    exceptions       the oldest few of ``exception_count``
    facts            the newest few, newest first
    """

    ask: OverviewAsk
    as_of: datetime
    business: str
    time_zone: str  # IANA name; of the business, or of the location asked for
    grain: Grain  # of the points in ``sales``
    channels: tuple[Choice, ...]
    locations: tuple[Choice, ...]
    sales: tuple[CurrencySales, ...]
    sales_by_channel: tuple[ChannelSales, ...]
    sales_by_store: tuple[CurrencyStores, ...]
    waiting: tuple[WaitingOrders, ...]
    stock_outs: tuple[StockOut, ...]
    stock_out_count: int
    assortment_count: int  # pairs of variant and location that should have stock
    exceptions: tuple[OpenException, ...]
    exception_count: int
    facts: tuple[ArrivedFact, ...]

    @property
    def orders(self) -> int:
        return sum(sales.orders for sales in self.sales)

    @property
    def orders_waiting(self) -> int:
        return sum(waiting.count for waiting in self.waiting)

    @property
    def orders_late(self) -> int:
        return sum(waiting.late for waiting in self.waiting)

    @property
    def is_new(self) -> bool:
        """Whether there is nothing to sell yet, or nowhere to sell it."""
        return not self.sales and not (self.channels and self.locations and self.assortment_count)

    @property
    def currencies(self) -> tuple[str, ...]:
        return tuple(sales.total.currency for sales in self.sales)
