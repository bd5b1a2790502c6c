"""The worker's part: claim, send, record, with no transaction open while a receiver thinks."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta

from msgspec import Struct

from charsu.kernel.errors import HubError
from charsu.kernel.hub import Hub
from charsu.kernel.outgoing import Call, Line, OutgoingClient, Policy, Reply
from charsu.kernel.webhooks.claiming import LEASE, Message, claim_messages
from charsu.kernel.webhooks.recording import Outcome, record
from charsu.kernel.webhooks.rendering import Renderers

AT_ONCE = 32
SECONDS_MAX = 15.0  # for one call; Standard Webhooks asks for 15 to 30
REPLY_BYTES = 10_000  # nobody reads it, but a short reply read to its end keeps the connection
POLL_SECONDS = 0.2  # how soon new work is seen while slow receivers keep others waiting

assert timedelta(seconds=SECONDS_MAX * 2) < LEASE


class Sent(Struct):
    """What one step of the worker did."""

    delivered: int = 0
    failed: int = 0


def send_due(
    hub: Hub,
    client: OutgoingClient,
    *,
    renderers: Renderers | None = None,
    limit: int = 10_000,
    seconds: float = SECONDS_MAX,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Sent:
    """Send what is due, until nothing is left or ``limit`` is reached.

    Any number of workers may do this at once. Each outcome is stored as soon as it is known; new
    work is taken while slow receivers still think. With ``is_stopping`` the calls under way are
    dropped; what they were to deliver is due again when its lease ends, so a receiver may get a
    message twice, with the same ``webhook-id``.

    limit       deliveries that one step takes in hand
    seconds     for one call, to the last byte of the reply; at most SECONDS_MAX
    """
    with hub.reading() as tx:
        policy = Policy.in_force(tx)
    work = _Work(hub, renderers or {}, limit, min(seconds, SECONDS_MAX))
    asyncio.run(work.run(client, policy, is_stopping))
    return work.sent


class _Work:
    """One step under way."""

    def __init__(self, hub: Hub, renderers: Renderers, limit: int, seconds: float) -> None:
        self.hub = hub
        self.renderers = renderers
        self.left = limit
        self.seconds = seconds
        self.sent = Sent()

    async def run(
        self, client: OutgoingClient, policy: Policy, is_stopping: Callable[[], bool]
    ) -> None:
        under_way: set[asyncio.Task[Outcome]] = set()
        # Names are looked up in threads: enough of them that slow lookups hold nothing else up.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE + 1))
        async with client.open(policy) as line, _dropping(under_way):
            while not is_stopping():
                messages = await asyncio.to_thread(self._claim, AT_ONCE - len(under_way))
                under_way |= {
                    asyncio.create_task(send(line, message, self.seconds)) for message in messages
                }
                if not under_way:
                    return
                done, _ = await asyncio.wait(
                    under_way, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                under_way -= done
                await asyncio.to_thread(self._record, [task.result() for task in done])

    def _claim(self, room: int) -> list[Message]:
        limit = min(room, self.left)
        if limit <= 0:
            return []
        with self.hub.writing("webhooks.claim") as tx:
            messages = claim_messages(tx, self.renderers, limit=limit)
        self.left -= len(messages)
        return messages

    def _record(self, outcomes: list[Outcome]) -> None:
        if not outcomes:
            return
        with self.hub.writing("webhooks.record") as tx:
            for outcome in sorted(outcomes, key=lambda each: each.claim.endpoint_id):
                record(tx, outcome, self.hub.chance)
        failed = sum(outcome.problem is not None for outcome in outcomes)
        self.sent.failed += failed
        self.sent.delivered += len(outcomes) - failed


@asynccontextmanager
async def _dropping(tasks: set[asyncio.Task[Outcome]]) -> AsyncIterator[None]:
    """Cancels what is still under way at the end."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send(line: Line, message: Message, seconds: float) -> Outcome:
    """One attempt; whatever goes wrong is part of its outcome."""
    began = time.monotonic()
    reply: Reply | None = None
    problem: str | None = "rendering_failed"
    if message.body is not None:
        try:
            reply = await line.call(_call(message, message.body, seconds))
            problem = None if 200 <= reply.status < 300 else f"status_{reply.status}"
        except HubError as refusal:
            problem = refusal.code
    return Outcome(
        claim=message.claim,
        latency_ms=int((time.monotonic() - began) * 1000),
        problem=problem,
        status=None if reply is None else reply.status,
        wait=timedelta() if reply is None else _asked_to_wait(reply),
    )


def _call(message: Message, body: bytes, seconds: float) -> Call:
    return Call(
        method="POST",
        url=message.claim.url,
        headers=message.headers,
        body=body,
        seconds=seconds,
        reply_bytes=REPLY_BYTES,
        drops_rest=True,
    )


def _asked_to_wait(reply: Reply) -> timedelta:
    """Retry-After in seconds (RFC 9110, section 10.2.3); a date is not heeded."""
    seconds = reply.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if re.fullmatch(r"\d{1,7}", seconds) else timedelta()
