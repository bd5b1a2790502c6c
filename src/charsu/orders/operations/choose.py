"""A customer says what she wants instead of what cannot be had."""

from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import Tx, operation
from charsu.orders.errors import AddressNeeded, NotOffered
from charsu.orders.exceptions import Open, find_open, order_of_exception
from charsu.orders.loaded import load, order_places
from charsu.orders.model import Choice
from charsu.orders.rescuing import has_address, settle_choice


class Address(Struct, frozen=True, kw_only=True):
    """Where the goods should be sent."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    street: Annotated[str, Meta(min_length=1, max_length=300)]
    town: Annotated[str, Meta(min_length=1, max_length=120)]
    postcode: Annotated[str, Meta(max_length=20)] = ""


class ChooseInstead(Struct, frozen=True, kw_only=True):
    """What the customer wants: another of the stores offered, a parcel, or none of it.

    address   where the parcel goes; none keeps the one that is known
    """

    exception_id: UUID
    choice: Choice
    location_id: UUID | None = None
    address: Address | None = None


class Chosen(Struct, frozen=True):
    """How the order stands now."""

    order_id: UUID
    order_state: str
    version: int


def _places(tx: Tx, ask: Any) -> tuple[UUID, ...] | None:
    return order_places(tx, order_of_exception(tx, ask.exception_id))


@operation(
    "orders.choose",
    permission="orders.reroute",
    at=_places,
    http="POST /v1/order-exceptions/{exception_id}/choice",
    raises=(NotOffered, AddressNeeded),
)
def choose(tx: Tx, ask: ChooseInstead) -> Chosen:
    """Do what the customer chose; what was taken for canceled pieces goes back to her at once.

    Once: a choice that was made, or whose time is over, is not offered any more.
    """
    order = load(tx, order_of_exception(tx, ask.exception_id))
    one = find_open(tx, ask.exception_id)
    if one is None or one.options.otherwise is None or not _is_offered(one, ask):
        raise NotOffered(ask.choice)
    if ask.choice == "send":
        if ask.address is not None:
            tx.run(_ADDRESS, order=order.id, **_fields(ask.address))
        elif not has_address(tx, order.id):
            raise AddressNeeded
    after = settle_choice(tx, order, one, ask.choice, is_default=False, store=ask.location_id)
    if after is None:
        raise NotOffered(ask.choice)
    return Chosen(after.id, after.state, after.version)


def _is_offered(one: Open, ask: ChooseInstead) -> bool:
    if ask.choice == "store":
        return ask.location_id in one.options.stores
    if ask.choice == "send":
        return one.options.can_send
    return bool(one.lines)


def _fields(address: Address) -> dict[str, str]:
    return {
        "name": address.name,
        "street": address.street,
        "town": address.town,
        "postcode": address.postcode,
    }


_ADDRESS: LiteralString = """
    INSERT INTO orders.recipients (order_id, name, email, phone, street, postcode, town, note)
    VALUES (%(order)s, %(name)s, '', '', %(street)s, %(postcode)s, %(town)s, '')
    ON CONFLICT (order_id) DO UPDATE
    SET name = excluded.name, street = excluded.street, postcode = excluded.postcode,
        town = excluded.town
"""
