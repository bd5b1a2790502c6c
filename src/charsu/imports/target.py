"""What can be imported, and what the importer may say about its file."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct

from charsu.kernel import Tx
from charsu.kernel.intake import Item, Mark, Outcome, Rows, Shape

T = TypeVar("T")


class Options(Struct, frozen=True, kw_only=True):
    """What a file does not say itself.

    language   of its texts, as a BCP 47 tag
    channel    code; of orders without one, and whose prices the file holds (None: every channel
               with the currency)
    currency   ISO 4217, of amounts without one
    country    ISO 3166-1, of orders without one
    location   code; of orders and counts without one; counts in a file of products have none
    zone       of times without an offset
    source     short name of the system that the file's own numbers come from
    decimal    mark before the decimals of its numbers; without it, each column shows its own
    encoding   of its text, as Python names it; without it, it is found out
    """

    language: str = "en"
    channel: str | None = None
    currency: str | None = None
    country: str | None = None
    location: str | None = None
    zone: ZoneInfo | None = None
    source: str = "import"
    decimal: Mark | None = None
    encoding: str | None = None


class Target(Struct, Generic[T], frozen=True):
    """Something that can be imported.

    shape   what is expected of the rows of this file
    store   puts some of them in, one outcome each; a refusal that it raises names no row
    chunk   rows in one transaction, which must end within seconds
    """

    name: str
    about: str
    shape: Callable[[Rows, Options], Shape[T]]
    store: Callable[[Tx, Sequence[Item[T]], Options], list[Outcome]]
    chunk: int = 1_000


AnyTarget = Target[Any]
