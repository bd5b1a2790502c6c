"""What is read of the books to be shown: once in a transaction, and anew after they moved in it."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from charsu.kernel.database import Tx

Read = TypeVar("Read")

_KEY = "ledger.seen"


def seen(tx: Tx, key: Hashable, read: Callable[[], Read]) -> Read:
    """What this gives, read once as long as this transaction moves nothing in the books.

    For what is shown. Whoever promises or moves goods reads them anew: others move them, too.
    """
    kept: dict[Hashable, Any] = tx.once(_KEY, dict)
    if key not in kept:
        kept[key] = read()
    found: Read = kept[key]
    return found


def changes(tx: Tx) -> None:
    """Something in the books is another from now on."""
    tx.forget(_KEY)
