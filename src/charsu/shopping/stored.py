"""Carts as the database has them: found by those who may touch them, locked, and written back."""

from typing import Any, LiteralString
from uuid import UUID

from msgspec import structs

from charsu.kernel import Fact, NotFound, Setting, Stale, Tx, append
from charsu.orders import Recipient
from charsu.shopping.errors import CartClosed
from charsu.shopping.model import Cart, Line, may_touch
from charsu.stock import Place

KEEP_DAYS = Setting("shopping.keep_days", int, 30, "Days after which a cart is abandoned.")

_CART: LiteralString = """
    SELECT c.id, c.channel_id, c.owner_kind, c.owner_id, c.currency, c.country, c.kind,
           c.location_id, c.delivery_method, c.pickup_method, c.codes, c.state,
           c.merged_into_id, c.held_since, c.hold_until, c.revision, r.latitude, r.longitude
    FROM shopping.carts c LEFT JOIN shopping.recipients r ON r.cart_id = c.id
    WHERE c.id = %(id)s
"""

_LINES: LiteralString = """
    SELECT l.id, l.variant_id, l.quantity, l.seen_minor, p.unit, l.location_id
    FROM shopping.cart_lines l
    JOIN catalog.variants v ON v.id = l.variant_id
    JOIN catalog.products p ON p.id = v.product_id
    WHERE l.cart_id = %(id)s ORDER BY l.id
"""


def load(tx: Tx, cart_id: UUID) -> Cart:
    """The cart as it stands, whoever asks. Raises NotFound."""
    row = tx.first(_CART, id=cart_id)
    if row is None:
        raise NotFound("cart", cart_id)
    lines = tuple(Line(*line) for line in tx.all(_LINES, id=cart_id))
    return Cart(**_columns(row), lines=lines)


def find(tx: Tx, cart_id: UUID) -> Cart:
    """The cart as it stands. Raises NotFound, also where it is somebody else's."""
    cart = load(tx, cart_id)
    if not may_touch(tx.actor, cart.owner_kind, cart.owner_id):
        raise NotFound("cart", cart_id)
    return cart


def lock(tx: Tx, cart_id: UUID) -> Cart:
    """The cart; nobody else changes it until the transaction ends. Raises NotFound."""
    tx.all("SELECT FROM shopping.carts WHERE id = %(id)s FOR UPDATE", id=cart_id)
    tx.forget(_recipient_key(cart_id))  # others may have changed it until now
    return find(tx, cart_id)


def lock_open(tx: Tx, cart_id: UUID, revision: int | None) -> Cart:
    """The cart, to change it. Raises NotFound, Stale where it is at another revision than the
    caller saw, CartClosed where it is no longer open."""
    cart = lock(tx, cart_id)
    if revision is not None and revision != cart.revision:
        raise Stale(expected=revision, actual=cart.revision)
    if cart.state != "open":
        raise CartClosed(cart.state)
    return cart


def _columns(row: Any) -> dict[str, Any]:
    columns: dict[str, Any] = row._asdict()
    latitude, longitude = columns.pop("latitude"), columns.pop("longitude")
    columns["codes"] = tuple(columns["codes"])
    columns["destination"] = None if latitude is None else Place(latitude, longitude)
    return columns


_SAVE: LiteralString = """
    UPDATE shopping.carts
    SET currency = %(currency)s, country = %(country)s, kind = %(kind)s,
        location_id = %(location_id)s, delivery_method = %(delivery_method)s,
        pickup_method = %(pickup_method)s, codes = %(codes)s, state = %(state)s,
        merged_into_id = %(merged_into_id)s, held_since = %(held_since)s,
        hold_until = %(hold_until)s, active_at = %(now)s,
        expires_at = %(now)s + make_interval(days => %(keep)s), revision = revision + 1
    WHERE id = %(id)s RETURNING revision
"""


def save(tx: Tx, cart: Cart, fact: Fact) -> Cart:
    """Write the cart back, one revision later, and say what happened. Lines are not written."""
    revision = tx.value(
        _SAVE,
        id=cart.id,
        currency=cart.currency,
        country=cart.country,
        kind=cart.kind,
        location_id=cart.location_id,
        delivery_method=cart.delivery_method,
        pickup_method=cart.pickup_method,
        codes=list(cart.codes),
        state=cart.state,
        merged_into_id=cart.merged_into_id,
        held_since=cart.held_since,
        hold_until=cart.hold_until,
        now=tx.now,
        keep=tx.setting(KEEP_DAYS),
    )
    append(tx, fact, subject=cart.id, version=revision)
    return structs.replace(cart, revision=revision)


def recipient_of(tx: Tx, cart_id: UUID) -> Recipient | None:
    """Who gets the goods, as far as it was said."""
    row = tx.once(_recipient_key(cart_id), lambda: tx.first(_RECIPIENT, id=cart_id))
    return None if row is None else Recipient(**row._asdict())


def _recipient_key(cart_id: UUID) -> tuple[str, UUID]:
    return "shopping.recipient_of", cart_id


_RECIPIENT: LiteralString = """
    SELECT name, email, phone, street, postcode, town, note
    FROM shopping.recipients WHERE cart_id = %(id)s
"""


_PUT_RECIPIENT: LiteralString = """
    INSERT INTO shopping.recipients
        (cart_id, name, email, phone, street, postcode, town, note, latitude, longitude)
    VALUES (%(cart)s, %(name)s, %(email)s, %(phone)s, %(street)s, %(postcode)s, %(town)s, %(note)s,
            %(latitude)s, %(longitude)s)
    ON CONFLICT (cart_id) DO UPDATE
    SET name = excluded.name, email = excluded.email, phone = excluded.phone,
        street = excluded.street, postcode = excluded.postcode, town = excluded.town,
        note = excluded.note, latitude = excluded.latitude, longitude = excluded.longitude
"""


def put_recipient(tx: Tx, cart_id: UUID, person: Recipient, place: Place | None) -> None:
    """Keep who gets the goods and where that is."""
    tx.run(
        _PUT_RECIPIENT,
        cart=cart_id,
        **structs.asdict(person),
        latitude=place and place.latitude,
        longitude=place and place.longitude,
    )
    tx.forget(_recipient_key(cart_id))


def forget_recipient(tx: Tx, cart_id: UUID) -> None:
    """Personal data goes when the cart is closed."""
    tx.run("DELETE FROM shopping.recipients WHERE cart_id = %(id)s", id=cart_id)
    tx.forget(_recipient_key(cart_id))


_PUT_LINE: LiteralString = """
    INSERT INTO shopping.cart_lines (id, cart_id, variant_id, quantity, seen_minor, location_id)
    VALUES (%(id)s, %(cart)s, %(variant)s, %(quantity)s, %(seen)s, %(location)s)
    ON CONFLICT ON CONSTRAINT one_line_for_one_variant
    DO UPDATE SET quantity = excluded.quantity, seen_minor = excluded.seen_minor,
                  location_id = excluded.location_id
"""


def store_line(tx: Tx, cart_id: UUID, line: Line) -> None:
    """Keep how much is wanted of a variant, and where it is picked up by itself."""
    tx.run(
        _PUT_LINE,
        id=line.id,
        cart=cart_id,
        variant=line.variant_id,
        quantity=line.quantity,
        seen=line.seen_minor,
        location=line.location_id,
    )


def drop_line(tx: Tx, line: Line) -> None:
    """Keep the line no longer."""
    tx.run("DELETE FROM shopping.cart_lines WHERE id = %(id)s", id=line.id)
