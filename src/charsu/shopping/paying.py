"""Paying for a cart: a provider is asked, and what it promises makes the cart an order.

The goods are held past the provider's deadline and the attempt is committed before it is asked.
Until it has answered the cart is ``paying`` and nothing in it changes. Then either the cart is an
order with its money promised, or it is open again and what was promised is let go: never both.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import Fact, Hub, HubError, Setting, Tx
from charsu.kernel.processes import (
    Outside,
    Process,
    Running,
    advance,
    begin,
    finish,
    finish_surely,
    go_on,
    take,
)
from charsu.orders import PriceMoved
from charsu.orders.payments import (
    Answer,
    Authorization,
    Authorize,
    CreditNeedsCustomer,
    Escalated,
    answered,
    ask,
    credit_for,
    find_authorization,
    join,
    let_go,
    lock_authorization,
    promise_credit,
    provider_named,
    store,
)
from charsu.shopping.errors import NothingToPay
from charsu.shopping.facts import CartPaymentBegun, CartPaymentEnded
from charsu.shopping.holding import hold_to_pay
from charsu.shopping.model import Cart
from charsu.shopping.ordering import draft_of, order_cart
from charsu.shopping.reckoning import price_cart
from charsu.shopping.stored import load, lock, lock_open, save

Seen = TypeVar("Seen")

PAYING_MINUTES = Setting(
    "shopping.paying_minutes", int, 15, "Minutes that a customer has to confirm a payment."
)
GRACE = timedelta(minutes=5)  # the goods are held so long beyond the last moment of paying


class Begun(Struct, frozen=True):
    """A payment that was begun in this transaction, and its first step."""

    authorization: Authorization
    running: Running


class _Told(Generic[Seen]):
    """What is to be seen in the transaction in which a provider's answer ends a payment."""

    def __init__(self, then: Callable[[Tx], Seen]) -> None:
        self.then = then
        self.seen: Seen | None = None
        self.is_over = False


class _NotOrdered(Exception):
    """The money is promised, and what it is for cannot be ordered: nothing of this may stay."""

    def __init__(self, refusal: HubError) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def begin_payment(
    tx: Tx,
    cart: Cart,
    *,
    total_minor: int,
    provider: str,
    token: str,
    is_taken: bool = False,
    credit_minor: int = 0,
) -> UUID:
    """Hold the goods and write down that the provider is about to be asked for the cart's total.

    cart           locked and open
    is_taken       the caller takes the first step herself, see ``pay_now``
    credit_minor   of the total paid with store credit; the provider is asked for the rest
    Raises PriceMoved, NothingToPay, NotEnoughStock, NotEnoughCredit, CreditNeedsCustomer, and what
    keeps the cart from being ordered.
    """
    _check_total(tx, cart, total_minor)
    if credit_minor >= total_minor:
        raise NothingToPay
    cart = _held(tx, cart)
    if credit_minor:
        _promise(tx, cart, credit_minor)
    payment = ask(
        tx,
        cart=cart.id,
        provider=provider,
        amount_minor=total_minor - credit_minor,
        currency=cart.currency,
    )
    fact = CartPaymentBegun(authorization_id=payment.id)
    save(tx, structs.replace(cart, state="paying"), fact)
    data = {"token": token}
    begin(tx, PAY, subject=cart.id, data=data, identity=payment.id, is_taken=is_taken)
    first = Running(payment.id, PAY.kind, cart.id, PAY.first, data, attempt=1)
    tx.know(_begun_key(payment.id), Begun(payment, first))
    return payment.id


def begun_here(tx: Tx, payment: UUID) -> Begun | None:
    """The payment where this transaction has begun it; None where it was begun before."""
    begun: Begun | None = tx.known(_begun_key(payment))
    return begun


def _begun_key(payment: UUID) -> tuple[str, UUID]:
    return "shopping.begun", payment


def _check_total(tx: Tx, cart: Cart, total_minor: int) -> None:
    priced = price_cart(tx, cart, draft_of(tx, cart).channel)
    if priced.total_minor != total_minor:
        raise PriceMoved(expected=total_minor, actual=priced.total_minor)


def _promise(tx: Tx, cart: Cart, credit_minor: int) -> Authorization:
    """Keep credit of the cart's customer ready for it. Raises CreditNeedsCustomer."""
    if cart.customer_id is None:
        raise CreditNeedsCustomer
    return promise_credit(
        tx,
        cart=cart.id,
        customer=cart.customer_id,
        amount_minor=credit_minor,
        currency=cart.currency,
    )


def pay_with_credit(tx: Tx, cart: Cart, *, total_minor: int) -> None:
    """The cart is an order at once, all of it paid with credit: nobody outside is asked.

    cart   locked and open
    Raises like ``begin_payment``.
    """
    if not total_minor:
        raise NothingToPay
    promised = _promise(tx, cart, total_minor)
    placed = order_cart(tx, cart, total_minor=total_minor, is_authorized=True)
    join(tx, promised, order=placed.order_id)


def pay_for(tx: Tx, cart_id: UUID, **how: Any) -> UUID:
    """``begin_payment`` for an open cart that is not locked yet. Raises CartClosed.

    Where it is refused without credit having been asked for, nothing has changed.
    """
    return begin_payment(tx, lock_open(tx, cart_id, None), **how)


def _held(tx: Tx, cart: Cart) -> Cart:
    """The cart with everything in it held until the provider must have answered."""
    until = tx.now + timedelta(minutes=tx.setting(PAYING_MINUTES)) + GRACE
    held = structs.replace(cart, held_since=cart.held_since or tx.now, hold_until=until)
    hold_to_pay(tx, cart, held)
    return held


def pay_now(
    hub: Hub, payment: UUID, *, then: Callable[[Tx], Seen], begun: Begun | None = None
) -> Seen | None:
    """Take the steps of a payment in this thread, as far as they can be taken now.

    then    what is done in the transaction in which the provider's answer ends the payment; what it
            gives is the answer, None where that was not here
    begun   where this thread has just begun it: then its first step is hers, and nothing is read
            anew. A twin may take the step as well; the provider knows it by its key.
    """
    told = _Told(then)
    if begun is not None:
        step = partial(_authorize, one=begun.authorization, told=told)
        take(hub, Process(PAY.kind, {**PAY.steps, PAY.first: step}), begun.running)
    if not told.is_over:
        go_on(hub, PAY, payment)
    return told.seen if told.is_over else None


def _authorize(
    hub: Hub, running: Running, one: Authorization | None = None, told: _Told[Any] | None = None
) -> None:
    """Ask the provider, unless it has told already by itself; give up after the deadline."""
    one = one or _look(hub, running)
    answer: Answer | None = None
    if one.state == "asked":
        try:
            answer = provider_named(one.provider).authorize(
                Authorize(
                    key=str(one.id),
                    token=running.data["token"],
                    amount_minor=one.asked_minor,
                    currency=one.currency,
                )
            )
        except Outside:
            if not _is_over(hub, running):
                raise
    _answered(hub, running, answer, told)


def _await(hub: Hub, running: Running) -> None:
    """The customer was to confirm: the provider has told, or the time for it is over."""
    one = _look(hub, running)
    answer: Answer | None = None
    if one.is_open:
        answer = provider_named(one.provider).look_up(key=str(one.id), reference=one.reference)
    _answered(hub, running, answer)


def _answered(
    hub: Hub, running: Running, answer: Answer | None, told: _Told[Any] | None = None
) -> None:
    """Go on with what the provider has said; None where it said nothing and will not any more."""
    try:
        with hub.writing("shopping.payment_answered", is_careful=True) as tx:
            is_over = _heard(tx, running, answer, told)
    except _NotOrdered as why:
        is_over = False
        with hub.writing("shopping.payment_too_late") as tx:
            _turn_away(tx, running, answer, reason=why.refusal.code)
    if told is not None:
        told.is_over = is_over


def _heard(tx: Tx, running: Running, answer: Answer | None, told: _Told[Any] | None) -> bool:
    """Store what the answer makes of the payment: whether it is over with this."""
    cart = lock(tx, running.subject_id)
    one, heard = answered(lock_authorization(tx, running.id), answer)
    if one.state == "authorized" and cart.state == "paying":
        _order(tx, cart, one, heard)
        seen = told.then(tx) if told is not None else None
        finish_surely(tx, running)
        is_over = True
    else:
        store(tx, one, *heard)
        is_over = _unpaid(tx, running, cart, one, answer)
        seen = told.then(tx) if is_over and told is not None else None
    if told is not None:
        told.seen = seen
    return is_over


def _unpaid(
    tx: Tx, running: Running, cart: Cart, one: Authorization, answer: Answer | None
) -> bool:
    """The cart is no order, yet or at all: whether the payment is over with this."""
    if one.state == "authorized":  # somebody gave up before the provider told
        advance(tx, running, "void", reason="too_late")
        return False
    if one.state == "declined":
        return _end(tx, running, cart, reason=one.reason)
    if isinstance(answer, Escalated) and not _has_run_out(tx, cart):
        advance(tx, running, "await", after=_time_left(tx, cart))
    elif advance(tx, running, "void", reason="no_answer"):
        _reopen(tx, cart, reason="no_answer")
    return False


def _order(tx: Tx, cart: Cart, one: Authorization, heard: tuple[Fact, ...]) -> None:
    """The cart becomes an order. Raises _NotOrdered where it cannot any more.

    heard   what is to be told of the promise, which is not written down yet
    """
    credit = _credit(tx, cart)
    total = one.asked_minor + (credit.asked_minor if credit else 0)
    try:
        placed = order_cart(tx, cart, total_minor=total, is_authorized=True)
    except HubError as refusal:
        raise _NotOrdered(refusal) from refusal
    if credit:
        join(tx, credit, order=placed.order_id)
    join(tx, one, *heard, order=placed.order_id)


def _turn_away(tx: Tx, running: Running, answer: Answer | None, *, reason: str) -> None:
    """Let go what was promised for a cart that cannot be ordered any more, and open the cart."""
    cart = lock(tx, running.subject_id)
    one, heard = answered(lock_authorization(tx, running.id), answer)
    store(tx, one, *heard)
    if advance(tx, running, "void", reason=reason):
        _reopen(tx, cart, reason=reason)


def _credit(tx: Tx, cart: Cart) -> Authorization | None:
    """The credit that is kept ready for a cart: a guest has none."""
    return None if cart.customer_id is None else credit_for(tx, cart.id)


def _end(tx: Tx, running: Running, cart: Cart, *, reason: str) -> bool:
    is_ours = finish(tx, running, failed=True, reason=reason)
    if is_ours:
        _reopen(tx, cart, reason=reason)
    return is_ours


def _reopen(tx: Tx, cart: Cart, *, reason: str) -> None:
    """The customer may change the cart again, and pay otherwise; her credit is free again."""
    if cart.state == "paying":
        if (credit := _credit(tx, cart)) is not None:
            let_go(tx, credit, reason=reason)
        save(tx, structs.replace(cart, state="open"), CartPaymentEnded(reason=reason))


def _void(hub: Hub, running: Running) -> None:
    """Let go what the provider promised, or may have promised without our hearing of it."""
    one = _look(hub, running)
    provider_named(one.provider).void(key=str(one.id), reference=one.reference)
    with hub.writing("shopping.payment_voided") as tx:
        one = lock_authorization(tx, running.id)
        if finish(tx, running, failed=True):
            let_go(tx, one, reason=running.data["reason"])


def _look(hub: Hub, running: Running) -> Authorization:
    return hub.read(lambda tx: find_authorization(tx, running.id))


def _is_over(hub: Hub, running: Running) -> bool:
    """Whether the provider need not be asked any more."""
    return hub.read(lambda tx: _has_run_out(tx, load(tx, running.subject_id)))


def _has_run_out(tx: Tx, cart: Cart) -> bool:
    return _time_left(tx, cart) <= timedelta()


def _time_left(tx: Tx, cart: Cart) -> timedelta:
    """How long the customer may still take."""
    return (cart.hold_until or tx.now) - GRACE - tx.now


PAY = Process("shopping.pay", {"authorize": _authorize, "await": _await, "void": _void})
