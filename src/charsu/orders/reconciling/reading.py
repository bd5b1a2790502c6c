"""Reading a provider's statements, page by page, and comparing each with the books.

A page is asked for with no transaction open. What it says is kept, compared and passed in one
transaction, so that a reader that dies goes on behind the last page that it kept.
"""

import re
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Hub, Setting, Tx
from charsu.kernel.processes import Outside, Process, Running, advance, begin, finish
from charsu.orders.payments.provider import Statement, Statements
from charsu.orders.payments.providers import PROVIDERS, provider_named
from charsu.orders.reconciling.books import being_charged, entries_for, entries_of_span
from charsu.orders.reconciling.differing import Judged, keep_differences
from charsu.orders.reconciling.model import Figures, kind_of

DAYS = Setting(
    "orders.reconcile_days",
    int,
    35,
    "Days back from now whose payments are compared with their providers' statements.",
)
HOURS = Setting(
    "orders.reconcile_hours",
    int,
    24,
    "Hours from one comparison with a provider's statements to the next; 0 for never.",
)
SHARED = Setting(
    "orders.shared_provider_accounts",
    bool,
    False,
    "Providers also take money for other systems: a payment that names none of ours is no "
    "difference.",
)

SETTLED = timedelta(hours=1)  # a payment begun later may not be in the statements yet
AROUND = timedelta(hours=1)  # the provider heard of a payment so much later, by its own clock
ROWS_MAX, PAGES_MAX = 1_000, 20_000
ENTRIES = 500
MINOR_MAX = 10**15
CURRENCY = re.compile("[A-Z]{3}")


def telling() -> list[str]:
    """Names of the providers that tell what they have."""
    return sorted(name for name, one in PROVIDERS.items() if one.tells_statements)


_BEGIN: LiteralString = """
    INSERT INTO orders.reconciliations (id, provider, since, until, state, begun_at)
    SELECT %(id)s, %(provider)s, %(since)s, %(until)s, 'reading', %(now)s
    WHERE NOT EXISTS (SELECT FROM orders.reconciliations
                      WHERE provider = %(provider)s AND begun_at > %(before)s)
    ON CONFLICT (provider) WHERE ended_at IS NULL DO NOTHING
"""

# A reader that is stuck stays to be seen; the next reading is begun beside it.
_GIVE_UP: LiteralString = """
    UPDATE orders.reconciliations r SET state = 'failed', ended_at = %(now)s
    FROM kernel.processes p
    WHERE r.ended_at IS NULL AND p.id = r.id AND p.state IN ('stuck', 'failed')
"""


def begin_due(tx: Tx) -> int:
    """Begin to read the statements of each provider whose last reading is long ago; how many."""
    tx.run(_GIVE_UP, now=tx.now)
    hours = tx.setting(HOURS)
    if hours <= 0:
        return 0
    before = tx.now - timedelta(hours=hours)
    return sum(_begin(tx, provider, before) for provider in telling())


def _begin(tx: Tx, provider: str, before: datetime) -> bool:
    identity, until = tx.new_id(), tx.now - SETTLED
    is_due = tx.run(
        _BEGIN,
        id=identity,
        provider=provider,
        since=until - timedelta(days=max(1, tx.setting(DAYS))),
        until=until,
        before=before,
        now=tx.now,
    )
    if is_due:
        begin(tx, RECONCILE, subject=identity, data={}, identity=identity)
    return bool(is_due)


def _read(hub: Hub, running: Running) -> None:
    """Keep and compare one page. The time is taken before the provider is asked: whatever happens
    from then on, it may not have told of."""
    reading, read_at = hub.read(lambda tx: (_reading(tx, running.id), tx.now))
    after = running.data.get("mark")
    page = provider_named(reading.provider).statements(
        reading.since - AROUND, reading.until + SETTLED + AROUND, after
    )
    rows = checked(page, after, reading.pages)
    with hub.writing("orders.statements_read") as tx:
        if not _count(tx, running.id, reading.pages, len(rows)):
            return  # another reader has passed this page
        advance(tx, running, "read" if page.after else "look", mark=page.after)
        keep_statements(tx, reading.provider, running.id, rows, read_at=read_at)
        compare_statements(tx, reading.provider, rows, read_at=read_at)


def checked(page: Statements, after: str | None, pages: int) -> list[Statement]:
    """The rows of a page, each payment once. Raises Outside where they make no sense."""
    if (page.after is not None and page.after == after) or pages >= PAGES_MAX:
        raise Outside("the statements have no end")
    if len(page.rows) > ROWS_MAX or (page.after and len(page.after) > 255):
        raise Outside("a page of statements is too long")
    for row in page.rows:
        amounts = (row.promised_minor, row.taken_minor, row.given_back_minor)
        is_named = 0 < len(row.reference) <= 255 and "\0" not in row.reference
        is_money = all(0 <= amount <= MINOR_MAX for amount in amounts)
        if not (is_named and is_money and CURRENCY.fullmatch(row.currency)):
            raise Outside("a statement makes no sense")
    return list({row.reference: row for row in page.rows}.values())


_COUNT: LiteralString = """
    UPDATE orders.reconciliations
    SET pages = pages + 1, statements = statements + %(rows)s
    WHERE id = %(id)s AND pages = %(pages)s AND ended_at IS NULL
"""


def _count(tx: Tx, reading: UUID, pages: int, rows: int) -> bool:
    """Count a page; False where another reader has passed it already."""
    return tx.run(_COUNT, id=reading, pages=pages, rows=rows) == 1


_KEEP: LiteralString = """
    INSERT INTO orders.statements (provider, reference, authorization_id, currency, promised_minor,
                                   taken_minor, given_back_minor, reading_id, read_at)
    SELECT %(provider)s, t.*, %(reading)s, %(read_at)s
    FROM unnest(%(references)s::text[], %(ids)s::uuid[], %(currencies)s::text[],
                %(promised)s::bigint[], %(taken)s::bigint[], %(back)s::bigint[]) t
    ON CONFLICT (provider, reference) DO UPDATE
    SET authorization_id = excluded.authorization_id, currency = excluded.currency,
        promised_minor = excluded.promised_minor, taken_minor = excluded.taken_minor,
        given_back_minor = excluded.given_back_minor, reading_id = excluded.reading_id,
        read_at = excluded.read_at
"""


def keep_statements(
    tx: Tx, provider: str, reading: UUID, rows: list[Statement], *, read_at: datetime
) -> None:
    """Write down what a provider said; what it said before of the same payments is forgotten."""
    tx.run(
        _KEEP,
        provider=provider,
        reading=reading,
        read_at=read_at,
        references=[row.reference for row in rows],
        ids=[row.authorization_id for row in rows],
        currencies=[row.currency for row in rows],
        promised=[row.promised_minor for row in rows],
        taken=[row.taken_minor for row in rows],
        back=[row.given_back_minor for row in rows],
    )


def compare_statements(tx: Tx, provider: str, rows: list[Statement], *, read_at: datetime) -> None:
    """Compare what a provider said at ``read_at`` with the books."""
    told = {row.reference: row.authorization_id for row in rows}
    entries = entries_for(tx, provider, told, read_at=read_at)
    ids = [identity for identity in told.values() if identity]
    begun = being_charged(tx, ids, read_at=read_at)
    is_shared = tx.setting(SHARED)
    judged = []
    for row in rows:
        ours, theirs = entries.get(row.reference), _figures(row)
        is_begun = ours is None and row.authorization_id in begun
        is_others = ours is None and row.authorization_id is None and is_shared
        if is_begun or is_others or (ours is not None and ours.is_moving):
            continue
        kind = kind_of(ours.figures if ours else None, theirs)
        judged.append(Judged(reference=row.reference, kind=kind, ours=ours, theirs=theirs))
    keep_differences(tx, provider, judged)


def _figures(row: Statement) -> Figures:
    return Figures(
        currency=row.currency,
        promised_minor=row.promised_minor,
        taken_minor=row.taken_minor,
        given_back_minor=row.given_back_minor,
    )


def _look(hub: Hub, running: Running) -> None:
    """Look for what the provider did not tell of, a part of the books at a time."""
    with hub.writing("orders.statements_compared") as tx:
        reading = _reading(tx, running.id)
        entries, last = entries_of_span(
            tx,
            reading.provider,
            since=reading.since,
            until=reading.until,
            read_at=reading.begun_at,
            after=_uuid(running.data.get("entry")),
            limit=ENTRIES,
        )
        onward = advance(tx, running, "look", entry=str(last)) if last else finish(tx, running)
        if not onward:
            return
        told = _told(tx, reading, [entry.reference for entry in entries])
        untold = [one for one in entries if one.reference not in told and not one.is_moving]
        judged = [
            Judged(reference=one.reference, kind=kind_of(one.figures, None), ours=one, theirs=None)
            for one in untold
        ]
        keep_differences(tx, reading.provider, judged)
        if last is None:
            _end(tx, running.id)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _told(tx: Tx, reading: Any, references: list[str]) -> set[str]:
    rows = tx.all(
        """
        SELECT reference FROM orders.statements
        WHERE provider = %(provider)s AND reference = ANY(%(references)s)
          AND reading_id = %(reading)s
        """,
        provider=reading.provider,
        references=references,
        reading=reading.id,
    )
    return {row.reference for row in rows}


def _end(tx: Tx, reading: UUID) -> None:
    tx.run(
        """
        UPDATE orders.reconciliations SET state = 'done', ended_at = %(now)s
        WHERE id = %(id)s AND ended_at IS NULL
        """,
        id=reading,
        now=tx.now,
    )


_FORGET: LiteralString = """
    WITH old AS (
        SELECT provider, reference FROM orders.statements WHERE read_at <= %(before)s
        ORDER BY read_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM orders.statements s USING old
    WHERE s.provider = old.provider AND s.reference = old.reference
"""


def forget_statements(tx: Tx) -> int:
    """Forget some of what providers have not told of for long; how much. Differences stay."""
    days = max(1, tx.setting(DAYS))
    return tx.run(_FORGET, before=tx.now - timedelta(days=2 * days), limit=ROWS_MAX)


def _reading(tx: Tx, identity: UUID) -> Any:
    row = tx.first(
        """
        SELECT id, provider, since, until, pages, begun_at FROM orders.reconciliations
        WHERE id = %(id)s
        """,
        id=identity,
    )
    assert row is not None, "a process that reads has its row"
    return row


RECONCILE = Process("orders.reconcile", {"read": _read, "look": _look})
