"""What the shopping door does when the log says something.

Platforms are told of their orders, what a buyer said of her data is kept with her, and who was
erased is forgotten.
"""

from collections.abc import Iterator
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.channels.ucp.facts import UcpSessionCanceled
from charsu.channels.ucp.paying import settle
from charsu.channels.ucp.stored import find, forget_buyers, save
from charsu.customers import Purpose, SetConsent, keep_said
from charsu.identity import GuestWord, keep_guest_word
from charsu.kernel import Seen, Tx, reaction


class OrderMoved(Struct):
    """Something happened to an order; what it is is read when it is told."""


_NOTE: LiteralString = """
    INSERT INTO ucp.events (session_id, fact_id, at, due_at)
    SELECT s.id, f.id, f.at, %(now)s
    FROM unnest(%(facts)s::uuid[], %(orders)s::uuid[], %(times)s::timestamptz[])
         AS f (id, order_id, at)
    JOIN orders.orders o ON o.id = f.order_id
    JOIN ucp.sessions s ON s.cart_id = o.cart_id AND s.kind = 'checkout'
    ON CONFLICT DO NOTHING
"""


@reaction(
    "ucp.tell_platforms",
    on={
        "orders.order_placed": OrderMoved,
        "orders.pickup_ready": OrderMoved,
        "orders.goods_handed_over": OrderMoved,
        "orders.parcel_shipped": OrderMoved,
        "orders.parcel_noted": OrderMoved,
        "orders.lines_canceled": OrderMoved,
        "orders.goods_returned": OrderMoved,
        "orders.goods_exchanged": OrderMoved,
        "orders.money_refunded": OrderMoved,
    },
)
def tell_platforms(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Note that the platform that made the order is to be told; orders of others are passed by."""
    tx.run(
        _NOTE,
        now=tx.now,
        facts=[fact.id for fact in facts],
        orders=[fact.subject_id for fact in facts],
        times=[fact.at for fact in facts],
    )


class CartMoved(Struct):
    """The payment of a cart came out; how is read from the cart."""


@reaction(
    "ucp.settle_sessions",
    on={"shopping.cart_ordered": CartMoved, "shopping.cart_payment_ended": CartMoved},
)
def settle_sessions(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Write down how the payments of checkouts came out, also where nobody waited for it."""
    for fact in facts:
        settle(tx, fact.subject_id)


class BuyerSaid(Struct):
    """A checkout is over; what its buyer said of her data, by purpose."""

    order_id: UUID
    agreed_to: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()


_PURPOSES: dict[str, Purpose] = {
    "analytics": "analytics",
    "marketing": "marketing",
    "preferences": "personalization",
    "sale_of_data": "sharing",
}
"""What the protocol calls them, and what we do. Source: UCP 2026-04-08, Buyer Consent."""

SOURCE = "agent"
WORDING = "ucp-buyer-consent"  # the platform showed its own words, and does not tell them

_HERS: LiteralString = """
    SELECT c.owner_id FROM orders.orders o JOIN shopping.carts c ON c.id = o.cart_id
    WHERE o.id = %(order)s AND c.owner_kind = 'customer'
"""


@reaction("ucp.keep_consents", on={"channels.ucp_session_completed": BuyerSaid})
def keep_consents(tx: Tx, facts: list[Seen[Any]]) -> None:
    """Keep what a buyer said: with the customer of a linked platform, unless she has spoken since;
    of a guest with her order, until somebody proves to be her."""
    for fact in facts:
        customer: UUID | None = tx.value(_HERS, order=fact.body.order_id)
        for purpose, is_granted in _said(fact.body):
            if customer is None:
                _keep_guests(tx, fact, purpose, is_granted)
            else:
                _keep_hers(tx, customer, fact, purpose, is_granted)


def _said(body: BuyerSaid) -> Iterator[tuple[Purpose, bool]]:
    yield from ((_PURPOSES[name], True) for name in body.agreed_to if name in _PURPOSES)
    yield from ((_PURPOSES[name], False) for name in body.declined if name in _PURPOSES)


def _keep_hers(tx: Tx, customer: UUID, fact: Seen[Any], purpose: Purpose, is_granted: bool) -> None:
    ask = SetConsent(
        customer_id=customer,
        purpose=purpose,
        channel="any",
        is_granted=is_granted,
        source=SOURCE,
        wording=WORDING,
    )
    keep_said(tx, ask, by=fact.actor_id, at=fact.at)


def _keep_guests(tx: Tx, fact: Seen[Any], purpose: Purpose, is_granted: bool) -> None:
    word = GuestWord(
        order_id=fact.body.order_id,
        purpose=purpose,
        is_granted=is_granted,
        source=SOURCE,
        wording=WORDING,
        said_by=fact.actor_id,
        said_at=fact.at,
    )
    keep_guest_word(tx, word)


class Erased(Struct):
    """A customer is to be known no longer."""


class GivenUp(Struct):
    """A cart was closed without an order."""


# A guest's cart is its platform's alone: only time, and the erasure of whom it is for, end it
# besides.
_HERS_ON: LiteralString = """
    SELECT s.id, s.kind, s.platform_id FROM ucp.sessions s
    JOIN shopping.carts c ON c.id = s.cart_id
    WHERE ((c.owner_kind = 'customer' AND c.owner_id = ANY(%(subjects)s))
           OR (c.owner_kind = 'guest' AND c.state = 'abandoned' AND c.id = ANY(%(subjects)s)))
      AND s.state IN ('open', 'escalated')
    ORDER BY s.id FOR UPDATE OF s
"""


@reaction(
    "ucp.forget_erased",
    on={"customers.customer_erased": Erased, "shopping.cart_abandoned": GivenUp},
)
def forget_erased(tx: Tx, facts: list[Seen[Any]]) -> None:
    """End what platforms have open for who was erased, and forget the buyer that they named."""
    for row in tx.all(_HERS_ON, subjects=[fact.subject_id for fact in facts]):
        session = find(tx, row.id, row.kind, platform_id=row.platform_id)
        save(tx, structs.replace(session, state="canceled"), UcpSessionCanceled(reason="erased"))
        forget_buyers(tx, [session.id])
