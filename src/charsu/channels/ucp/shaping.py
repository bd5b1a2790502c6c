"""Making a session's cart what its platform wants, as far as it can be done."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from msgspec import structs

from charsu.channels.ucp.errors import (
    ClaimNotAccepted,
    CodeTwice,
    ItemUnknown,
    MixedDelivery,
    StoreUnknown,
)
from charsu.channels.ucp.model import Address, Consent, Person, PickUp, Said, Wish, recipient
from charsu.channels.ucp.naming import STORE, buyable, line_name, read_name
from charsu.channels.ucp.stored import Stored, expiry, save
from charsu.kernel import Fact, HubError, Tx
from charsu.orders import channel_of, deliveries
from charsu.shopping import (
    Cart,
    CartView,
    ReplaceCart,
    Undone,
    Wanted,
    lock_cart,
    replace_unless_empty,
)
from charsu.stock import offers_pickup


class NothingLeft(Exception):
    """Nothing of what was wanted can be sold. Carries what is to be told of it."""

    def __init__(self, said: tuple[Said, ...]) -> None:
        super().__init__()
        self.said = said


def shaped(tx: Tx, session: Stored, wish: Wish, *, is_strict: bool = False) -> Stored:
    """The session with its cart made what is wished; the session itself is not saved.

    Raises NothingLeft, and then nothing was changed.

    is_strict   nothing is wished where the store cannot be the one that was chosen
    """
    meant, unknown = _items(tx, wish)
    picked_up, is_whole = _picked_up(wish, meant)
    location, said = _location(tx, wish.pickup)
    if is_strict and said:
        raise NothingLeft(said)
    country = _country(tx, session, wish)
    postcode = (wish.address or Address()).postcode
    offered = _offered(tx, session, country, postcode)
    pickup_option = _option(session, (wish.pickup or PickUp()).option, offered["pickup"])
    option = _option(session, wish.option, offered["ship"])
    done = replace_unless_empty(
        tx,
        ReplaceCart(
            cart_id=session.cart_id,
            lines=tuple(_lines(wish, meant, dict.fromkeys(picked_up, location))),
            codes=wish.codes,
            country=country,
            kind="pickup" if is_whole and location else "ship",
            location_id=location if is_whole else None,
            delivery_method=pickup_option if is_whole else option,
            pickup_method=pickup_option if picked_up else None,
            recipient=recipient(wish.person or Person(), wish.address or Address()),
        ),
    )
    said = (*unknown, *said, *map(from_undone, done.undone), *_notes(wish))
    if not done.lines:
        raise NothingLeft(said)
    return structs.replace(
        session,
        state="open",
        method="pickup" if is_whole else "ship",
        picked_up=tuple(picked_up),
        destination_id=wish.destination_id,
        codes=wish.codes,
        said=said,
        consent=wish.consent or Consent(),
        seen_total_minor=done.total_minor,
        expires_at=expiry(tx, session.kind),
    )


def keep(tx: Tx, session: Stored, wish: Wish, fact: Fact) -> None:
    """Save a session that was shaped, with whom it is for, and say what happened."""
    save(tx, session, fact, buyer=(wish.person or Person(), wish.address or Address()))


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


def place_of(cart: Cart | CartView) -> UUID | None:
    """Where the cart, or what of it is picked up, is picked up."""
    own = (line.location_id for line in cart.lines if line.location_id)
    return cart.location_id or next(own, None)


def _items(tx: Tx, wish: Wish) -> tuple[dict[str, UUID], tuple[Said, ...]]:
    meant = buyable(tx, {item.id for item in wish.items})
    strange = dict.fromkeys(item.id for item in wish.items if item.id not in meant)
    return meant, tuple(told(ItemUnknown(name)) for name in strange)


def _picked_up(wish: Wish, meant: Mapping[str, UUID]) -> tuple[list[UUID], bool]:
    """Which of the goods are picked up while others are sent; or whether all of them are."""
    if wish.pickup is None:
        return [], False
    named = set(wish.pickup.lines)
    there = {
        meant[item.id]
        for item in wish.items
        if item.id in meant and named & {item.line, line_name(meant[item.id])}
    }
    if there == set(meant.values()) or (not there and wish.method == "pickup"):
        return [], True
    return sorted(there), False


def _lines(
    wish: Wish, meant: Mapping[str, UUID], places: Mapping[UUID, UUID | None]
) -> Iterator[Wanted]:
    for item in wish.items:
        if (variant := meant.get(item.id)) is not None:
            place = places.get(variant)
            yield Wanted(variant_id=variant, quantity=item.quantity, location_id=place)


def _location(tx: Tx, pickup: PickUp | None) -> tuple[UUID | None, tuple[Said, ...]]:
    """The store that was chosen, if customers may collect there."""
    if pickup is None or pickup.location is None:
        return None, ()
    location = read_name(STORE, pickup.location)
    try:
        if location is not None and offers_pickup(tx, location):
            return location, ()
    except HubError:
        pass
    return None, (told(StoreUnknown(pickup.location)),)


def _country(tx: Tx, session: Stored, wish: Wish) -> str:
    return wish.country or lock_cart(tx, session.cart_id).country


def _offered(tx: Tx, session: Stored, country: str, postcode: str) -> dict[str, list[str]]:
    """The codes of the ways of delivery there, the cheapest of each kind first."""
    cart = lock_cart(tx, session.cart_id)
    code = channel_of(tx, cart.channel_id).code
    offered: dict[str, list[str]] = {"ship": [], "pickup": []}
    for one in deliveries(
        tx, channel=code, country=country, currency=cart.currency, postcode=postcode
    ):
        offered[one.kind].append(one.code)
    return offered


def _option(session: Stored, chosen: str | None, offered: Sequence[str]) -> str | None:
    """The way of delivery that was chosen; else the cheapest, so that there is a total to show."""
    if session.kind == "cart" or chosen in offered or not offered:
        return chosen
    return offered[0]


def _notes(wish: Wish) -> Iterator[Said]:
    yield from (told(ClaimNotAccepted(claim)) for claim in wish.claims)
    for at, code in enumerate(wish.codes):
        if code.casefold() in map(str.casefold, wish.codes[:at]):
            yield told(CodeTwice(code))
    if wish.is_scattered:
        yield told(MixedDelivery())


def codes_of(said: Iterable[Said]) -> set[str]:
    """The codes among what was said."""
    return {one.code for one in said}
