"""What each line of the wholesaler's export really is.

The export mixes sales with everything else that went through the till's software. Each line gets
exactly one kind, from its invoice number, code, quantity and price; the first rule that fits wins.
Kinds in ``STORED`` become records, kinds in ``REASONS`` are reported, and there are no others: so
rows in = rows stored + rows reported.
"""

from typing import NamedTuple

import polars as pl

from charsu.demo.year.cents import TOLERANCE

CHARGES = ("POST", "DOT", "C2")  # postage, postage of the web shop, carriage
FEES = ("AMAZONFEE", "BANK CHARGES", "CRUK")  # paid by the shop, not by a customer

STORED = (
    "sale",  # goods on an invoice
    "cancellation",  # goods on a credit note: the invoice number starts with C
    "charge",  # postage or carriage on an invoice
    "charge_cancellation",  # the same on a credit note
    "write_off",  # negative quantity at no price and on no credit note: stock that was lost
)


class Reason(NamedTuple):
    """Why lines of a kind are not stored, said of one field, and how to mend them."""

    field: str
    sentence: str
    mend: str


REASONS = {
    "bad_debt": Reason(
        "InvoiceNo",
        "A bookkeeping entry for a debt that will not be paid, not a sale.",
        "Book it in the accounts; leave it out of the export of orders.",
    ),
    "fee": Reason(
        "StockCode",
        "A fee that the shop paid to a marketplace or a bank, not a sale.",
        "Book it in the accounts; leave it out of the export of orders.",
    ),
    "discount": Reason(
        "StockCode",
        "A discount that names neither an order nor a product.",
        "Subtract it from the lines it belongs to, on the invoice it belongs to.",
    ),
    "sample": Reason(
        "StockCode",
        "A sample sent out, with no product code.",
        "Give the code of the product that was sent.",
    ),
    "manual": Reason(
        "StockCode",
        "An amount typed in by hand: no product and no charge that we know.",
        "Give a product code, or the code of a delivery charge.",
    ),
    "fraction_of_a_cent": Reason(
        "UnitPrice",
        "The price is less than the smallest coin.",
        "Give a price in whole pence, for a pack if need be.",
    ),
    "no_price": Reason(
        "UnitPrice",
        "A positive quantity at no price: a gift, or stock found, and nothing says which.",
        "Import found stock as a count; give gifts a price and a discount of the same amount.",
    ),
    "duplicate": Reason(
        "InvoiceNo",
        "The line repeats an earlier line of the same invoice in every field.",
        "If both were sold, write one line with the quantities added.",
    ),
}


def kind() -> pl.Expr:
    """The kind of each line; expects ``sku`` (code in upper case) beside the source's columns."""
    invoice, sku = pl.col("InvoiceNo"), pl.col("sku")
    quantity, price = pl.col("Quantity"), pl.col("UnitPrice")
    credit, charge = invoice.str.starts_with("C"), sku.is_in(CHARGES)
    rules = {
        "bad_debt": invoice.str.starts_with("A") | (sku == "B"),
        "fee": sku.is_in(FEES),
        "discount": sku == "D",
        "sample": sku == "S",
        "manual": sku == "M",
        "no_price": (price == 0) & (quantity > 0),
        "fraction_of_a_cent": ((price * 100).round() - price * 100).abs() > TOLERANCE,
        "duplicate": ~pl.struct(pl.all().exclude("line")).is_first_distinct(),
        "charge_cancellation": charge & credit,
        "charge": charge & (quantity > 0),
        "cancellation": credit & (quantity < 0),
        "write_off": (quantity < 0) & (price == 0),
        "sale": (quantity > 0) & (price > 0),
    }
    return _first(rules)


def _first(rules: dict[str, pl.Expr]) -> pl.Expr:
    """The name of the first rule that holds; null where none does."""
    return pl.coalesce(pl.when(holds).then(pl.lit(name)) for name, holds in rules.items())
