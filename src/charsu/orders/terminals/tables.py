"""Where terminals are kept, what was asked of each, and how their days ended."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata

_NOTHING = text("''")

terminals = Table(
    "terminals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),  # what it is called at the till
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("kind", Text, nullable=False),  # who speaks to it, as payments name their provider
    Column("number", Text, nullable=False),  # its own, as its acquirer knows it
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("kind", "number", name="one_row_for_one_terminal"),
    Index("terminals_by_location", "location_id"),
    schema="orders",
)

terminal_closings = Table(
    "terminal_closings",
    metadata,
    # The end of a terminal's day: its totals against ours.
    Column("id", Uuid, primary_key=True),  # also the process that asks for the totals
    Column("terminal_id", Uuid, ForeignKey("orders.terminals.id"), nullable=False),
    Column("number", Integer, nullable=False),  # of this terminal; 1 is the first
    Column("state", Text, nullable=False),
    Column("totals", JSONB, nullable=False, server_default=text("'[]'")),  # by currency
    Column("asked_at", Timestamp, nullable=False),
    Column("ended_at", Timestamp),
    CheckConstraint("state IN ('asked', 'done')", name="state_known"),
    CheckConstraint("(state = 'asked') = (ended_at IS NULL)", name="ended_at_some_time"),
    UniqueConstraint("terminal_id", "number", name="closings_are_numbered"),
    Index(
        "one_closing_of_a_terminal_at_a_time",
        "terminal_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    schema="orders",
)

terminal_payments = Table(
    "terminal_payments",
    metadata,
    Column("id", Uuid, primary_key=True),  # our reference there, and the process
    Column("terminal_id", Uuid, ForeignKey("orders.terminals.id"), nullable=False),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=_NOTHING),
    Column("asked_by", Uuid, nullable=False),
    Column("asked_at", Timestamp, nullable=False),
    Column("shown_at", Timestamp),  # the terminal said that it waits for the card
    Column("cancel_asked_at", Timestamp),  # somebody at the till wants it back
    Column("ended_at", Timestamp),
    Column("payment_id", Uuid, ForeignKey("orders.payments.id"), unique=True),
    Column("reference", Text),  # of the taking, the terminal's own
    # What the receipt prints of the card.
    Column("last_four", Text, nullable=False, server_default=_NOTHING),
    Column("scheme", Text, nullable=False, server_default=_NOTHING),
    Column("authorization_code", Text, nullable=False, server_default=_NOTHING),
    Column("printed_terminal", Text, nullable=False, server_default=_NOTHING),
    Column("closing_id", Uuid, ForeignKey("orders.terminal_closings.id")),
    # The day-end that counts what went back, where the order did not want it: maybe a later one.
    Column("back_closing_id", Uuid, ForeignKey("orders.terminal_closings.id")),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0", name="some_amount"),
    CheckConstraint(
        "state IN ('asked', 'shown', 'unknown', 'paid', 'declined', 'canceled', 'failed',"
        " 'unwanted', 'given_back')",
        name="state_known",
    ),
    CheckConstraint(
        "(state IN ('asked', 'shown', 'unknown')) = (ended_at IS NULL)", name="ended_at_some_time"
    ),
    CheckConstraint("(state = 'paid') = (payment_id IS NOT NULL)", name="what_is_paid_is_booked"),
    CheckConstraint(
        "(state IN ('paid', 'unwanted', 'given_back')) = (reference IS NOT NULL)",
        name="what_was_taken_has_a_reference",
    ),
    CheckConstraint("last_four ~ '^([0-9]{4})?$'", name="no_more_of_a_card_than_four_digits"),
    Index(
        "one_payment_on_a_terminal_at_a_time",
        "terminal_id",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index("terminal_payments_by_order", "order_id"),
    Index("terminal_payments_by_terminal", "terminal_id", "id"),
    Index("terminal_payments_by_closing", "closing_id"),
    Index("terminal_payments_by_back_closing", "back_closing_id"),
    schema="orders",
)
