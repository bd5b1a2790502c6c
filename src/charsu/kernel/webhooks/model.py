"""What webhooks are made of, and the rules that need no database."""

import random
from collections.abc import Iterable
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from msgspec import Meta

EndpointState = Literal["active", "paused", "gone"]
"""Sending; keeping for later; its owner said 410 and wants nothing any more."""

DeliveryState = Literal["pending", "delivered", "dead"]
"""Still to be sent; taken by the receiver; given up, and waiting for a person."""

Url = Annotated[str, Meta(min_length=1, max_length=2048)]
EventPattern = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9_*]+(\.[a-z0-9_*]+)*$",
        max_length=100,
        description="The name of a fact, or several with a star: orders.*",
    ),
]
EventPatterns = Annotated[tuple[EventPattern, ...], Meta(min_length=1, max_length=50)]

# The pauses after each failed attempt. Source: Standard Webhooks 1.0, "Deliverability and
# reliability". The tenth attempt is some 75 hours after the first.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS_MAX = len(PAUSES) + 1
JITTER = 0.2  # so that a receiver that comes back is not called by everything at once
PAUSE_LONGEST = timedelta(hours=30)  # however long the receiver asks us to wait


def pause_after(
    attempt: int, chance: random.Random, *, asked: timedelta = timedelta()
) -> timedelta | None:
    """How long to wait after this failed attempt (1 is the first); None to give up.

    ``asked`` is what the receiver wants us to wait at least (Retry-After).
    """
    if attempt >= ATTEMPTS_MAX:
        return None
    planned = PAUSES[attempt - 1] * (1 - JITTER + 2 * JITTER * chance.random())
    return max(planned, min(asked, PAUSE_LONGEST))


def wants(patterns: Iterable[str], name: str) -> bool:
    """Whether one of the patterns covers the fact."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
