"""What one may do with webhook endpoints."""

from datetime import datetime, timedelta
from typing import Annotated, Any, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel.database import Tx
from charsu.kernel.errors import NotFound
from charsu.kernel.log import Fact, append
from charsu.kernel.log.fact import NAMES
from charsu.kernel.operations import WHOLE_BUSINESS, operation
from charsu.kernel.outgoing import AddressForbidden, Policy, UrlRefused
from charsu.kernel.webhooks.errors import (
    EndpointGone,
    EventUnknown,
    ReplayUnclear,
    TooManyEndpoints,
    TooMuchToReplay,
)
from charsu.kernel.webhooks.facts import (
    WebhookEndpointAdded,
    WebhookEndpointChanged,
    WebhookEndpointPaused,
    WebhookEndpointResumed,
    WebhookSecretRotated,
    WebhooksReplayed,
)
from charsu.kernel.webhooks.model import EndpointState, EventPatterns, Url, wants
from charsu.kernel.webhooks.replaying import replay_dead, replay_fact, replay_since
from charsu.kernel.webhooks.signing import new_secret

ENDPOINTS_MAX = 200
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class AddWebhookEndpoint(Struct, frozen=True, kw_only=True):
    """Where to send, and which facts: ``orders.order_placed``, ``stock.*``, ``*``."""

    url: Url
    events: EventPatterns
    name: Name


class ChangeWebhookEndpoint(Struct, frozen=True, kw_only=True):
    """What is to be different; what is left out stays."""

    endpoint_id: UUID
    url: Url | None = None
    events: EventPatterns | None = None
    name: Name | None = None


class RotateWebhookSecret(Struct, frozen=True, kw_only=True):
    """How long the old secret signs beside the new one; 0 where it has leaked."""

    endpoint_id: UUID
    overlap_hours: Annotated[int, Meta(ge=0, le=168)] = 24


class WebhookEndpointId(Struct, frozen=True, kw_only=True):
    """One endpoint."""

    endpoint_id: UUID


class ReplayWebhooks(Struct, frozen=True, kw_only=True):
    """One of the three: a fact, a time, or the dead letters."""

    endpoint_id: UUID
    fact_id: UUID | None = None
    since: Annotated[datetime, Meta(tz=True)] | None = None
    dead: bool = False


class WebhooksToReplay(Struct, frozen=True):
    """How many deliveries are due again."""

    endpoint_id: UUID
    deliveries: int


class WebhookEndpointStored(Struct, frozen=True):
    """How the endpoint stands now. Its secret is never part of an answer that is kept."""

    endpoint_id: UUID
    state: EndpointState
    version: int


@operation(
    "webhooks.add_endpoint",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/webhooks/endpoints",
    raises=(UrlRefused, AddressForbidden, EventUnknown, TooManyEndpoints),
)
def add_endpoint(tx: Tx, ask: AddWebhookEndpoint) -> WebhookEndpointStored:
    """Tell another system what happens from now on.

    The hub makes the secret; whoever may see it asks for it with ``webhooks.secret``.
    """
    Policy.in_force(tx).check_url(ask.url)
    _check_events(ask.events)
    if tx.value("SELECT count(*) FROM kernel.webhook_endpoints") >= ENDPOINTS_MAX:
        raise TooManyEndpoints(ENDPOINTS_MAX)
    endpoint = tx.first(
        """
        INSERT INTO kernel.webhook_endpoints (id, name, url, events, state, version, created_at)
        VALUES (%(id)s, %(name)s, %(url)s, %(events)s, 'active', 1, %(now)s)
        RETURNING id, state, version
        """,
        id=tx.new_id(),
        name=ask.name,
        url=ask.url,
        events=list(ask.events),
        now=tx.now,
    )
    assert endpoint is not None
    _store_new_secret(tx, endpoint.id)
    return _said(tx, endpoint, WebhookEndpointAdded(events=ask.events))


@operation(
    "webhooks.change_endpoint",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="PATCH /v1/webhooks/endpoints/{endpoint_id}",
    raises=(NotFound, UrlRefused, AddressForbidden, EventUnknown),
)
def change_endpoint(tx: Tx, ask: ChangeWebhookEndpoint) -> WebhookEndpointStored:
    """Send elsewhere, or tell of other facts; what is pending goes to the new address."""
    if ask.url is not None:
        Policy.in_force(tx).check_url(ask.url)
    if ask.events is not None:
        _check_events(ask.events)
    endpoint = tx.first(
        """
        UPDATE kernel.webhook_endpoints
        SET url = coalesce(%(url)s, url), events = coalesce(%(events)s::text[], events),
            name = coalesce(%(name)s, name), version = version + 1
        WHERE id = %(id)s RETURNING id, state, version
        """,
        id=ask.endpoint_id,
        url=ask.url,
        events=None if ask.events is None else list(ask.events),
        name=ask.name,
    )
    fields = tuple(name for name in ("url", "events", "name") if getattr(ask, name) is not None)
    return _said(tx, _found(endpoint, ask), WebhookEndpointChanged(fields=fields))


@operation(
    "webhooks.rotate_secret",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/webhooks/endpoints/{endpoint_id}/rotate-secret",
    raises=(NotFound,),
)
def rotate_secret(tx: Tx, ask: RotateWebhookSecret) -> WebhookEndpointStored:
    """Sign with a new secret; for a while with the old one too. Older ones end at once."""
    endpoint = _found(tx.first(_TOUCH, id=ask.endpoint_id), ask)
    old_valid_until = tx.now + timedelta(hours=ask.overlap_hours)
    tx.run(
        """
        UPDATE kernel.webhook_secrets
        SET valid_until = CASE WHEN valid_until IS NULL THEN %(until)s ELSE %(now)s END
        WHERE endpoint_id = %(id)s AND (valid_until IS NULL OR valid_until > %(now)s)
        """,
        id=ask.endpoint_id,
        until=old_valid_until,
        now=tx.now,
    )
    _store_new_secret(tx, ask.endpoint_id)
    return _said(tx, endpoint, WebhookSecretRotated(old_valid_until=old_valid_until))


@operation(
    "webhooks.pause_endpoint",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/webhooks/endpoints/{endpoint_id}/pause",
    raises=(NotFound,),
)
def pause_endpoint(tx: Tx, ask: WebhookEndpointId) -> WebhookEndpointStored:
    """Send nothing until resumed; what happens meanwhile is kept and sent then."""
    return _put_into(tx, ask, "paused", WebhookEndpointPaused())


@operation(
    "webhooks.resume_endpoint",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/webhooks/endpoints/{endpoint_id}/resume",
    raises=(NotFound,),
)
def resume_endpoint(tx: Tx, ask: WebhookEndpointId) -> WebhookEndpointStored:
    """Go on sending, to a paused receiver or to one that had said 410."""
    return _put_into(tx, ask, "active", WebhookEndpointResumed())


@operation(
    "webhooks.replay",
    permission="webhooks.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/webhooks/endpoints/{endpoint_id}/replay",
    raises=(NotFound, EndpointGone, ReplayUnclear, TooMuchToReplay),
)
def replay(tx: Tx, ask: ReplayWebhooks) -> WebhooksToReplay:
    """Send again: one fact, all since a time, or all that was given up.

    Each goes out with the id it had, so that a receiver that has it already may know.
    """
    endpoint = _found(tx.first(_TOUCH, id=ask.endpoint_id), ask)
    if endpoint.state == "gone":
        raise EndpointGone
    match (ask.fact_id, ask.since, ask.dead):
        case (UUID() as fact_id, None, False):
            count = replay_fact(tx, endpoint.id, fact_id)
        case (None, datetime() as since, False):
            count = replay_since(tx, endpoint.id, since)
        case (None, None, True):
            count = replay_dead(tx, endpoint.id)
        case _:
            raise ReplayUnclear
    _said(tx, endpoint, WebhooksReplayed(deliveries=count))
    return WebhooksToReplay(endpoint.id, count)


_TOUCH: LiteralString = """
    UPDATE kernel.webhook_endpoints SET version = version + 1
    WHERE id = %(id)s RETURNING id, state, version
"""


def _put_into(
    tx: Tx, ask: WebhookEndpointId, state: EndpointState, fact: Fact
) -> WebhookEndpointStored:
    """The endpoint in this state; nothing is said where it is in it already."""
    changed = tx.first(
        """
        UPDATE kernel.webhook_endpoints
        SET state = %(state)s, failures_in_row = 0, version = version + 1
        WHERE id = %(id)s AND state <> %(state)s RETURNING id, state, version
        """,
        id=ask.endpoint_id,
        state=state,
    )
    if changed is not None:
        return _said(tx, changed, fact)
    same = tx.first(
        "SELECT id, state, version FROM kernel.webhook_endpoints WHERE id = %(id)s",
        id=ask.endpoint_id,
    )
    return _stored(_found(same, ask))


def _store_new_secret(tx: Tx, endpoint_id: UUID) -> None:
    tx.run(
        """
        INSERT INTO kernel.webhook_secrets (id, endpoint_id, secret, created_at)
        VALUES (%(id)s, %(endpoint)s, %(secret)s, %(now)s)
        """,
        id=tx.new_id(),
        endpoint=endpoint_id,
        secret=new_secret(),
        now=tx.now,
    )


def _check_events(patterns: EventPatterns) -> None:
    for pattern in patterns:
        if not any(wants((pattern,), name) for name in NAMES):
            raise EventUnknown(pattern)


def _found(endpoint: Any | None, ask: Any) -> Any:
    if endpoint is None:
        raise NotFound("webhook endpoint", ask.endpoint_id)
    return endpoint


def _said(tx: Tx, endpoint: Any, fact: Fact) -> WebhookEndpointStored:
    append(tx, fact, subject=endpoint.id, version=endpoint.version)
    return _stored(endpoint)


def _stored(endpoint: Any) -> WebhookEndpointStored:
    return WebhookEndpointStored(endpoint.id, endpoint.state, endpoint.version)
