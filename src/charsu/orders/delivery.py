"""How goods reach the customer: methods with rates, and what a delivery costs."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Literal, LiteralString, NamedTuple
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, NotFound, Tx, append, operation, query
from charsu.orders.errors import DeliveryUnknown
from charsu.orders.facts import DeliveryMethodPut
from charsu.orders.goods import Channel
from charsu.orders.model import Country
from charsu.pricing import Basket, BasketCharge, PricedBasket, charge, price_basket
from charsu.stock import ClockTime, opening_of

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Minor = Annotated[int, Meta(ge=0, le=10**12)]
Days = Annotated[int, Meta(ge=0, le=60)]


class Rate(Struct, frozen=True, kw_only=True):
    """What a delivery costs in one currency, in the tax mode of the price list."""

    currency: Currency
    amount_minor: Minor
    free_from_minor: Minor | None = None  # goods worth so much, after discounts, go free


class Zone(Struct, frozen=True, kw_only=True):
    """Where a method costs or takes otherwise: the first zone that an address is in counts.

    countries   none: all of the method's
    postcodes   beginnings of postal codes, spaces and case aside; none: all
    rates       none: the method does not deliver there
    days        working days under way, at least and at most; none: the method's own
    """

    countries: Annotated[tuple[Country, ...], Meta(max_length=250)] = ()
    postcodes: Annotated[
        tuple[Annotated[str, Meta(min_length=1, max_length=12)], ...], Meta(max_length=2000)
    ] = ()
    rates: Annotated[tuple[Rate, ...], Meta(max_length=50)] = ()
    days: tuple[Days, Days] | None = None

    def has(self, country: str, postcode: str) -> bool:
        """Whether an address lies in it."""
        if self.countries and country not in self.countries:
            return False
        code = _folded(postcode)
        return not self.postcodes or any(code.startswith(_folded(one)) for one in self.postcodes)


class PutDeliveryMethod(Struct, frozen=True, kw_only=True):
    """A way in which goods reach customers.

    zones             where its rates and days are others
    cut_off           what is ordered until then leaves on the same working day
    from_location_id  whose clock and working days count for that; none: parcels leave within the
                      shop's hours for shipping, and nothing is said of their arrival
    """

    code: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
    titles: Annotated[dict[str, Annotated[str, Meta(max_length=120)]], Meta(min_length=1)]
    kind: Literal["ship", "pickup"]
    rates: Annotated[tuple[Rate, ...], Meta(min_length=1, max_length=50)]
    countries: tuple[Country, ...] = ()  # none: everywhere
    channels: tuple[str, ...] = ()  # codes; none: all
    tax_class: Annotated[str, Meta(max_length=80)] = "standard"
    days_min: Annotated[int, Meta(ge=0, le=60)] = 0
    days_max: Annotated[int, Meta(ge=0, le=60)] = 2
    zones: Annotated[tuple[Zone, ...], Meta(max_length=100)] = ()
    cut_off: ClockTime | None = None
    from_location_id: UUID | None = None
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
    raises=(NotFound,),
)
def put_delivery_method(tx: Tx, ask: PutDeliveryMethod) -> DeliveryMethodSaved:
    """Offer a way of delivery, or change the one with this code; its rates are replaced."""
    if ask.from_location_id is not None:
        opening_of(tx, ask.from_location_id)  # it is there
    row = tx.first(
        """
        INSERT INTO orders.delivery_methods AS m
            (id, code, titles, kind, countries, channels, tax_class, days_min, days_max, zones,
             cut_off, from_location_id, is_active, version)
        VALUES (%(id)s, %(code)s, %(titles)s::jsonb, %(kind)s, %(countries)s::jsonb,
                %(channels)s::jsonb, %(tax_class)s, %(days_min)s,
                greatest(%(days_min)s, %(days_max)s), %(zones)s::jsonb, %(cut_off)s, %(from)s,
                %(is_active)s, 1)
        ON CONFLICT (code) DO UPDATE
        SET titles = excluded.titles, kind = excluded.kind, countries = excluded.countries,
            channels = excluded.channels, tax_class = excluded.tax_class,
            days_min = excluded.days_min, days_max = excluded.days_max, zones = excluded.zones,
            cut_off = excluded.cut_off, from_location_id = excluded.from_location_id,
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
        zones=msgspec.json.encode(ask.zones).decode(),
        cut_off=ask.cut_off,
        **{"from": ask.from_location_id},
        is_active=ask.is_active,
    )
    assert row is not None
    _put_rates(tx, row.id, ask.rates)
    append(tx, DeliveryMethodPut(code=ask.code), subject=row.id, version=row.version)
    return DeliveryMethodSaved(row.id, row.version)


def _put_rates(tx: Tx, method: UUID, offered: Sequence[Rate]) -> None:
    tx.run("DELETE FROM orders.delivery_rates WHERE method_id = %(id)s", id=method)
    rates = {rate.currency: rate for rate in offered}
    tx.run(
        """
        INSERT INTO orders.delivery_rates (method_id, currency, amount_minor, free_from_minor)
        SELECT %(method)s, * FROM unnest(%(currencies)s::text[], %(amounts)s::bigint[],
                                         %(free_from)s::bigint[])
        """,
        method=method,
        currencies=list(rates),
        amounts=[rate.amount_minor for rate in rates.values()],
        free_from=[rate.free_from_minor for rate in rates.values()],
    )


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
    cut_off: str | None = None
    from_location_id: UUID | None = None

    def charge_for(self, goods_minor: int) -> int:
        """What it costs with goods worth so much, after discounts."""
        is_free = self.free_from_minor is not None and goods_minor >= self.free_from_minor
        return 0 if is_free else self.amount_minor


_OFFERED: LiteralString = """
    SELECT m.code, m.titles, m.kind, r.amount_minor, r.free_from_minor, m.tax_class, m.days_min,
           m.days_max, m.zones, m.cut_off, m.from_location_id
    FROM orders.delivery_methods m
    LEFT JOIN orders.delivery_rates r ON r.method_id = m.id AND r.currency = %(currency)s
    WHERE m.is_active
      AND (jsonb_array_length(m.countries) = 0 OR m.countries ? %(country)s)
      AND (jsonb_array_length(m.channels) = 0 OR m.channels ? %(channel)s)
    ORDER BY m.kind DESC, r.amount_minor, m.code
"""


def deliveries(
    tx: Tx, *, channel: str, country: str, currency: str, postcode: str = ""
) -> list[Delivery]:
    """The methods offered in a channel (its code) to an address in a currency, the cheapest first.

    Without a postcode, zones that go by postcodes are left out of account.
    """

    def read() -> list[_Method]:
        rows = tx.all(_OFFERED, channel=channel, country=country, currency=currency)
        return [_method(row._asdict()) for row in rows]

    methods = tx.lasting(("orders.deliveries", channel, country, currency), read)
    offered = [_delivery(method, country, postcode, currency) for method in methods]
    found = [one for one in offered if one is not None]
    return sorted(found, key=lambda one: (one.kind == "pickup", one.amount_minor, one.code))


class _Method(NamedTuple):
    """A method with its zones; what a zone does not say otherwise is as the fields say."""

    fields: dict[str, Any]
    zones: tuple[Zone, ...]


def _method(fields: dict[str, Any]) -> _Method:
    return _Method(fields, msgspec.convert(fields.pop("zones"), tuple[Zone, ...]))


def _delivery(method: _Method, country: str, postcode: str, currency: str) -> Delivery | None:
    """The method as the zone of the address has it; None where it does not deliver there."""
    fields = dict(method.fields)
    zone = next((one for one in method.zones if one.has(country, postcode)), None)
    if zone is not None:
        rate = next((one for one in zone.rates if one.currency == currency), None)
        fields["amount_minor"] = rate and rate.amount_minor
        fields["free_from_minor"] = rate and rate.free_from_minor
        if zone.days:
            fields["days_min"], fields["days_max"] = zone.days[0], max(zone.days)
    return None if fields["amount_minor"] is None else Delivery(**fields)


def _folded(postcode: str) -> str:
    return "".join(letter for letter in postcode.upper() if letter.isalnum())


def delivery_for(
    tx: Tx, method: str, *, channel: str, country: str, currency: str, postcode: str = ""
) -> Delivery:
    """The method with this code as it is offered there. Raises DeliveryUnknown."""
    for delivery in deliveries(
        tx, channel=channel, country=country, currency=currency, postcode=postcode
    ):
        if delivery.code == method:
            return delivery
    raise DeliveryUnknown(method)


def with_deliveries(
    tx: Tx,
    basket: Basket,
    channel: Channel,
    ways: Mapping[str, Collection[UUID]],
    *,
    postcode: str = "",
) -> tuple[PricedBasket, dict[str, Delivery]]:
    """Price a basket of which some goods go one way and some another; the methods by code.

    ways   the lines that go by each method; whether that is free depends on these alone
    Raises DeliveryUnknown.
    """
    priced = price_basket(tx, basket)
    charges, found = [], {}
    for code, ids in ways.items():
        delivery = found[code] = delivery_for(
            tx,
            code,
            channel=channel.code,
            country=basket.country,
            currency=basket.currency,
            postcode=postcode,
        )
        going = [line for line in priced.lines if line.line_id in ids]
        worth = sum(line.subtotal_minor - line.discount_minor for line in going)
        charges.append(_charge(delivery, worth, channel))
    if charges:
        priced = charge(tx, priced, charges, country=basket.country)
    return priced, found


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
    postcode: Annotated[str, Meta(max_length=20)] = ""


class DeliveryMethods(Struct, frozen=True):
    """The deliveries offered, cheapest first."""

    items: tuple[Delivery, ...]


@query("orders.delivery_methods", permission="shopping.browse", http="GET /v1/delivery-methods")
def delivery_methods(tx: Tx, ask: AskDeliveryMethods) -> DeliveryMethods:
    """How goods can reach a customer, and what it costs."""
    offered = deliveries(
        tx,
        channel=ask.channel,
        country=ask.country,
        currency=ask.currency,
        postcode=ask.postcode,
    )
    return DeliveryMethods(tuple(offered))
