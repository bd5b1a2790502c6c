"""Why a whole file cannot be taken. A row that cannot be taken is a RowProblem instead.

Every sentence ends with what its owner can do about it.
"""

from collections.abc import Sequence

from charsu.kernel.errors import HubError, Invalid

from .problems import shown, visible


class UnreadableFile(Invalid):
    """The file as it stands cannot be read, whatever its rows say."""

    code = "unreadable_file"


class NoSuchFile(HubError):
    """The path leads to no file, or to one that may not be opened."""

    code = "no_such_file"

    def __init__(self, path: str) -> None:
        super().__init__("There is no readable file at {path}.", path=visible(path))


class EmptyFile(UnreadableFile):
    """The file has no byte in it, or nothing but white space."""

    code = "empty_file"

    def __init__(self) -> None:
        super().__init__("The file is empty. Export it again, with its header.")


class UnknownFormat(UnreadableFile):
    """Neither the name nor the first bytes say what it is, or they say something we do not read.

    The sentence, given by whoever finds it, says what it is and what to save it as.
    """

    code = "unknown_format"


class UnknownEncoding(UnreadableFile):
    """Whoever imports named an encoding that there is none of."""

    code = "unknown_encoding"

    def __init__(self, encoding: str) -> None:
        super().__init__(
            "{encoding} is no text encoding that we know. Try utf-8 or cp1250.",
            encoding=shown(encoding),
        )


class ArchiveRefused(UnreadableFile):
    """A .gz or .zip that holds too much, too many files, another archive, or a password."""

    code = "archive_refused"


class DamagedFile(UnreadableFile):
    """It broke off, or its checksum is wrong. ``detail`` is for whoever made the file."""

    code = "damaged_file"

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The file is damaged or was cut off. Fetch it again.", detail=visible(detail)
        )


class HeaderTooLong(UnreadableFile):
    """The first line is so long that it can be no header; the file may have no line ends."""

    code = "header_too_long"

    def __init__(self, limit: int) -> None:
        super().__init__(
            "The first line has more than {limit} characters, so it is no header. "
            "Check that the file has line ends.",
            limit=limit,
        )


class TooManyColumns(UnreadableFile):
    """The header names more columns than any of our files has use for."""

    code = "too_many_columns"

    def __init__(self, found: int, limit: int) -> None:
        super().__init__(
            "The header names {found} columns; at most {limit} are read. "
            "Check the delimiter, or leave columns out.",
            found=found,
            limit=limit,
        )


class BrokenHeader(UnreadableFile):
    """A quote in the header is opened and not closed, or the other way round."""

    code = "broken_header"

    def __init__(self) -> None:
        super().__init__(
            "The quotes in the header do not match. Put each column name between two quotes, "
            "or use none."
        )


class DuplicateColumns(UnreadableFile):
    """Two columns have one name, so that nobody can say which one is meant."""

    code = "duplicate_columns"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            "The header has more than one column named {names}. Rename or remove one of them.",
            names=", ".join(map(shown, names[:10])),
        )


class MissingColumns(UnreadableFile):
    """A column that every row needs is not in the header."""

    code = "missing_columns"

    def __init__(self, missing: Sequence[str], found: Sequence[str]) -> None:
        super().__init__(
            "The file has no column {missing}. Its columns are: {found}.",
            missing=", ".join(missing),
            found=", ".join(map(shown, found[:30])) or "-",
        )


class QuotesUnmatched(UnreadableFile):
    """So many quotes stay open that rows can no longer be told apart."""

    code = "quotes_unmatched"

    def __init__(self, line: int) -> None:
        super().__init__(
            "From line {line} on, quotes do not match, so rows cannot be told apart. "
            "Export the file again with every quote inside a cell doubled.",
            line=line,
        )
