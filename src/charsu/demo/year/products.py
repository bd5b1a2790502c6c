"""Products and categories, and what the year shows about their prices."""

import polars as pl

from charsu.demo.year.source import scan
from charsu.demo.year.titles import phrase, title

PIECE = "H87"  # UN/CEFACT Rec 20: piece
GALLON = "GLL"  # UN/CEFACT Rec 20: US liquid gallon
FUEL_SCALE = 3  # fuel is counted in thousandths of a gallon
OWN_LABEL = "Own label"


def products(lines: pl.DataFrame) -> pl.DataFrame:
    """Every product of the source, and the 17 that were sold but are missing from it.

    sku               text, the source's number
    title             composed, see ``titles``; many products share one
    brand             "Own label", or the maker of a national brand ("Maker 1208")
    department        as the source writes it; null for a missing product
    category_code     of ``categories``, null for a missing product
    package_size      as the source writes it, or null
    unit, scale       UN/CEFACT Rec 20 and decimals: pieces, or gallons in thousandths for fuel
    is_stocked        counted on a shelf; not fuel, gift cards, coupons or missing products
    is_missing        sold, but not in the source's product table
    price_minor       the usual price of one unit in cents, before any discount: the median over
                      the lines with a quantity and a value, the lower of two; null if never sold
    """
    known = _known(lines)
    paths = pl.concat_list(_phrases("department"), _phrases("product_category"))
    described = known.with_columns(
        title=_titles(known),
        brand=pl.when(pl.col("brand") == "Private")
        .then(pl.lit(OWN_LABEL))
        .when(pl.col("manufacturer_id").is_not_null())
        .then(pl.format("Maker {}", "manufacturer_id")),
        category_code=paths.list.eval(_slug()).list.drop_nulls().list.join("."),
        unit=pl.when("is_fuel").then(pl.lit(GALLON)).otherwise(pl.lit(PIECE)),
        scale=pl.when("is_fuel").then(FUEL_SCALE).otherwise(0).cast(pl.Int16),
    )
    priced = described.join(_prices(lines), on="product_id", how="left").sort("product_id")
    return priced.select(
        pl.col("product_id").cast(pl.String).alias("sku"),
        *("title", "brand", "department"),
        pl.col("category_code").replace("", None),
        *("package_size",),
        *("unit", "scale", "is_stocked", "is_missing", "price_minor"),
    )


def sold_only(catalog: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The products that occur in these lines."""
    sold = lines.select(sku=pl.col("product_id").cast(pl.String)).unique()
    return catalog.join(sold, on="sku", how="semi")


def categories(catalog: pl.DataFrame) -> pl.DataFrame:
    """The departments and categories of these products: ``code``, ``parent_code``, ``name``.

    Codes are of the form ``grocery`` and ``grocery.frozen-ice``; parents come before children.
    """
    used = catalog.select(code=pl.col("category_code").drop_nulls().unique())
    parts = pl.col("code").str.split(".")
    codes = pl.concat([used.select(code=parts.list.first()), used]).unique()
    return (
        codes.with_columns(parent_code=pl.when(parts.list.len() > 1).then(parts.list.first()))
        .join(_category_names(), on="code", how="left")
        .sort(pl.col("parent_code").is_not_null(), "code")
        .select("code", "parent_code", "name")
    )


def _category_names() -> pl.DataFrame:
    """The name that people read for each code; the first by alphabet where two fall together."""
    source = scan("products").select("department", "product_category").unique().collect()
    spoken = source.select(top=_phrases("department"), name=_phrases("product_category"))
    tops = spoken.select(code=_slug("top"), name="top")
    both = pl.concat_str(_slug("top"), _slug("name"), separator=".")
    below = spoken.drop_nulls().select(code=both, name="name")
    return pl.concat([tops, below]).group_by("code").agg(pl.col("name").min())


def _slug(column: str | None = None) -> pl.Expr:
    """A name as part of a code: ``Frozen ice`` is ``frozen-ice``."""
    name = pl.element() if column is None else pl.col(column)
    return name.str.to_lowercase().str.replace_all("[^a-z0-9]+", "-").str.strip_chars("-")


def traits() -> pl.DataFrame:
    """How each known product behaves at the till: ``product_id``, ``is_fuel``, ``is_stocked``."""
    category, department = pl.col("product_category"), pl.col("department")
    fuel = pl.col("product_type").str.contains("GASOLINE").fill_null(False)
    service = (
        category.str.starts_with("COUPON")
        | department.is_in(["COUPON", "CNTRL/STORE SUP", "CHARITABLE CONT"])
        | ((department == "MISCELLANEOUS") & category.is_null())
    )
    table = scan("products").select(
        "product_id", is_fuel=fuel, is_stocked=~fuel & ~service.fill_null(False)
    )
    return table.collect()


def _known(lines: pl.DataFrame) -> pl.DataFrame:
    """The source's table, whole, with a row added for each sold product that it lacks."""
    table = scan("products").collect().join(traits(), on="product_id")
    sold = lines.select("product_id").unique()
    missing = sold.join(table, on="product_id", how="anti").with_columns(
        is_fuel=False, is_stocked=False, is_missing=True
    )
    whole = [table.with_columns(is_missing=False), missing]
    return pl.concat(whole, how="diagonal")


def _phrases(column: str) -> pl.Expr:
    return pl.col(column).replace_strict(_spoken(column), default=None, return_dtype=pl.String)


def _spoken(column: str) -> dict[str, str]:
    names = scan("products").select(pl.col(column).drop_nulls().unique()).collect()
    return {name: phrase(name) for name in names[column]}


def _titles(table: pl.DataFrame) -> pl.Series:
    """A title for each row; composed once per combination, since thousands of products share."""
    columns = ("product_type", "product_category", "package_size", "department")
    made = {row: title(*row) for row in table.select(columns).unique().iter_rows()}
    numbers = table["product_id"]
    rows = zip(numbers, table.select(columns).iter_rows(), strict=True)
    nothing = (None, None, None, None)
    return pl.Series(
        (f"Unlisted product {number}" if row == nothing else made[row] for number, row in rows),
        dtype=pl.String,
    )


def _prices(lines: pl.DataFrame) -> pl.DataFrame:
    """The median price of one unit before discounts; fuel sold by amount says nothing of it."""
    sold = lines.filter(
        pl.col("kind").is_in(["piece", "service", "fuel"]), pl.col("total_minor") > 0
    )
    units = pl.when(pl.col("kind") == "fuel").then(10**FUEL_SCALE).otherwise(1)
    each = pl.col("gross_minor") * units // pl.col("quantity")
    median = each.quantile(0.5, "lower").cast(pl.Int64)
    return sold.group_by("product_id").agg(price_minor=median)
