"""One request to each operation on promised money, on a cart or an order of its own."""

from uuid import UUID

from msgspec import structs

from charsu.customers import CustomerDraft, PutCustomer, put_customer
from charsu.kernel import SYSTEM
from charsu.kernel.processes import run_due
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders import (
    CancelOrder,
    RefundOrder,
    ShipParcel,
    cancel_order,
    refund_order,
    ship_parcel,
)
from charsu.orders.operations.issue_credit import IssueCredit, issue_credit
from charsu.orders.operations.resolve_difference import ResolveDifference, resolve_difference
from charsu.orders.payments import (
    CAPTURE,
    ORPHAN,
    PROVIDERS,
    REFUND,
    VOID,
    Authorized,
    Declined,
    NotePayment,
    note_payment,
)
from charsu.orders.queries.read_order import OrderView
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Figures
from charsu.shopping import AskPayment, PayCart, pay_cart, read_payment
from charsu.shopping.paying import PAY
from tests.bank import Bank, Promise
from tests.faults.carts import Cart
from tests.faults.requests import Bazaar, Request

KINDS = {one.kind: one for one in (PAY, CAPTURE, VOID, REFUND, ORPHAN)}


def pay_a_cart(bazaar: Bazaar) -> Request:
    return paying(bazaar, _ready(bazaar))


def note_a_payment(bazaar: Bazaar) -> Request:
    """The provider tells before it was asked."""
    cart = _ready(bazaar)
    payment = paying(bazaar, cart).made_to(bazaar.hub).payment_id
    said = Authorized(reference=f"told-{payment}")
    return Request(note_payment, NotePayment(authorization_id=payment, authorized=said))


def ship_what_is_promised(bazaar: Bazaar) -> Request:
    return shipping(promised(bazaar))


def cancel_what_is_promised(bazaar: Bazaar) -> Request:
    return canceling(promised(bazaar))


def refund_to_a_card(bazaar: Bazaar) -> Request:
    return refunding(taken(bazaar))


def note_an_orphan(bazaar: Bazaar) -> Request:
    """The bank said no, and has promised the money all the same."""
    bank = Bank(answers={"tok_no": Declined("not today")})
    PROVIDERS["bank"] = bank
    cart = _ready(bazaar)
    paid = paying(bazaar, cart).ask
    ask = structs.replace(paid, provider="bank", token="tok_no")
    payment = bazaar.hub.run(pay_cart, ask, actor=cart.owner).payment_id
    work_off(bazaar)
    late = f"late-{payment}"
    bank.promises[str(payment)] = Promise(late, 900)
    said = Authorized(reference=late)
    return Request(note_payment, NotePayment(authorization_id=payment, authorized=said))


def issue_some_credit(bazaar: Bazaar) -> Request:
    draft = CustomerDraft(email=f"{bazaar.new_id()}@example.com")
    known = bazaar.hub.run(put_customer, PutCustomer(customer=draft), actor=SYSTEM).customer_id
    ask = IssueCredit(customer_id=known, amount_minor=500, currency="EUR", reason="kindness")
    return Request(issue_credit, ask)


def resolve_a_difference(bazaar: Bazaar) -> Request:
    reference = str(bazaar.new_id())
    theirs = Figures(currency="EUR", promised_minor=0, taken_minor=9, given_back_minor=0)
    stray = Judged(reference=reference, kind="missing_in_books", ours=None, theirs=theirs)
    with bazaar.hub.writing("test.reconcile") as tx:
        keep_differences(tx, "bank", [stray])
        found = tx.value(
            "SELECT id FROM orders.payment_differences WHERE reference = %(one)s", one=reference
        )
    return Request(resolve_difference, ResolveDifference(difference_id=found, note="seen to"))


def paying(bazaar: Bazaar, cart: Cart) -> Request:
    on = ChangeSetting(name="orders.test_payments", value=True)
    bazaar.hub.run(change_setting, on, actor=SYSTEM)
    total = cart.completing().ask.expected_total_minor
    ask = PayCart(cart_id=cart.id, expected_total_minor=total, provider="test", token="tok_visa")
    return Request(pay_cart, ask, cart.owner)


def shipping(order: OrderView) -> Request:
    task = order.fulfillments[0].id
    return Request(ship_parcel, ShipParcel(fulfillment_id=task, carrier="post"))


def canceling(order: OrderView) -> Request:
    return Request(cancel_order, CancelOrder(order_id=order.id, reason="changed_mind"))


def refunding(order: OrderView) -> Request:
    ask = RefundOrder(order_id=order.id, reason="broken", goods_minor=order.total_minor // 2)
    return Request(refund_order, ask)


def promised(bazaar: Bazaar) -> OrderView:
    """An order whose money a provider has promised."""
    cart = _ready(bazaar)
    paying(bazaar, cart).made_to(bazaar.hub)
    work_off(bazaar)
    ask = AskPayment(cart_id=cart.id)
    order: UUID | None = bazaar.hub.run(read_payment, ask, actor=cart.owner).order_id
    assert order is not None
    return bazaar.shop.order(order)


def taken(bazaar: Bazaar) -> OrderView:
    """An order that was sent, and its money taken."""
    order = promised(bazaar)
    shipping(order).made_to(bazaar.hub)
    work_off(bazaar)
    return bazaar.shop.order(order.id)


def work_off(bazaar: Bazaar) -> None:
    while run_due(bazaar.hub, KINDS):
        pass


def _ready(bazaar: Bazaar) -> Cart:
    """A cart that could be ordered: by post, for nothing."""
    cart = Cart(bazaar)
    cart.sending().made_to(bazaar.hub)
    return cart


PAYMENT_CASES = {
    case.__name__: case
    for case in (
        pay_a_cart,
        note_a_payment,
        ship_what_is_promised,
        cancel_what_is_promised,
        refund_to_a_card,
        note_an_orphan,
        issue_some_credit,
        resolve_a_difference,
    )
}
