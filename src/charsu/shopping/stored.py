"""Carts as the database has them: found by those who may touch them, locked, and written back."""

from collections.abc import Collection, Sequence
from typing import Any, LiteralString
from uuid import UUID

from msgspec import structs

from charsu.kernel import Fact, NotFound, Setting, Stale, Tx, append, ledger
from charsu.orders import Recipient
from charsu.shopping.errors import CartClosed
from charsu.shopping.model import Cart, Line, may_touch
from charsu.stock import Place

KEEP_DAYS = Setting("shopping.keep_days", int, 30, "Days after which a cart is abandoned.")

_COLUMNS: LiteralString = """
    id, channel_id, owner_kind, owner_id, currency, country, kind, location_id, delivery_method,
    pickup_method, codes, state, merged_into_id, held_since, hold_until, revision
"""

# What is in a cart and whom it is for: one row for each line, at least one.
_CONTENT: LiteralString = """
    r.cart_id IS NOT NULL AS is_known, r.name, r.email, r.phone, r.street, r.postcode, r.town,
    r.note, r.latitude, r.longitude, l.id AS line_id, l.variant_id, l.quantity, l.seen_minor,
    p.unit, l.location_id AS picked_up_at
"""
_OF_ONE: LiteralString = """
    LEFT JOIN shopping.recipients r ON r.cart_id = one.id
    LEFT JOIN (
        shopping.cart_lines l
        JOIN catalog.variants v ON v.id = l.variant_id
        JOIN catalog.products p ON p.id = v.product_id
    ) ON l.cart_id = one.id
    ORDER BY l.id
"""

_CART: LiteralString = (
    "WITH one AS (SELECT"
    + _COLUMNS
    + "FROM shopping.carts WHERE id = %(id)s) SELECT one.*, one.revision AS read_at,"
    + _CONTENT
    + "FROM one"
    + _OF_ONE
)
# Whoever waits for the lock has the cart as it is then, and what is in it as it was before.
_LOCK: LiteralString = (
    "WITH one AS MATERIALIZED (SELECT"
    + _COLUMNS
    + "FROM shopping.carts WHERE id = %(id)s FOR UPDATE) SELECT one.*, was.revision AS read_at,"
    + _CONTENT
    + "FROM one JOIN shopping.carts was ON was.id = one.id"
    + _OF_ONE
)
_CONTENT_NOW: LiteralString = (
    "WITH one AS (SELECT %(id)s::uuid AS id) SELECT" + _CONTENT + "FROM one" + _OF_ONE
)
_CART_FIELDS = tuple(name.strip() for name in _COLUMNS.split(","))


def load(tx: Tx, cart_id: UUID) -> Cart:
    """The cart as it stands, whoever asks. Raises NotFound."""
    return tx.once(_cart_key(cart_id), lambda: _whole(tx, tx.all(_CART, id=cart_id), cart_id))


def _whole(tx: Tx, rows: Sequence[Any], cart_id: UUID) -> Cart:
    """The cart of these rows. Raises NotFound."""
    if not rows:
        raise NotFound("cart", cart_id)
    cart = rows[0]
    content = rows if cart.revision == cart.read_at else tx.all(_CONTENT_NOW, id=cart_id)
    tx.know(_recipient_key(cart_id), _recipient(content[0]))
    latitude, longitude = content[0].latitude, content[0].longitude
    columns = {name: getattr(cart, name) for name in _CART_FIELDS} | {
        "codes": tuple(cart.codes),
        "destination": None if latitude is None else Place(latitude, longitude),
        "lines": tuple(_line(one) for one in content if one.line_id is not None),
    }
    return Cart(**columns)


def _line(row: Any) -> Line:
    return Line(
        row.line_id, row.variant_id, row.quantity, row.seen_minor, row.unit, row.picked_up_at
    )


def _recipient(row: Any) -> Recipient | None:
    if not row.is_known:
        return None
    return Recipient(
        name=row.name,
        email=row.email,
        phone=row.phone,
        street=row.street,
        postcode=row.postcode,
        town=row.town,
        note=row.note,
    )


def find(tx: Tx, cart_id: UUID) -> Cart:
    """The cart as it stands. Raises NotFound, also where it is somebody else's."""
    cart = load(tx, cart_id)
    if not may_touch(tx.actor, cart.owner_kind, cart.owner_id):
        raise NotFound("cart", cart_id)
    return cart


def lock(tx: Tx, cart_id: UUID) -> Cart:
    """The cart; nobody else changes it until the transaction ends. Raises NotFound."""
    if tx.known(_lock_key(cart_id)) is None:
        cart = _whole(tx, tx.all(_LOCK, id=cart_id), cart_id)
        tx.know(_cart_key(cart_id), cart)  # others changed it until now
        ledger.changes(tx)  # and what is held for it
        tx.know(_lock_key(cart_id), cart.revision)
    return find(tx, cart_id)


_LOCK_ALL: LiteralString = """
    SELECT FROM shopping.carts WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE
"""


def lock_all(tx: Tx, cart_ids: Collection[UUID]) -> dict[UUID, Cart]:
    """Several carts, locked in the order of their ids, whoever asks. Raises NotFound."""
    tx.all(_LOCK_ALL, ids=list(cart_ids))
    for cart_id in cart_ids:
        tx.forget(_cart_key(cart_id))  # others changed it until now
    return {cart_id: load(tx, cart_id) for cart_id in cart_ids}


def lock_open(tx: Tx, cart_id: UUID, revision: int | None) -> Cart:
    """The cart, to change it. Raises NotFound, Stale where it is at another revision than the
    caller saw, CartClosed where it is no longer open."""
    cart = lock(tx, cart_id)
    if revision is not None and revision != cart.revision:
        raise Stale(expected=revision, actual=cart.revision)
    if cart.state != "open":
        raise CartClosed(cart.state)
    return cart


_PUT_RECIPIENT: LiteralString = """
    INSERT INTO shopping.recipients
        (cart_id, name, email, phone, street, postcode, town, note, latitude, longitude)
    VALUES (%(id)s, %(name)s, %(email)s, %(phone)s, %(street)s, %(postcode)s, %(town)s, %(note)s,
            %(latitude)s, %(longitude)s)
    ON CONFLICT (cart_id) DO UPDATE
    SET name = excluded.name, email = excluded.email, phone = excluded.phone,
        street = excluded.street, postcode = excluded.postcode, town = excluded.town,
        note = excluded.note, latitude = excluded.latitude, longitude = excluded.longitude
"""

_PUT_LINES: LiteralString = """
    INSERT INTO shopping.cart_lines (id, cart_id, variant_id, quantity, seen_minor, location_id)
    SELECT l.id, %(id)s, l.variant_id, l.quantity, l.seen_minor, l.location_id
    FROM unnest(%(line_ids)s::uuid[], %(variants)s::uuid[], %(quantities)s::bigint[],
                %(seen)s::bigint[], %(locations)s::uuid[])
         AS l (id, variant_id, quantity, seen_minor, location_id)
    ON CONFLICT ON CONSTRAINT one_line_for_one_variant
    DO UPDATE SET quantity = excluded.quantity, seen_minor = excluded.seen_minor,
                  location_id = excluded.location_id
"""

_DROP_LINES: LiteralString = "DELETE FROM shopping.cart_lines WHERE id = ANY(%(dropped)s)"

_FORGET_RECIPIENT: LiteralString = "DELETE FROM shopping.recipients WHERE cart_id = %(id)s"

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
    saved = _saved(tx, cart, fact)
    tx.forget(_cart_key(cart.id))
    return saved


def close(tx: Tx, cart: Cart, fact: Fact) -> Cart:
    """``save`` a cart that is closed by this: personal data goes."""
    tx.later(_FORGET_RECIPIENT, id=cart.id)
    tx.know(_recipient_key(cart.id), None)
    return _remembered(tx, _saved(tx, cart, fact))


def save_whole(tx: Tx, was: Cart, cart: Cart, fact: Fact, *, person: Recipient) -> Cart:
    """``save`` with all that is in the cart, whom it is for and where that is."""
    kept = {line.id for line in cart.lines}
    if dropped := [line.id for line in was.lines if line.id not in kept]:
        tx.later(_DROP_LINES, dropped=dropped)
    tx.later(_PUT_LINES, id=cart.id, **_line_values(cart.lines))
    tx.later(_PUT_RECIPIENT, id=cart.id, **_recipient_values(person, cart.destination))
    tx.know(_recipient_key(cart.id), person)
    return _remembered(tx, _saved(tx, cart, fact))


def _remembered(tx: Tx, cart: Cart) -> Cart:
    """The cart is stored just so, with its lines: nobody in this transaction reads it again."""
    lines = tuple(sorted(cart.lines, key=lambda line: line.id))
    tx.know(_cart_key(cart.id), structs.replace(cart, lines=lines))
    return cart


def _saved(tx: Tx, cart: Cart, fact: Fact) -> Cart:
    values = {
        "id": cart.id,
        "currency": cart.currency,
        "country": cart.country,
        "kind": cart.kind,
        "location_id": cart.location_id,
        "delivery_method": cart.delivery_method,
        "pickup_method": cart.pickup_method,
        "codes": list(cart.codes),
        "state": cart.state,
        "merged_into_id": cart.merged_into_id,
        "held_since": cart.held_since,
        "hold_until": cart.hold_until,
        "now": tx.now,
        "keep": tx.setting(KEEP_DAYS),
    }
    revision = _next_revision(tx, cart.id)
    if revision is None:
        revision = tx.value(_SAVE, **values)
    else:
        tx.later_giving(_SAVE, revision, **values)
        tx.know(_lock_key(cart.id), revision)
    append(tx, fact, subject=cart.id, version=revision)
    return structs.replace(cart, revision=revision)


def _next_revision(tx: Tx, cart_id: UUID) -> int | None:
    """Which revision this transaction makes of a cart that it has locked; None where it has not."""
    locked_at: int | None = tx.known(_lock_key(cart_id))
    return None if locked_at is None else locked_at + 1


def remember_new(tx: Tx, cart: Cart) -> None:
    """The cart was made in this transaction: it is as it was made, and nobody else has seen it."""
    tx.know(_cart_key(cart.id), cart)
    tx.know(_lock_key(cart.id), cart.revision)
    tx.know(_recipient_key(cart.id), None)


def recipient_of(tx: Tx, cart_id: UUID) -> Recipient | None:
    """Who gets the goods, as far as it was said."""
    found: Recipient | None = tx.once(
        _recipient_key(cart_id), lambda: _recipient(tx.all(_CONTENT_NOW, id=cart_id)[0])
    )
    return found


def _cart_key(cart_id: UUID) -> tuple[str, UUID]:
    return "shopping.cart", cart_id


def _lock_key(cart_id: UUID) -> tuple[str, UUID]:
    return "shopping.locked", cart_id


def _recipient_key(cart_id: UUID) -> tuple[str, UUID]:
    return "shopping.recipient_of", cart_id


def put_recipient(tx: Tx, cart_id: UUID, person: Recipient, place: Place | None) -> None:
    """Keep who gets the goods and where that is."""
    tx.run(_PUT_RECIPIENT, id=cart_id, **_recipient_values(person, place))
    tx.forget(_cart_key(cart_id))
    tx.know(_recipient_key(cart_id), person)


def store_lines(tx: Tx, cart_id: UUID, lines: Sequence[Line]) -> None:
    """Keep how much is wanted of each variant, and where it is picked up by itself."""
    if not lines:
        return
    tx.run(_PUT_LINES, id=cart_id, **_line_values(lines))
    tx.forget(_cart_key(cart_id))


def _line_values(lines: Sequence[Line]) -> dict[str, list[Any]]:
    return {
        "line_ids": [line.id for line in lines],
        "variants": [line.variant_id for line in lines],
        "quantities": [line.quantity for line in lines],
        "seen": [line.seen_minor for line in lines],
        "locations": [line.location_id for line in lines],
    }


def _recipient_values(person: Recipient, place: Place | None) -> dict[str, Any]:
    at = {"latitude": place and place.latitude, "longitude": place and place.longitude}
    return structs.asdict(person) | at


def drop_lines(tx: Tx, cart_id: UUID, lines: Collection[UUID]) -> None:
    """Keep these lines no longer."""
    if lines:
        tx.run(_DROP_LINES, dropped=list(lines))
        tx.forget(_cart_key(cart_id))
