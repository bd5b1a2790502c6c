"""The chain before it has anything to sell: channels, places, taxes, deliveries, people."""

from uuid import UUID

from msgspec import Struct, structs

from charsu.catalog import PutCategory, PutChannel, PutSynonyms, put_category, put_channel
from charsu.catalog import put_synonyms as store_synonyms
from charsu.customers import Address, CustomerDraft, put_many_customers
from charsu.demo.chain import Shop, shop, synonyms
from charsu.demo.chain.model import Channel, Coupon, Customer, Delivery, Location
from charsu.demo.loading.progress import Progress
from charsu.kernel import SYSTEM, Hub, Tx
from charsu.kernel.setup import ChangeSetting, change_setting
from charsu.orders import (
    TEST_TERMINAL,
    PutDeliveryMethod,
    PutTerminal,
    Rate,
    put_delivery_method,
    put_terminal,
)
from charsu.pricing import (
    CouponDraft,
    CouponTerms,
    PutCoupon,
    PutTaxRates,
    TaxRate,
    put_coupon,
    put_tax_rates,
)
from charsu.stock import (
    Place,
    PutLocation,
    ServeChannel,
    SetBuffer,
    put_location,
    serve_channel,
    set_buffer,
)

SOURCE = "carsija"  # the system whose customer numbers these are
WEB_LEAVES = 1  # pieces in each store, for whoever stands before the shelf


class Opened(Struct, frozen=True):
    """The chain as it was written down, and the ids that its codes have here."""

    shop: Shop
    channels: dict[str, UUID]
    locations: dict[str, UUID]
    customers: dict[str, UUID]


def open_chain(hub: Hub, progress: Progress) -> Opened:
    """Everything but goods, or what of it is not there yet."""
    chain = shop()
    trial = ChangeSetting(name=TEST_TERMINAL.name, value=True)
    hub.run(change_setting, trial, actor=SYSTEM)
    with hub.writing("demo.load") as tx:
        for category in chain.categories:
            put_category(tx, PutCategory(**structs.asdict(category)))
        channels = {one.code: _put_channel(tx, one) for one in chain.channels}
        locations = {one.code: _put_location(tx, one) for one in chain.locations}
        customers = _put_customers(tx, chain)
        opened = Opened(chain, channels, locations, customers)
        _put_rules(tx, opened)
    progress("shop", 1, 1)
    return opened


def _put_channel(tx: Tx, channel: Channel) -> UUID:
    return put_channel(tx, PutChannel(**structs.asdict(channel))).channel_id


def _put_location(tx: Tx, location: Location) -> UUID:
    saved = put_location(
        tx,
        PutLocation(
            code=location.code,
            name=location.name,
            kind=location.kind,
            country=location.country,
            time_zone=location.time_zone,
            town=location.town,
            street=location.street,
            place=Place(location.latitude, location.longitude),
            hours=location.hours,
            offers_pickup=location.offers_pickup,
            ships=location.ships,
        ),
    )
    return saved.location_id


def _put_customers(tx: Tx, chain: Shop) -> dict[str, UUID]:
    outcomes = put_many_customers(tx, [_customer(one) for one in chain.customers])
    ids: dict[str, UUID] = {}
    for customer, outcome in zip(chain.customers, outcomes, strict=True):
        assert outcome.customer_id, "the chain's customers are sound"
        ids[customer.code] = outcome.customer_id
    return ids


def _customer(customer: Customer) -> CustomerDraft:
    home = Address(street=customer.street, town=customer.town, country=customer.country)
    return CustomerDraft(
        source=SOURCE,
        external_id=customer.code,
        email=customer.email,
        given_name=customer.given_name,
        family_name=customer.family_name,
        language=customer.language,
        addresses=(home,),
        is_invented=True,
    )


def _put_rules(tx: Tx, opened: Opened) -> None:
    for tax in opened.shop.taxes:
        rate = TaxRate(tax_class=tax.tax_class, rate_ppm=tax.rate_ppm)
        put_tax_rates(tx, PutTaxRates(country=tax.country, rates=(rate,)))
    for delivery in opened.shop.deliveries:
        put_delivery_method(tx, _delivery(delivery))
    for coupon in opened.shop.coupons:
        put_coupon(tx, PutCoupon(coupon=_coupon(coupon, opened.channels)))
    for language, groups in synonyms().items():
        ask = PutSynonyms(language=language, groups=tuple(tuple(group) for group in groups))
        store_synonyms(tx, ask)
    for code, channel in opened.channels.items():
        _serve(tx, opened, code, channel)
    for place in opened.shop.locations:
        if place.kind == "store":
            put_terminal(tx, _terminal(place, opened.locations[place.code]))


def _terminal(place: Location, location: UUID) -> PutTerminal:
    """A card terminal at the till of a store; it takes no money."""
    return PutTerminal(
        code=f"{place.code}-1",
        name="Terminal 1",
        location_id=location,
        kind="test_terminal",
        number=f"TEST-{place.code}",
    )


def _delivery(delivery: Delivery) -> PutDeliveryMethod:
    return PutDeliveryMethod(
        code=delivery.code,
        titles=delivery.titles,
        kind=delivery.kind,
        rates=tuple(Rate(**structs.asdict(rate)) for rate in delivery.rates),
        countries=delivery.countries,
        days_min=delivery.days_min,
        days_max=delivery.days_max,
    )


def _coupon(coupon: Coupon, channels: dict[str, UUID]) -> CouponDraft:
    return CouponDraft(
        code=coupon.code,
        discount_ppm=coupon.discount_ppm,
        terms=tuple(
            CouponTerms(
                currency=terms.currency,
                off_minor=terms.off_minor,
                minimum_minor=terms.minimum_minor,
            )
            for terms in coupon.terms
        ),
        channel_ids=tuple(channels[code] for code in coupon.channels),
        limit_total=coupon.limit_total,
        limit_per_customer=coupon.limit_per_customer,
    )


def _serve(tx: Tx, opened: Opened, code: str, channel: UUID) -> None:
    """Say where a channel sells from; the web shop and the app leave a piece in each store."""
    serving = [place for place in opened.shop.locations if code in place.channels]
    ids = tuple(opened.locations[place.code] for place in serving)
    serve_channel(tx, ServeChannel(channel_id=channel, location_ids=ids))
    if code not in {"web", "app"}:
        return
    for place in serving:
        if place.kind == "store":
            location = opened.locations[place.code]
            ask = SetBuffer(channel_id=channel, location_id=location, pieces=WEB_LEAVES)
            set_buffer(tx, ask)
