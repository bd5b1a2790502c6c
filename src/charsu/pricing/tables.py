"""Where prices, tax rates and coupons are kept, and how often each coupon was used."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from charsu.kernel import Timestamp, Uuid, metadata

price_lists = Table(
    "price_lists",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), nullable=False),
    Column("currency", Text, nullable=False),
    Column("tax_mode", Text, nullable=False),  # whether its amounts have the tax in them
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("channel_id", "currency", name="one_list_to_a_channel_and_currency"),
    CheckConstraint("tax_mode IN ('included', 'added')", name="tax_mode_is_known"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_a_code"),
    schema="pricing",
)

prices = Table(
    "prices",
    metadata,
    Column("list_id", Uuid, ForeignKey("pricing.price_lists.id"), nullable=False),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id"), nullable=False),
    # A price with an end is an offer and goes before the standing price.
    Column("is_offer", Boolean, nullable=False),
    Column("valid_from", Timestamp, nullable=False),
    Column("valid_until", Timestamp),
    Column("amount_minor", BigInteger),  # of one main unit; none: not for sale from then on
    # The order of the key is the order in which the price in force is looked for, backwards.
    PrimaryKeyConstraint("list_id", "variant_id", "is_offer", "valid_from"),
    CheckConstraint("amount_minor >= 0", name="amount_is_not_negative"),
    CheckConstraint("valid_until > valid_from", name="ends_after_it_begins"),
    CheckConstraint("is_offer = (valid_until IS NOT NULL)", name="offer_has_an_end"),
    CheckConstraint("NOT is_offer OR amount_minor IS NOT NULL", name="offer_has_an_amount"),
    schema="pricing",
)

tax_countries = Table(
    "tax_countries",
    metadata,
    Column("country", Text, primary_key=True),  # ISO 3166-1 alpha-2
    Column("id", Uuid, nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
    CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_is_a_code"),
    schema="pricing",
)

tax_rates = Table(
    "tax_rates",
    metadata,
    Column("country", Text, ForeignKey("pricing.tax_countries.country"), nullable=False),
    Column("tax_class", Text, nullable=False),  # the product's: standard, reduced, …
    Column("valid_from", Timestamp, nullable=False),
    Column("rate_ppm", Integer, nullable=False),  # 200000 is 20 %
    PrimaryKeyConstraint("country", "tax_class", "valid_from"),
    CheckConstraint("rate_ppm BETWEEN 0 AND 1000000", name="rate_is_a_rate"),
    schema="pricing",
)

coupons = Table(
    "coupons",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),  # as the retailer writes it
    Column("code_key", Text, nullable=False, unique=True),  # as it is compared
    Column("is_active", Boolean, nullable=False),
    Column("discount_ppm", Integer),  # of the goods; none: the terms name an amount
    Column("priority", Integer, nullable=False),  # the lower number is taken off first
    Column("combines", Boolean, nullable=False),  # with other coupons in one basket
    Column("valid_from", Timestamp),
    Column("valid_until", Timestamp),
    Column("limit_total", BigInteger),
    Column("limit_per_customer", BigInteger),
    Column("groups", ARRAY(Text), nullable=False, server_default=text("'{}'")),  # none: everybody
    Column("version", BigInteger, nullable=False),
    CheckConstraint("discount_ppm BETWEEN 1 AND 1000000", name="discount_is_a_part"),
    CheckConstraint("valid_until > valid_from", name="ends_after_it_begins"),
    CheckConstraint("limit_total >= 1", name="limit_allows_one"),
    CheckConstraint("limit_per_customer >= 1", name="customer_limit_allows_one"),
    schema="pricing",
)

coupon_terms = Table(
    "coupon_terms",
    metadata,
    Column("coupon_id", Uuid, ForeignKey("pricing.coupons.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("off_minor", BigInteger),  # none: the coupon takes off a part
    Column("minimum_minor", BigInteger, nullable=False),  # of the goods before any discount
    CheckConstraint("off_minor > 0", name="takes_something_off"),
    CheckConstraint("minimum_minor >= 0", name="minimum_is_not_negative"),
    schema="pricing",
)

coupon_channels = Table(
    "coupon_channels",
    metadata,
    Column("coupon_id", Uuid, ForeignKey("pricing.coupons.id"), primary_key=True),
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), primary_key=True),
    schema="pricing",
)

coupon_counters = Table(
    "coupon_counters",
    metadata,
    # Only what is limited is counted here: a coupon without limit must not make orders queue.
    Column("coupon_id", Uuid, ForeignKey("pricing.coupons.id"), nullable=False),
    Column("customer_id", Uuid),  # none: all customers together
    Column("uses", BigInteger, nullable=False),
    Column("limit_uses", BigInteger, nullable=False),
    UniqueConstraint(
        "coupon_id", "customer_id", name="one_counter_each", postgresql_nulls_not_distinct=True
    ),
    CheckConstraint("uses BETWEEN 0 AND limit_uses", name="never_used_beyond_its_limit"),
    schema="pricing",
    postgresql_with={"fillfactor": "70"},
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("coupon_id", Uuid, ForeignKey("pricing.coupons.id"), nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("customer_id", Uuid),
    Column("discount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("redeemed_at", Timestamp, nullable=False),
    Column("given_back_at", Timestamp),
    Column("version", BigInteger, nullable=False),
    UniqueConstraint("order_id", "coupon_id", name="one_use_to_an_order"),
    CheckConstraint("discount_minor >= 0", name="discount_is_not_negative"),
    Index("redemptions_by_coupon", "coupon_id", "customer_id"),
    schema="pricing",
)
