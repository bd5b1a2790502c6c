"""The export as things to store, with the line of the file for each, and lines to report."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from charsu.demo.online_retail import classified, frames
from charsu.demo.online_retail.kinds import kind
from charsu.demo.year import stable_id
from charsu.kernel.intake import Reason, RowProblem, problem

NO_RULE = Reason(
    "no_rule",
    "The line is neither a sale nor a credit note, a loss or a charge.",
    "Say what it is by its invoice number, code, quantity and price.",
)
SALE_UNKNOWN = Reason(
    "sale_unknown",
    "No earlier invoice of this file sold {sku} to this customer.",
    "Import the file with the sale together with this one.",
)
MORE_THAN_SOLD = Reason(
    "more_than_sold",
    "Invoice {sale} has fewer pieces of {sku} left, or was paid less, than this line gives back.",
    "Split the line over the invoices that it gives back.",
)


class Sale(Struct, frozen=True):
    """An invoice with its lines: (line, kind, SKU, title, quantity, price, total) each."""

    number: str
    customer: str | None
    country: str | None
    placed_at: datetime
    lines: tuple[tuple[int, str, str, str, int, int, int], ...]


class GiveBack(Struct, frozen=True):
    """What one credit note gives back of one line of an invoice."""

    line: int
    sale: str
    position: int  # of the invoice's line
    quantity: int
    refund_minor: int


class CreditNote(Struct, frozen=True):
    """Everything that one credit note gives back of one invoice at one time."""

    id: UUID
    number: str
    sale: str
    at: datetime
    backs: tuple[GiveBack, ...]


class Wholesale(Struct, frozen=True):
    """Everything in the file."""

    rows: int
    products: pl.DataFrame
    customers: pl.DataFrame
    sales: list[Sale]
    credits: list[CreditNote]
    losses: pl.DataFrame
    problems: list[RowProblem]


def read_wholesale(source: pl.DataFrame) -> Wholesale:
    """Take the export apart; amounts in pence, times UTC."""
    ruled = source.with_columns(
        sku=pl.col("StockCode").str.strip_chars().str.to_uppercase()
    ).select(is_ruled=kind().is_not_null())["is_ruled"]
    lines = pl.Series(range(1, source.height + 1), dtype=pl.UInt32)
    known = classified(source.filter(ruled)).with_columns(line=lines.filter(ruled))
    problems = [problem(NO_RULE, line=line) for line in lines.filter(~ruled)]
    problems += map(_reported, frames.reported(known).iter_rows(named=True))
    sales = list(_sales(known))
    credits, unmatched = _match(frames.returns(known), sales)
    return Wholesale(
        rows=source.height,
        products=frames.products(known),
        customers=frames.customers(known),
        sales=sales,
        credits=credits,
        losses=frames.write_offs(known),
        problems=problems + unmatched,
    )


def _reported(row: dict[str, Any]) -> RowProblem:
    return RowProblem(
        line=row["line"],
        field=row["field"],
        code=row["reason"],
        message=row["sentence"],
        mend=row["mend"],
    )


def _sales(known: pl.DataFrame) -> Iterator[Sale]:
    parts: dict[str, list[tuple[int, str, str, str, int, int, int]]] = defaultdict(list)
    lines = frames.lines(known).select(
        *("number", "line", "kind", "sku"),
        pl.col("title").fill_null(pl.col("sku")),
        *("quantity", "price_minor", "total_minor"),
    )
    for number, *line in lines.iter_rows():
        parts[number].append(tuple(line))
    for row in frames.orders(known).iter_rows(named=True):
        number = row["number"]
        yield Sale(
            number, row["customer_code"], row["country"], row["placed_at"], tuple(parts[number])
        )


def _match(returns: pl.DataFrame, sales: list[Sale]) -> tuple[list[CreditNote], list[RowProblem]]:
    """Find for each credit line the lines that it gives back; those that fit nowhere are told."""
    left: dict[tuple[str, str], list[list[int]]] = defaultdict(list)  # [position, pieces, paid]
    for sale in sales:
        for position, (_, _, sku, _, quantity, _, total) in enumerate(sale.lines, 1):
            left[sale.number, sku].append([position, quantity, total])
    notes: dict[tuple[str, str, datetime], list[GiveBack]] = defaultdict(list)
    problems = []
    for row in returns.iter_rows(named=True):
        if row["sale_number"] is None:
            problems.append(problem(SALE_UNKNOWN, line=row["line"], sku=row["sku"]))
            continue
        backs = _take(left[row["sale_number"], row["sku"]], row)
        if backs is None:
            about = {"sale": row["sale_number"], "sku": row["sku"]}
            problems.append(problem(MORE_THAN_SOLD, line=row["line"], **about))
            continue
        notes[row["number"], row["sale_number"], row["returned_at"]] += backs
    credits = [
        CreditNote(stable_id(f"{number}/{sale}", 0, at), number, sale, at, tuple(backs))
        for (number, sale, at), backs in notes.items()
    ]
    return credits, problems


def _take(parts: list[list[int]], row: dict[str, Any]) -> list[GiveBack] | None:
    """Give back from the lines in their order; None, and nothing taken, where it is too much."""
    missing, money = row["quantity"], row["total_minor"]
    if sum(pieces for _, pieces, _ in parts) < missing or sum(p for _, _, p in parts) < money:
        return None
    backs = []
    for part in parts:
        pieces, paid = min(missing, part[1]), min(money, part[2])
        if pieces:
            backs.append(GiveBack(row["line"], row["sale_number"], part[0], pieces, paid))
            part[1] -= pieces
            part[2] -= paid
            missing -= pieces
            money -= paid
    backs[-1] = replace(backs[-1], refund_minor=backs[-1].refund_minor + money)
    return backs
