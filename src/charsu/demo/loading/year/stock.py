"""The year's stock: what each store began with, what was delivered, and what is left."""

from collections.abc import Sequence
from uuid import UUID

import polars as pl

from charsu.demo.loading.parts import put_in_parts
from charsu.demo.loading.progress import Progress
from charsu.demo.loading.year.shop import YearShop
from charsu.demo.year import Year, csv_chunks, stable_ids
from charsu.demo.year.ids import part_ids
from charsu.kernel import SYSTEM, Hub
from charsu.stock import outside_account, stock_account
from charsu.stock.bulk import (
    VARIANTS_IN_A_DOCUMENT,
    copy_past_documents,
    copy_past_levels,
    open_outside,
    show_past_levels,
)

PIECE = "H87"
ROWS_AT_ONCE = 25_000
DOCUMENTS_AT_ONCE = ROWS_AT_ONCE // VARIANTS_IN_A_DOCUMENT
LOCATIONS_AT_ONCE = 20


def load_stock(hub: Hub, year: Year, shop: YearShop, progress: Progress) -> pl.DataFrame:
    """Open the accounts and book everything that came in.

    Returns account_id by ``store_code`` and ``sku``, for what goes out.
    """
    levels = _with_accounts(year.levels, shop)
    with hub.writing("demo.load") as tx:
        open_outside(tx, {PIECE})

    def put(part: Sequence[int]) -> None:
        some = levels.slice(part[0], len(part))
        with hub.writing("demo.load") as tx:
            copy_past_levels(tx, csv_chunks(_accounts(some)), csv_chunks(_balances(some)))

    for part, _ in put_in_parts(range(levels.height), ROWS_AT_ONCE, put):
        progress("stock levels", part[-1] + 1, levels.height)
    _show(hub, levels)
    accounts = levels.select("store_code", "sku", "account_id")
    _load_receipts(hub, _receipts(year, levels, shop), progress)
    return accounts


def _show(hub: Hub, levels: pl.DataFrame) -> None:
    locations = [UUID(text) for text in levels["location_id"].unique().sort()]

    def show(some: Sequence[UUID]) -> None:
        with hub.writing("demo.load") as tx:
            show_past_levels(tx, some)

    for _ in put_in_parts(locations, LOCATIONS_AT_ONCE, show):
        pass


def _with_accounts(levels: pl.DataFrame, shop: YearShop) -> pl.DataFrame:
    known = levels.join(shop.variants, on="sku", maintain_order="left").join(
        shop.stores, on="store_code", maintain_order="left"
    )
    variants = {text: UUID(text) for text in known["variant_id"].unique()}
    places = {text: UUID(text) for text in known["location_id"].unique()}
    ids = pl.Series(
        (
            str(stock_account(variants[variant], places[place]).id)
            for variant, place in known.select("variant_id", "location_id").iter_rows()
        ),
        dtype=pl.String,
    )
    return known.with_columns(account_id=ids)


def _accounts(levels: pl.DataFrame) -> pl.DataFrame:
    return levels.select(
        "account_id",
        book=pl.lit("stock"),
        kind=pl.lit("on_hand"),
        unit=pl.lit(PIECE),
        thing_id="variant_id",
        place_id="location_id",
        is_guarded=pl.lit(True),
    )


def _balances(levels: pl.DataFrame) -> pl.DataFrame:
    return levels.select(
        "account_id",
        pl.lit("on_hand").alias("kind"),
        pl.col("variant_id").alias("thing_id"),
        pl.col("location_id").alias("place_id"),
        pl.col("on_hand").alias("posted"),
    )


def _receipts(year: Year, levels: pl.DataFrame, shop: YearShop) -> pl.DataFrame:
    """Everything that came in, by document: a store's opening stock, and each delivery to it.

    document_id, place (in the document), reference, location_id, account_id, quantity, at
    """
    opening = levels.filter(pl.col("opening") > 0).select(
        "store_code",
        "account_id",
        pl.lit("opening").alias("reference"),
        pl.col("opening").alias("quantity"),
        pl.col("opened_at").alias("at"),
    )
    delivered = year.deliveries.join(levels, on=["store_code", "sku"]).select(
        "store_code",
        "account_id",
        pl.lit("delivery").alias("reference"),
        "quantity",
        pl.col("received_at").alias("at"),
    )
    rows = pl.concat([opening, delivered]).sort("at", "store_code", "account_id")
    place = pl.int_range(pl.len()).over("at", "store_code")
    parts = rows.with_columns(
        part=place // VARIANTS_IN_A_DOCUMENT, place=place % VARIANTS_IN_A_DOCUMENT + 1
    )
    numbered = parts.with_columns(
        document=pl.struct("at", "store_code", "part").rle_id().cast(pl.Int64)
    )
    return _with_documents(numbered).join(shop.stores, on="store_code", maintain_order="left")


def _with_documents(rows: pl.DataFrame) -> pl.DataFrame:
    documents = rows.group_by("document", maintain_order=True).agg(pl.col("at").first())
    moments = documents["at"].dt.epoch("ms")
    ids = stable_ids("receipt", documents["document"], moments).alias("document_id")
    return rows.join(documents.select("document", ids), on="document", maintain_order="left")


def _load_receipts(hub: Hub, receipts: pl.DataFrame, progress: Progress) -> None:
    supplier = str(outside_account("supplier", PIECE).id)
    done = 0

    def put(numbers: Sequence[int]) -> int:
        some = receipts.filter(pl.col("document").is_between(numbers[0], numbers[-1]))
        documents = some.unique("document_id", keep="first", maintain_order=True)
        with hub.writing("demo.load") as tx:
            copy_past_documents(
                tx,
                csv_chunks(_documents(documents)),
                csv_chunks(_transfers(some, supplier)),
                ids=documents["document_id"].to_list(),
            )
        return some.height

    last = receipts["document"].max() if receipts.height else -1
    assert isinstance(last, int)
    for _, rows in put_in_parts(range(last + 1), DOCUMENTS_AT_ONCE, put):
        done += rows
        progress("receipts", done, receipts.height)


def _documents(documents: pl.DataFrame) -> pl.DataFrame:
    return documents.select(
        "document_id",
        pl.lit("receipt").alias("kind"),
        "location_id",
        "reference",
        "at",
        pl.lit(1).alias("version"),
    )


def _transfers(receipts: pl.DataFrame, supplier: str) -> pl.DataFrame:
    return receipts.select(
        part_ids(pl.col("document_id"), pl.col("place")).alias("id"),
        pl.lit(supplier).alias("from_account_id"),
        pl.col("account_id").alias("to_account_id"),
        pl.col("quantity").alias("amount"),
        pl.lit("receipt").alias("reason"),
        pl.col("document_id").alias("cause_id"),
        pl.lit(str(SYSTEM.id)).alias("actor_id"),
        "at",
    )
