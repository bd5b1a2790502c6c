"""Where facts are kept, and how far each reader has come."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel.tables import Timestamp, Uuid, Xid8, metadata

facts = Table(
    "facts",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Readers go by (epoch, transaction, sequence); see read.py for why the sequence is not enough.
    Column("epoch", Integer, nullable=False, server_default=text("1")),
    Column("transaction", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Column("sequence", BigInteger, Identity(always=True, cache=32), nullable=False),
    Column("name", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),  # what it is about: an order, a cart, a count
    Column("version", BigInteger, nullable=False),  # of the subject, after this fact
    Column("at", Timestamp, nullable=False),
    Column("actor_id", Uuid, nullable=False),
    Column("operation", Text, nullable=False),
    Column("is_historical", Boolean, nullable=False, server_default=text("false")),
    Column("body", JSONB, nullable=False),
    UniqueConstraint("subject_id", "version", name="facts_of_one_subject_are_numbered"),
    Index("facts_in_reading_order", "epoch", "transaction", "sequence"),
    schema="kernel",
)

epochs = Table(
    "epochs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("server", Text, nullable=False),  # the server's system identifier
    Column("opened_at", Timestamp, nullable=False),
    schema="kernel",
)

consumers = Table(
    "consumers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("transaction", Xid8, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("delivered", BigInteger, nullable=False, server_default=text("0")),
    Column("moved_at", Timestamp, nullable=False),
    # Counted as they happen, so that the rows can be compared with something.
    Column("passed", BigInteger, nullable=False, server_default=text("0")),  # since its beginning
    Column("waiting", BigInteger, nullable=False, server_default=text("0")),  # parked now
    schema="kernel",
)

# Kept apart: whoever loses a cursor would else begin at the end of the log, and nobody would know.
beginnings = Table(
    "beginnings",
    metadata,
    Column("consumer", Text, ForeignKey("kernel.consumers.name"), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("transaction", Xid8, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    schema="kernel",
)

parked = Table(
    "parked",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("fact_id", Uuid, primary_key=True),
    Column("subject_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),  # of the subject, so that its facts keep order
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Column("due_at", Timestamp, nullable=False),  # of the next attempt
    Column("parked_at", Timestamp, nullable=False),
    CheckConstraint("attempts >= 0", name="attempts_are_counted"),
    Index("parked_by_subject", "consumer", "subject_id", "version"),
    schema="kernel",
)

seals = Table(
    "seals",
    metadata,
    Column("number", BigInteger, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("up_to_transaction", Xid8, nullable=False),
    Column("up_to_sequence", BigInteger, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 over the seal before and the leaves
    Column("sealed_at", Timestamp, nullable=False),
    Column("leaves", LargeBinary),  # see seals.py; none in seals that an earlier release made
    schema="kernel",
)

# One row: how many seals there must be, so that the newest cannot go unnoticed.
seals_made = Table(
    "seals_made",
    metadata,
    Column("is_only_row", Boolean, primary_key=True, server_default=text("true")),
    Column("number", BigInteger, nullable=False),
    CheckConstraint("is_only_row", name="one_row"),
    schema="kernel",
)
