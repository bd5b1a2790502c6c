"""A small driver that speaks the trade's words and calls public operations only."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from charsu.catalog import (
    ProductDraft,
    ProductText,
    PutChannel,
    PutProduct,
    VariantDraft,
    put_channel,
    put_product,
)
from charsu.kernel import SYSTEM, Hub, Tx
from charsu.orders import (
    AcceptFulfillment,
    BuyLine,
    HandOver,
    MakeReady,
    PayOrder,
    PickFulfillment,
    Pieces,
    Placed,
    PlaceOrder,
    RefundOrder,
    ShipParcel,
    accept,
    fewest_then_nearest,
    hand_over,
    make_ready,
    pay_order,
    pick,
    place_order,
    refund_order,
    ship_parcel,
)
from charsu.orders.payments import Authorized, NotePayment, note_payment
from charsu.orders.queries.read_order import AskOrder, OrderView, read_order
from charsu.pricing import (
    OpenPriceList,
    PriceDraft,
    PutPrices,
    PutTaxRates,
    TaxMode,
    TaxRate,
    open_price_list,
    put_prices,
    put_tax_rates,
)
from charsu.stock import Pick, Want, hold, put_location, receive_stock, serve_channel
from charsu.stock.documents import StockLine
from charsu.stock.model import Place
from charsu.stock.operations.locations import PutLocation, ServeChannel
from charsu.stock.operations.receive import ReceiveStock


@dataclass
class Shop:
    """A channel, ``web``, and as many others, locations and products as a test names."""

    hub: Hub
    channels: dict[str, UUID] = field(default_factory=dict)
    locations: dict[str, UUID] = field(default_factory=dict)
    variants: dict[str, UUID] = field(default_factory=dict)

    def on(self, hub: Hub) -> "Shop":
        """The same shop in a copy of its database."""
        return Shop(hub, dict(self.channels), dict(self.locations), dict(self.variants))

    def channel(
        self, code: str = "web", currency: str = "EUR", *, tax_mode: TaxMode = "included"
    ) -> UUID:
        if code not in self.channels:
            ask = PutChannel(code=code, name=code, kind="web", currency=currency, tax_mode=tax_mode)
            self.channels[code] = self.hub.run(put_channel, ask, actor=SYSTEM).channel_id
            opening = OpenPriceList(channel_id=self.channels[code], currency=currency)
            self.hub.run(open_price_list, opening, actor=SYSTEM)
            self.tax(200_000)
            self._serve()
        return self.channels[code]

    def location(self, code: str, place: Place | None = None) -> UUID:
        if code not in self.locations:
            ask = PutLocation(
                code=code,
                name=code,
                kind="store",
                country="RS",
                time_zone="Europe/Belgrade",
                place=place,
                offers_pickup=True,
                ships=True,
            )
            self.locations[code] = self.hub.run(put_location, ask, actor=SYSTEM).location_id
            self._serve()
        return self.locations[code]

    def product(self, sku: str, **more: Any) -> UUID:
        if sku not in self.variants:
            draft = ProductDraft(
                handle=sku,
                texts={"en": ProductText(title=sku.title())},
                variants=(VariantDraft(sku=sku),),
                **more,
            )
            self.hub.run(put_product, PutProduct(product=draft), actor=SYSTEM)
            with self.hub.reading() as tx:
                row = tx.value("SELECT id FROM catalog.variants WHERE sku = %(sku)s", sku=sku)
            self.variants[sku] = row
        return self.variants[sku]

    def tax(self, rate_ppm: int, country: str = "RS") -> None:
        rates = (TaxRate(tax_class="standard", rate_ppm=rate_ppm),)
        self.hub.run(put_tax_rates, PutTaxRates(country=country, rates=rates), actor=SYSTEM)

    def costs(self, sku: str, minor: int, *, channel: str = "web", currency: str = "EUR") -> None:
        price = PriceDraft(variant_id=self.product(sku), amount_minor=minor)
        ask = PutPrices(
            channel_id=self.channel(channel, currency), currency=currency, prices=(price,)
        )
        self.hub.run(put_prices, ask, actor=SYSTEM)

    def buys(self, *, key: str | None = None, channel: str = "web", **more: Any) -> Placed:
        """Order pieces of products by SKU; what is not a SKU goes to the order itself."""
        lines = {name: more.pop(name) for name in list(more) if name in self.variants}
        ask = PlaceOrder(
            channel_id=self.channel(channel),
            country="RS",
            lines=tuple(
                BuyLine(variant_id=self.variants[sku], quantity=count)
                for sku, count in lines.items()
            ),
            **more,
        )
        return self.hub.run(place_order, ask, actor=SYSTEM, key=key)

    def order(self, placed: Placed | UUID) -> OrderView:
        identity = placed.order_id if isinstance(placed, Placed) else placed
        return self.hub.run(read_order, AskOrder(order_id=identity), actor=SYSTEM)

    def ships(self, order: OrderView, *, pieces: int | None = None) -> None:
        """Send what waits, or so many pieces of the first line."""
        for task in order.fulfillments:
            some = () if pieces is None else (Pieces(line_id=order.lines[0].id, quantity=pieces),)
            ask = ShipParcel(fulfillment_id=task.id, carrier="post", lines=some)
            self.hub.run(ship_parcel, ask, actor=SYSTEM)

    def lays_out(self, order: OrderView) -> None:
        """The store accepts, picks and lays out what is to be collected."""
        for task in order.fulfillments:
            self.hub.run(accept, AcceptFulfillment(fulfillment_id=task.id), actor=SYSTEM)
            self.hub.run(pick, PickFulfillment(fulfillment_id=task.id), actor=SYSTEM)
            self.hub.run(make_ready, MakeReady(fulfillment_id=task.id), actor=SYSTEM)

    def hands_over(self, order: OrderView) -> Any:
        """The customer shows a document and takes everything that is laid out."""
        ask = HandOver(fulfillment_id=order.fulfillments[0].id, proof="document")
        return self.hub.run(hand_over, ask, actor=SYSTEM)

    def pays_cash(self, order_id: UUID, minor: int) -> Any:
        ask = PayOrder(order_id=order_id, amount_minor=minor, method="cash")
        return self.hub.run(pay_order, ask, actor=SYSTEM)

    def refunds(self, order_id: UUID, goods_minor: int) -> Any:
        ask = RefundOrder(order_id=order_id, goods_minor=goods_minor, reason="kindness")
        return self.hub.run(refund_order, ask, actor=SYSTEM)

    def confirms(self, payment_id: UUID | str | None, *, reference: str) -> None:
        """The provider says by itself that the money is promised."""
        said = Authorized(reference=reference)
        ask = NotePayment(authorization_id=UUID(str(payment_id)), authorized=said)
        self.hub.run(note_payment, ask, actor=SYSTEM)

    def books(self) -> dict[str, int]:
        """Each money account's balance, debit less credit, in minor units."""
        with self.hub.reading() as tx:
            rows = tx.all(
                """
                SELECT a.kind, sum(m.amount)::bigint AS amount FROM (
                    SELECT to_account_id AS account_id, amount FROM ledger.transfers
                    UNION ALL
                    SELECT from_account_id, -amount FROM ledger.transfers
                ) m JOIN ledger.accounts a ON a.id = m.account_id
                WHERE a.book = 'money' GROUP BY a.kind HAVING sum(m.amount) <> 0
                """
            )
        return {row.kind: row.amount for row in rows}

    def has(self, sku: str, pieces: int, *, at: str) -> None:
        """Goods arrive."""
        self.product(sku)
        self.channel()
        ask = ReceiveStock(
            location_id=self.location(at), lines=(StockLine(sku=sku, pieces=pieces),)
        )
        self.hub.run(receive_stock, ask, actor=SYSTEM)

    def stock(self, sku: str, *, at: str) -> tuple[int, int]:
        """On hand and held."""
        with self.hub.reading() as tx:
            row = tx.first(
                """
                SELECT posted, held FROM ledger.balances
                WHERE thing_id = %(variant)s AND place_id = %(location)s AND kind = 'on_hand'
                  AND pool_id IS NULL
                """,
                variant=self.variants[sku],
                location=self.locations[at],
            )
        return (row.posted, row.held) if row else (0, 0)

    def wants(self, **pieces: int) -> list[Want]:
        with self.hub.reading() as tx:
            return [Want(tx.new_id(), self.variants[sku], count) for sku, count in pieces.items()]

    def hold(self, tx: Tx, wants: list[Want], *, owner: UUID, expires_at: Any = None) -> list[Pick]:
        return hold(
            tx,
            wants,
            channel=self.channels["web"],
            owner=owner,
            choose=fewest_then_nearest(),
            expires_at=expires_at,
        )

    def _serve(self) -> None:
        for channel in self.channels.values():
            ask = ServeChannel(channel_id=channel, location_ids=tuple(self.locations.values()))
            self.hub.run(serve_channel, ask, actor=SYSTEM)
