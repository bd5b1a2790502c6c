"""All that the shop knows of a customer, for herself (GDPR, articles 15 and 20)."""

from datetime import datetime
from typing import Annotated, Any, LiteralString, TypeVar
from uuid import UUID

from msgspec import Meta, Struct

from charsu.customers import (
    AskConsents,
    Consents,
    CustomerView,
    ViewCustomer,
    consents,
    family_of,
    view_customer,
)
from charsu.identity.errors import CustomerNeeded
from charsu.identity.operations.end_session import herself
from charsu.identity.queries.links import AskLinks, CustomerLink, customer_links
from charsu.identity.queries.sessions import AskSessions, CustomerSession, customer_sessions
from charsu.identity.queries.timeline import AskOwnTimeline, TimelineEntry, own_timeline
from charsu.kernel import Mark, PageUnknown, Tx, query
from charsu.orders import AskOrder, OrderView, Recipient, read_order
from charsu.shopping import AskCart, CartView, read_cart

CONSENTS_MAX = 200

Row = TypeVar("Row", bound=Struct)


class AskOwnData(Struct, frozen=True, kw_only=True):
    """One's own, so much of the timeline at once."""

    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Receives(Struct, frozen=True, kw_only=True):
    """Whom an order or a cart is for, as it was said."""

    id: UUID
    recipient: Recipient


class CardUsed(Struct, frozen=True, kw_only=True):
    """The last four digits of a card, as a terminal printed them."""

    order_id: UUID
    last_four: str


class Merged(Struct, frozen=True, kw_only=True):
    """Two of her ids turned out to be one person, and what was written about it."""

    absorbed_id: UUID
    survivor_id: UUID
    rule: str
    reason: str
    merged_at: datetime
    undone_at: datetime | None


class Credit(Struct, frozen=True, kw_only=True):
    """Store credit of hers, in minor units."""

    customer_id: UUID
    currency: str
    balance_minor: int
    held_minor: int


class OwnData(Struct, frozen=True, kw_only=True):
    """All that is known of her.

    items        what happened, newest first; ``next`` asks for what was before
    profiles     under each of her ids
    consents     what she agreed to, and the newest two hundred times that she said so
    orders       whole, those whose purchase is among the items
    recipients   whom these orders and her open carts are for
    cards        with which these orders were paid at terminals
    sessions     where she is signed in
    """

    items: tuple[TimelineEntry, ...]
    next: str | None
    profiles: tuple[CustomerView, ...]
    merges: tuple[Merged, ...]
    consents: Consents
    orders: tuple[OrderView, ...]
    recipients: tuple[Receives, ...]
    cards: tuple[CardUsed, ...]
    carts: tuple[CartView, ...]
    credit: tuple[Credit, ...]
    sessions: tuple[CustomerSession, ...]
    links: tuple[CustomerLink, ...]


@query(
    "identity.own_data",
    permission="identity.own",
    http="GET /v1/me/data",
    raises=(CustomerNeeded, PageUnknown),
)
def own_data(tx: Tx, ask: AskOwnData) -> OwnData:
    """All that this shop knows of me, to keep or to take elsewhere; long histories come in pages.

    Not in it: whom an agent named in a checkout that is open for some hours, and labels of parcels,
    which say once more whom an order was for.
    """
    her = herself(tx)
    family = sorted(family_of(tx, her))
    page = own_timeline(tx, AskOwnTimeline(after=ask.after, limit=ask.limit))
    orders = [one.id for one in page.items if one.kind == "purchase"]
    carts: list[UUID] = [row.id for row in tx.all(_CARTS, family=family)]
    return OwnData(
        items=page.items,
        next=page.next,
        profiles=tuple(view_customer(tx, ViewCustomer(customer_id=one)) for one in family),
        merges=_all(tx, Merged, _MERGES, family=family),
        consents=consents(tx, AskConsents(limit=CONSENTS_MAX)),
        orders=tuple(read_order(tx, AskOrder(order_id=one)) for one in orders),
        recipients=_recipients(tx, orders, carts),
        cards=_all(tx, CardUsed, _CARDS, orders=orders),
        carts=tuple(read_cart(tx, AskCart(cart_id=one)) for one in carts),
        credit=_all(tx, Credit, _CREDIT, family=family),
        sessions=customer_sessions(tx, AskSessions()).items,
        links=customer_links(tx, AskLinks()).items,
    )


_CARTS: LiteralString = """
    SELECT id FROM shopping.carts
    WHERE owner_kind = 'customer' AND owner_id = ANY(%(family)s) AND state IN ('open', 'paying')
    ORDER BY id
"""

_MERGES: LiteralString = """
    SELECT absorbed_id, survivor_id, rule, reason, merged_at, undone_at FROM customers.merges
    WHERE absorbed_id = ANY(%(family)s) OR survivor_id = ANY(%(family)s) ORDER BY merged_at, id
"""

_CARDS: LiteralString = """
    SELECT order_id, last_four FROM orders.terminal_payments
    WHERE order_id = ANY(%(orders)s) AND last_four <> '' ORDER BY order_id, id
"""

_CREDIT: LiteralString = """
    SELECT customer_id, currency, balance_minor, held_minor FROM orders.credit_accounts
    WHERE customer_id = ANY(%(family)s) ORDER BY customer_id, currency
"""

_RECIPIENTS: LiteralString = """
    SELECT order_id AS id, name, email, phone, street, postcode, town, note
    FROM orders.recipients WHERE order_id = ANY(%(orders)s)
    UNION ALL
    SELECT cart_id, name, email, phone, street, postcode, town, note
    FROM shopping.recipients WHERE cart_id = ANY(%(carts)s)
    ORDER BY id
"""


def _all(tx: Tx, kind: type[Row], statement: LiteralString, **values: Any) -> tuple[Row, ...]:
    return tuple(kind(**row._asdict()) for row in tx.all(statement, **values))


def _recipients(tx: Tx, orders: list[UUID], carts: list[UUID]) -> tuple[Receives, ...]:
    rows: list[Any] = tx.all(_RECIPIENTS, orders=orders, carts=carts)
    said = [row._asdict() for row in rows]
    return tuple(Receives(id=one.pop("id"), recipient=Recipient(**one)) for one in said)
