"""What one may ask about webhooks."""

from datetime import datetime
from typing import Annotated, LiteralString
from uuid import UUID

import structlog
from msgspec import Meta, Struct

from charsu.kernel.database import Tx
from charsu.kernel.errors import NotFound
from charsu.kernel.operations import WHOLE_BUSINESS, query
from charsu.kernel.pages import Mark, PageUnknown, cut, read_mark
from charsu.kernel.webhooks.model import DeliveryState, EndpointState
from charsu.kernel.webhooks.rendering import message_id

_log = structlog.get_logger("charsu.webhooks")


class AskWebhookEndpoints(Struct, frozen=True):
    """All of them; a shop has few."""


class WebhookEndpoint(Struct, frozen=True):
    """Where facts go, and how well they arrive.

    pending         deliveries still to be sent; dead: given up, waiting for a person
    oldest_pending_at   since when the oldest of them waits
    failures_in_row     attempts since the last one that arrived
    """

    endpoint_id: UUID
    name: str
    url: str
    events: tuple[str, ...]
    state: EndpointState
    version: int
    created_at: datetime
    failures_in_row: int
    last_delivered_at: datetime | None
    last_failed_at: datetime | None
    last_problem: str | None
    pending: int
    dead: int
    oldest_pending_at: datetime | None


class WebhookEndpoints(Struct, frozen=True):
    """In the order in which they were added."""

    items: tuple[WebhookEndpoint, ...]


@query(
    "webhooks.endpoints",
    permission="webhooks.view",
    at=WHOLE_BUSINESS,
    http="GET /v1/webhooks/endpoints",
)
def endpoints(tx: Tx, ask: AskWebhookEndpoints) -> WebhookEndpoints:  # noqa: ARG001
    """Every webhook endpoint with its health."""
    return WebhookEndpoints(tuple(WebhookEndpoint(*row) for row in tx.all(_ENDPOINTS)))


_ENDPOINTS: LiteralString = """
    SELECT e.id, e.name, e.url, e.events::text[], e.state, e.version, e.created_at,
           e.failures_in_row, e.last_delivered_at, e.last_failed_at, e.last_problem,
           p.pending, d.dead, p.oldest
    FROM kernel.webhook_endpoints e
    CROSS JOIN LATERAL (SELECT count(*) AS pending, min(created_at) AS oldest
                        FROM kernel.webhook_deliveries
                        WHERE endpoint_id = e.id AND state = 'pending') p
    CROSS JOIN LATERAL (SELECT count(*) AS dead FROM kernel.webhook_deliveries
                        WHERE endpoint_id = e.id AND state = 'dead') d
    ORDER BY e.created_at, e.id
"""


class AskWebhookSecret(Struct, frozen=True, kw_only=True):
    """Of which endpoint."""

    endpoint_id: UUID


class WebhookSecret(Struct, frozen=True):
    """What the receiver checks signatures with."""

    endpoint_id: UUID
    secret: str


@query(
    "webhooks.secret",
    permission="webhooks.reveal",
    at=WHOLE_BUSINESS,
    http="GET /v1/webhooks/endpoints/{endpoint_id}/secret",
    raises=(NotFound,),
)
def secret(tx: Tx, ask: AskWebhookSecret) -> WebhookSecret:
    """The current secret of an endpoint, for whoever sets its receiver up."""
    current = tx.value(
        """
        SELECT secret FROM kernel.webhook_secrets
        WHERE endpoint_id = %(id)s AND valid_until IS NULL
        """,
        id=ask.endpoint_id,
    )
    if current is None:
        raise NotFound("webhook endpoint", ask.endpoint_id)
    _log.info("secret_revealed", endpoint=str(ask.endpoint_id), actor=str(tx.actor.id))
    return WebhookSecret(ask.endpoint_id, current)


class AskWebhookDeliveries(Struct, frozen=True, kw_only=True):
    """Of which endpoint, in which state."""

    endpoint_id: UUID
    state: DeliveryState | None = None
    after: Mark | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class WebhookDelivery(Struct, frozen=True):
    """One fact on its way to one receiver."""

    fact_id: UUID
    message_id: str
    event: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    delivered_at: datetime | None
    last_status: int | None
    last_problem: str | None
    latency_ms: int | None


class WebhookDeliveries(Struct, frozen=True):
    """Newest first; ``next`` asks for those before."""

    items: tuple[WebhookDelivery, ...]
    next: str | None


@query(
    "webhooks.deliveries",
    permission="webhooks.view",
    at=WHOLE_BUSINESS,
    http="GET /v1/webhooks/endpoints/{endpoint_id}/deliveries",
    raises=(PageUnknown,),
)
def deliveries(tx: Tx, ask: AskWebhookDeliveries) -> WebhookDeliveries:
    """What was sent to an endpoint, is still to be sent, or was given up."""
    (last,) = read_mark(ask.after, UUID)
    rows = tx.all(
        """
        SELECT d.fact_id, f.name, d.state, d.attempts, d.due_at, d.delivered_at, d.last_status,
               d.last_problem, d.latency_ms
        FROM kernel.webhook_deliveries d JOIN kernel.facts f ON f.id = d.fact_id
        WHERE d.endpoint_id = %(endpoint)s
          AND (%(state)s::text IS NULL OR d.state = %(state)s)
          AND (%(last)s::uuid IS NULL OR d.fact_id < %(last)s)
        ORDER BY d.fact_id DESC LIMIT %(limit)s
        """,
        endpoint=ask.endpoint_id,
        state=ask.state,
        last=last,
        limit=ask.limit + 1,
    )
    shown, more = cut(rows, ask.limit, "fact_id")
    items = tuple(
        WebhookDelivery(row.fact_id, message_id(ask.endpoint_id, row.fact_id), *row[1:])
        for row in shown
    )
    return WebhookDeliveries(items, more)
