"""What can be wrong with one row, one cell, and how its owner mends it.

Messages and mends are English templates with ``{names}`` of the data, to be translated at the edge.
"""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel.errors import HubError

SHOWN_CHARS = 60


class Reason(Struct, frozen=True):
    """One way in which a cell or row can be wrong. The code is a promise, the sentences are not."""

    code: str
    message: str
    mend: str


class RowProblem(Struct, frozen=True, kw_only=True):
    """One thing wrong with one row: where, what, and how to mend it.

    line     where the row begins in the file, counted from 1; in Parquet the row's number
    field    our name of the field, or None when the whole row is meant
    message  English template; ``sentence()`` fills it in, after translation if asked
    """

    line: int
    field: str | None
    code: str
    message: str
    mend: str
    data: dict[str, str | int] = {}

    def sentence(self, translate: Callable[[str], str] = str) -> str:
        return translate(self.message).format_map(self.data)

    def advice(self, translate: Callable[[str], str] = str) -> str:
        return translate(self.mend).format_map(self.data)

    def filled(self) -> "RowProblem":
        """The same with finished English sentences, for programs that read a report."""
        return replace(self, message=self.sentence(), mend=self.advice())


class BadCell(ValueError):
    """A cell does not say what its column promises. Raised by readers, reported by the shape."""

    def __init__(self, reason: Reason, **data: str | int) -> None:
        super().__init__(reason.message.format_map(data))
        self.reason = reason
        self.data = data

    def found_at(self, line: int, field: str | None = None) -> RowProblem:
        reason = self.reason
        return RowProblem(
            line=line,
            field=field,
            code=reason.code,
            message=reason.message,
            mend=reason.mend,
            data=dict(self.data),
        )


def problem(
    reason: Reason, *, line: int, field: str | None = None, **data: str | int
) -> RowProblem:
    """The reason, found at this place."""
    return BadCell(reason, **data).found_at(line, field)


def refused_by(error: HubError, *, line: int) -> RowProblem:
    """A refusal of the business, as the problem of the row that caused it."""
    data = {name: value for name, value in error.data.items() if isinstance(value, str | int)}
    # A template may name data that is no text or number: then the finished sentence stands alone.
    whole = set(data) == set(error.data)
    return RowProblem(
        line=line,
        field=None,
        code=error.code,
        message=error.template if whole else str(error).replace("{", "{{").replace("}", "}}"),
        mend="Mend the row and import the file again; rows already stored stay as they are.",
        data=data if whole else {},
    )


def shown(value: object) -> str:
    """A value as a message may show it: short, on one line, control characters visible."""
    text = str(value)
    return visible(text[:SHOWN_CHARS] + ("…" if len(text) > SHOWN_CHARS else ""))


def visible(text: str) -> str:
    """The text on one line, and what is no character that one can see written out.

    Whatever a file brings along, its name included, might else speak to the terminal.
    """
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


# Rows that could not even be split into cells
LINE_TOO_LONG = Reason(
    "line_too_long",
    "The line has more than {limit} characters.",
    "Shorten its longest cell, or put the missing line ends in.",
)
CELL_TOO_LONG = Reason(
    "cell_too_long",
    "A cell has more than {limit} characters.",
    "Shorten the cell.",
)
QUOTE_OPEN = Reason(
    "quote_not_closed",
    "A quote opens a cell here and is never closed.",
    'Close the quote, or write it twice ("") where it belongs to the text.',
)
QUOTE_INSIDE = Reason(
    "text_after_quote",
    "Text follows a closing quote.",
    'Write a quote inside a quoted cell twice: "".',
)
WRONG_CELL_COUNT = Reason(
    "wrong_cell_count",
    "The row has {found} cells, the header {wanted}.",
    "Quote a cell that contains the delimiter or a line end, or add the missing cells.",
)
NUL_CHARACTER = Reason(
    "nul_character",
    "The row contains a NUL character.",
    "Remove it; the file may have been cut off or saved as binary.",
)
UNDECODABLE = Reason(
    "undecodable",
    "The row contains characters that are no {encoding}.",
    "Save the file as UTF-8, or name its encoding, with --encoding.",
)
NOT_JSON = Reason(
    "not_json",
    "The line is no JSON object.",
    "Write one object in braces on each line.",
)

# Cells
MISSING = Reason("missing", "The value is missing.", "Fill it in.")
TOO_LONG = Reason(
    "too_long", "The text has {length} characters; {limit} are allowed.", "Shorten it."
)
NOT_TEXT = Reason("not_text", "This is no single text: {value}.", "Put one value into the cell.")
CONTROL_CHARACTER = Reason(
    "control_character", "The text contains a control character: {value}.", "Remove it."
)
SHORTENED_CODE = Reason(
    "shortened_code",
    "A spreadsheet has turned this code into a rounded number: {value}.",
    "Format the column as text and enter the code again.",
)
NOT_A_NUMBER = Reason(
    "not_a_number", "This is no number: {value}.", "Write digits only, such as 1234.56."
)
FOREIGN_DIGITS = Reason(
    "foreign_digits", "These are not the digits 0 to 9: {value}.", "Write it with 0 to 9."
)
AMBIGUOUS_NUMBER = Reason(
    "ambiguous_number",
    "{value} may mean {small} or {large}.",
    "Say which mark stands before decimals, with `--decimal comma` or `--decimal point`, or write "
    "the number without thousands marks.",
)
OTHER_DECIMAL_MARK = Reason(
    "other_decimal_mark",
    "{value} does not fit the decimal mark {mark} of its column.",
    "Write the whole column in one way.",
)
NOT_WHOLE = Reason("not_whole", "{value} is not a whole number.", "Write a whole number.")
TOO_MANY_PLACES = Reason(
    "too_many_places", "{value} has more than {places} decimal places.", "Round it."
)
TOO_SMALL = Reason("too_small", "{value} is less than {limit}.", "Write {limit} or more.")
TOO_LARGE = Reason("too_large", "{value} is more than {limit}.", "Write {limit} or less.")
NOT_A_DAY = Reason("not_a_day", "This is no date: {value}.", "Write it as 2026-11-23.")
NOT_A_MOMENT = Reason(
    "not_a_moment",
    "This is no date and time: {value}.",
    "Write it as 2026-11-23T14:30:00+01:00.",
)
ZONE_MISSING = Reason(
    "zone_missing",
    "The time zone is missing: {value}.",
    "Add it, such as Z or +01:00, or name the file's time zone, with --zone.",
)
NO_SUCH_TIME = Reason(
    "no_such_time",
    "The clocks of {zone} skipped this time: {value}.",
    "Add the offset from UTC, such as +01:00.",
)
NOT_YES_OR_NO = Reason("not_yes_or_no", "This is neither yes nor no: {value}.", "Write yes or no.")
NOT_ONE_OF = Reason("not_one_of", "{value} is none of: {allowed}.", "Write one of: {allowed}.")

# Rows that could be read, but not stored
DUPLICATE_ROW = Reason(
    "duplicate_row",
    "The same thing stands in line {first} already.",
    "Keep the line that is right and remove the other.",
)
HELD_BACK = Reason(
    "held_back",
    "Belongs together with line {first}, which cannot be stored.",
    "Mend that line; this one then goes in with it.",
)
GROUP_TOO_LARGE = Reason(
    "group_too_large",
    "More than {limit} lines belong together.",
    "Check the column that names what belongs together.",
)

REFUSED_EARLIER = Reason(
    "refused_earlier",
    "Rows refused before the import was interrupted, besides those that are told: {rows}.",
    "Import the file once more: each of them is then told with its reason.",
)

# Rows that go in, with a remark
FORMULA_CELL = Reason(
    "formula_cell",
    "The text begins like a spreadsheet formula and is kept as text: {value}.",
    "Nothing, if it is meant so.",
)
