"""One request to each operation on carts, each on a cart of its own."""

from uuid import UUID

from charsu.kernel import SYSTEM, Actor
from charsu.kernel.access.callers import customer_actor, guest_actor
from charsu.orders import PutDeliveryMethod, Rate, Recipient, put_delivery_method
from charsu.shopping import (
    AddCode,
    AskCart,
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
from tests.faults.requests import Bazaar, Request

ANNA = Recipient(name="Anna", email="anna@example.org", street="Nova 1", town="Beograd")


class Cart:
    """A guest's cart with pieces of one product, and who owns it."""

    def __init__(self, bazaar: Bazaar, pieces: int = 2) -> None:
        self._bazaar = bazaar
        self.owner = guest_actor(bazaar.new_id())
        self.id: UUID = _opening(bazaar, self.owner).made_to(bazaar.hub).cart_id
        (self.sku,) = bazaar.goods(1)
        self.has(pieces)

    def putting(self, pieces: int) -> Request:
        variant = self._bazaar.shop.variants[self.sku]
        ask = PutLine(cart_id=self.id, variant_id=variant, quantity=pieces)
        return Request(put_line, ask, self.owner)

    def has(self, pieces: int) -> "Cart":
        self.putting(pieces).made_to(self._bazaar.hub)
        return self

    def holding(self) -> Request:
        return Request(hold_cart, HoldCart(cart_id=self.id), self.owner)

    def held(self) -> "Cart":
        self.holding().made_to(self._bazaar.hub)
        return self

    def delivering(self) -> Request:
        """Picked up in the south: what is held in the north must move."""
        ask = SetDelivery(
            cart_id=self.id,
            kind="pickup",
            country="RS",
            location_id=self._bazaar.shop.locations["south"],
            recipient=ANNA,
        )
        return Request(set_delivery, ask, self.owner)

    def sending(self) -> Request:
        """By post, which costs nothing."""
        rates = (Rate(currency="EUR", amount_minor=0),)
        post = PutDeliveryMethod(code="post", titles={"en": "By post"}, kind="ship", rates=rates)
        self._bazaar.hub.run(put_delivery_method, post, actor=SYSTEM)
        ask = SetDelivery(
            cart_id=self.id, kind="ship", country="RS", delivery_method="post", recipient=ANNA
        )
        return Request(set_delivery, ask, self.owner)

    def completing(self) -> Request:
        hub = self._bazaar.hub
        totals = hub.run(read_cart, AskCart(cart_id=self.id), actor=self.owner).totals
        assert totals is not None, "everything in it has a price"
        ask = CompleteCart(cart_id=self.id, expected_total_minor=totals.total_minor)
        return Request(complete_cart, ask, self.owner)


def _opening(bazaar: Bazaar, owner: Actor) -> Request:
    return Request(open_cart, OpenCart(channel_id=bazaar.shop.channels["web"]), owner)


def open_a_cart(bazaar: Bazaar) -> Request:
    return _opening(bazaar, guest_actor(bazaar.new_id()))


def put_a_line(bazaar: Bazaar) -> Request:
    return Cart(bazaar).putting(3)


def put_more_into_a_held_cart(bazaar: Bazaar) -> Request:
    return Cart(bazaar).held().putting(4)


def remove_a_held_line(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar).held()
    variant = bazaar.shop.variants[cart.sku]
    return Request(remove_line, RemoveLine(cart_id=cart.id, variant_id=variant), cart.owner)


def move_a_held_cart(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    bazaar.shop.has(cart.sku, 5, at="south")
    return cart.held().delivering()


def add_a_code(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    return Request(add_code, AddCode(cart_id=cart.id, code=bazaar.coupon()), cart.owner)


def remove_a_code(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    code = bazaar.coupon()
    Request(add_code, AddCode(cart_id=cart.id, code=code), cart.owner).made_to(bazaar.hub)
    return Request(remove_code, RemoveCode(cart_id=cart.id, code=code), cart.owner)


def see_other_prices(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    bazaar.shop.costs(cart.sku, 1_111)
    return Request(see_prices, SeePrices(cart_id=cart.id), cart.owner)


def hold_a_cart(bazaar: Bazaar) -> Request:
    return Cart(bazaar).holding()


def release_a_cart(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar).held()
    return Request(release_cart, ReleaseCart(cart_id=cart.id), cart.owner)


def merge_a_held_cart(bazaar: Bazaar) -> Request:
    """The guest signs in, and her cart joins one that she has already."""
    mine = Cart(bazaar).held()
    customer = customer_actor(bazaar.new_id())
    _opening(bazaar, customer).made_to(bazaar.hub)
    ask = MergeCarts(channel_id=bazaar.shop.channels["web"], guest_id=mine.owner.id)
    return Request(merge_carts, ask, customer)


def complete_a_cart(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    bazaar.shop.has(cart.sku, 5, at="south")
    cart.delivering().made_to(bazaar.hub)
    return cart.completing()


def complete_a_held_cart_with_a_code(bazaar: Bazaar) -> Request:
    cart = Cart(bazaar)
    bazaar.shop.has(cart.sku, 5, at="south")
    cart.delivering().made_to(bazaar.hub)
    code = AddCode(cart_id=cart.id, code=bazaar.coupon())
    Request(add_code, code, cart.owner).made_to(bazaar.hub)
    return cart.held().completing()


CART_CASES = {
    case.__name__: case
    for case in (
        open_a_cart,
        put_a_line,
        put_more_into_a_held_cart,
        remove_a_held_line,
        move_a_held_cart,
        add_a_code,
        remove_a_code,
        see_other_prices,
        hold_a_cart,
        release_a_cart,
        merge_a_held_cart,
        complete_a_cart,
        complete_a_held_cart_with_a_code,
    )
}
