"""A day at Čaršija as the overview's questions would answer it: nothing here is random."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from charsu.kernel import Money
from charsu.web import (
    ArrivedFact,
    ChannelSales,
    Choice,
    CurrencySales,
    CurrencyStores,
    OpenException,
    OverviewAsk,
    OverviewView,
    SalesPoint,
    StockOut,
    StoreSales,
    Viewer,
    WaitingKind,
    WaitingOrders,
)

NOW = datetime(2026, 11, 23, 12, 3, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # midnight in Belgrade

MIRA = Viewer(
    id=UUID(int=1), name="Mira Jovanović", email="mira@carsija.example", time_zone="Europe/Belgrade"
)

WEB, APP, TILL, MARKETPLACE, AGENT = (UUID(int=100 + number) for number in range(5))
KNEZ, NOWY, NIZAMI, WAREHOUSE = (UUID(int=200 + number) for number in range(4))

_DAY = (0, 0, 0, 0, 0, 0, 1, 3, 6, 9, 14, 17, 21, 4)  # orders by hour, up to noon


def _points(average_minor: int, orders: Sequence[int] = _DAY) -> tuple[SalesPoint, ...]:
    return tuple(
        SalesPoint(
            start=MORNING + timedelta(hours=hour),
            minor=count * average_minor + (hour * 137 % 1000 if count else 0),
            orders=count,
        )
        for hour, count in enumerate(orders)
    )


def _sales(currency: str, average_minor: int, change: float, share: int) -> CurrencySales:
    points = _points(average_minor, [count * share // 4 for count in _DAY])
    total = sum(point.minor for point in points)
    return CurrencySales(
        total=Money(total, currency),
        orders=sum(point.orders for point in points),
        before=Money(round(total / (1 + change)), currency),
        points=points,
    )


RSD = _sales("RSD", 734_500, 0.124, 6)
AZN = _sales("AZN", 6_480, 0.031, 3)
EUR = _sales("EUR", 7_920, -0.068, 2)
PLN = _sales("PLN", 21_390, 0.0, 4)


def _channel(id_: UUID, name: str, kind: str, orders: int, shares: dict[str, int]) -> ChannelSales:
    of = {sales.total.currency: sales.total.minor for sales in (RSD, AZN, EUR, PLN)}
    totals = tuple(Money(of[currency] * part // 100, currency) for currency, part in shares.items())
    return ChannelSales(channel_id=id_, name=name, kind=kind, orders=orders, totals=totals)


CHANNELS = (
    _channel(TILL, "Tills", "store", 141, {"RSD": 52, "AZN": 71, "PLN": 58}),
    _channel(WEB, "Web shop", "web", 78, {"RSD": 27, "AZN": 18, "EUR": 64, "PLN": 25}),
    _channel(APP, "App", "app", 39, {"RSD": 16, "AZN": 11, "EUR": 9, "PLN": 12}),
    _channel(MARKETPLACE, "Amazon", "marketplace", 14, {"EUR": 27, "PLN": 5}),
    _channel(AGENT, "Shopping agents", "agent", 7, {"RSD": 5}),
)


def _store(id_: UUID, name: str, town: str, orders: int, total: Money) -> StoreSales:
    return StoreSales(location_id=id_, name=name, town=town, orders=orders, total=total)


_STORES = (
    _store(KNEZ, "Knez Mihailova", "Beograd", 61, Money(28_916_500, "RSD")),
    _store(UUID(int=204), "Galerija", "Beograd", 34, Money(15_120_000, "RSD")),
    _store(UUID(int=205), "Kafe Čaršija", "Beograd", 22, Money(1_864_000, "RSD")),
    _store(NIZAMI, "Nizami küçəsi", "Bakı", 37, Money(231_470, "AZN")),
    _store(NOWY, "Nowy Świat", "Warszawa", 42, Money(918_240, "PLN")),
)

STORES = tuple(
    CurrencyStores(
        total=sales.total,
        best=tuple(store for store in _STORES if store.total.currency == sales.total.currency),
        stores=stores,
    )
    for sales, stores in ((RSD, 4), (AZN, 1), (PLN, 1))
)

WAITING = (
    WaitingOrders(kind=WaitingKind.PICK, count=12, late=0, oldest_at=NOW - timedelta(minutes=47)),
    WaitingOrders(kind=WaitingKind.SHIP, count=31, late=3, oldest_at=NOW - timedelta(hours=26)),
    WaitingOrders(kind=WaitingKind.COLLECT, count=9, late=0, oldest_at=NOW - timedelta(days=2)),
    WaitingOrders(kind=WaitingKind.PAYMENT, count=4, late=0, oldest_at=NOW - timedelta(minutes=12)),
    WaitingOrders(kind=WaitingKind.REFUND, count=2, late=1, oldest_at=NOW - timedelta(days=3)),
)

_OUT = (
    ("Linen dress Sava, M, ochre", "DRS-SAVA-M-OC", "Knez Mihailova, Beograd", 37, 5),
    ("Lipstick Nar, shade 04", "LIP-NAR-04", "Nowy Świat, Warszawa", 29, 30),
    ("Lipstick Nar, shade 04", "LIP-NAR-04", "Nizami küçəsi, Bakı", 24, 52),
    ("Copper coffee pot, 4 cups", "HOM-DZEZVA-4", "Galerija, Beograd", 18, 8),
    ("Wool scarf Üzüm, violet", "SCF-UZUM-VI", "Web warehouse", 11, 3),
    ("Ćilim cushion, 45 × 45", "HOM-CILIM-45", "Nowy Świat, Warszawa", 9, 100),
)
STOCK_OUTS = tuple(
    StockOut(
        variant_id=UUID(int=300 + number),
        name=name,
        sku=sku,
        location=location,
        since=NOW - timedelta(hours=hours),
        sold_28d=sold,
    )
    for number, (name, sku, location, sold, hours) in enumerate(_OUT)
)

_OPEN = (
    ("shortage", "DRS-SAVA-M-OC, Galerija", "Ana Petrović", 70),
    ("shortage", "LIP-NAR-04, Nowy Świat", "stockkeeper", 27),
    ("shortage", "SCF-UZUM-VI, Web warehouse", "Kamran Əliyev", 25),
    ("shortage", "LIP-NAR-02, Nizami küçəsi", None, 2),
    ("shortage", "HOM-DZEZVA-4, Galerija", "Ana Petrović", 1),
)
EXCEPTIONS = tuple(
    OpenException(
        id=UUID(int=400 + number),
        kind=kind,
        subject=subject,
        owner=owner,
        opened_at=NOW - timedelta(hours=hours),
    )
    for number, (kind, subject, owner, hours) in enumerate(_OPEN)
)

_LOG = (
    ("orders.order_placed", "Order 10633", "Web shop", Money(1_249_000, "RSD")),
    ("shopping.cart_held", "DRS-SAVA-S-OC", "Knez Mihailova", None),
    ("orders.order_paid", "Order 10632", "Nowy Świat", Money(18_900, "PLN")),
    ("orders.goods_handed_over", "Order 10597", "Nizami küçəsi", None),
    ("orders.order_placed", "Order 10632", "Nowy Świat", Money(18_900, "PLN")),
    ("orders.parcel_shipped", "Order 10577", "Web warehouse", None),
    ("stock.hold_expired", "SCF-UZUM-VI", "Web warehouse", None),
    ("orders.order_placed", "Order 10631", "Shopping agents", Money(389_000, "RSD")),
    ("stock.stock_moved", "HOM-CILIM-45", "Galerija", None),
    ("orders.money_refunded", "Order 10502", "Amazon", Money(4_990, "EUR")),
    ("stock.stock_counted", "LIP-NAR-02", "Nizami küçəsi", None),
    ("pricing.prices_put", "LIP-NAR-02", "App", None),
)
ARRIVED = tuple(
    ArrivedFact(
        id=UUID(int=500 + len(_LOG) - number),
        name=name,
        subject=subject,
        place=place,
        amount=amount,
        at=NOW - timedelta(seconds=4 + 19 * number),
    )
    for number, (name, subject, place, amount) in enumerate(_LOG)
)


def busy_day(ask: OverviewAsk = OverviewAsk()) -> OverviewView:  # noqa: B008 - it is frozen
    """Four currencies, five channels, something of everything."""
    return OverviewView(
        ask=ask,
        as_of=NOW,
        business="Čaršija",
        time_zone="Europe/Belgrade",
        grain="hour",
        channels=tuple(Choice(channel.channel_id, channel.name) for channel in CHANNELS),
        locations=tuple(Choice(store.location_id, store.name) for store in _STORES),
        sales=(RSD, AZN, EUR, PLN),
        sales_by_channel=CHANNELS,
        sales_by_store=STORES,
        waiting=WAITING,
        stock_outs=STOCK_OUTS,
        stock_out_count=43,
        assortment_count=1512,
        exceptions=EXCEPTIONS,
        exception_count=len(EXCEPTIONS),
        facts=ARRIVED,
    )


def first_morning(ask: OverviewAsk = OverviewAsk()) -> OverviewView:  # noqa: B008 - it is frozen
    """A shop made a minute ago."""
    return OverviewView(
        ask=ask,
        as_of=NOW,
        business="Čaršija",
        time_zone="Europe/Belgrade",
        grain="hour",
        channels=(),
        locations=(),
        sales=(),
        sales_by_channel=(),
        sales_by_store=(),
        waiting=(),
        stock_outs=(),
        stock_out_count=0,
        assortment_count=0,
        exceptions=(),
        exception_count=0,
        facts=(),
    )
