"""What each address does: one operation, then the thing as it stands. Run in a thread."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.capabilities import CART, CHECKOUT, LOOKUP, ORDER, SEARCH
from charsu.channels.ucp.door.exchange import Exchange
from charsu.channels.ucp.door.linked import reader_of, shopper_of, unread
from charsu.channels.ucp.door.refusing import outcome
from charsu.channels.ucp.errors import IdentityRequired, RequestInvalid
from charsu.channels.ucp.model import Outcome, Said, Session, SessionKind
from charsu.channels.ucp.naming import ORDER as ORDER_PREFIX
from charsu.channels.ucp.naming import SESSION, STORE, read_name
from charsu.channels.ucp.operations.cancel_session import CancelSession, cancel_session
from charsu.channels.ucp.operations.complete_session import CompleteSession, complete_session
from charsu.channels.ucp.operations.open_session import OpenSession, open_session
from charsu.channels.ucp.operations.replace_session import ReplaceSession, replace_session
from charsu.channels.ucp.paying import settle
from charsu.channels.ucp.queries.find_goods import find_goods, search_goods
from charsu.channels.ucp.queries.read_order import AskSessionOrder, read_session_order
from charsu.channels.ucp.queries.read_session import AskSession, read_session, view_of
from charsu.channels.ucp.v2026_04_08.messages import messages, one_message
from charsu.channels.ucp.versions import SessionAsk
from charsu.kernel import Hub, NotFound, Operation, Tx
from charsu.language import mark_sentence, translate
from charsu.orders.payments import find_authorization
from charsu.shopping import Begun, begun_here, pay_now

Ask = TypeVar("Ask")
GONE = mark_sentence("There is no such thing here, or no longer.")


class Answer(Struct, frozen=True):
    """A status and a body."""

    status: int
    body: dict[str, Any]


class Address(Struct, frozen=True):
    """One thing that can be asked, by its address and as a tool.

    about    the capability without which it is not answered
    answer   what it does; raises what the request itself has earned
    tool     what it is called over MCP
    body     the argument that is the body over MCP; none where there is no body
    """

    method: str
    path: str
    about: str
    answer: Callable[[Hub, Exchange], Answer]
    tool: str
    body: str = ""

    @property
    def has_name(self) -> bool:
        """Whether it is about a thing that there is already."""
        return "{id" in self.path

    @property
    def needs_key(self) -> bool:
        """Whether a call as a tool needs an idempotency key."""
        return self.path.endswith(("/complete", "/cancel"))


def _done(
    hub: Hub,
    of: Exchange,
    what: Operation[Ask, Outcome],
    ask: Ask,
    *,
    near: UUID | None = None,
) -> Answer:
    """A session was to be changed: how it stands after it, seen in the same transaction."""
    kind: SessionKind = getattr(ask, "kind", "checkout")
    shopper = shopper_of(of, kind)

    def see(tx: Tx, done: Outcome) -> Session | None:
        if done.session_id is None:
            return None
        look = AskSession(session_id=done.session_id, kind=kind, shopper_id=shopper, near=near)
        return read_session(tx, look)

    done, one = hub.run_and_see(what, ask, see, actor=of.actor, key=of.key)
    return _shown(of, done, one, kind)


def _written(of: Exchange, one: Session) -> dict[str, Any]:
    speak = translate(of.language)
    return of.version.write_session(one, of.active, of.shop.pages, of.shop.handlers, speak)


def _about(kind: SessionKind) -> str:
    return CHECKOUT if kind == "checkout" else CART


def _named(of: Exchange, prefix: str = SESSION) -> UUID:
    """The thing that is named. Raises NotFound where it cannot be one."""
    found = read_name(prefix, of.name)
    if found is None:
        raise NotFound("id", of.name[:64])
    return found


def _spoken(of: Exchange, ask: SessionAsk) -> Exchange:
    """The exchange in the language that the buyer speaks, where the platform says it."""
    return structs.replace(of, language=ask.language or of.language)


def _near(asked: SessionAsk) -> UUID | None:
    """The store that the buyer thinks of; none where it is no name of ours, for it is a hint."""
    return None if asked.near is None else read_name(STORE, asked.near)


def gone(of: Exchange, about: str) -> Answer:
    """There is no such thing, or it is another platform's."""
    content = translate(of.language)(GONE)
    told = [one_message("not_found", content)]
    return Answer(200, outcome(of.version, about, of.active, told, of.shop.address))


def _nothing(of: Exchange, kind: SessionKind, said: tuple[Said, ...]) -> Answer:
    """Nothing of what was wanted can be had."""
    told = messages(said, translate(of.language))
    for message in told:
        if message["type"] == "error":
            message["severity"] = "unrecoverable"
    return Answer(200, outcome(of.version, _about(kind), of.active, told, of.shop.address))


def _shown(of: Exchange, done: Outcome, one: Session | None, kind: SessionKind) -> Answer:
    if one is None:
        return _nothing(of, kind, done.said)
    body = _written(of, one)
    told = messages(done.said, translate(of.language))
    known = {(one["code"], one["content"]) for one in body["messages"]}
    body["messages"] += [one for one in told if (one["code"], one["content"]) not in known]
    return Answer(201 if done.is_new else 200, body)


def _open(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        asked = of.version.read_session(of.body, of.active)
        of = _spoken(of, asked)
        source = None
        if kind == "checkout" and asked.cart_id is not None and CART in of.active:
            source = read_name(SESSION, asked.cart_id)
            if source is None:
                raise NotFound("cart", asked.cart_id[:64])
        elif not asked.wish.items:
            raise RequestInvalid("line_items is empty")
        ask = OpenSession(
            kind=kind, wish=asked.wish, from_cart_id=source, customer_id=shopper_of(of, kind)
        )
        return _done(hub, of, open_session, ask, near=_near(asked))

    return answer


def _replace(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        asked = of.version.read_session(of.body, of.active)
        if not asked.wish.items:
            raise RequestInvalid("line_items is empty")
        of = _spoken(of, asked)
        is_strict = of.version.keeps_what_it_refuses
        ask = ReplaceSession(
            session_id=_named(of),
            kind=kind,
            wish=asked.wish,
            is_strict=is_strict,
            shopper_id=shopper_of(of, kind),
        )
        return _done(hub, of, replace_session, ask, near=_near(asked))

    return answer


def _read(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        ask = AskSession(session_id=_named(of), kind=kind, shopper_id=shopper_of(of, kind))
        return Answer(200, _written(of, hub.run(read_session, ask, actor=of.actor)))

    return answer


def _cancel(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        ask = CancelSession(session_id=_named(of), kind=kind, shopper_id=shopper_of(of, kind))
        return _done(hub, of, cancel_session, ask)

    return answer


def _complete(hub: Hub, of: Exchange) -> Answer:
    instrument = of.version.read_instrument(of.body)
    shopper = shopper_of(of, "checkout")
    look = AskSession(session_id=_named(of), kind="checkout", shopper_id=shopper)
    ask = CompleteSession(session_id=look.session_id, instrument=instrument, shopper_id=shopper)

    def see(tx: Tx, done: Outcome) -> Session | Begun | None:
        if done.payment_id is None:
            return read_session(tx, look)
        return begun_here(tx, done.payment_id)

    done, seen = hub.run_and_see(complete_session, ask, see, actor=of.actor, key=of.key)
    one = seen if isinstance(seen, Session) else None
    if done.payment_id is not None:
        begun = seen if isinstance(seen, Begun) else None
        one = _paid(hub, done.payment_id, begun)
    return _shown(of, done, one or hub.run(read_session, look, actor=of.actor), "checkout")


def _paid(hub: Hub, payment: UUID, begun: Begun | None) -> Session | None:
    """Ask the provider while the platform waits; what is left open a worker goes on with.

    What came of it is settled and seen with the answer; None where that came in another way.
    """

    def settled(tx: Tx) -> Session | None:
        known = begun.authorization if begun else find_authorization(tx, payment)
        session = settle(tx, known.cart_id)
        return None if session is None else view_of(tx, session)

    seen = pay_now(hub, payment, then=settled, begun=begun)
    if seen is None:
        with hub.writing("ucp.settle_session") as tx:
            settle(tx, find_authorization(tx, payment).cart_id)
    return seen


def _order(hub: Hub, of: Exchange) -> Answer:
    ask = AskSessionOrder(order_id=_named(of, ORDER_PREFIX), customer_id=reader_of(of))
    try:
        one = hub.run(read_session_order, ask, actor=of.actor)
    except (NotFound, IdentityRequired) as refused:
        raise unread(of, refused) from refused
    speak = translate(of.language)
    return Answer(200, of.version.write_order(one, of.active, of.shop.pages, speak))


def _search(hub: Hub, of: Exchange) -> Answer:
    found = hub.run(search_goods, of.version.read_search(of.body), actor=of.actor)
    return Answer(200, of.version.write_found(found, of.active))


def _lookup(hub: Hub, of: Exchange) -> Answer:
    found = hub.run(find_goods, of.version.read_lookup(of.body), actor=of.actor)
    return Answer(200, of.version.write_looked_up(found, of.active))


def _product(hub: Hub, of: Exchange) -> Answer:
    ask = of.version.read_product(of.body)
    found = hub.run(find_goods, ask.goods, actor=of.actor)
    body = of.version.write_product(found, ask, of.active)
    return gone(of, LOOKUP) if body is None else Answer(200, body)


_CARTS, _CHECKOUTS = "/carts", "/checkout-sessions"

ADDRESSES = (
    Address("POST", "/catalog/search", SEARCH, _search, "search_catalog", "catalog"),
    Address("POST", "/catalog/lookup", LOOKUP, _lookup, "lookup_catalog", "catalog"),
    Address("POST", "/catalog/product", LOOKUP, _product, "get_product", "catalog"),
    Address("POST", _CARTS, CART, _open("cart"), "create_cart", "cart"),
    Address("GET", f"{_CARTS}/{{id:str}}", CART, _read("cart"), "get_cart"),
    Address("PUT", f"{_CARTS}/{{id:str}}", CART, _replace("cart"), "update_cart", "cart"),
    Address("POST", f"{_CARTS}/{{id:str}}/cancel", CART, _cancel("cart"), "cancel_cart"),
    Address("POST", _CHECKOUTS, CHECKOUT, _open("checkout"), "create_checkout", "checkout"),
    Address("GET", f"{_CHECKOUTS}/{{id:str}}", CHECKOUT, _read("checkout"), "get_checkout"),
    Address(
        "PUT",
        f"{_CHECKOUTS}/{{id:str}}",
        CHECKOUT,
        _replace("checkout"),
        "update_checkout",
        "checkout",
    ),
    Address(
        "POST",
        f"{_CHECKOUTS}/{{id:str}}/complete",
        CHECKOUT,
        _complete,
        "complete_checkout",
        "checkout",
    ),
    Address(
        "POST",
        f"{_CHECKOUTS}/{{id:str}}/cancel",
        CHECKOUT,
        _cancel("checkout"),
        "cancel_checkout",
    ),
    Address("GET", "/orders/{id:str}", ORDER, _order, "get_order"),
)
"""All that is answered, below the endpoint of a version and as a tool."""
