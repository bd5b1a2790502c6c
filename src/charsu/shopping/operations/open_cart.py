"""Somebody begins to shop, or goes on where she was."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import NotFound, Setting, Tx, append, operation
from charsu.orders import channel_of
from charsu.shopping.errors import OwnerNeeded
from charsu.shopping.facts import CartOpened
from charsu.shopping.model import Cart, Country, Currency, OwnerKind, is_assistant
from charsu.shopping.stored import KEEP_DAYS, remember_new

COUNTRY = Setting("shopping.country", str, "RS", "Country of a cart until its owner says another.")


class OpenCart(Struct, frozen=True, kw_only=True):
    """In which channel; staff may open a customer's cart, or one for somebody unknown."""

    channel_id: UUID
    country: Country | None = None
    currency: Currency | None = None  # none: the channel's
    customer_id: UUID | None = None


class CartOpen(Struct, frozen=True):
    """The open cart, new or found again."""

    cart_id: UUID
    revision: int
    is_new: bool


# Two devices at once get the same cart: the second waits for the first and finds its row.
_OPEN: LiteralString = """
    INSERT INTO shopping.carts AS c
        (id, channel_id, owner_kind, owner_id, currency, country, kind, state, opened_at,
         active_at, expires_at, revision)
    VALUES (%(id)s, %(channel)s, %(owner_kind)s, %(owner)s, %(currency)s, %(country)s, 'ship',
            'open', %(now)s, %(now)s, %(now)s + make_interval(days => %(keep)s), 1)
    ON CONFLICT (channel_id, owner_kind, owner_id) WHERE state IN ('open', 'paying')
    DO UPDATE SET active_at = excluded.active_at, expires_at = excluded.expires_at
    RETURNING c.id, c.currency, c.country, c.revision
"""


@operation(
    "shopping.open",
    permission="shopping.open",
    http="POST /v1/carts",
    raises=(NotFound, OwnerNeeded),
)
def open_cart(tx: Tx, ask: OpenCart) -> CartOpen:
    """My open cart in this channel: the same on every device, a new one where there is none.

    Country and currency count for a new cart only.
    """
    channel = channel_of(tx, ask.channel_id)
    owner_kind, owner_id = _owner(tx, ask)
    return open_for(
        tx,
        channel_id=channel.id,
        owner_kind=owner_kind,
        owner_id=owner_id,
        country=ask.country,
        currency=ask.currency or channel.currency,
    )


def open_for(
    tx: Tx,
    *,
    channel_id: UUID,
    owner_kind: OwnerKind,
    owner_id: UUID,
    country: str | None,
    currency: str,
) -> CartOpen:
    """The open cart of this owner in this channel, made where there is none.

    country   None takes the shop's own
    """
    fresh = tx.new_id()
    row = tx.first(
        _OPEN,
        id=fresh,
        channel=channel_id,
        owner_kind=owner_kind,
        owner=owner_id,
        currency=currency,
        country=country or tx.setting(COUNTRY),
        now=tx.now,
        keep=tx.setting(KEEP_DAYS),
    )
    assert row is not None, "an upsert has a row"
    if row.id == fresh:
        remember_new(tx, _new(fresh, channel_id, (owner_kind, owner_id), row))
        fact = CartOpened(channel_id=channel_id, owner_kind=owner_kind, owner_id=owner_id)
        append(tx, fact, subject=fresh, version=1)
    return CartOpen(row.id, row.revision, row.id == fresh)


def _new(cart_id: UUID, channel_id: UUID, owner: tuple[OwnerKind, UUID], row: Any) -> Cart:
    """The cart that ``_OPEN`` has just made."""
    return Cart(
        id=cart_id,
        channel_id=channel_id,
        owner_kind=owner[0],
        owner_id=owner[1],
        currency=row.currency,
        country=row.country,
        kind="ship",
        location_id=None,
        delivery_method=None,
        codes=(),
        state="open",
        merged_into_id=None,
        held_since=None,
        hold_until=None,
        revision=row.revision,
        destination=None,
    )


def _owner(tx: Tx, ask: OpenCart) -> tuple[OwnerKind, UUID]:
    """Whose cart it is: the caller's own, a customer's, or that of somebody unknown."""
    actor = tx.actor
    if is_assistant(actor):
        return _assisted(tx, ask.customer_id)
    if actor.kind not in {"guest", "customer"}:
        raise OwnerNeeded
    if ask.customer_id not in {None, actor.id}:
        raise NotFound("customer", ask.customer_id)
    return ("customer" if actor.kind == "customer" else "guest"), actor.id


def _assisted(tx: Tx, customer_id: UUID | None) -> tuple[OwnerKind, UUID]:
    if customer_id is None:
        return "guest", tx.new_id()
    if not tx.value(_IS_CUSTOMER, id=customer_id):
        raise NotFound("customer", customer_id)
    return "customer", customer_id


_IS_CUSTOMER: LiteralString = """
    SELECT EXISTS (SELECT FROM customers.customers WHERE id = %(id)s AND state = 'active')
"""
