"""Clean frames from the classified lines. Amounts are pence, times aware UTC."""

from importlib.resources import files

import msgspec
import polars as pl

from charsu.demo.online_retail.kinds import REASONS

COUNTRIES: dict[str, str] = msgspec.json.decode(
    files(__package__).joinpath("countries.json").read_bytes(), type=dict[str, str]
)  # the source's names that are countries; "EIRE" is one, "European Community" is not


def products(source: pl.DataFrame) -> pl.DataFrame:
    """The goods that were sold, returned or written off, by ``sku``.

    title         the description most used on sales, the first in the alphabet among equals; a
                  product never sold has none that can be trusted and is named by its code
    written_as    every spelling of the code in the file
    price_minor   the price most used, the lower among equals; null if never sold
    """
    goods = source.filter(pl.col("kind").is_in(["sale", "cancellation", "write_off"]))
    written = goods.group_by("sku").agg(written_as=pl.col("StockCode").unique().sort())
    sales = goods.filter(pl.col("kind") == "sale").group_by("sku")
    known = sales.agg(
        title=pl.col("Description").drop_nulls().mode().min(),
        price_minor=pl.col("price_minor").mode().min(),
    )
    named = written.join(known, on="sku", how="left").sort("sku")
    return named.select(
        "sku",
        pl.col("title").fill_null(pl.format("Unlisted product {}", "sku")),
        "written_as",
        "price_minor",
    )


def customers(source: pl.DataFrame) -> pl.DataFrame:
    """Customers known by number: ``code``, and ``country`` (ISO or null) of the latest line."""
    known = source.filter(pl.col("CustomerID").is_not_null()).sort("at", "line")
    latest = known.group_by(code=pl.col("CustomerID").cast(pl.String)).agg(
        country=pl.col("Country").last()
    )
    return latest.with_columns(_country()).sort("code")


def orders(source: pl.DataFrame) -> pl.DataFrame:
    """Invoices with something sold or charged, in order of time.

    number            the invoice number
    customer_code     null for the guests
    country           ISO 3166-1, null where the source names none
    placed_at         of the first line; some invoices run over the minute
    line_count, goods_minor, charges_minor, total_minor
    """
    amount = pl.col("quantity") * pl.col("price_minor")
    is_charge = pl.col("kind") == "charge"
    billed = source.filter(pl.col("kind").is_in(["sale", "charge"]))
    grouped = billed.group_by(number="InvoiceNo").agg(
        customer_code=pl.col("CustomerID").first().cast(pl.String),
        country=pl.col("Country").first(),
        placed_at=pl.col("at").min(),
        line_count=pl.len(),
        goods_minor=amount.filter(~is_charge).sum(),
        charges_minor=amount.filter(is_charge).sum(),
        total_minor=amount.sum(),
    )
    return grouped.with_columns(_country()).sort("placed_at", "number")


def lines(source: pl.DataFrame) -> pl.DataFrame:
    """Goods (``sale``) and postage (``charge``) of the orders, as they stand in the file.

    line, number, kind, sku, title (as printed on this invoice), quantity > 0, price_minor > 0,
    total_minor
    """
    billed = source.filter(pl.col("kind").is_in(["sale", "charge"]))
    return billed.select(
        "line",
        pl.col("InvoiceNo").alias("number"),
        *("kind", "sku"),
        pl.col("Description").alias("title"),
        *("quantity", "price_minor"),
        (pl.col("quantity") * pl.col("price_minor")).alias("total_minor"),
    )


def returns(source: pl.DataFrame) -> pl.DataFrame:
    """Credit notes line by line: goods come back, or postage is paid back.

    line, number (starts with C), kind, customer_code, sku, quantity > 0, price_minor, total_minor,
    returned_at, and sale_number: the customer's latest earlier invoice with that product, null
    where there is none (sold before the file begins, or to a guest). It says nothing of quantities.
    """
    credits = source.filter(pl.col("kind").is_in(["cancellation", "charge_cancellation"]))
    keys = ["CustomerID", "sku"]
    sales = source.filter(pl.col("kind").is_in(["sale", "charge"]), pl.col("quantity") > 0)
    earlier = sales.select(*keys, "at", sale_number="InvoiceNo").drop_nulls().sort("at")
    matched = credits.sort("at").join_asof(earlier, on="at", by=keys, check_sortedness=False)
    return matched.sort("line").select(
        "line",
        pl.col("InvoiceNo").alias("number"),
        "kind",
        pl.col("CustomerID").cast(pl.String).alias("customer_code"),
        "sku",
        -pl.col("quantity"),
        "price_minor",
        (-pl.col("quantity") * pl.col("price_minor")).alias("total_minor"),
        pl.col("at").alias("returned_at"),
        "sale_number",
    )


def write_offs(source: pl.DataFrame) -> pl.DataFrame:
    """Stock lost without a sale: line, sku, quantity > 0 (pieces lost), at, note (often null)."""
    lost = source.filter(pl.col("kind") == "write_off")
    return lost.select("line", "sku", -pl.col("quantity"), "at", note=pl.col("Description"))


def reported(source: pl.DataFrame) -> pl.DataFrame:
    """Lines that are not stored: line, field, reason (a key of REASONS), value, sentence, mend."""
    left = source.filter(pl.col("kind").is_in(list(REASONS)))
    fields = {name: reason.field for name, reason in REASONS.items()}
    told = left.with_columns(
        field=pl.col("kind").replace_strict(fields),
        sentence=pl.col("kind").replace_strict({k: r.sentence for k, r in REASONS.items()}),
        mend=pl.col("kind").replace_strict({k: r.mend for k, r in REASONS.items()}),
    )
    value = pl.coalesce(
        pl.when(pl.col("field") == field).then(pl.col(field).cast(pl.String))
        for field in sorted(set(fields.values()))
    )
    return told.select(
        "line", "field", pl.col("kind").alias("reason"), value.alias("value"), "sentence", "mend"
    )


def _country() -> pl.Expr:
    return pl.col("country").replace_strict(COUNTRIES, default=None)
