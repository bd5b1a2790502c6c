"""The log: every change of state, told once, in the transaction that made it."""

from charsu.kernel.log.append import append, store_facts
from charsu.kernel.log.checks import no_consumer_is_missing
from charsu.kernel.log.consume import (
    Consumer,
    Seen,
    deliver,
    reaction,
    reactions_in,
    register,
    retry_parked,
)
from charsu.kernel.log.epochs import begin_epoch, open_epoch
from charsu.kernel.log.fact import Fact
from charsu.kernel.log.read import Cursor, LoggedFact, read_after, read_facts, tail
from charsu.kernel.log.subjects import Subject, changes_are_told

__all__ = [
    "Consumer",
    "Cursor",
    "Fact",
    "LoggedFact",
    "Seen",
    "Subject",
    "append",
    "begin_epoch",
    "changes_are_told",
    "deliver",
    "no_consumer_is_missing",
    "open_epoch",
    "reaction",
    "reactions_in",
    "read_after",
    "read_facts",
    "register",
    "retry_parked",
    "store_facts",
    "tail",
]
