"""What each address does: one operation, then the thing as it stands. Run in a thread."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp import trial
from charsu.channels.ucp.door.exchange import Exchange
from charsu.channels.ucp.door.refusing import outcome
from charsu.channels.ucp.errors import RequestInvalid
from charsu.channels.ucp.model import Outcome, Said, SessionKind
from charsu.channels.ucp.naming import ORDER as ORDER_PREFIX
from charsu.channels.ucp.naming import SESSION, read_name
from charsu.channels.ucp.operations.cancel_session import CancelSession, cancel_session
from charsu.channels.ucp.operations.complete_session import CompleteSession, complete_session
from charsu.channels.ucp.operations.open_session import OpenSession, open_session
from charsu.channels.ucp.operations.replace_session import ReplaceSession, replace_session
from charsu.channels.ucp.paying import settle
from charsu.channels.ucp.queries.find_goods import FindGoods, find_goods, search_goods
from charsu.channels.ucp.queries.read_order import AskSessionOrder, read_session_order
from charsu.channels.ucp.queries.read_session import AskSession, read_session
from charsu.channels.ucp.v2026_04_08 import catalog, orders, requests, sessions
from charsu.channels.ucp.v2026_04_08.messages import messages, one_message
from charsu.channels.ucp.v2026_04_08.profile import CART, CHECKOUT, LOOKUP, ORDER, SEARCH
from charsu.kernel import Hub, NotFound
from charsu.language import mark_sentence, translate
from charsu.orders.payments import find_authorization
from charsu.shopping import pay_now

GONE = mark_sentence("There is no such thing here, or no longer.")


class Answer(Struct, frozen=True):
    """A status and a body."""

    status: int
    body: dict[str, Any]


class Address(Struct, frozen=True):
    """One address of the door.

    about    the capability without which it is not answered
    answer   what it does; raises what the request itself has earned
    """

    method: str
    path: str
    about: str
    answer: Callable[[Hub, Exchange], Answer]


def _found(hub: Hub, of: Exchange, session_id: UUID, kind: SessionKind) -> dict[str, Any]:
    ask = AskSession(session_id=session_id, kind=kind)
    one = hub.run(read_session, ask, actor=of.actor)
    return sessions.session(one, of.active, of.shop.pages, trial.handlers(), translate(of.language))


def _about(kind: SessionKind) -> str:
    return CHECKOUT if kind == "checkout" else CART


def _named(of: Exchange, prefix: str = SESSION) -> UUID:
    """The thing in the address. Raises NotFound where it cannot be one."""
    found = read_name(prefix, of.path["id"])
    if found is None:
        raise NotFound("id", of.path["id"][:64])
    return found


def _spoken(of: Exchange, request: requests.SessionRequest) -> Exchange:
    """The exchange in the language that the buyer speaks, where the platform says it."""
    return structs.replace(of, language=requests.language_in(request) or of.language)


def gone(of: Exchange, about: str) -> Answer:
    """There is no such thing, or it is another platform's."""
    content = translate(of.language)(GONE)
    body = outcome(about, of.active, [one_message("not_found", content)], of.shop.address)
    return Answer(200, body)


def _nothing(of: Exchange, kind: SessionKind, said: tuple[Said, ...]) -> Answer:
    """Nothing of what was wanted can be had."""
    told = messages(said, translate(of.language))
    for message in told:
        if message["type"] == "error":
            message["severity"] = "unrecoverable"
    return Answer(200, outcome(_about(kind), of.active, told, of.shop.address))


def _shown(hub: Hub, of: Exchange, done: Outcome, kind: SessionKind) -> Answer:
    if done.session_id is None:
        return _nothing(of, kind, done.said)
    status = 201 if done.is_new else 200
    return Answer(status, _found(hub, of, done.session_id, kind))


def _open(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        request = requests.read(of.body, requests.SessionRequest)
        of = _spoken(of, request)
        source = None
        if kind == "checkout" and request.cart_id is not None and CART in of.active:
            source = read_name(SESSION, request.cart_id)
            if source is None:
                raise NotFound("cart", request.cart_id[:64])
        elif not request.line_items:
            raise RequestInvalid("line_items is empty")
        ask = OpenSession(kind=kind, wish=requests.wish(request, of.active), from_cart_id=source)
        done = hub.run(open_session, ask, actor=of.actor, key=of.key)
        return _shown(hub, of, done, kind)

    return answer


def _replace(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        request = requests.read(of.body, requests.SessionRequest)
        if not request.line_items:
            raise RequestInvalid("line_items is empty")
        of = _spoken(of, request)
        wish = requests.wish(request, of.active)
        ask = ReplaceSession(session_id=_named(of), kind=kind, wish=wish)
        done = hub.run(replace_session, ask, actor=of.actor, key=of.key)
        return _shown(hub, of, done, kind)

    return answer


def _read(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        return Answer(200, _found(hub, of, _named(of), kind))

    return answer


def _cancel(kind: SessionKind) -> Callable[[Hub, Exchange], Answer]:
    def answer(hub: Hub, of: Exchange) -> Answer:
        identity = _named(of)
        ask = CancelSession(session_id=identity, kind=kind)
        done = hub.run(cancel_session, ask, actor=of.actor, key=of.key)
        return _shown(hub, of, done, kind)

    return answer


def _complete(hub: Hub, of: Exchange) -> Answer:
    request = requests.read(of.body, requests.CompleteRequest)
    ask = CompleteSession(session_id=_named(of), instrument=requests.instrument(request))
    done = hub.run(complete_session, ask, actor=of.actor, key=of.key)
    if done.payment_id is not None:
        _pay(hub, done.payment_id)
    return _shown(hub, of, done, "checkout")


def _pay(hub: Hub, payment: UUID) -> None:
    """Ask the provider while the platform waits; what is left open a worker goes on with."""
    pay_now(hub, payment)
    with hub.writing("ucp.settle_session") as tx:
        settle(tx, find_authorization(tx, payment).cart_id)


def _order(hub: Hub, of: Exchange) -> Answer:
    ask = AskSessionOrder(order_id=_named(of, ORDER_PREFIX))
    one = hub.run(read_session_order, ask, actor=of.actor)
    return Answer(200, orders.order(one, of.active, of.shop.pages, translate(of.language)))


def _search(hub: Hub, of: Exchange) -> Answer:
    ask = requests.search(requests.read(of.body, requests.SearchRequest))
    return Answer(200, catalog.found(hub.run(search_goods, ask, actor=of.actor), of.active))


def _lookup(hub: Hub, of: Exchange) -> Answer:
    ask = requests.lookup(requests.read(of.body, requests.LookupRequest))
    return Answer(200, catalog.looked_up(hub.run(find_goods, ask, actor=of.actor), of.active))


def _product(hub: Hub, of: Exchange) -> Answer:
    request = requests.read(of.body, requests.ProductRequest)
    ask = FindGoods(names=(request.id,), language=requests.language_in(request))
    found = hub.run(find_goods, ask, actor=of.actor)
    body = catalog.detailed(found, request, of.active)
    return gone(of, LOOKUP) if body is None else Answer(200, body)


ADDRESSES = (
    Address("POST", "/catalog/search", SEARCH, _search),
    Address("POST", "/catalog/lookup", LOOKUP, _lookup),
    Address("POST", "/catalog/product", LOOKUP, _product),
    Address("POST", "/carts", CART, _open("cart")),
    Address("GET", "/carts/{id:str}", CART, _read("cart")),
    Address("PUT", "/carts/{id:str}", CART, _replace("cart")),
    Address("POST", "/carts/{id:str}/cancel", CART, _cancel("cart")),
    Address("POST", "/checkout-sessions", CHECKOUT, _open("checkout")),
    Address("GET", "/checkout-sessions/{id:str}", CHECKOUT, _read("checkout")),
    Address("PUT", "/checkout-sessions/{id:str}", CHECKOUT, _replace("checkout")),
    Address("POST", "/checkout-sessions/{id:str}/complete", CHECKOUT, _complete),
    Address("POST", "/checkout-sessions/{id:str}/cancel", CHECKOUT, _cancel("checkout")),
    Address("GET", "/orders/{id:str}", ORDER, _order),
)
"""All that is answered in this version, below its endpoint."""
