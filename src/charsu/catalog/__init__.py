"""Products, variants, categories and channels, and how they are found.

A channel belongs here because every package names one. Prices live in pricing and places in
stock; the search can be bound to a place that others mark (``mark_sold_at``).
"""

from charsu.catalog.difference import Difference
from charsu.catalog.errors import (
    CategoryCycle,
    CategoryUnknown,
    GtinTaken,
    ProductInvalid,
    ProductsBusy,
    SkuTaken,
    UnitKept,
)
from charsu.catalog.facts import (
    CategoryPut,
    ChannelPut,
    ProductArchived,
    ProductIntroduced,
    ProductListed,
    ProductRevised,
)
from charsu.catalog.model import (
    ListingText,
    Media,
    Option,
    OptionValue,
    ProductDraft,
    ProductText,
    VariantDraft,
    languages_for,
    normal_gtin,
    shown_choice,
    sku_key,
)
from charsu.catalog.operations.archive_product import Archived, ArchiveProduct, archive_product
from charsu.catalog.operations.put_category import CategoryStored, PutCategory, put_category
from charsu.catalog.operations.put_channel import ChannelStored, PutChannel, put_channel
from charsu.catalog.operations.put_product import (
    PutOutcome,
    PutProduct,
    PutReport,
    diff_products,
    put_many_products,
    put_product,
)
from charsu.catalog.operations.put_synonyms import PutSynonyms, SynonymsStored, put_synonyms
from charsu.catalog.operations.rank_products import (
    RecountWords,
    WordsCounted,
    mark_gone_from,
    mark_sold_at,
    recount_words,
    set_popularity,
)
from charsu.catalog.operations.set_listing import ListingSet, SetListing, set_listing
from charsu.catalog.problems import Problem
from charsu.catalog.queries.list_products import ListProducts, ProductPage, list_products
from charsu.catalog.queries.read_categories import Categories, ListCategories, list_categories
from charsu.catalog.queries.read_channels import (
    Channel,
    Channels,
    ListChannels,
    list_channels,
    listed_in,
)
from charsu.catalog.queries.read_product import (
    FindVariant,
    ProductShown,
    ReadProduct,
    SellableVariant,
    VariantFound,
    find_variant,
    read_product,
    sellable_variants,
    variant_ids_by_sku,
)
from charsu.catalog.queries.search_products import (
    FoundProduct,
    SearchAnswer,
    SearchProducts,
    search_products,
)
from charsu.catalog.search import fold
from charsu.catalog.search.facets import Facet, FacetValue
from charsu.catalog.sheets import put_sheets, sku_of

__all__ = [
    "ArchiveProduct",
    "Archived",
    "Categories",
    "CategoryCycle",
    "CategoryPut",
    "CategoryStored",
    "CategoryUnknown",
    "Channel",
    "ChannelPut",
    "ChannelStored",
    "Channels",
    "Difference",
    "Facet",
    "FacetValue",
    "FindVariant",
    "FoundProduct",
    "GtinTaken",
    "ListCategories",
    "ListChannels",
    "ListProducts",
    "ListingSet",
    "ListingText",
    "Media",
    "Option",
    "OptionValue",
    "Problem",
    "ProductArchived",
    "ProductDraft",
    "ProductIntroduced",
    "ProductInvalid",
    "ProductListed",
    "ProductPage",
    "ProductRevised",
    "ProductShown",
    "ProductText",
    "ProductsBusy",
    "PutCategory",
    "PutChannel",
    "PutOutcome",
    "PutProduct",
    "PutReport",
    "PutSynonyms",
    "ReadProduct",
    "RecountWords",
    "SearchAnswer",
    "SearchProducts",
    "SellableVariant",
    "SetListing",
    "SkuTaken",
    "SynonymsStored",
    "UnitKept",
    "VariantDraft",
    "VariantFound",
    "WordsCounted",
    "archive_product",
    "diff_products",
    "find_variant",
    "fold",
    "languages_for",
    "list_categories",
    "list_channels",
    "list_products",
    "listed_in",
    "mark_gone_from",
    "mark_sold_at",
    "normal_gtin",
    "put_category",
    "put_channel",
    "put_many_products",
    "put_product",
    "put_sheets",
    "put_synonyms",
    "read_product",
    "recount_words",
    "search_products",
    "sellable_variants",
    "set_listing",
    "set_popularity",
    "shown_choice",
    "sku_key",
    "sku_of",
    "variant_ids_by_sku",
]
