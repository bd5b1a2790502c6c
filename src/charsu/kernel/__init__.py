"""The kernel: database, ledger, log, operations, ids, money, time, errors, settings, access."""

from typing import TYPE_CHECKING, Any

from charsu.kernel import ledger
from charsu.kernel.actors import SYSTEM, Actor, Grant
from charsu.kernel.database import Careful, Tx
from charsu.kernel.errors import (
    Conflict,
    EmailInvalid,
    Forbidden,
    HubError,
    InFlight,
    Invalid,
    KeyReused,
    Limited,
    NotFound,
    Stale,
    TookTooLong,
    Unauthorized,
    Unavailable,
)
from charsu.kernel.hub import Hub, may_ask
from charsu.kernel.ids import read_id, show_id, uuid7
from charsu.kernel.log import Consumer, Fact, Seen, append, reaction, reactions_in
from charsu.kernel.money import (
    Money,
    allocate,
    digits,
    minor,
    share,
    tax_on,
    tax_within,
)
from charsu.kernel.operations import (
    WHOLE_BUSINESS,
    AnyOperation,
    Operation,
    operation,
    operations_in,
    query,
)
from charsu.kernel.pages import Mark, Moment, PageUnknown, cut, read_mark, write_mark
from charsu.kernel.settings import Setting

if TYPE_CHECKING:
    from charsu.kernel.tables import Timestamp, Uuid, metadata

__all__ = [
    "SYSTEM",
    "WHOLE_BUSINESS",
    "Actor",
    "AnyOperation",
    "Careful",
    "Conflict",
    "Consumer",
    "EmailInvalid",
    "Fact",
    "Forbidden",
    "Grant",
    "Hub",
    "HubError",
    "InFlight",
    "Invalid",
    "KeyReused",
    "Limited",
    "Mark",
    "Moment",
    "Money",
    "NotFound",
    "Operation",
    "PageUnknown",
    "Seen",
    "Setting",
    "Stale",
    "Timestamp",
    "TookTooLong",
    "Tx",
    "Unauthorized",
    "Unavailable",
    "Uuid",
    "allocate",
    "append",
    "cut",
    "digits",
    "ledger",
    "may_ask",
    "metadata",
    "minor",
    "operation",
    "operations_in",
    "query",
    "reaction",
    "reactions_in",
    "read_id",
    "read_mark",
    "share",
    "show_id",
    "tax_on",
    "tax_within",
    "uuid7",
    "write_mark",
]

_OF_TABLES = {"Timestamp", "Uuid", "metadata"}


def __getattr__(name: str) -> Any:
    """What tables are declared with comes when it is asked for, see ``charsu.kernel.tables``."""
    if name not in _OF_TABLES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from charsu.kernel import tables

    return getattr(tables, name)
