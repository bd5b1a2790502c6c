"""Where is kept what providers say, and where that differs from the books."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from charsu.kernel import Timestamp, Uuid, metadata

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", Uuid, primary_key=True),  # also the process that asks
    Column("provider", Text, nullable=False),
    Column("day", Date, nullable=False),  # UTC
    Column("begun_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    Column("seen", Integer, nullable=False, server_default=text("0")),  # payments it told of
    Column("version", Integer, nullable=False),
    Index("reconciliations_by_day", "provider", "day"),
    schema="orders",
)

statements = Table(
    "statements",
    metadata,
    # What a provider says of one payment; gone again when it is compared.
    Column("reconciliation_id", Uuid, ForeignKey("orders.reconciliations.id"), primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("authorization_id", Uuid),  # ours, where the provider knows it
    Column("currency", Text, nullable=False),
    Column("promised_minor", BigInteger, nullable=False),  # and not taken
    Column("taken_minor", BigInteger, nullable=False),
    Column("given_back_minor", BigInteger, nullable=False),
    schema="orders",
)

discrepancies = Table(
    "discrepancies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("ours_minor", BigInteger, nullable=False),
    Column("theirs_minor", BigInteger, nullable=False),
    Column("order_id", Uuid, ForeignKey("orders.orders.id")),
    Column("owner_role", Text, nullable=False),  # who has to explain it
    Column("due_by", Timestamp, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("explanation", Text, nullable=False, server_default=text("''")),
    Column("found_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "kind IN ('missing_here', 'missing_there', 'taken_differs', 'given_back_differs',"
        " 'orphaned')",
        name="kind_known",
    ),
    CheckConstraint("state IN ('open', 'explained', 'settled')", name="state_known"),
    CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_some_time"),
    CheckConstraint("state <> 'explained' OR explanation <> ''", name="explained_means_explained"),
    Index(
        "one_open_discrepancy_of_a_kind",
        "provider",
        "reference",
        "kind",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    Index("discrepancies_due", "due_by", "id", postgresql_where=text("state = 'open'")),
    schema="orders",
)
