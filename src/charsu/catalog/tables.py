"""Where products, categories, channels and the search index are kept."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, BOOLEAN, JSONB, REAL, TSVECTOR

from charsu.kernel import Timestamp, Uuid, metadata

_EMPTY_OBJECT = text("'{}'::jsonb")

channels = Table(
    "channels",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),  # never changes
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("tax_mode", Text, nullable=False),  # of the prices shown here
    Column("language", Text, nullable=False),  # where nobody has said another
    Column("assortment", Text, nullable=False),  # whether a product needs a listing to be here
    Column("version", Integer, nullable=False),
    CheckConstraint("tax_mode IN ('included', 'added')", name="tax_mode_is_known"),
    CheckConstraint("assortment IN ('everything', 'listed')", name="assortment_is_known"),
    schema="catalog",
)

categories = Table(
    "categories",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("parent_id", Uuid, ForeignKey("catalog.categories.id")),
    Column("path", ARRAY(Text), nullable=False),  # codes from the root down to this one
    Column("position", Integer, nullable=False),
    Column("titles", JSONB, nullable=False),  # by language
    Column("version", Integer, nullable=False),
    CheckConstraint("parent_id <> id", name="category_is_not_its_own_parent"),
    Index("categories_by_parent", "parent_id", "position"),
    schema="catalog",
)

products = Table(
    "products",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("handle", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("brand", Text),
    Column("category_id", Uuid, ForeignKey("catalog.categories.id"), index=True),
    Column("product_type", Text),
    Column("tax_class", Text, nullable=False),
    Column("unit", Text, nullable=False),  # UN/CEFACT Recommendation 20
    Column("quantity_scale", SmallInteger, nullable=False),
    Column("options", JSONB, nullable=False),  # what is chosen, in the order shown
    Column("attributes", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    Column("changed_at", Timestamp, nullable=False),
    CheckConstraint("status IN ('draft', 'active', 'archived')", name="status_is_known"),
    CheckConstraint("quantity_scale BETWEEN 0 AND 6", name="scale_is_sane"),
    schema="catalog",
)

product_texts = Table(
    "product_texts",
    metadata,
    Column("product_id", Uuid, ForeignKey("catalog.products.id"), primary_key=True),
    Column("language", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("subtitle", Text, nullable=False),
    Column("description", Text, nullable=False),
    CheckConstraint("title <> ''", name="title_says_something"),
    schema="catalog",
)

variants = Table(
    "variants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("product_id", Uuid, ForeignKey("catalog.products.id"), nullable=False),
    Column("sku", Text, nullable=False),  # as the retailer writes it
    Column("sku_key", Text, nullable=False, unique=True),  # as it is compared
    Column("gtin", Text),
    Column("mpn", Text),
    Column("options", JSONB, nullable=False),
    Column("weight_grams", Integer),
    Column("position", Integer, nullable=False),
    # A variant that a product no longer has is kept: orders and stock still speak of it.
    Column("is_archived", BOOLEAN, nullable=False, server_default=text("false")),
    CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin_has_14_digits"),
    CheckConstraint("weight_grams >= 0", name="weight_is_not_negative"),
    Index("variants_by_product", "product_id", "position"),
    Index(
        "one_variant_to_a_gtin",
        "gtin",
        unique=True,
        postgresql_where=text("gtin IS NOT NULL AND NOT is_archived"),
    ),
    schema="catalog",
)

media = Table(
    "media",
    metadata,
    Column("product_id", Uuid, ForeignKey("catalog.products.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("variant_id", Uuid, ForeignKey("catalog.variants.id")),
    Column("kind", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("alt", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    schema="catalog",
)

listings = Table(
    "listings",
    metadata,
    Column("product_id", Uuid, ForeignKey("catalog.products.id"), primary_key=True),
    Column("channel_id", Uuid, ForeignKey("catalog.channels.id"), primary_key=True),
    Column("is_published", BOOLEAN, nullable=False),
    Column("texts", JSONB, nullable=False),  # by language: what differs from the product's own
    Index("listings_by_channel", "channel_id"),
    schema="catalog",
)

search_entries = Table(
    "search_entries",
    metadata,
    # A short number, for a search carries a thousand of them between its statements.
    Column("number", Integer, Identity(always=True), primary_key=True),
    Column(
        "product_id",
        Uuid,
        ForeignKey("catalog.products.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("document", TSVECTOR, nullable=False),  # folded words and facets
    Column("facets", ARRAY(Text), nullable=False),  # "brand:Muscat", as shown
    Column("title_words", SmallInteger, nullable=False),  # in the shortest of its titles
    Column("title_number", Integer, nullable=False),  # the same for the same title
    Column("popularity", REAL, nullable=False, server_default=text("0")),  # 0 to 1
    Index(
        "search_entries_by_word",
        "document",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},  # a list of pending entries slows every search
    ),
    Index("search_entries_by_popularity", text("popularity DESC"), "number"),
    schema="catalog",
)

search_words = Table(
    "search_words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("entries", Integer, nullable=False),  # at the last count; "" stands in all of them
    schema="catalog",
)

search_shapes = Table(
    "search_shapes",
    metadata,
    Column("shape", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    schema="catalog",
)

search_synonyms = Table(
    "search_synonyms",
    metadata,
    Column("language", Text, primary_key=True),
    Column("group_number", Integer, primary_key=True),
    Column("term", Text, primary_key=True),  # folded words with single blanks between
    Index("search_synonyms_by_term", "term"),
    schema="catalog",
)

search_places = Table(
    "search_places",
    metadata,
    # Which products a location has to sell; told by those who know the stock.
    Column("location_id", Uuid, primary_key=True),
    Column(
        "product_id",
        Uuid,
        ForeignKey("catalog.products.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    UniqueConstraint("product_id", "location_id"),
    schema="catalog",
)
