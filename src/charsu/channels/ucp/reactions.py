"""What the shopping door does when the log says something: platforms are told of their orders."""

from typing import Any, LiteralString

from msgspec import Struct

from charsu.channels.ucp.paying import settle
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
