"""Calls to the outside: only where the retailer lets the hub go, and never for long."""

from charsu.kernel.outgoing.client import Call, Line, OutgoingClient, Reply
from charsu.kernel.outgoing.errors import (
    AddressForbidden,
    CallFailed,
    NotReached,
    ReplyBroken,
    ReplyTooLong,
    TooManyRedirects,
    TooSlow,
    UrlRefused,
)
from charsu.kernel.outgoing.policy import ALLOWED, PLAIN_HTTP, Policy
from charsu.kernel.outgoing.transport import GuardedTransport

__all__ = [
    "ALLOWED",
    "PLAIN_HTTP",
    "AddressForbidden",
    "Call",
    "CallFailed",
    "GuardedTransport",
    "Line",
    "NotReached",
    "OutgoingClient",
    "Policy",
    "Reply",
    "ReplyBroken",
    "ReplyTooLong",
    "TooManyRedirects",
    "TooSlow",
    "UrlRefused",
]
