"""The Universal Commerce Protocol (UCP): agents and other shops buy here as anybody does.

    door          the addresses: who asks, for what, and the answer as it is sent
    v2026_04_08   one version of the protocol: requests into our words, our words as it writes them
    operations    what a platform may do with the carts and checkouts that it made
    queries       what it may ask
    platforms     its profile, fetched and kept; ``profiles`` says what we have in common
    signing       signatures on messages, ours and theirs
    trial         test mode, for conformance suites; never in production

Everything but the version's own folder is the same for all versions.
"""

from charsu.channels.ucp.door import ucp_router
from charsu.channels.ucp.door.exchange import issuer_at
from charsu.channels.ucp.door.linked import RESOURCE_METADATA
from charsu.channels.ucp.settings import (
    ADDRESS,
    CHANNEL,
    CONTINUE_URL,
    ORDER_URL,
    PAYMENT_HANDLERS,
    PLATFORMS,
    SIGNED,
)
from charsu.channels.ucp.telling import sending
from charsu.channels.ucp.trial import TestModeReachable, check_host

__all__ = [
    "ADDRESS",
    "CHANNEL",
    "CONTINUE_URL",
    "ORDER_URL",
    "PAYMENT_HANDLERS",
    "PLATFORMS",
    "RESOURCE_METADATA",
    "SIGNED",
    "TestModeReachable",
    "check_host",
    "issuer_at",
    "sending",
    "ucp_router",
]
