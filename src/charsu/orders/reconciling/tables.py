"""Where providers' statements are kept, and what in them is not as the books say."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from charsu.kernel import Timestamp, Uuid, metadata

_ZERO = text("0")

reconciliations = Table(
    "reconciliations",
    metadata,
    # One reading of a provider's statements, from the first page to the last comparison.
    Column("id", Uuid, primary_key=True),  # also the process that reads
    Column("provider", Text, nullable=False),
    Column("since", Timestamp, nullable=False),  # payments begun from here
    Column("until", Timestamp, nullable=False),  # up to here
    Column("state", Text, nullable=False),
    Column("pages", Integer, nullable=False, server_default=_ZERO),
    Column("statements", Integer, nullable=False, server_default=_ZERO),
    Column("begun_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    CheckConstraint("state IN ('reading', 'done', 'failed')", name="state_known"),
    CheckConstraint("(state = 'reading') = (ended_at IS NULL)", name="ended_at_some_time"),
    CheckConstraint("since < until", name="a_span"),
    Index(
        "one_reading_of_a_provider_at_a_time",
        "provider",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("reconciliations_by_provider", "provider", "begun_at"),
    schema="orders",
)

statements = Table(
    "statements",
    metadata,
    # What a provider said last of one payment.
    Column("provider", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("authorization_id", Uuid),  # as the provider says it: nobody has proved it
    Column("currency", Text, nullable=False),
    Column("promised_minor", BigInteger, nullable=False),
    Column("taken_minor", BigInteger, nullable=False),
    Column("given_back_minor", BigInteger, nullable=False),
    Column("reading_id", Uuid, ForeignKey("orders.reconciliations.id"), nullable=False),
    Column("read_at", Timestamp, nullable=False),
    Index("statements_by_age", "read_at"),
    schema="orders",
)

payment_differences = Table(
    "payment_differences",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("authorization_id", Uuid, ForeignKey("orders.authorizations.id")),
    Column("order_id", Uuid, ForeignKey("orders.orders.id")),
    # What the books say; nothing where they do not know of it.
    Column("our_currency", Text),
    Column("our_promised_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("our_taken_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("our_given_back_minor", BigInteger, nullable=False, server_default=_ZERO),
    # What the provider says.
    Column("their_currency", Text),
    Column("their_promised_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("their_taken_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("their_given_back_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("owner", Text, nullable=False),  # the role that must see to it
    Column("state", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),  # how it was resolved
    Column("resolved_by", Uuid),
    Column("opened_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "kind IN ('missing_at_provider', 'missing_in_books', 'other_amount', 'other_currency')",
        name="kind_known",
    ),
    CheckConstraint("state IN ('open', 'resolved', 'gone')", name="state_known"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_some_time"),
    CheckConstraint(
        "(state = 'resolved') = (note <> '' AND resolved_by IS NOT NULL)",
        name="who_resolves_says_how",
    ),
    CheckConstraint(
        "(kind = 'missing_in_books') = (our_currency IS NULL)"
        " AND (kind = 'missing_at_provider') = (their_currency IS NULL)",
        name="what_is_missing_says_nothing",
    ),
    Index(
        "one_open_difference_for_one_payment",
        "provider",
        "reference",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    Index("payment_differences_by_payment", "provider", "reference", "id"),
    Index("payment_differences_by_state", "state", "id"),
    schema="orders",
)
