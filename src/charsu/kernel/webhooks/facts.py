"""What the log may say about webhooks. The subject is the endpoint."""

from datetime import datetime

from charsu.kernel.log import Fact


class WebhookEndpointAdded(Fact, frozen=True, kw_only=True):
    """Another system will be told of these facts from now on."""

    events: tuple[str, ...]


class WebhookEndpointChanged(Fact, frozen=True, kw_only=True):
    """Its address, name or wishes are others now."""

    fields: tuple[str, ...]


class WebhookSecretRotated(Fact, frozen=True, kw_only=True):
    """It signs with a new secret; the old one is valid beside it for a while."""

    old_valid_until: datetime


class WebhookEndpointPaused(Fact, frozen=True, kw_only=True):
    """Nothing is sent; what happens meanwhile is kept for it."""


class WebhookEndpointResumed(Fact, frozen=True, kw_only=True):
    """Sending goes on."""


class WebhookEndpointGone(Fact, frozen=True, kw_only=True):
    """The receiver said 410: it wants nothing any more."""

    given_up: int  # deliveries that were still pending


class WebhooksReplayed(Fact, frozen=True, kw_only=True):
    """Facts are sent again because a person wished so."""

    deliveries: int
