"""Test mode: how the door behaves while a conformance suite looks at it, and never in production.

It is on where CHARSU_UCP_TEST=1. Then profiles and webhooks on this machine may be called without
HTTPS, a handler takes payments without money, and hooks let a suite ship and refund. A server that
others can reach refuses to start in it.
"""

import os
from ipaddress import ip_address

from charsu.channels.ucp.model import Address, Person
from charsu.channels.ucp.paying import Handler
from charsu.orders.payments import ESCALATED

SWITCH = "CHARSU_UCP_TEST"
SECRET = "CHARSU_UCP_TEST_SECRET"  # noqa: S105 (the variable's name)

_WORDS = {
    "success_token": "tok_ucp",
    "fail_token": "tok_declined",
    "escalate_token": ESCALATED,
}
"""What the test provider calls what a suite sends."""


class TestModeReachable(Exception):
    """The server would be reachable from other machines while it is in test mode."""

    __test__ = False


def is_on() -> bool:
    """Whether this process is in test mode."""
    return os.environ.get(SWITCH) == "1"


def secret() -> str:
    """What a suite has to show for the hooks that change the world outside."""
    return os.environ.get(SECRET, "")


def check_host(host: str) -> None:
    """Raises TestModeReachable where a server in test mode would listen to other machines."""
    if is_on() and not is_loopback(host):
        raise TestModeReachable(f"{SWITCH} is set; a server in test mode listens on 127.0.0.1 only")


def is_loopback(host: str) -> bool:
    """Whether this name or address leads to this machine only."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _token(token: str) -> str:
    return _WORDS.get(token, "tok_declined")


def _holder(_token: str) -> tuple[Person, Address]:
    """A wallet that knows its holder, as the real ones do."""
    person = Person(first_name="Ana", last_name="Test", email="ana.test@example.org")
    return person, Address(street="Nova 1", town="Beograd", postcode="11000")


WALLET = Handler(
    name="com.example.mock_payment",
    id="mock_payment_handler",
    provider="test",
    spec="https://example.com/ucp/mock_payment_handler",
    schema="https://example.com/ucp/mock_payment_handler.json",
    token=_token,
    holder=_holder,
)


def handlers() -> tuple[Handler, ...]:
    """Who takes payments in test mode beside those that the shop names."""
    return (WALLET,) if is_on() else ()
