"""What one may do about facts that a reaction could not handle."""

from typing import Annotated, LiteralString

from msgspec import Meta, Struct

from charsu.kernel.database import Tx
from charsu.kernel.errors import NotFound
from charsu.kernel.operations import WHOLE_BUSINESS, operation


class TryParkedAgain(Struct, frozen=True, kw_only=True):
    """Which consumer is to try what it has put off."""

    consumer: Annotated[str, Meta(min_length=1, max_length=200)]


class ParkedToTry(Struct, frozen=True):
    """How many parked facts it has; the first of each subject is tried, then those behind it."""

    consumer: str
    facts: int


# Not as if it were never tried: who is parked for the first time is counted among those waiting.
_DUE: LiteralString = """
    UPDATE kernel.parked p SET attempts = 1, due_at = %(now)s
    FROM (SELECT fact_id FROM kernel.parked WHERE consumer = %(consumer)s
          ORDER BY fact_id FOR UPDATE) mine
    WHERE p.consumer = %(consumer)s AND p.fact_id = mine.fact_id
"""


@operation(
    "log.try_again",
    permission="log.try_again",
    at=WHOLE_BUSINESS,
    http="POST /v1/parked-facts/retries",
    raises=(NotFound,),
)
def try_again(tx: Tx, ask: TryParkedAgain) -> ParkedToTry:
    """Let a reaction try its parked facts again at once, also those that were given up.

    A worker does it. What fails again waits with growing pauses, as from the beginning.
    """
    count = tx.run(_DUE, consumer=ask.consumer, now=tx.now)
    if not count:
        raise NotFound("parked fact", ask.consumer)
    return ParkedToTry(ask.consumer, count)
