"""What the page of what needs a hand shows: one question, one answer, frozen.

Each case says what happened, since when, what it is worth and whose it is, and has ways on: each an
operation of the hub that a button asks for. Words are the page's matter.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Money
from charsu.web.overview import Choice


class Group(StrEnum):
    """What a case is about, in the order of the page."""

    PROMISES = "promises"  # to customers: orders that go otherwise
    MONEY = "money"  # payments that nobody knows of, or that do not add up
    GOODS = "goods"  # promised beyond what is there
    SYSTEMS = "systems"  # receivers that do not answer, tasks and reactions that are stuck


class Whose(StrEnum):
    """Which cases to show."""

    ALL = "all"
    LATE = "late"
    MINE = "mine"


class HandsAsk(Struct, frozen=True, kw_only=True):
    """Which cases to show; None is every location in sight."""

    whose: Whose = Whose.ALL
    location_id: UUID | None = None


class Option(Struct, frozen=True):
    """One of several: a code that has a title (see titles.WAY_OPTIONS), or a name as it is."""

    value: str
    name: str = ""


class Input(Struct, frozen=True, kw_only=True):
    """What a person adds: one of the options or, without any, a few words."""

    name: str
    options: tuple[Option, ...] = ()
    is_needed: bool = True


class Way(Struct, frozen=True, kw_only=True):
    """What can be done about a case: an operation, once it was confirmed.

    name     of the words for it; see titles.WAYS
    fields   of the request, settled
    """

    name: str
    verb: str
    fields: dict[str, str]
    input: Input | None = None
    is_first: bool = False
    is_grave: bool = False  # money moves, or a promise ends


class Case(Struct, frozen=True, kw_only=True):
    """Something that somebody must see to.

    kind      what happened; see titles.HANDS
    subject   an order's number, goods, a payment's reference
    pieces    messages that a receiver did not take; facts: of the log, that wait for a reaction
    hint      what ends it where no way does; see titles.HAND_HINTS
    """

    id: UUID
    group: Group
    kind: str
    subject: str
    is_order: bool
    place: str
    since: datetime
    worth: Money | None
    owner: str
    taken_by_name: str
    is_mine: bool
    due_by: datetime | None
    is_late: bool
    pieces: int = 0
    facts: int = 0
    ways: tuple[Way, ...] = ()
    hint: str = ""


class HandsView(Struct, frozen=True, kw_only=True):
    """What needs a hand at one moment.

    cases    those asked for, the most urgent first within each group
    worth    of all that are open, by currency, the largest count of cases first
    """

    ask: HandsAsk
    as_of: datetime
    business: str
    time_zone: str
    locations: tuple[Choice, ...]
    cases: tuple[Case, ...]
    open: int
    late: int
    mine: int
    worth: tuple[Money, ...]

    def of(self, group: Group) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.group == group)
