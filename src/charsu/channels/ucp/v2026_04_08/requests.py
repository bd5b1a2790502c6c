"""What a platform sends, decoded and turned into our words."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct, structs

from charsu.channels.ucp.capabilities import CONSENT, DISCOUNT, FULFILLMENT, Active
from charsu.channels.ucp.errors import RequestInvalid, RequestTooLarge
from charsu.channels.ucp.model import (
    ITEMS_MAX,
    Address,
    Consent,
    Instrument,
    Item,
    Method,
    Person,
    PickUp,
    Wish,
)
from charsu.channels.ucp.queries.find_goods import IDS_MAX, FindGoods, SearchGoods
from charsu.channels.ucp.versions import ProductAsk, SessionAsk

Short = Annotated[str, Meta(max_length=200)]
CODES_MAX = 10
CLAIMS_MAX = 20


class _ItemRef(Struct):
    id: Annotated[str, Meta(min_length=1, max_length=200)]


class _LineItem(Struct):
    item: _ItemRef
    quantity: Annotated[int, Meta(ge=1, le=10**9)] = 1
    id: Short | None = None


class Context(Struct):
    address_country: Short | None = None
    language: Short | None = None
    eligibility: Annotated[list[Short], Meta(max_length=CLAIMS_MAX)] = []


class _Consents(Struct):
    analytics: bool | None = None
    preferences: bool | None = None
    marketing: bool | None = None
    sale_of_data: bool | None = None


class BuyerRequest(Struct):
    """Who buys."""

    first_name: Short | None = None
    last_name: Short | None = None
    email: Annotated[str, Meta(max_length=254)] | None = None
    phone_number: Annotated[str, Meta(max_length=40)] | None = None
    consent: _Consents | None = None


class _Address(Struct):
    id: Annotated[str, Meta(max_length=100)] | None = None
    street_address: Short | None = None
    extended_address: Short | None = None
    address_locality: Annotated[str, Meta(max_length=100)] | None = None
    address_region: Annotated[str, Meta(max_length=100)] | None = None
    address_country: Short | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | None = None
    first_name: Short | None = None
    last_name: Short | None = None
    phone_number: Annotated[str, Meta(max_length=40)] | None = None


class _Group(Struct):
    id: Short | None = None
    line_item_ids: list[Short] | None = None
    selected_option_id: Annotated[str, Meta(max_length=64)] | None = None


class _Method(Struct):
    id: Short | None = None
    type: str | None = None
    line_item_ids: list[Short] | None = None
    destinations: Annotated[list[_Address], Meta(max_length=50)] = []
    selected_destination_id: Annotated[str, Meta(max_length=100)] | None = None
    groups: Annotated[list[_Group], Meta(max_length=50)] = []


class _Fulfillment(Struct):
    methods: Annotated[list[_Method], Meta(max_length=20)] = []


class _Discounts(Struct):
    codes: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]], Meta(max_length=CODES_MAX)
    ] = []


class SessionRequest(Struct):
    """A cart or a checkout as a platform wants it; what answers alone may have is ignored."""

    line_items: Annotated[list[_LineItem], Meta(max_length=ITEMS_MAX)]
    buyer: BuyerRequest | None = None
    context: Context | None = None
    fulfillment: _Fulfillment | None = None
    discounts: _Discounts | None = None
    cart_id: Short | None = None


class _Credential(Struct):
    type: Short | None = None
    token: Annotated[str, Meta(max_length=4000)] | None = None


class _Instrument(Struct):
    handler_id: Short | None = None
    type: Short | None = None
    selected: bool | None = None
    credential: _Credential | None = None
    billing_address: _Address | None = None


class _Payment(Struct):
    instruments: Annotated[list[_Instrument], Meta(max_length=20)] = []


class CompleteRequest(Struct):
    """How a checkout is paid."""

    payment: _Payment | None = None


class _Price(Struct):
    min: Annotated[int, Meta(ge=0)] | None = None
    max: Annotated[int, Meta(ge=0)] | None = None


class _Filters(Struct):
    categories: Annotated[list[Short], Meta(max_length=20)] = []
    price: _Price | None = None


class _Pagination(Struct):
    cursor: Annotated[str, Meta(max_length=500)] | None = None
    limit: Annotated[int, Meta(ge=1)] = 10


class SearchRequest(Struct):
    """What somebody looks for."""

    query: Short | None = None
    filters: _Filters | None = None
    pagination: _Pagination | None = None
    context: Context | None = None


class LookupRequest(Struct):
    """Several goods by their ids."""

    ids: Annotated[list[Short], Meta(min_length=1)]
    context: Context | None = None


class _Selected(Struct):
    name: Short
    label: Short
    id: Short | None = None


class ProductRequest(Struct):
    """One product, and what of it was chosen."""

    id: Short
    selected: Annotated[list[_Selected], Meta(max_length=20)] = []
    preferences: Annotated[list[Short], Meta(max_length=20)] = []
    context: Context | None = None


Body = TypeVar("Body")


def read(body: bytes, kind: type[Body]) -> Body:
    """A body as this request. Raises RequestInvalid."""
    try:
        return msgspec.json.decode(body or b"{}", type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as problem:
        raise RequestInvalid(str(problem)) from problem
    except RecursionError as problem:
        raise RequestInvalid("it is nested too deeply") from problem


def session(body: bytes, active: Active) -> SessionAsk:
    """A cart or checkout as it is asked for, as far as it speaks of what we have in common."""
    request = read(body, SessionRequest)
    consent = request.buyer.consent if request.buyer else None
    given = Consent(**structs.asdict(consent)) if consent else None
    return asked(request, active, consent=given)


def asked(request: SessionRequest, active: Active, *, consent: Consent | None) -> SessionAsk:
    """The same with the consent that its version has read."""
    wanted = wish(request, active, consent=consent)
    return SessionAsk(wanted, request.cart_id, language_in(request))


def language_in(request: Any) -> str | None:
    """The language that the request asks for."""
    context = getattr(request, "context", None)
    return context.language if context else None


def wish(request: SessionRequest, active: Active, *, consent: Consent | None) -> Wish:
    """What the platform wants, as far as it speaks of what we have in common."""
    buyer = request.buyer or BuyerRequest()
    methods = _chosen(request) if FULFILLMENT in active else []
    sent = [one for one in methods if _kind(one) != "pickup"]
    fetched = [one for one in methods if _kind(one) == "pickup"]
    method = sent[0] if sent else _Method()
    destination = _destination(method)
    context = request.context or Context()
    return _wish(
        request,
        codes=tuple(request.discounts.codes) if request.discounts and DISCOUNT in active else (),
        person=_person(buyer),
        address=_address(destination),
        consent=consent if CONSENT in active else None,
        method="pickup" if fetched and not sent else _kind(method),
        destination_id=destination.id,
        option=_option(method),
        pickup=_pickup(fetched[0]) if fetched else None,
        country=_country(destination.address_country or context.address_country),
        claims=tuple(context.eligibility),
        is_scattered=max(len(sent), len(fetched)) > 1,
    )


def _option(method: _Method) -> str | None:
    return next((one.selected_option_id for one in method.groups if one.selected_option_id), None)


def _pickup(method: _Method) -> PickUp:
    return PickUp(
        location=method.selected_destination_id or _destination(method).id,
        option=_option(method),
        lines=tuple(method.line_item_ids or ()),
    )


def _wish(request: SessionRequest, **parts: Any) -> Wish:
    items = tuple(
        Item(id=one.item.id, quantity=one.quantity, line=one.id or "") for one in request.line_items
    )
    try:
        return msgspec.convert(structs.asdict(Wish(items=items, **parts)), Wish)
    except msgspec.ValidationError as problem:
        raise RequestInvalid(str(problem)) from problem


def _chosen(request: SessionRequest) -> list[_Method]:
    """The methods that have goods: those that name lines, else the first."""
    methods = request.fulfillment.methods if request.fulfillment else []
    named = [one for one in methods if one.line_item_ids]
    return named or [one for one in methods if one.line_item_ids is None][:1]


def _kind(method: _Method) -> Method | None:
    kind = method.type or method.id
    if kind == "pickup":
        return "pickup"
    return "ship" if kind == "shipping" else None


def _destination(method: _Method) -> _Address:
    """The selected one; the only one where none is selected."""
    for one in method.destinations:
        if one.id is not None and one.id == method.selected_destination_id:
            return one
    if method.selected_destination_id is None and len(method.destinations) == 1:
        return method.destinations[0]
    return _Address(id=method.selected_destination_id)


def _person(buyer: BuyerRequest) -> Person:
    return Person(
        first_name=buyer.first_name or "",
        last_name=buyer.last_name or "",
        email=buyer.email or "",
        phone=buyer.phone_number or "",
    )


def _address(one: _Address) -> Address:
    return Address(
        first_name=one.first_name or "",
        last_name=one.last_name or "",
        phone=one.phone_number or "",
        street=one.street_address or "",
        extended=one.extended_address or "",
        town=one.address_locality or "",
        region=one.address_region or "",
        postcode=one.postal_code or "",
        country=one.address_country or "",
    )


def _country(text: str | None) -> str | None:
    """An ISO 3166-1 alpha-2 code; other texts are hints that say nothing to us."""
    code = (text or "").strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def instrument(body: bytes) -> Instrument | None:
    """What the buyer wants to pay with: the selected instrument, else the first."""
    request = read(body, CompleteRequest)
    offered = request.payment.instruments if request.payment else []
    chosen = next((one for one in offered if one.selected), offered[0] if offered else None)
    if chosen is None or chosen.credential is None or not chosen.credential.token:
        return None
    billing = chosen.billing_address or _Address()
    return Instrument(
        handler_id=chosen.handler_id,
        token=chosen.credential.token,
        holder=Person(
            first_name=billing.first_name or "",
            last_name=billing.last_name or "",
            phone=billing.phone_number or "",
        ),
    )


def search(body: bytes, *, has_filter: bool = False) -> SearchGoods:
    """What somebody looks for. Raises RequestInvalid where nothing is looked for.

    has_filter   there is one that this version does not know
    """
    request = read(body, SearchRequest)
    filters = request.filters or _Filters()
    price = filters.price or _Price()
    has_filter |= bool(filters.categories) or price.min is not None or price.max is not None
    if not (request.query and request.query.strip()) and not has_filter:
        raise RequestInvalid("a query or a filter is needed")
    page = request.pagination or _Pagination()
    return SearchGoods(
        text=request.query or "",
        categories=tuple(filters.categories),
        price_min=price.min,
        price_max=price.max,
        language=language_in(request),
        limit=min(page.limit, 50),
        after=page.cursor,
    )


def lookup(body: bytes) -> FindGoods:
    """Which goods. Raises RequestTooLarge."""
    request = read(body, LookupRequest)
    names: Sequence[str] = list(dict.fromkeys(request.ids))
    if len(request.ids) > IDS_MAX:
        raise RequestTooLarge(IDS_MAX)
    return FindGoods(names=tuple(names), language=language_in(request))


def product(body: bytes) -> ProductAsk:
    """Which product, and what of it was chosen."""
    request = read(body, ProductRequest)
    goods = FindGoods(names=(request.id,), language=language_in(request))
    chosen = {one.name: one.label for one in request.selected}
    return ProductAsk(goods, chosen, tuple(request.preferences))


SCHEMAS = {
    "create_cart": SessionRequest,
    "update_cart": SessionRequest,
    "create_checkout": SessionRequest,
    "update_checkout": SessionRequest,
    "complete_checkout": CompleteRequest,
    "search_catalog": SearchRequest,
    "lookup_catalog": LookupRequest,
    "get_product": ProductRequest,
}
"""The request of each tool that has one."""
