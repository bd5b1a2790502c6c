"""How goods reach the customer: methods with rates, and what a delivery costs."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, LiteralString
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, Tx, append, operation, query
from charsu.orders.errors import DeliveryUnknown
from charsu.orders.facts import DeliveryMethodPut
from charsu.orders.goods import Channel
from charsu.orders.model import Country
from charsu.pricing import Basket, BasketCharge, PricedBasket, charge, price_basket

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, Meta(ge=0, le=10**12)]


class Rate(Struct, frozen=True, kw_only=True):
    """What a delivery costs in one currency, in the tax mode of the price list."""

    currency: Currency
    amount_minor: Minor
    free_from_minor: Minor | None = None  # goods worth so much, after discounts, go free


class PutDeliveryMethod(Struct, frozen=True, kw_only=True):
    """A way in which goods reach customers."""

    code: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    titles: Annotated[dict[str, Annotated[str, Meta(max_length=120)]], Meta(min_length=1)]
    kind: Literal["ship", "pickup"]
    rates: Annotated[tuple[Rate, ...], Meta(min_length=1, max_length=50)]
    countries: tuple[Country, ...] = ()  # none: everywhere
    channels: tuple[str, ...] = ()  # codes; none: all
    tax_class: Annotated[str, Meta(max_length=80)] = "standard"
    days_min: Annotated[int, Meta(ge=0, le=60)] = 0
    days_max: Annotated[int, Meta(ge=0, le=60)] = 2
    is_active: bool = True


class DeliveryMethodSaved(Struct, frozen=True):
    """The method as it was saved."""

    method_id: UUID
    version: int


@operation(
    "orders.put_delivery_method",
    permission="orders.put_delivery_method",
    at=WHOLE_BUSINESS,
    http="PUT /v1/delivery-methods/{code}",
)
def put_delivery_method(tx: Tx, ask: PutDeliveryMethod) -> DeliveryMethodSaved:
    """Offer a way of delivery, or change the one with this code; its rates are replaced."""
    row = tx.first(
        """
        INSERT INTO orders.delivery_methods AS m
            (id, code, titles, kind, countries, channels, tax_class, days_min, days_max, is_active,
             version)
        VALUES (%(id)s, %(code)s, %(titles)s::jsonb, %(kind)s, %(countries)s::jsonb,
                %(channels)s::jsonb, %(tax_class)s, %(days_min)s,
                greatest(%(days_min)s, %(days_max)s), %(is_active)s, 1)
        ON CONFLICT (code) DO UPDATE
        SET titles = excluded.titles, kind = excluded.kind, countries = excluded.countries,
            channels = excluded.channels, tax_class = excluded.tax_class,
            days_min = excluded.days_min, days_max = excluded.days_max,
            is_active = excluded.is_active, version = m.version + 1
        RETURNING id, version
        """,
        id=tx.new_id(),
        code=ask.code,
        titles=msgspec.json.encode(ask.titles).decode(),
        kind=ask.kind,
        countries=msgspec.json.encode(ask.countries).decode(),
        channels=msgspec.json.encode(ask.channels).decode(),
        tax_class=ask.tax_class,
        days_min=ask.days_min,
        days_max=ask.days_max,
        is_active=ask.is_active,
    )
    assert row is not None
    tx.run("DELETE FROM orders.delivery_rates WHERE method_id = %(id)s", id=row.id)
    rates = {rate.currency: rate for rate in ask.rates}
    tx.run(
        """
        INSERT INTO orders.delivery_rates (method_id, currency, amount_minor, free_from_minor)
        SELECT %(method)s, * FROM unnest(%(currencies)s::text[], %(amounts)s::bigint[],
                                         %(free_from)s::bigint[])
        """,
        method=row.id,
        currencies=list(rates),
        amounts=[rate.amount_minor for rate in rates.values()],
        free_from=[rate.free_from_minor for rate in rates.values()],
    )
    append(tx, DeliveryMethodPut(code=ask.code), subject=row.id, version=row.version)
    return DeliveryMethodSaved(row.id, row.version)


class Delivery(Struct, frozen=True, kw_only=True):
    """A method as it is offered to one basket."""

    code: str
    titles: dict[str, str]
    kind: str
    amount_minor: int
    free_from_minor: int | None
    tax_class: str
    days_min: int
    days_max: int

    def charge_for(self, goods_minor: int) -> int:
        """What it costs with goods worth so much, after discounts."""
        is_free = self.free_from_minor is not None and goods_minor >= self.free_from_minor
        return 0 if is_free else self.amount_minor


_OFFERED: LiteralString = """
    SELECT m.code, m.titles, m.kind, r.amount_minor, r.free_from_minor, m.tax_class, m.days_min,
           m.days_max
    FROM orders.delivery_methods m
    JOIN orders.delivery_rates r ON r.method_id = m.id AND r.currency = %(currency)s
    WHERE m.is_active
      AND (jsonb_array_length(m.countries) = 0 OR m.countries ? %(country)s)
      AND (jsonb_array_length(m.channels) = 0 OR m.channels ? %(channel)s)
    ORDER BY m.kind DESC, r.amount_minor, m.code
"""


def deliveries(tx: Tx, *, channel: str, country: str, currency: str) -> list[Delivery]:
    """The methods offered in a channel (its code) to a country in a currency."""
    rows = tx.all(_OFFERED, channel=channel, country=country, currency=currency)
    return [_delivery(row) for row in rows]


def _delivery(row: Any) -> Delivery:
    return Delivery(**row._asdict())


def delivery_for(tx: Tx, method: str, *, channel: str, country: str, currency: str) -> Delivery:
    """The method with this code as it is offered there. Raises DeliveryUnknown."""
    for delivery in deliveries(tx, channel=channel, country=country, currency=currency):
        if delivery.code == method:
            return delivery
    raise DeliveryUnknown(method)


def with_deliveries(
    tx: Tx, basket: Basket, channel: Channel, ways: Mapping[str, Collection[UUID]]
) -> PricedBasket:
    """Price a basket of which some goods go one way and some another.

    ways   the lines that go by each method; whether that is free depends on these alone
    Raises DeliveryUnknown.
    """
    priced = price_basket(tx, basket)
    charges = []
    for code, ids in ways.items():
        delivery = delivery_for(
            tx, code, channel=channel.code, country=basket.country, currency=basket.currency
        )
        going = [line for line in priced.lines if line.line_id in ids]
        worth = sum(line.subtotal_minor - line.discount_minor for line in going)
        charges.append(_charge(delivery, worth, channel))
    return charge(tx, priced, charges, country=basket.country) if charges else priced


def _charge(delivery: Delivery, goods_minor: int, channel: Channel) -> BasketCharge:
    return BasketCharge(
        charge_id=uuid5(channel.id, delivery.code),
        amount_minor=delivery.charge_for(goods_minor),
        tax_class=delivery.tax_class,
    )


class AskDeliveryMethods(Struct, frozen=True, kw_only=True):
    """Which deliveries a channel offers where."""

    channel: Annotated[str, Meta(max_length=80)]
    country: Country
    currency: Currency


class DeliveryMethods(Struct, frozen=True):
    """The deliveries offered, cheapest first."""

    items: tuple[Delivery, ...]


@query("orders.delivery_methods", permission="shopping.browse", http="GET /v1/delivery-methods")
def delivery_methods(tx: Tx, ask: AskDeliveryMethods) -> DeliveryMethods:
    """How goods can reach a customer, and what it costs."""
    offered = deliveries(tx, channel=ask.channel, country=ask.country, currency=ask.currency)
    return DeliveryMethods(tuple(offered))
