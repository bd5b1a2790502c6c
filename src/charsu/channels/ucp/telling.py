"""Telling platforms what became of their orders: rendered, signed and sent when it is due.

No transaction is open while a platform thinks. An event that fails is sent again under the same
id, with growing pauses; after the last it is dead, and stays so.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID, uuid5

import msgspec
import structlog
from msgspec import Struct

from charsu.channels.ucp.door.exchange import Shop, shop_in
from charsu.channels.ucp.platforms import policy_in
from charsu.channels.ucp.profiles import Profile, in_common, read_profile
from charsu.channels.ucp.queries.read_order import order_of
from charsu.channels.ucp.signing import Key, keys_of, sign_request
from charsu.channels.ucp.spoken import version_for
from charsu.kernel import Hub, HubError, Tx, show_id
from charsu.kernel.outgoing import Call, Line, OutgoingClient, Policy
from charsu.kernel.webhooks.model import pause_after
from charsu.kernel.work import Chore, chore
from charsu.language import translate

AT_ONCE = 16
LEASE = timedelta(minutes=1)  # longer than any call
SECONDS_MAX = 15.0
REPLY_BYTES = 10_000
_log = structlog.get_logger("charsu.ucp")


class Event(Struct, frozen=True):
    """An event that this worker has in hand; no message where it cannot be told."""

    session_id: UUID
    fact_id: UUID
    attempt: int
    url: str = ""
    headers: dict[str, str] = {}
    body: bytes = b""
    problem: str | None = None


def sending(*, is_stopping: Callable[[], bool] = lambda: False) -> Chore:
    """The chore that tells platforms; it waits for them, so it is for a worker of its own."""
    client = OutgoingClient()

    @chore("ucp.send_events", every_seconds=1)
    def send(hub: Hub) -> int:
        return 0 if is_stopping() else send_due(hub, client)

    return send


def send_due(hub: Hub, client: OutgoingClient) -> int:
    """Send what is due, some at once; how many were tried."""
    with hub.reading() as tx:
        if not tx.value(_ANY_DUE, now=tx.now):
            return 0
    key = keys_of(hub).current
    with hub.writing("ucp.claim_events") as tx:
        events, policy = _claim(tx, key), policy_in(tx)
    problems = asyncio.run(_send_all(client, policy, events))
    with hub.writing("ucp.record_events") as tx:
        for event, problem in zip(events, problems, strict=True):
            _record(tx, hub, event, problem)
    return len(events)


_ANY_DUE: LiteralString = """
    SELECT EXISTS (SELECT FROM ucp.events WHERE state = 'pending' AND due_at <= %(now)s
                   AND (leased_until IS NULL OR leased_until <= %(now)s))
"""

_CLAIM: LiteralString = """
    WITH due AS (
        SELECT session_id, fact_id FROM ucp.events
        WHERE state = 'pending' AND due_at <= %(now)s
          AND (leased_until IS NULL OR leased_until <= %(now)s)
        ORDER BY due_at, fact_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE ucp.events e SET leased_until = %(now)s + %(lease)s::interval,
               attempts = e.attempts + 1
        FROM due WHERE e.session_id = due.session_id AND e.fact_id = due.fact_id
        RETURNING e.session_id, e.fact_id, e.attempts, e.at
    )
    SELECT c.session_id, c.fact_id, c.attempts, c.at, s.order_id, p.document::text AS document
    FROM claimed c JOIN ucp.sessions s ON s.id = c.session_id
    JOIN ucp.platforms p ON p.id = s.platform_id ORDER BY c.fact_id
"""


def _claim(tx: Tx, key: Key) -> list[Event]:
    shop = shop_in(tx, "")
    rows = tx.all(_CLAIM, now=tx.now, lease=LEASE, limit=AT_ONCE)
    return [_event(tx, row, shop, key) for row in rows]


def _event(tx: Tx, row: Any, shop: Shop, key: Key) -> Event:
    """The event with its message, as things are now. One that fails takes no other with it."""
    bare = Event(row.session_id, row.fact_id, row.attempts)
    try:
        with tx.savepoint():
            return _rendered(tx, bare, row, shop, key)
    except Exception:
        _log.exception("not_rendered", session=str(bare.session_id))
        return msgspec.structs.replace(bare, problem="rendering_failed")


def _rendered(tx: Tx, bare: Event, row: Any, shop: Shop, key: Key) -> Event:
    profile = read_profile(row.document.encode())
    url = profile.webhook_url
    if url is None or not shop.is_open:
        return msgspec.structs.replace(bare, problem="nowhere_to_tell")
    body = _body(tx, row, profile, shop)
    name = show_id("msg", uuid5(bare.session_id, bare.fact_id.hex))
    headers = {
        "content-type": "application/json",
        "ucp-agent": f'profile="{shop.address}/.well-known/ucp"',
        "webhook-id": name,
        "webhook-timestamp": str(int(row.at.timestamp())),
        "idempotency-key": name,
    }
    signed = sign_request(key, url, headers, body, tx.now)
    return msgspec.structs.replace(bare, url=url, headers=signed, body=body)


def _body(tx: Tx, row: Any, profile: Profile, shop: Shop) -> bytes:
    one = order_of(tx, row.session_id, row.order_id)
    version = version_for(profile.version, shop.spoken)
    active = in_common(version.offered, profile.capabilities)
    return msgspec.json.encode(version.write_order(one, active, shop.pages, translate("en")))


async def _send_all(
    client: OutgoingClient, policy: Policy, events: list[Event]
) -> list[str | None]:
    async with client.open(policy) as line:
        return list(await asyncio.gather(*(_send(line, event) for event in events)))


async def _send(line: Line, event: Event) -> str | None:
    """One attempt; the problem, if there was one."""
    if event.problem is not None:
        return event.problem
    call = Call(
        method="POST",
        url=event.url,
        headers=event.headers,
        body=event.body,
        seconds=SECONDS_MAX,
        reply_bytes=REPLY_BYTES,
        drops_rest=True,
    )
    try:
        reply = await line.call(call)
    except HubError as refusal:
        return refusal.code
    return None if 200 <= reply.status < 300 else f"status_{reply.status}"


_RECORD: LiteralString = """
    UPDATE ucp.events
    SET state = %(state)s, due_at = coalesce(%(due)s, due_at), leased_until = NULL,
        last_problem = %(problem)s
    WHERE session_id = %(session)s AND fact_id = %(fact)s AND attempts = %(attempt)s
"""


def _record(tx: Tx, hub: Hub, event: Event, problem: str | None) -> None:
    """Counts only for whoever still has the lease: the attempt is its number."""
    gives_up = problem == "nowhere_to_tell"
    pause = None if problem is None or gives_up else pause_after(event.attempt, hub.chance)
    state = "delivered" if problem is None else "dead" if pause is None else "pending"
    tx.run(
        _RECORD,
        state=state,
        due=None if pause is None else tx.now + pause,
        problem=problem,
        session=event.session_id,
        fact=event.fact_id,
        attempt=event.attempt,
    )
