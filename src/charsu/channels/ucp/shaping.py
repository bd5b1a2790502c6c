"""Making a session's cart what its platform wants, as far as it can be done."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from msgspec import structs

from charsu.channels.ucp.errors import ClaimNotAccepted, ItemUnknown, MixedDelivery, StoreUnknown
from charsu.channels.ucp.model import Address, Consent, Person, Said, Wish, recipient
from charsu.channels.ucp.naming import STORE, buyable, read_name
from charsu.channels.ucp.stored import Stored, expiry, put_buyer, save
from charsu.kernel import Fact, HubError, Tx
from charsu.orders import channel_of, deliveries
from charsu.shopping import (
    AskCart,
    CartView,
    ReplaceCart,
    Undone,
    Wanted,
    read_cart,
    replace_cart,
)
from charsu.stock import offers_pickup


class NothingLeft(Exception):
    """Nothing of what was wanted can be sold. Carries what is to be told of it."""

    def __init__(self, said: tuple[Said, ...]) -> None:
        super().__init__()
        self.said = said


def shaped(tx: Tx, session: Stored, wish: Wish) -> Stored:
    """The session with its cart made what is wished; the session itself is not saved.

    Raises NothingLeft, and then nothing must be kept of it.
    """
    variants, unknown = _items(tx, wish)
    location, said = _location(tx, wish)
    country = _country(tx, session, wish)
    done = replace_cart(
        tx,
        ReplaceCart(
            cart_id=session.cart_id,
            lines=tuple(variants),
            codes=wish.codes,
            country=country,
            kind="pickup" if location else "ship",
            location_id=location,
            delivery_method=_option(tx, session, wish, country),
            recipient=recipient(wish.person or Person(), wish.address or Address()),
        ),
    )
    said = (*unknown, *said, *map(from_undone, done.undone), *_notes(wish))
    if not done.lines:
        raise NothingLeft(said)
    cart = read_cart(tx, AskCart(cart_id=session.cart_id))
    return structs.replace(
        session,
        state="open",
        method=wish.method or "ship",
        destination_id=wish.destination_id,
        codes=wish.codes,
        said=said,
        consent=wish.consent or Consent(),
        seen_total_minor=total_of(cart),
        expires_at=expiry(tx, session.kind),
    )


def keep(tx: Tx, session: Stored, wish: Wish, fact: Fact) -> None:
    """Save a session that was shaped, with whom it is for, and say what happened."""
    save(tx, session, fact)
    put_buyer(tx, session.id, wish.person or Person(), wish.address or Address())


def total_of(cart: CartView) -> int | None:
    """What the platform is told that is to be paid."""
    return cart.totals.total_minor if cart.totals else None


def told(refusal: HubError, variant_id: UUID | None = None) -> Said:
    """A refusal as something to tell."""
    return Said(
        code=refusal.code, template=refusal.template, data=refusal.data, variant_id=variant_id
    )


def from_undone(undone: Undone) -> Said:
    """What a cart could not do as something to tell."""
    return Said(
        code=undone.code,
        template=undone.template,
        data=undone.data,
        variant_id=undone.variant_id,
    )


def _items(tx: Tx, wish: Wish) -> tuple[list[Wanted], tuple[Said, ...]]:
    meant = buyable(tx, {item.id for item in wish.items})
    wanted = [
        Wanted(variant_id=meant[item.id], quantity=item.quantity)
        for item in wish.items
        if item.id in meant
    ]
    strange = dict.fromkeys(item.id for item in wish.items if item.id not in meant)
    return wanted, tuple(told(ItemUnknown(name)) for name in strange)


def _location(tx: Tx, wish: Wish) -> tuple[UUID | None, tuple[Said, ...]]:
    """The store that was chosen, if customers may collect there."""
    if wish.method != "pickup" or wish.location is None:
        return None, ()
    location = read_name(STORE, wish.location)
    try:
        if location is not None and offers_pickup(tx, location):
            return location, ()
    except HubError:
        pass
    return None, (told(StoreUnknown(wish.location)),)


def _country(tx: Tx, session: Stored, wish: Wish) -> str:
    return wish.country or str(
        tx.value("SELECT country FROM shopping.carts WHERE id = %(id)s", id=session.cart_id)
    )


def _option(tx: Tx, session: Stored, wish: Wish, country: str) -> str | None:
    """The way of delivery that was chosen; else the cheapest, so that there is a total to show."""
    cart = tx.first(
        "SELECT channel_id, currency FROM shopping.carts WHERE id = %(id)s", id=session.cart_id
    )
    assert cart is not None, "a session has a cart"
    code = channel_of(tx, cart.channel_id).code
    kind = wish.method or "ship"
    offered = [
        one.code
        for one in deliveries(tx, channel=code, country=country, currency=cart.currency)
        if one.kind == kind
    ]
    if session.kind == "cart" or wish.option in offered or not offered:
        return wish.option
    return offered[0]


def _notes(wish: Wish) -> Iterator[Said]:
    yield from (told(ClaimNotAccepted(claim)) for claim in wish.claims)
    if wish.is_mixed:
        yield told(MixedDelivery())


def codes_of(said: Iterable[Said]) -> set[str]:
    """The codes among what was said."""
    return {one.code for one in said}
