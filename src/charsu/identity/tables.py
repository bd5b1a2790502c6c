"""Who came in how: codes that were sent, sessions, and guests' purchases.

No code and no token is kept: codes follow from a secret of the shop, tokens are kept as digests.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata

challenges = Table(
    "challenges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text),  # where the code goes; forgotten when the challenge is over and sent
    Column("address_digest", LargeBinary, nullable=False),  # keyed, to count by
    Column("origin_digest", LargeBinary, nullable=False),
    Column("actor_id", Uuid, nullable=False),  # who asked; nobody else can answer
    Column("language", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("send_at", Timestamp),  # when the code is to be sent; none: it was, or is no longer
    Column("sendings", Integer, nullable=False, server_default=text("0")),
    Column("code_id", Uuid, nullable=False),  # the code follows from it and a secret of the shop
    Column("digits", Integer, nullable=False),
    Column("on_known_device", Boolean, nullable=False),
    CheckConstraint("purpose IN ('sign_in', 'add', 'erase')", name="purpose_is_known"),
    CheckConstraint("kind IN ('email', 'phone')", name="kind_is_known"),
    CheckConstraint("state IN ('open', 'used', 'over')", name="state_is_known"),
    CheckConstraint(
        "(address IS NOT NULL) = (state = 'open' OR send_at IS NOT NULL)",
        name="what_is_over_is_forgotten",
    ),
    CheckConstraint(
        "state = 'open' OR send_at IS NULL OR (state = 'over' AND digits = 20)",
        name="what_is_over_is_sent_for_others_only",
    ),
    CheckConstraint("digits IN (6, 20)", name="a_code_is_short_or_long"),
    CheckConstraint("code_id = id OR digits = 20", name="only_a_long_code_is_shared"),
    Index("challenges_by_address", "address_digest", "made_at"),
    Index("challenges_by_origin", "origin_digest", "made_at"),
    Index("challenges_to_send", "send_at", postgresql_where=text("send_at IS NOT NULL")),
    Index("challenges_by_age", "made_at"),
    schema="identity",
)

known_devices = Table(
    "known_devices",
    metadata,
    # Who has shown a code for an address: a stranger's tries are never counted against her.
    Column("actor_id", Uuid, nullable=False),  # the guest of a device, or a customer
    Column("address_digest", LargeBinary, nullable=False),
    Column("last_at", Timestamp, nullable=False),
    PrimaryKeyConstraint("actor_id", "address_digest"),
    Index("known_devices_by_address", "address_digest"),
    Index("known_devices_by_age", "last_at"),
    schema="identity",
)

notices = Table(
    "notices",
    metadata,
    # Who held an address is told that it is hers no more; gone when it is sent, or after a day.
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("send_at", Timestamp, nullable=False),
    Column("sendings", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("kind IN ('email', 'phone')", name="kind_is_known"),
    Index("notices_by_customer", "customer_id"),
    Index("notices_to_send", "send_at"),
    schema="identity",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),  # SHA-256 of the token
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("device", Text, nullable=False),  # as she calls it
    Column("guest_id", Uuid),  # who she was before
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    Index("sessions_by_customer", "customer_id", "made_at"),
    schema="identity",
)

guest_orders = Table(
    "guest_orders",
    metadata,
    # Orders of nobody known, by keyed digests of what was said of the buyer.
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), primary_key=True),
    Column("email_digest", LargeBinary),
    Column("phone_digest", LargeBinary),
    Column("placed_at", Timestamp, nullable=False),
    Index("guest_orders_by_email", "email_digest"),
    Index("guest_orders_by_phone", "phone_digest"),
    schema="identity",
)

purchases = Table(
    "purchases",
    metadata,
    # Whose a guest's order turned out to be. The order itself says what it always said.
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), primary_key=True),
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("joined_by", Text, nullable=False),
    Column("joined_at", Timestamp, nullable=False),
    CheckConstraint("joined_by IN ('email', 'phone')", name="joined_by_something"),
    Index("purchases_by_customer", "customer_id"),
    schema="identity",
)

guest_consents = Table(
    "guest_consents",
    metadata,
    # What a guest said of her data, until her order turns out to be a customer's.
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("is_granted", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("said_by", Uuid, nullable=False),
    Column("said_at", Timestamp, nullable=False),
    UniqueConstraint("order_id", "purpose", "channel", name="one_word_of_a_guest_with_an_order"),
    schema="identity",
)

linked_platforms = Table(
    "linked_platforms",
    metadata,
    # Who may ask customers for leave to act for them: clients, in the words of OAuth.
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),  # as customers are asked about it
    Column("profile_url", Text, nullable=False),  # by which it is known at the shopping door
    Column("redirects", ARRAY(Text), nullable=False),
    Column("secret_digest", LargeBinary),  # SHA-256; with no keys either, it can keep no secret
    Column("keys", JSONB),  # public ones, by which it signs who it is
    Column("made_at", Timestamp, nullable=False),
    Column("disabled_at", Timestamp),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint("cardinality(redirects) > 0", name="somewhere_to_go_back_to"),
    CheckConstraint("secret_digest IS NULL OR keys IS NULL", name="one_kind_of_proof"),
    schema="identity",
)

assertions = Table(
    "assertions",
    metadata,
    # A platform's signed words of who it is: each is good once, and kept as long as it would be.
    Column("linked_platform_id", Uuid, ForeignKey("identity.linked_platforms.id"), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # of its jti
    Column("expires_at", Timestamp, nullable=False),
    PrimaryKeyConstraint("linked_platform_id", "digest"),
    Index("assertions_by_end", "expires_at"),
    schema="identity",
)

links = Table(
    "links",
    metadata,
    # A customer agreed, once; the code is what the platform was sent back with.
    Column("id", Uuid, primary_key=True),
    Column("linked_platform_id", Uuid, ForeignKey("identity.linked_platforms.id"), nullable=False),
    Column("customer_id", Uuid, ForeignKey("customers.customers.id"), nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("redirect", Text, nullable=False),
    Column("code_digest", LargeBinary, nullable=False, unique=True),
    Column("code_challenge", Text, nullable=False),
    Column("code_expires_at", Timestamp, nullable=False),
    Column("code_used_at", Timestamp),
    Column("made_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    CheckConstraint("code_used_at < code_expires_at", name="code_is_used_in_time"),
    Index("links_by_customer", "customer_id", "made_at"),
    Index("links_by_platform", "linked_platform_id"),
    schema="identity",
)

link_tokens = Table(
    "link_tokens",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("link_id", Uuid, ForeignKey("identity.links.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp, nullable=False),
    Column("used_at", Timestamp),  # a refresh token was exchanged for its successor
    CheckConstraint("kind IN ('access', 'refresh')", name="kind_is_known"),
    CheckConstraint("kind = 'refresh' OR used_at IS NULL", name="only_a_refresh_token_is_used_up"),
    Index("link_tokens_by_link", "link_id"),
    Index("link_tokens_by_end", "expires_at"),
    schema="identity",
)
