"""What the charts draw, with every word and number already written in the reader's language."""

from msgspec import json

from charsu.kernel import Money
from charsu.web.formats import Formats, Grain
from charsu.web.overview import CurrencySales, SalesPoint


def sales_chart(sales: CurrencySales, grain: Grain, formats: Formats) -> str:
    """The series as JSON for the page's chart script.

    labels   of the axis
    titles   of each point
    values   in the currency's main unit, for the geometry only
    texts    the exact amounts
    """
    points = sales.points
    return json.encode(
        {
            "currency": sales.total.currency,
            "labels": [formats.bucket(point.start, grain) for point in points],
            "titles": [formats.bucket(point.start, grain, long=True) for point in points],
            "values": [float(_money(point, sales).decimal) for point in points],
            "texts": [formats.money(_money(point, sales)) for point in points],
            "orders": [formats.number(point.orders) for point in points],
        }
    ).decode()


def sales_rows(sales: CurrencySales, grain: Grain, formats: Formats) -> list[tuple[str, str, str]]:
    """The same series as words, for those who read and do not look."""
    return [
        (
            formats.bucket(point.start, grain, long=True),
            formats.money(_money(point, sales)),
            formats.number(point.orders),
        )
        for point in sales.points
    ]


def sparkline(points: tuple[SalesPoint, ...], width: int = 160, height: int = 40) -> str:
    """An SVG path through the points, from the left edge to the right, zero at the bottom."""
    top = max((point.minor for point in points), default=0)
    if top <= 0 or len(points) < 2:
        return f"M0 {height - 1}H{width}"
    step = width / (len(points) - 1)
    heights = [(height - 1) - (height - 2) * max(point.minor, 0) / top for point in points]
    return "M" + "L".join(f"{index * step:.1f} {y:.1f}" for index, y in enumerate(heights))


def share(amount: int, of: int) -> int:
    """How full a bar is, in per cent from 0 to 100; a sale that happened shows as at least 1."""
    if amount <= 0 or of <= 0:
        return 0
    return min(100, max(1, round(100 * amount / of)))


def _money(point: SalesPoint, sales: CurrencySales) -> Money:
    return Money(point.minor, sales.total.currency)
