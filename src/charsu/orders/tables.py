"""Where orders are kept: what was bought, what each location does for it, what was paid."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from charsu.kernel import Timestamp, Uuid, metadata
from charsu.orders.credit.tables import credit_accounts, credit_moves
from charsu.orders.reconciling.tables import payment_differences, reconciliations, statements
from charsu.orders.terminals.tables import terminal_closings, terminal_payments, terminals

__all__ = [
    "credit_accounts",
    "credit_moves",
    "payment_differences",
    "reconciliations",
    "statements",
    "terminal_closings",
    "terminal_payments",
    "terminals",
]

_ZERO = text("0")

orders = Table(
    "orders",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(start=100_001, cache=32), nullable=False, unique=True),
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), nullable=False),
    Column("external_id", Text),  # the channel's own number: a marketplace's, a till's
    Column("location_id", Uuid, ForeignKey("stock.locations.id")),  # where it was sold, if anywhere
    Column("customer_id", Uuid),
    Column("cart_id", Uuid, unique=True),  # a cart becomes at most one order
    Column("kind", Text, nullable=False),  # how it reaches the customer
    Column("state", Text, nullable=False),
    Column("payment_state", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("tax_mode", Text, nullable=False),
    Column("country", Text, nullable=False),  # whose taxes were due
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("delivery_minor", BigInteger, nullable=False),  # as it is paid, tax in it
    Column("delivery_tax_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),  # of goods and delivery
    Column("total_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("refunded_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("placed_at", Timestamp, nullable=False),
    Column("arrives_from", Date),  # the days that were promised for a parcel
    Column("arrives_by", Date),
    Column("is_historical", Boolean, nullable=False, server_default=text("false")),
    Column("version", Integer, nullable=False),
    CheckConstraint("kind IN ('ship', 'pickup', 'counter')", name="kind_known"),
    CheckConstraint(
        "state IN ('open', 'partly_fulfilled', 'fulfilled', 'canceled')", name="state_known"
    ),
    CheckConstraint(
        "payment_state IN ('pending', 'authorized', 'partly_paid', 'paid', 'partly_refunded',"
        " 'refunded', 'void')",
        name="payment_state_known",
    ),
    CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunds_within_captured"),
    CheckConstraint(
        "total_minor = subtotal_minor - discount_minor + delivery_minor"
        " + CASE WHEN tax_mode = 'added' THEN tax_minor - delivery_tax_minor ELSE 0 END",
        name="total_is_the_sum_of_its_parts",
    ),
    Index(
        "one_order_for_one_external_id",
        "channel_id",
        "external_id",
        unique=True,
        postgresql_where=text("external_id IS NOT NULL"),
    ),
    Index("orders_by_time", "placed_at", "id"),
    Index("orders_by_customer", "customer_id", postgresql_where=text("customer_id IS NOT NULL")),
    Index(
        "orders_waiting",
        "placed_at",
        postgresql_where=text("state IN ('open', 'partly_fulfilled')"),
    ),
    schema="orders",
)

recipients = Table(
    "recipients",
    metadata,
    # The only personal data of an order, in one row, so that erasing it touches nothing else.
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("street", Text, nullable=False),
    Column("postcode", Text, nullable=False),
    Column("town", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("recipients_by_email", text("lower(email)"), postgresql_where=text("email <> ''::text")),
    Index(
        "recipients_by_phone",
        text("\"right\"(ltrim(regexp_replace(phone, '[^0-9]', '', 'g'), '0'), 8)"),
        postgresql_where=text("phone <> ''::text"),
    ),
    schema="orders",
)

order_lines = Table(
    "order_lines",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id"), nullable=False),
    Column("sku", Text, nullable=False),
    Column("title", Text, nullable=False),  # as it was called when it was bought
    Column("unit", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_minor", BigInteger),  # none where history knows line totals only
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("tax_rate_ppm", Integer, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("fulfilled", BigInteger, nullable=False, server_default=_ZERO),
    Column("canceled", BigInteger, nullable=False, server_default=_ZERO),
    Column("returned", BigInteger, nullable=False, server_default=_ZERO),
    Column("refunded_minor", BigInteger, nullable=False, server_default=_ZERO),
    # what came back for it, at the price paid for that
    Column("exchanged_line_id", Uuid, ForeignKey("orders.order_lines.id")),
    CheckConstraint("fulfilled >= 0 AND canceled >= 0", name="progress_is_forward"),
    CheckConstraint("fulfilled + canceled <= quantity", name="no_more_than_was_ordered"),
    CheckConstraint("returned BETWEEN 0 AND fulfilled", name="only_what_was_handed_over_returns"),
    CheckConstraint("refunded_minor >= 0", name="refunds_are_positive"),
    UniqueConstraint("order_id", "position"),
    Index(
        "lines_exchanged_evenly",
        "exchanged_line_id",
        postgresql_where=text("exchanged_line_id IS NOT NULL"),
    ),
    schema="orders",
)

fulfillments = Table(
    "fulfillments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_by", Timestamp, nullable=False),  # when it should have left or be ready
    Column("accepted_at", Timestamp),
    Column("picked_at", Timestamp),
    Column("proved_at", Timestamp),  # the code of the pick-up was shown
    Column("step_by", Timestamp),  # when the next step must be done; none when nothing is left
    Column("reminded_for", Timestamp),  # the end of a pick-up that its customer was reminded of
    Column("wrong_codes", SmallInteger, nullable=False, server_default=_ZERO),
    Column("version", Integer, nullable=False),
    CheckConstraint("kind IN ('ship', 'pickup', 'counter')", name="kind_known"),
    CheckConstraint("state IN ('waiting', 'ready', 'done', 'canceled')", name="state_known"),
    CheckConstraint(
        "picked_at IS NULL OR accepted_at IS NOT NULL", name="what_is_picked_was_accepted"
    ),
    CheckConstraint(
        "kind <> 'pickup' OR state <> 'ready' OR step_by IS NOT NULL",
        name="a_ready_pickup_is_to_be_collected_by",
    ),
    Index("fulfillments_by_order", "order_id"),
    Index(
        "fulfillments_due",
        "step_by",
        postgresql_where=text("state IN ('waiting', 'ready') AND step_by IS NOT NULL"),
    ),
    Index(
        "fulfillments_waiting",
        "location_id",
        "due_by",
        postgresql_where=text("state IN ('waiting', 'ready')"),
    ),
    schema="orders",
)

fulfillment_lines = Table(
    "fulfillment_lines",
    metadata,
    Column("id", Uuid, primary_key=True),  # also the line of the hold in the ledger
    Column("fulfillment_id", Uuid, ForeignKey("orders.fulfillments.id"), nullable=False),
    Column("line_id", Uuid, ForeignKey("orders.order_lines.id"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False, server_default=_ZERO),
    Column("canceled", BigInteger, nullable=False, server_default=_ZERO),
    CheckConstraint("quantity > 0", name="something_to_do"),
    CheckConstraint("done >= 0 AND canceled >= 0", name="progress_is_forward"),
    CheckConstraint("done + canceled <= quantity", name="no_more_than_was_asked"),
    Index("fulfillment_lines_by_fulfillment", "fulfillment_id"),
    Index("fulfillment_lines_by_line", "line_id"),
    schema="orders",
)

exceptions = Table(
    "exceptions",
    metadata,
    # Something went otherwise than was promised, and somebody has to see to it.
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("fulfillment_id", Uuid, ForeignKey("orders.fulfillments.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("lines", JSONB, nullable=False),  # {order line: pieces} that nobody sees to but this
    Column("owner", Text, nullable=False),  # the role that has to see to it
    Column("due_by", Timestamp, nullable=False),  # with a choice: then the default happens
    Column("reminded_for", Timestamp),  # the end of a choice that its customer was reminded of
    Column("taken_by", Uuid),  # who of them sees to it
    Column("taken_at", Timestamp),
    Column("options", JSONB, nullable=False),  # what the customer may choose; empty: nothing
    Column("outcome", Text, nullable=False, server_default=text("''")),  # how it was closed
    Column("opened_at", Timestamp, nullable=False),
    Column("closed_at", Timestamp),
    CheckConstraint(
        "kind IN ('late', 'rejected', 'short', 'uncollected', 'recount', 'undeliverable',"
        " 'returned_to_sender')",
        name="kind_known",
    ),
    CheckConstraint("owner <> ''", name="somebody_sees_to_it"),
    CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken_at_some_time"),
    CheckConstraint("(closed_at IS NULL) = (outcome = '')", name="closed_with_an_outcome"),
    Index(
        "one_open_exception_of_a_kind",
        "fulfillment_id",
        "kind",
        unique=True,
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index("exceptions_by_order", "order_id"),
    Index("exceptions_open", "due_by", "id", postgresql_where=text("closed_at IS NULL")),
    schema="orders",
)

shipments = Table(
    "shipments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("fulfillment_id", Uuid, ForeignKey("orders.fulfillments.id"), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("tracking_number", Text, nullable=False),
    Column("lines", JSONB, nullable=False),  # {order line: pieces}
    Column("shipped_at", Timestamp, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'shipped'")),  # says the carrier
    Column("noted_at", Timestamp),  # when that was, says the carrier
    CheckConstraint(
        "state IN ('shipped', 'collected', 'in_transit', 'out_for_delivery', 'failed_attempt',"
        " 'delivered', 'returned_to_sender', 'lost')",
        name="state_known",
    ),
    Index("shipments_by_fulfillment", "fulfillment_id"),
    Index("shipments_by_number", "tracking_number", "carrier"),
    schema="orders",
)

parcels = Table(
    "parcels",
    metadata,
    # A parcel whose label a carrier is asked for; sent, it is a shipment with the same id.
    Column("id", Uuid, primary_key=True),  # also the process that asks, and its key there
    Column("fulfillment_id", Uuid, ForeignKey("orders.fulfillments.id"), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("lines", JSONB, nullable=False),  # {order line: pieces}
    Column("state", Text, nullable=False),
    Column("tracking_number", Text, nullable=False, server_default=text("''")),
    Column("reason", Text, nullable=False, server_default=text("''")),  # why it was refused
    Column("asked_at", Timestamp, nullable=False),
    CheckConstraint("state IN ('asked', 'labeled', 'refused', 'sent')", name="state_known"),
    CheckConstraint(
        "state NOT IN ('labeled', 'sent') OR tracking_number <> ''", name="a_label_has_a_number"
    ),
    Index("parcels_by_fulfillment", "fulfillment_id"),
    Index(
        "parcels_labeled", "tracking_number", "carrier", postgresql_where=text("state = 'labeled'")
    ),
    schema="orders",
)

parcel_events = Table(
    "parcel_events",
    metadata,
    # All that a carrier said of a parcel, also before the store said that it had left.
    Column("parcel_id", Uuid, primary_key=True),  # a shipment's, or what will be one
    Column("event", Text, primary_key=True),
    Column("at", Timestamp, primary_key=True),  # when it happened, says the carrier
    Column("noted_at", Timestamp, nullable=False),
    schema="orders",
)

labels = Table(
    "labels",
    metadata,
    # What names the customer is kept only while it may be printed, and goes with the recipient.
    Column("parcel_id", Uuid, ForeignKey("orders.parcels.id"), primary_key=True),
    Column(
        "order_id",
        Uuid,
        ForeignKey("orders.recipients.order_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("document", Text, nullable=False),  # in the printer's language
    Column("made_at", Timestamp, nullable=False),
    CheckConstraint("document <> ''", name="there_is_something_to_print"),
    Index("labels_by_order", "order_id"),
    Index("labels_by_time", "made_at"),
    schema="orders",
)

authorizations = Table(
    "authorizations",
    metadata,
    # Money that a provider was asked to promise: for a cart first, for the order it becomes then.
    Column("id", Uuid, primary_key=True),  # also the process that asks, and its key there
    Column("cart_id", Uuid, nullable=False),
    Column("order_id", Uuid, ForeignKey("orders.orders.id")),
    Column("provider", Text, nullable=False),
    Column("reference", Text),  # the provider's; none until it has answered
    Column("currency", Text, nullable=False),
    Column("asked_minor", BigInteger, nullable=False),
    Column("authorized_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("capturing_minor", BigInteger, nullable=False, server_default=_ZERO),  # being asked for
    Column("captured_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("voided_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),  # why it came to nothing
    Column("action_url", Text),  # where the customer has to confirm
    Column("customer_id", Uuid),  # whose store credit it is
    Column("freed_at", Timestamp),  # promised when nobody here wanted it any more, and let go then
    Column("asked_at", Timestamp, nullable=False),
    Column("expires_at", Timestamp),  # of the provider's promise
    Column("version", Integer, nullable=False),
    CheckConstraint("asked_minor > 0", name="something_is_asked"),
    CheckConstraint(
        "state IN ('asked', 'escalated', 'authorized', 'declined', 'voided')", name="state_known"
    ),
    CheckConstraint(
        "state IN ('authorized', 'voided') OR authorized_minor = 0", name="only_an_answer_promises"
    ),
    CheckConstraint(
        "capturing_minor >= 0 AND captured_minor >= 0 AND voided_minor >= 0"
        " AND capturing_minor + captured_minor + voided_minor <= authorized_minor",
        name="no_more_than_was_promised",
    ),
    CheckConstraint(
        "order_id IS NOT NULL OR (capturing_minor = 0 AND captured_minor = 0)",
        name="nothing_is_taken_without_an_order",
    ),
    CheckConstraint(
        "(provider = 'credit') = (customer_id IS NOT NULL) OR state = 'asked'",
        name="credit_is_somebodys",
    ),
    UniqueConstraint("provider", "reference", name="one_authorization_for_one_reference"),
    Index("authorizations_by_cart", "cart_id"),
    Index("authorizations_by_provider", "provider", "asked_at"),
    Index("authorizations_of_no_order", "id", postgresql_where=text("order_id IS NULL")),
    Index("authorizations_by_order", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    Index(
        "one_payment_under_way_for_one_cart",
        "cart_id",
        unique=True,
        postgresql_where=text("state IN ('asked', 'escalated')"),
    ),
    schema="orders",
)

payments = Table(
    "payments",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("authorization_id", Uuid, ForeignKey("orders.authorizations.id")),  # it was taken from
    Column("provider", Text, nullable=False),  # counter, test, stripe, …; history: taken elsewhere
    Column("reference", Text, nullable=False),  # the provider's
    Column("method", Text, nullable=False),  # cash, card, coupon, …
    Column("currency", Text, nullable=False),
    Column("authorized_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("refunded_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("voided_minor", BigInteger, nullable=False, server_default=_ZERO),
    Column("at", Timestamp, nullable=False),
    Column("from_payment_id", Uuid, ForeignKey("orders.payments.id")),  # carried over from
    UniqueConstraint("provider", "reference", name="one_order_for_one_payment_reference"),
    CheckConstraint(
        "(provider = 'exchange') = (from_payment_id IS NOT NULL)", name="what_is_carried_came_in"
    ),
    CheckConstraint("captured_minor + voided_minor <= authorized_minor", name="capture_in_bounds"),
    CheckConstraint("refunded_minor BETWEEN 0 AND captured_minor", name="refunds_within_captured"),
    Index("payments_by_order", "order_id"),
    schema="orders",
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("payment_id", Uuid, ForeignKey("orders.payments.id"), nullable=False),
    Column("return_id", Uuid, ForeignKey("orders.returns.id")),
    Column("amount_minor", BigInteger, nullable=False),
    Column("goods_minor", BigInteger, nullable=False),
    Column("delivery_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),  # within the amount
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'done'")),
    Column("at", Timestamp, nullable=False),
    Column("is_historical", Boolean, nullable=False, server_default=text("false")),
    Column("to_credit", Boolean, nullable=False, server_default=text("false")),
    Column("exchange_id", Uuid, ForeignKey("orders.exchanges.id")),  # that carries it over
    # The day-end of the terminal that counts it.
    Column("closing_id", Uuid, ForeignKey("orders.terminal_closings.id")),
    CheckConstraint("amount_minor > 0", name="something_is_refunded"),
    CheckConstraint("state IN ('begun', 'done', 'failed')", name="state_known"),
    CheckConstraint("amount_minor = goods_minor + delivery_minor", name="parts_add_up"),
    Index("refunds_by_order", "order_id"),
    Index("refunds_by_payment", "payment_id"),
    Index("refunds_by_closing", "closing_id", postgresql_where=text("closing_id IS NOT NULL")),
    schema="orders",
)

words = Table(
    "words",
    metadata,
    # Why something was done, where a fact of this order's version says no more than ``in_words``.
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("order_id", "version"),
    schema="orders",
)

returns = Table(
    "returns",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Timestamp, nullable=False),
    Index("returns_by_order", "order_id"),
    schema="orders",
)

exchanges = Table(
    "exchanges",
    metadata,
    # Goods came back and others were taken for them, which are an order of their own.
    Column("id", Uuid, primary_key=True),
    Column("order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("return_id", Uuid, ForeignKey("orders.returns.id"), nullable=False),
    Column("new_order_id", Uuid, ForeignKey("orders.orders.id"), nullable=False),
    Column("location_id", Uuid, ForeignKey("stock.locations.id"), nullable=False),
    Column("at", Timestamp, nullable=False),
    UniqueConstraint("return_id", name="one_exchange_for_one_return"),
    UniqueConstraint("new_order_id", name="one_exchange_for_one_new_order"),
    CheckConstraint("new_order_id <> order_id", name="what_is_taken_is_another_order"),
    Index("exchanges_by_order", "order_id"),
    schema="orders",
)

return_lines = Table(
    "return_lines",
    metadata,
    Column("return_id", Uuid, ForeignKey("orders.returns.id"), primary_key=True),
    Column("line_id", Uuid, ForeignKey("orders.order_lines.id"), primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("condition", Text, primary_key=True),  # where it goes: on_hand, on_display, quarantine
    Column("refund_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False, server_default=_ZERO),  # within the refund
    Column("inspected", BigInteger, nullable=False, server_default=_ZERO),  # let out of quarantine
    CheckConstraint("quantity > 0", name="something_returns"),
    CheckConstraint("inspected BETWEEN 0 AND quantity", name="inspected_in_bounds"),
    Index(
        "return_lines_to_inspect",
        "return_id",
        postgresql_where=text("condition = 'quarantine' AND inspected < quantity"),
    ),
    schema="orders",
)

delivery_methods = Table(
    "delivery_methods",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("titles", JSONB, nullable=False),  # by language
    Column("kind", Text, nullable=False),  # ship, pickup
    Column("countries", JSONB, nullable=False),  # ISO 3166-1 alpha-2; empty: all
    Column("channels", JSONB, nullable=False),  # codes; empty: all
    Column("tax_class", Text, nullable=False),
    Column("days_min", SmallInteger, nullable=False),
    Column("days_max", SmallInteger, nullable=False),
    Column("zones", JSONB, nullable=False, server_default=text("'[]'")),
    Column("cut_off", Text),  # HH:MM; until then it leaves on the same day
    Column("from_location_id", Uuid, ForeignKey("stock.locations.id")),  # whose clock counts
    Column("is_active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("days_min BETWEEN 0 AND days_max", name="days_in_order"),
    schema="orders",
)

delivery_rates = Table(
    "delivery_rates",
    metadata,
    Column("method_id", Uuid, ForeignKey("orders.delivery_methods.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("amount_minor", BigInteger, nullable=False),
    Column("free_from_minor", BigInteger),  # goods worth so much, after discounts, ship free
    CheckConstraint("amount_minor >= 0", name="rate_is_not_negative"),
    schema="orders",
)
