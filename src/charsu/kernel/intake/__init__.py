"""Foreign files: any table that people export, as typed rows, in bounded memory.

``read_rows`` understands the file, a ``RowShape`` makes a typed value of each row (a ``GroupShape``
one of several that belong together), and ``run_import`` brings them in chunk by chunk and accounts
for every row. What is imported, and how it is stored, is the target's own matter.
"""

from .cells import looks_like_formula, plain_cell, safe_cell
from .dialects import product_sheet
from .encodings import Encoding
from .errors import (
    ArchiveRefused,
    BrokenHeader,
    DamagedFile,
    DuplicateColumns,
    EmptyFile,
    HeaderTooLong,
    MissingColumns,
    NoSuchFile,
    QuotesUnmatched,
    TooManyColumns,
    UnknownEncoding,
    UnknownFormat,
    UnreadableFile,
)
from .grouping import GroupShape
from .limits import LIMITS, Limits
from .numbers import Mark, number_of
from .problems import BadCell, Reason, RowProblem, problem, visible
from .product_sheets import SheetImage, SheetPrice, SheetPrices, SheetProduct, SheetVariant
from .readers import Reader, code, day, decimal, moment, one_of, text, whole, yes_or_no
from .reading import Rows, read_rows
from .report import Difference, Progress, Report, problem_sheet, write_report
from .rows import Entry, FileFacts, Format, RawRow
from .run import ApplyChunk, Chunk, Earlier, Outcome, Remark, run_import
from .shape import Field, Item, RowShape, Shape
from .shopify import shopify_products
from .spree import spree_products

__all__ = [
    "LIMITS",
    "ApplyChunk",
    "ArchiveRefused",
    "BadCell",
    "BrokenHeader",
    "Chunk",
    "DamagedFile",
    "Difference",
    "DuplicateColumns",
    "Earlier",
    "EmptyFile",
    "Encoding",
    "Entry",
    "Field",
    "FileFacts",
    "Format",
    "GroupShape",
    "HeaderTooLong",
    "Item",
    "Limits",
    "Mark",
    "MissingColumns",
    "NoSuchFile",
    "Outcome",
    "Progress",
    "QuotesUnmatched",
    "RawRow",
    "Reader",
    "Reason",
    "Remark",
    "Report",
    "RowProblem",
    "RowShape",
    "Rows",
    "Shape",
    "SheetImage",
    "SheetPrice",
    "SheetPrices",
    "SheetProduct",
    "SheetVariant",
    "TooManyColumns",
    "UnknownEncoding",
    "UnknownFormat",
    "UnreadableFile",
    "code",
    "day",
    "decimal",
    "looks_like_formula",
    "moment",
    "number_of",
    "one_of",
    "plain_cell",
    "problem",
    "problem_sheet",
    "product_sheet",
    "read_rows",
    "run_import",
    "safe_cell",
    "shopify_products",
    "spree_products",
    "text",
    "visible",
    "whole",
    "write_report",
    "yes_or_no",
]
