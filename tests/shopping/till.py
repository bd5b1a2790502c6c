"""Paying for carts, in a shopper's words."""

from datetime import timedelta

from charsu.kernel.processes import run_due
from charsu.orders.payments import CAPTURE, ORPHAN, REFUND, VOID
from charsu.shopping import AskPayment, PayCart, PaymentStanding, pay_cart, read_payment
from charsu.shopping.paying import PAY
from tests.shop import Shop
from tests.shopping.driver import Visitor, guest

KINDS = {one.kind: one for one in (PAY, CAPTURE, VOID, REFUND, ORPHAN)}
TOTAL = 2_500  # two mugs and the post


def ready(shop: Shop, mugs: int = 2) -> Visitor:
    one = guest(shop)
    one.puts(mug=mugs)
    one.wants_it_sent()
    return one


def pays(
    one: Visitor, *, total: int = TOTAL, token: str = "tok_visa", provider: str = "bank"
) -> PaymentStanding:
    return one.does(pay_cart, PayCart, expected_total_minor=total, provider=provider, token=token)


def standing(one: Visitor) -> PaymentStanding:
    return one.shop.hub.run(read_payment, AskPayment(cart_id=one.cart_id), actor=one.actor)


def work(shop: Shop, *, minutes: int = 0) -> None:
    """What workers do, now and after so many minutes."""
    shop.hub.offset += timedelta(minutes=minutes)
    while run_due(shop.hub, KINDS):
        pass
