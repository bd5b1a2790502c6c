"""How much of a file is ever held in memory or unpacked."""

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds that no honest file reaches. Text of any kind is read below 200 MB with these.

    Parquet is decoded by pages, so there the largest page that its writer made is the measure.

    line_chars      characters of one line, and of one CSV record over several lines
    cell_chars      characters of one cell; csv's own default, four times what a spreadsheet holds
    columns         columns in a header, keys in a JSON object
    rescanned_chars characters read again after quotes that never closed, over the whole file
    unpacked_bytes  size of what a .gz or .zip may hold
    unpacked_ratio  unpacked to packed size, judged once ``ratio_from`` bytes have come out
    group_rows      rows that may belong together (the lines of one order)
    """

    line_chars: int = 1 << 20
    cell_chars: int = 1 << 17
    columns: int = 1_000
    rescanned_chars: int = 1 << 25
    unpacked_bytes: int = 16 << 30
    unpacked_ratio: int = 200
    ratio_from: int = 8 << 20
    group_rows: int = 10_000


LIMITS = Limits()
