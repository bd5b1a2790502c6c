"""Calls through Stripe's library that go out by our own guarded client.

The library is imported with the first call: a shop without Stripe never loads its 30 MB.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from charsu.kernel import HubError
from charsu.kernel.outgoing import Call, OutgoingClient, Policy
from charsu.kernel.processes import Outside
from charsu.orders.payments.through_stripe.account import Account

if TYPE_CHECKING:
    from stripe import StripeClient

SECONDS = 20.0
REPLY_BYTES = 8_000_000  # a page of a hundred payments with their charges


class Refused(Exception):
    """Stripe has understood, and says no for good; ``reason`` in its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unclear(Outside):
    """Something broke at Stripe, maybe after it was done; it would answer the same to the same key
    again, so what came of it has to be looked up."""


@lru_cache(maxsize=4)
def client_of(account: Account) -> "StripeClient":
    """The library's client for this account."""
    import stripe

    return stripe.StripeClient(
        account.key,
        base_addresses={"api": account.address},
        http_client=_guarded(account),
        max_network_retries=0,  # the process tries again, with the same key
    )


def _guarded(account: Account) -> Any:
    import stripe

    host = account.address.partition("://")[2]
    policy = Policy.of(host, plain_http=True) if account.is_for_tests else Policy()
    outgoing = OutgoingClient()

    class Guarded(stripe.HTTPClient):
        """The library's requests, through the client that guards every call to the outside."""

        name = "charsu"

        def request(
            self,
            method: str,
            url: str,
            headers: Mapping[str, str] | None,
            post_data: Any = None,
            *,
            _usage: list[str] | None = None,
        ) -> tuple[str, int, Mapping[str, str]]:
            body = post_data.encode() if isinstance(post_data, str) else post_data or b""
            call = Call(
                url=url,
                method=method.upper(),
                headers=dict(headers or {}),
                body=body,
                seconds=SECONDS,
                reply_bytes=REPLY_BYTES,
            )
            try:
                reply = outgoing.call(call, policy)
            except HubError as problem:
                raise Outside(f"Stripe: {problem}") from problem
            return reply.body.decode(), reply.status, {"Request-Id": "", **reply.headers}

        def close(self) -> None:
            """Each call has its own connection."""

    return Guarded(verify_ssl_certs=True)


@contextmanager
def asking() -> Iterator[None]:
    """Errors of the library in our words.

    Raises Refused where the answer is no for good; Unclear; Outside where it is not known, or
    nothing that the customer could change: then the same request is made again later.
    """
    import stripe

    try:
        yield
    except stripe.CardError as problem:
        raise Refused(_reason(problem)) from problem
    except stripe.InvalidRequestError as problem:
        raise Refused(_reason(problem)) from problem
    except stripe.APIError as problem:
        raise Unclear(f"Stripe: {problem.http_status}") from problem
    except stripe.StripeError as problem:
        raise Outside(f"Stripe: {type(problem).__name__}") from problem


def _reason(problem: Any) -> str:
    error = getattr(problem, "error", None)
    said = getattr(error, "decline_code", None) or problem.code or problem.param
    return str(said or "invalid_request")[:64]
