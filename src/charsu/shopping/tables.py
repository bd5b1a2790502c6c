"""Where carts are kept until they become orders."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from charsu.kernel import Timestamp, Uuid, metadata

carts = Table(
    "carts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), nullable=False),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Uuid, nullable=False),  # of a guest or a customer
    Column("currency", Text, nullable=False),
    Column("country", Text, nullable=False),  # whose taxes are due
    Column("kind", Text, nullable=False),  # how it will reach the customer
    Column("location_id", Uuid, ForeignKey("stock.locations.id")),  # where it is picked up
    Column("delivery_method", Text),
    Column("pickup_method", Text),  # of lines that are picked up while the others are sent
    Column("codes", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # of coupons
    Column("state", Text, nullable=False),
    Column("merged_into_id", Uuid, ForeignKey("shopping.carts.id")),
    Column("held_since", Timestamp),
    Column("hold_until", Timestamp),  # what is held is promised until then
    Column("opened_at", Timestamp, nullable=False),
    Column("active_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),  # without activity it is abandoned then
    Column("revision", Integer, nullable=False),
    CheckConstraint("owner_kind IN ('guest', 'customer')", name="owner_kind_known"),
    CheckConstraint("kind IN ('ship', 'pickup')", name="kind_known"),
    CheckConstraint(
        "state IN ('open', 'paying', 'merged', 'ordered', 'abandoned')", name="state_known"
    ),
    CheckConstraint(
        "(kind = 'pickup') = (location_id IS NOT NULL)", name="a_pickup_has_a_location"
    ),
    CheckConstraint(
        "(state = 'merged') = (merged_into_id IS NOT NULL)", name="what_is_merged_says_into_what"
    ),
    CheckConstraint(
        "(held_since IS NULL) = (hold_until IS NULL)", name="a_hold_has_a_beginning_and_an_end"
    ),
    Index(
        "one_open_cart_for_one_owner",
        "channel_id",
        "owner_kind",
        "owner_id",
        unique=True,
        postgresql_where=text("state IN ('open', 'paying')"),
    ),
    Index("carts_due", "expires_at", postgresql_where=text("state = 'open'")),
    schema="shopping",
)

cart_lines = Table(
    "cart_lines",
    metadata,
    Column("id", Uuid, primary_key=True),  # also the line of the hold in the ledger
    Column("cart_id", Uuid, ForeignKey("shopping.carts.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("seen_minor", BigInteger, nullable=False),  # the unit price that the customer knows
    # Where this line alone is picked up; without it the line goes as the cart goes.
    Column("location_id", Uuid, ForeignKey("stock.locations.id")),
    UniqueConstraint("cart_id", "variant_id", name="one_line_for_one_variant"),
    CheckConstraint("quantity > 0", name="something_is_wanted"),
    schema="shopping",
)

recipients = Table(
    "recipients",
    metadata,
    # The only personal data of a cart, in one row; it is gone when the cart is closed.
    Column("cart_id", Uuid, ForeignKey("shopping.carts.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("latitude", Float),  # where the goods go, degrees of WGS 84
    Column("longitude", Float),
    CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="a_place_has_two_coordinates"),
    schema="shopping",
)
