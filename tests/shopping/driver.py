"""Speaks a shopper's words and calls public operations only."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from charsu.assembly import checks
from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.access.callers import customer_actor, guest_actor
from charsu.kernel.check import run_checks
from charsu.orders import Rate, Recipient, put_delivery_method
from charsu.orders.delivery import PutDeliveryMethod
from charsu.pricing import CouponDraft, PutCoupon, put_coupon
from charsu.shopping import (
    AddCode,
    AskCart,
    CartChanged,
    CartCompleted,
    CartView,
    CompleteCart,
    HoldCart,
    MergeCarts,
    OpenCart,
    PutLine,
    ReleaseCart,
    RemoveCode,
    RemoveLine,
    SeePrices,
    SetDelivery,
    add_code,
    complete_cart,
    hold_cart,
    merge_carts,
    open_cart,
    put_line,
    read_cart,
    release_cart,
    remove_code,
    remove_line,
    see_prices,
    set_delivery,
)
from charsu.shopping.checks import CHECKS as CART_CHECKS
from charsu.stock.checks import CHECKS as STOCK_CHECKS
from tests.shop import Shop

ANNA = Recipient(name="Anna", email="anna@example.org", street="Nova 1", town="Beograd")


@dataclass
class Visitor:
    """Somebody with a cart in the channel ``web``."""

    shop: Shop
    actor: Actor
    cart_id: UUID

    def puts(self, revision: int | None = None, **pieces: int) -> CartChanged:
        """Want so many pieces of one product."""
        ((sku, quantity),) = pieces.items()
        return self.does(
            put_line, PutLine, variant_id=self._variant(sku), quantity=quantity, revision=revision
        )

    def removes(self, sku: str) -> CartChanged:
        return self.does(remove_line, RemoveLine, variant_id=self._variant(sku))

    def holds(self) -> CartChanged:
        return self.does(hold_cart, HoldCart)

    def releases(self) -> CartChanged:
        return self.does(release_cart, ReleaseCart)

    def sees_prices(self) -> CartChanged:
        return self.does(see_prices, SeePrices)

    def adds(self, code: str) -> CartChanged:
        return self.does(add_code, AddCode, code=code)

    def drops(self, code: str) -> CartChanged:
        return self.does(remove_code, RemoveCode, code=code)

    def wants_it_sent(self, recipient: Recipient = ANNA, **more: Any) -> CartChanged:
        by = {"kind": "ship", "country": "RS", "delivery_method": "post"}
        return self.does(set_delivery, SetDelivery, **by, recipient=recipient, **more)

    def picks_up(self, at: str, recipient: Recipient = ANNA) -> CartChanged:
        where = {"kind": "pickup", "country": "RS", "location_id": self.shop.location(at)}
        return self.does(set_delivery, SetDelivery, **where, recipient=recipient)

    def sees(self) -> CartView:
        return self.shop.hub.run(read_cart, AskCart(cart_id=self.cart_id), actor=self.actor)

    def wants(self) -> dict[str, int]:
        return {line.sku or "?": line.quantity for line in self.sees().lines}

    def blocks(self) -> list[str]:
        return [block.code for block in self.sees().blocks]

    def orders(self, total: int | None = None, *, by: Any = complete_cart) -> CartCompleted:
        """Order for what she saw just now, or for a total that she remembers."""
        if total is None:
            totals = self.sees().totals
            assert totals is not None
            total = totals.total_minor
        return self.does(by, CompleteCart, expected_total_minor=total)

    def does(self, verb: Any, ask: Any, **fields: Any) -> Any:
        return self.shop.hub.run(verb, ask(cart_id=self.cart_id, **fields), actor=self.actor)

    def _variant(self, sku: str) -> UUID:
        return self.shop.variants[sku]


def open_market(hub: Hub) -> Shop:
    """Ten mugs for 10.00 and ten cups for 3.33 in the north; the post takes 5.00."""
    shop = Shop(hub)
    for sku, minor in (("mug", 1_000), ("cup", 333)):
        shop.has(sku, 10, at="north")
        shop.costs(sku, minor)
    rates = (Rate(currency="EUR", amount_minor=500, free_from_minor=5_000),)
    ask = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
    hub.run(put_delivery_method, ask, actor=SYSTEM)
    return shop


def guest(shop: Shop) -> Visitor:
    """Somebody who is not signed in."""
    return visit(shop, guest_actor(_new_id(shop)))


def customer(shop: Shop) -> Visitor:
    """Somebody who is signed in."""
    return visit(shop, customer_actor(_new_id(shop)))


def visit(shop: Shop, actor: Actor) -> Visitor:
    ask = OpenCart(channel_id=shop.channel(), country="RS")
    return Visitor(shop, actor, shop.hub.run(open_cart, ask, actor=actor).cart_id)


def sign_in(one: Visitor, as_customer: Actor, *, by: Any = merge_carts) -> Visitor:
    """The guest becomes this customer; what she had comes with her."""
    ask = MergeCarts(channel_id=one.shop.channel(), guest_id=one.actor.id)
    merged = one.shop.hub.run(by, ask, actor=as_customer)
    return Visitor(one.shop, as_customer, merged.cart_id)


def new_customer(shop: Shop) -> Actor:
    return customer_actor(_new_id(shop))


def coupon(shop: Shop, code: str, **terms: Any) -> None:
    draft = CouponDraft(code=code, **terms)
    shop.hub.run(put_coupon, PutCoupon(coupon=draft), actor=SYSTEM)


def facts_of(shop: Shop, name: str) -> int:
    """How often the log says this."""
    statement = "SELECT count(*) FROM kernel.facts WHERE name = %(name)s"
    with shop.hub.reading() as tx:
        return int(tx.value(statement, name=name))


def problems(shop: Shop) -> list[str]:
    """What the checks of carts and stock find wrong in the whole shop."""
    with shop.hub.pool.connection() as connection:
        verdicts = run_checks(connection, (*CART_CHECKS, *STOCK_CHECKS))
        connection.read_only = None
        connection.isolation_level = None
    return [f"{f.row}: {f.problem}" for verdict in verdicts for f in verdict.findings]


def problems_of_all(shop: Shop) -> list[str]:
    """What the checks of every package find wrong in the whole shop."""
    with shop.hub.pool.connection() as connection:
        verdicts = run_checks(connection, checks())
        connection.read_only = None
        connection.isolation_level = None
    return [f"{f.row}: {f.problem}" for verdict in verdicts for f in verdict.findings]


def _new_id(shop: Shop) -> UUID:
    with shop.hub.reading() as tx:
        return tx.new_id()
