"""The import of orders that were placed elsewhere: history, one order of neighbouring rows."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from charsu.imports import reasons
from charsu.imports.target import Options, Target
from charsu.kernel import Tx, minor
from charsu.kernel.intake import (
    BadCell,
    Field,
    GroupShape,
    Item,
    Outcome,
    Reason,
    Rows,
    RowShape,
    code,
    decimal,
    moment,
    problem,
    text,
)
from charsu.kernel.money import tax_within
from charsu.orders.bulk import Known, PastLine, PastOrder, look_up, put_many_past_orders
from charsu.pricing import AMOUNT_MAX


class OrderRow(Struct, frozen=True, kw_only=True):
    """One line of an order; amounts in main units, tax in them."""

    external_id: str
    placed_at: datetime
    sku: str
    quantity: Decimal
    channel: str | None = None
    title: str | None = None
    unit_price: Decimal | None = None
    line_total: Decimal | None = None
    discount: Decimal | None = None
    tax_percent: Decimal | None = None
    delivery: Decimal | None = None
    currency: str | None = None
    location: str | None = None
    customer: str | None = None
    country: str | None = None


class SheetOrder(Struct, frozen=True):
    """An order whose lines agree on everything that is the order's."""

    first: OrderRow
    rows: tuple[OrderRow, ...]


_OF_THE_ORDER = ("placed_at", "channel", "currency", "location", "customer", "country", "delivery")


def _shape(_rows: Rows, options: Options) -> GroupShape[OrderRow, SheetOrder]:
    money = decimal(places=4, least=0, most=10**10)
    fields = (
        Field(
            "external_id",
            code(max=128),
            required=True,
            aliases=("order", "order id", "order number", "invoice", "name"),
        ),
        Field(
            "placed_at",
            moment(zone=options.zone),
            required=True,
            aliases=("date", "ordered at", "created at"),
        ),
        Field("sku", code(max=100), required=True, aliases=("lineitem sku", "variant sku")),
        Field(
            "quantity",
            decimal(least=0, most=10**9),
            required=True,
            aliases=("qty", "pieces", "lineitem quantity"),
        ),
        Field("channel", code(max=80), required=options.channel is None),
        Field("title", text(max=500), aliases=("product", "lineitem name")),
        Field("unit_price", money, aliases=("price", "lineitem price")),
        Field("line_total", money, aliases=("total of line",)),
        Field("discount", money, aliases=("line discount", "lineitem discount")),
        Field("tax_percent", decimal(places=4, least=0, most=100), aliases=("tax", "vat")),
        Field("delivery", money, aliases=("shipping",)),
        Field("currency", code(max=3)),
        Field("location", code(max=64), aliases=("store", "location code")),
        Field("customer", code(max=254), aliases=("customer id", "email")),
        Field("country", code(max=2), aliases=("country code", "shipping country")),
    )
    return GroupShape(RowShape(OrderRow, fields), by="external_id", build=_order, key=_key)


def _order(rows: Sequence[OrderRow]) -> SheetOrder:
    """The rows as one order. What only the first row says holds for all."""
    first = rows[0]
    for row in rows[1:]:
        for name in _OF_THE_ORDER:
            said = getattr(row, name)
            if said is not None and said != getattr(first, name):
                raise BadCell(reasons.LINES_DISAGREE, order=row.external_id, field=name)
    if any(row.unit_price is None and row.line_total is None for row in rows):
        raise BadCell(reasons.AMOUNT_MISSING)
    return SheetOrder(first, tuple(rows))


def _key(order: SheetOrder) -> str:
    return f"{order.first.channel}\0{order.first.external_id}"


def _store(tx: Tx, items: Sequence[Item[SheetOrder]], options: Options) -> list[Outcome]:
    orders = [item.value for item in items if item.value is not None]
    known = look_up(
        tx,
        skus={row.sku for order in orders for row in order.rows},
        channels={order.first.channel or options.channel or "" for order in orders},
        locations={order.first.location or options.location or "" for order in orders},
        customers={order.first.customer or "" for order in orders},
        source=options.source,
    )
    read = [_past(item, order, known, options) for item, order in zip(items, orders, strict=True)]
    done = iter(put_many_past_orders(tx, [one for one in read if isinstance(one, PastOrder)]))
    return [
        _outcome(item, one, next(done)) if isinstance(one, PastOrder) else one
        for item, one in zip(items, read, strict=True)
    ]


def _outcome(item: Item[SheetOrder], order: PastOrder, effect: Any) -> Outcome:
    if effect == "differs":
        return _refused(item, reasons.ORDER_DIFFERS, "external_id", order=order.external_id)
    return Outcome(effect, order.external_id)


def _refused(item: Item[SheetOrder], reason: Reason, field: str, **data: str) -> Outcome:
    found = problem(reason, line=item.line, field=field, **data)
    return Outcome("refused", problems=(found,))


def _past(
    item: Item[SheetOrder], order: SheetOrder, known: Known, options: Options
) -> PastOrder | Outcome:
    first = order.first
    channel = known.channels.get(first.channel or options.channel or "")
    if channel is None:
        named = first.channel or options.channel or ""
        return _refused(item, reasons.CHANNEL_UNKNOWN, "channel", channel=named)
    place = first.location or options.location
    if place and place not in known.locations:
        return _refused(item, reasons.LOCATION_UNKNOWN, "location", location=place)
    if first.customer and first.customer not in known.customers:
        return _refused(item, reasons.CUSTOMER_UNKNOWN, "customer", customer=first.customer)
    currency = first.currency or options.currency or channel.currency
    lines = []
    for row in order.rows:
        line = _line(row, known, currency)
        if isinstance(line, Reason):
            return _refused(item, line, "sku", sku=row.sku)
        lines.append(line)
    past = PastOrder(
        channel_id=channel.id,
        external_id=first.external_id,
        location_id=known.locations[place] if place else None,
        customer_id=known.customers[first.customer] if first.customer else None,
        currency=currency,
        country=(first.country or options.country or "ZZ").upper(),
        placed_at=first.placed_at,
        delivery_minor=minor(first.delivery or Decimal(0), currency),
        lines=tuple(lines),
    )
    if max(past.total_minor, sum(line.subtotal_minor for line in lines)) > AMOUNT_MAX:
        return _refused(item, reasons.AMOUNT_TOO_LARGE, "external_id")
    return past


def _line(row: OrderRow, known: Known, currency: str) -> PastLine | Reason:
    variant = known.variants.get(row.sku)
    if variant is None:
        return reasons.SKU_UNKNOWN
    steps = row.quantity.scaleb(variant.quantity_scale)
    if steps != int(steps):
        return reasons.QUANTITY_UNEVEN
    discount = minor(row.discount or Decimal(0), currency)
    subtotal = _subtotal(row, discount, currency)
    total = subtotal - discount
    if total < 0:
        return reasons.DISCOUNT_TOO_LARGE
    if max(subtotal, minor(row.unit_price or Decimal(0), currency)) > AMOUNT_MAX:
        return reasons.AMOUNT_TOO_LARGE
    rate_ppm = int((row.tax_percent or Decimal(0)) * 10_000)
    return PastLine(
        variant_id=variant.id,
        sku=variant.sku,
        title=row.title or variant.title,
        unit=variant.unit,
        quantity=int(steps),
        unit_minor=None if row.unit_price is None else minor(row.unit_price, currency),
        subtotal_minor=subtotal,
        discount_minor=discount,
        tax_rate_ppm=rate_ppm,
        tax_minor=tax_within(total, rate_ppm) if rate_ppm else 0,
        total_minor=total,
    )


def _subtotal(row: OrderRow, discount: int, currency: str) -> int:
    """Before the discount: what the line's total says goes before price times quantity."""
    if row.line_total is not None:
        return minor(row.line_total, currency) + discount
    assert row.unit_price is not None, "one of the two is there"
    return minor(row.unit_price * row.quantity, currency)


ORDERS = Target(
    "orders",
    "external_id, channel, placed_at, sku, quantity, unit_price or line_total, one row a line",
    _shape,
    _store,
)
