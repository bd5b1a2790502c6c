"""The retailer's account at Stripe, as the environment names it. Secrets stand nowhere else."""

import os
from collections.abc import Mapping

from msgspec import Struct


class Account(Struct, frozen=True, kw_only=True):
    """What is needed to speak for the retailer.

    key               of the API, secret
    webhook_secret    proves messages; without it all are refused
    takes_parts       whether the account may take a promise in several parts (multicapture)
    return_url        where the customer comes back to after she has confirmed
    address           of the API; another one than Stripe's own is for tests
    """

    key: str
    webhook_secret: str = ""
    takes_parts: bool = False
    return_url: str = ""
    address: str = "https://api.stripe.com"

    @property
    def is_for_tests(self) -> bool:
        """Whether it speaks with something on this machine instead of Stripe."""
        return self.address.startswith("http://127.0.0.1:") and self.key.startswith("sk_test_")


def account_in_environment(environment: Mapping[str, str] = os.environ) -> Account | None:
    """The account; None where no key is named."""
    key = environment.get("CHARSU_STRIPE_KEY", "")
    if not key:
        return None
    return Account(
        key=key,
        webhook_secret=environment.get("CHARSU_STRIPE_WEBHOOK_SECRET", ""),
        takes_parts=environment.get("CHARSU_STRIPE_MULTICAPTURE") == "1",
        return_url=environment.get("CHARSU_STRIPE_RETURN_URL", ""),
        address=environment.get("CHARSU_STRIPE_ADDRESS", Account.__struct_defaults__[-1]),
    )
