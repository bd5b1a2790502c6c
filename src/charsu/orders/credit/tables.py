"""Where store credit is kept. Its money is in the ledger, an account for each customer."""

from sqlalchemy import (
    BigInteger,
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

from charsu.kernel import Timestamp, Uuid, metadata

credit_accounts = Table(
    "credit_accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("customer_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("balance_minor", BigInteger, nullable=False, server_default=text("0")),
    # Promised to carts and orders, and not spent yet.
    Column("held_minor", BigInteger, nullable=False, server_default=text("0")),
    Column("moved_at", Timestamp, nullable=False),  # it may expire so long after this
    Column("version", Integer, nullable=False),
    UniqueConstraint("customer_id", "currency", name="one_account_for_one_customer_and_currency"),
    CheckConstraint("balance_minor >= 0", name="credit_is_never_below_zero"),
    CheckConstraint("held_minor BETWEEN 0 AND balance_minor", name="no_credit_is_promised_twice"),
    Index(
        "credit_accounts_by_age", "moved_at", postgresql_where=text("balance_minor > held_minor")
    ),
    schema="orders",
)

credit_moves = Table(
    "credit_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("orders.credit_accounts.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),  # below 0: it was spent or has expired
    Column("order_id", Uuid, ForeignKey("orders.orders.id")),
    Column("payment_id", Uuid, ForeignKey("orders.payments.id")),  # that it was spent as
    Column("refund_id", Uuid, ForeignKey("orders.refunds.id")),  # that it came from
    Column("merge_id", Uuid, ForeignKey("customers.merges.id")),  # of customers, that moved it
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("at", Timestamp, nullable=False),
    CheckConstraint(
        "kind IN ('issued', 'refunded', 'spent', 'expired', 'moved')", name="kind_known"
    ),
    CheckConstraint(
        "CASE WHEN kind IN ('issued', 'refunded') THEN amount_minor > 0"
        " WHEN kind = 'moved' THEN amount_minor <> 0 ELSE amount_minor < 0 END",
        name="what_comes_and_what_goes",
    ),
    CheckConstraint(
        "(kind = 'spent') = (payment_id IS NOT NULL)"
        " AND (kind = 'refunded') = (refund_id IS NOT NULL)"
        " AND (kind IN ('spent', 'refunded')) = (order_id IS NOT NULL)",
        name="what_an_order_moves_names_it",
    ),
    CheckConstraint("(kind = 'moved') = (merge_id IS NOT NULL)", name="a_merge_moves"),
    UniqueConstraint("payment_id", name="one_move_for_one_payment"),
    UniqueConstraint("refund_id", name="one_move_for_one_refund"),
    Index("credit_moves_by_account", "account_id", "at", "id"),
    Index("credit_moves_by_merge", "merge_id", postgresql_where=text("merge_id IS NOT NULL")),
    schema="orders",
)
