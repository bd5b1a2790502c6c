"""Putting the export's trade into a shop: a channel, a warehouse, and history."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.catalog import (
    ProductDraft,
    ProductText,
    PutChannel,
    VariantDraft,
    put_channel,
    put_many_products,
)
from charsu.customers import Address, CustomerDraft, CustomerOutcome, put_many_customers
from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.wholesale.reading import CreditNote, Sale, Wholesale
from charsu.demo.online_retail import CURRENCY, TIME_ZONE
from charsu.demo.online_retail.kinds import CHARGES
from charsu.demo.year import stable_id
from charsu.kernel import Hub, Tx
from charsu.orders.bulk import Effect, PastLine, PastOrder, put_many_past_orders
from charsu.orders.past_returns import PastReturn, PastReturnLine, put_many_past_returns
from charsu.stock import PutLocation, put_location
from charsu.stock.past_losses import PastLoss, put_many_past_losses

NAME = "online-retail"  # of the channel, the warehouse, and the system whose numbers these are
COUNTRY = "GB"
PIECE = "H87"
AT_ONCE = 1_000

CHARGE_TITLES = {"POST": "Postage", "DOT": "Postage of the web shop", "C2": "Carriage"}


class Backroom(Struct, frozen=True):
    """What the trade speaks of, by the export's own names."""

    channel_id: UUID
    location_id: UUID
    variants: dict[str, UUID]
    customers: dict[str, UUID]


def open_backroom(hub: Hub, trade: Wholesale) -> Backroom:
    """Channel, warehouse, products and customers, as far as they are not there yet."""
    with hub.writing("import.wholesale") as tx:
        channel, location = _open_places(tx)
    return Backroom(channel, location, _put_products(hub, trade), _put_customers(hub, trade))


def _put_products(hub: Hub, trade: Wholesale) -> dict[str, UUID]:
    def put(products: Sequence[ProductDraft]) -> list[UUID]:
        with hub.writing("import.wholesale") as tx:
            report = put_many_products(tx, products, historical=True)
        assert not report.count("refused"), "the export's products are sound"
        return [stored.variant_ids[0] for stored in report.outcomes]

    ids: dict[str, UUID] = {}
    for products, variants in put_in_parts(list(_products(trade)), AT_ONCE, put):
        skus = [product.variants[0].sku for product in products]
        ids |= zip(skus, variants, strict=True)
    return ids


def _put_customers(hub: Hub, trade: Wholesale) -> dict[str, UUID]:
    def put(people: Sequence[CustomerDraft]) -> list[CustomerOutcome]:
        with hub.writing("import.wholesale") as tx:
            return put_many_customers(tx, people, historical=True)

    ids: dict[str, UUID] = {}
    for people, done in put_in_parts(list(_customers(trade)), AT_ONCE, put):
        for person, outcome in zip(people, done, strict=True):
            assert person.external_id and outcome.customer_id
            ids[person.external_id] = outcome.customer_id
    return ids


def _open_places(tx: Tx) -> tuple[UUID, UUID]:
    web = PutChannel(code=NAME, name="Online Retail", kind="web", currency=CURRENCY)
    warehouse = PutLocation(
        code=NAME,
        name="Online Retail",
        kind="warehouse",
        country=COUNTRY,
        time_zone=TIME_ZONE,
        ships=True,
    )
    known = tx.value("SELECT id FROM stock.locations WHERE code = %(code)s", code=NAME)
    return put_channel(tx, web).channel_id, known or put_location(tx, warehouse).location_id


def _products(trade: Wholesale) -> Iterator[ProductDraft]:
    """The goods, and postage and carriage, which stand on invoices like goods and are not sold."""
    for row in trade.products.iter_rows(named=True):
        yield _product(row["sku"], row["title"] or row["sku"], "active")
    for sku in CHARGES:
        yield _product(sku, CHARGE_TITLES[sku], "archived")


def _product(sku: str, title: str, status: Any) -> ProductDraft:
    return ProductDraft(
        handle=f"{NAME}-{re.sub('[^a-z0-9]+', '-', sku.lower()).strip('-')}",
        texts={"en": ProductText(title=title)},
        variants=(VariantDraft(sku=sku),),
        status=status,
    )


def _customers(trade: Wholesale) -> Iterator[CustomerDraft]:
    for code, country in trade.customers.select("code", "country").iter_rows():
        home = (Address(country=country),) if country else None
        yield CustomerDraft(source=NAME, external_id=code, addresses=home)


def store_sales(hub: Hub, backroom: Backroom, sales: Sequence[Sale]) -> list[Effect]:
    """Take the invoices over; what became of each."""
    with hub.writing("import.wholesale") as tx:
        return put_many_past_orders(tx, [_order(backroom, sale) for sale in sales])


def _order(backroom: Backroom, sale: Sale) -> PastOrder:
    return PastOrder(
        channel_id=backroom.channel_id,
        external_id=sale.number,
        location_id=None,
        customer_id=backroom.customers[sale.customer] if sale.customer else None,
        currency=CURRENCY,
        country=sale.country or "ZZ",
        placed_at=sale.placed_at,
        lines=tuple(
            PastLine(
                variant_id=backroom.variants[sku],
                sku=sku,
                title=title,
                unit=PIECE,
                quantity=quantity,
                unit_minor=price,
                subtotal_minor=total,
                discount_minor=0,
                tax_rate_ppm=0,
                tax_minor=0,
                total_minor=total,
            )
            for _, _, sku, title, quantity, price, total in sale.lines
        ),
    )


_LINE_IDS: LiteralString = """
    SELECT o.external_id, l.position, o.id AS order_id, l.id AS line_id
    FROM orders.orders o JOIN orders.order_lines l ON l.order_id = o.id
    WHERE o.channel_id = %(channel)s AND o.external_id = ANY(%(numbers)s)
"""


def store_credits(hub: Hub, backroom: Backroom, notes: Sequence[CreditNote]) -> set[UUID]:
    """Take the credit notes over as returns; the ids of those that were new."""
    numbers = list({note.sale for note in notes})
    with hub.writing("import.wholesale") as tx:
        rows = tx.all(_LINE_IDS, channel=backroom.channel_id, numbers=numbers)
        lines = {(row.external_id, row.position): row for row in rows}
        return put_many_past_returns(tx, [_return(backroom, note, lines) for note in notes])


def _return(backroom: Backroom, note: CreditNote, lines: dict[tuple[str, int], Any]) -> PastReturn:
    backs: dict[int, tuple[int, int]] = {}
    for back in note.backs:
        pieces, refund = backs.get(back.position, (0, 0))
        backs[back.position] = (pieces + back.quantity, refund + back.refund_minor)
    return PastReturn(
        id=note.id,
        order_id=lines[note.sale, note.backs[0].position].order_id,
        location_id=backroom.location_id,
        at=note.at,
        lines=tuple(
            PastReturnLine(lines[note.sale, position].line_id, pieces, refund)
            for position, (pieces, refund) in backs.items()
        ),
    )


def losses_of(trade: Wholesale) -> list[tuple[UUID, int, str]]:
    """The losses as (id, line, SKU); the id is made of the line and its time."""
    rows = trade.losses.select("line", "sku", "at").iter_rows()
    return [(stable_id(f"loss/{sku}", line, at), line, sku) for line, sku, at in rows]


def store_losses(hub: Hub, backroom: Backroom, trade: Wholesale) -> set[UUID]:
    """Take the losses over; the ids of those that were new."""
    told = zip(losses_of(trade), trade.losses.iter_rows(named=True), strict=True)
    losses = [
        PastLoss(
            id=id_,
            variant_id=backroom.variants[sku],
            location_id=backroom.location_id,
            unit=PIECE,
            quantity=row["quantity"],
            at=row["at"],
            note=row["note"] or "",
        )
        for (id_, _, sku), row in told
    ]

    def put(some: Sequence[PastLoss]) -> set[UUID]:
        with hub.writing("import.wholesale") as tx:
            return put_many_past_losses(tx, some)

    new: set[UUID] = set()
    return new.union(*(ids for _, ids in put_in_parts(losses, AT_ONCE, put)))


_NUMBERS: LiteralString = """
    SELECT o.external_id FROM orders.orders o JOIN catalog.channels c ON c.id = o.channel_id
    WHERE c.code = %(channel)s AND o.external_id = ANY(%(numbers)s)
"""

_IDS: LiteralString = """
    SELECT id FROM orders.returns WHERE id = ANY(%(returns)s)
    UNION ALL SELECT id FROM stock.documents WHERE id = ANY(%(documents)s)
"""


def stored_numbers(hub: Hub, numbers: Collection[str]) -> set[str]:
    """Which of these invoices are stored."""
    with hub.reading() as tx:
        rows = tx.all(_NUMBERS, channel=NAME, numbers=list(numbers))
    return {row.external_id for row in rows}


def known_ids(hub: Hub, returns: Collection[UUID], losses: Collection[UUID]) -> set[UUID]:
    """Which of these returns and losses are stored."""
    with hub.reading() as tx:
        rows = tx.all(_IDS, returns=list(returns), documents=list(losses))
    return {row.id for row in rows}
