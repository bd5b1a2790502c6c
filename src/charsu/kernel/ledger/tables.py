"""Where counted things are kept.

Words follow TigerBeetle's data model: an account counts one thing in one unit; a transfer moves an
amount from one account to another and never changes; a hold is a pending transfer, later posted
(whole or in parts), released or expired. Only guarded accounts have a balance row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from charsu.kernel.tables import Timestamp, Uuid, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),  # made from the columns below, see accounts.py
    Column("book", Text, nullable=False),  # stock, money, points
    Column("kind", Text, nullable=False),  # on_hand, sold, supplier, revenue, tax, …
    Column("unit", Text, nullable=False),  # UN/CEFACT Rec 20 code, or ISO 4217 currency
    Column("thing_id", Uuid),  # what is counted: a variant
    Column("place_id", Uuid),  # where or for what: a location, an order
    Column("pool_id", Uuid),  # the channel that alone may take from it; none for all
    Column("is_guarded", Boolean, nullable=False),
    UniqueConstraint(
        "book",
        "kind",
        "unit",
        "thing_id",
        "place_id",
        "pool_id",
        name="accounts_are_told_apart",
        postgresql_nulls_not_distinct=True,
    ),
    schema="ledger",
)

balances = Table(
    "balances",
    metadata,
    Column("account_id", Uuid, ForeignKey("ledger.accounts.id"), primary_key=True),
    Column("kind", Text, nullable=False),  # as the account says, so that reads need no join
    Column("thing_id", Uuid, nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("pool_id", Uuid),
    Column("posted", BigInteger, nullable=False, server_default=text("0")),
    Column("held", BigInteger, nullable=False, server_default=text("0")),
    # How much was promised and then turned out not to be there: a count or a write-off raises it.
    Column("shortage", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("posted >= 0", name="nothing_below_zero"),
    CheckConstraint("held >= 0", name="holds_are_positive"),
    CheckConstraint("shortage >= 0", name="shortages_are_positive"),
    CheckConstraint("held <= posted + shortage", name="nothing_promised_twice"),
    Index("balances_by_thing", "thing_id", "place_id"),
    Index("balances_by_place", "place_id"),
    Index("balances_short", "account_id", postgresql_where=text("shortage > 0")),
    schema="ledger",
    postgresql_with={"fillfactor": "70"},
)

holds = Table(
    "holds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("ledger.balances.account_id"), nullable=False),
    Column("to_account_id", Uuid, nullable=False),  # where it goes when it is posted
    Column("amount", BigInteger, nullable=False),
    Column("posted", BigInteger, nullable=False, server_default=text("0")),
    Column("released", BigInteger, nullable=False, server_default=text("0")),
    Column("state", Text, nullable=False, server_default=text("'live'")),
    Column("owner_id", Uuid, nullable=False),  # the cart, order or till that it is for
    Column("line_id", Uuid, nullable=False),  # the owner's line
    Column("made_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),  # none: until it is posted or released
    CheckConstraint("amount > 0", name="something_is_held"),
    CheckConstraint("posted >= 0 AND released >= 0", name="resolved_forward_only"),
    CheckConstraint("posted + released <= amount", name="resolved_once"),
    CheckConstraint("state IN ('live', 'posted', 'released', 'expired')", name="one_state"),
    CheckConstraint("(state = 'live') = (posted + released < amount)", name="live_until_resolved"),
    Index("holds_by_owner", "owner_id"),
    Index("holds_live", "account_id", postgresql_where=text("state = 'live'")),
    Index(
        "holds_due",
        "expires_at",
        postgresql_where=text("state = 'live' AND expires_at IS NOT NULL"),
    ),
    schema="ledger",
    postgresql_with={"fillfactor": "80"},
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("from_account_id", Uuid, nullable=False),
    Column("to_account_id", Uuid, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),  # received, sold, returned, counted, …
    Column("cause_id", Uuid, nullable=False),  # the order, receipt or count behind it
    Column("hold_id", Uuid),  # the hold that this posts
    Column("actor_id", Uuid, nullable=False),
    Column("at", Timestamp, nullable=False),
    CheckConstraint("amount > 0", name="something_moves"),
    CheckConstraint("from_account_id <> to_account_id", name="to_another_account"),
    Index("transfers_out", "from_account_id", "at"),
    Index("transfers_in", "to_account_id", "at"),
    Index("transfers_by_cause", "cause_id"),
    schema="ledger",
)
