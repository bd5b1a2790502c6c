"""Who takes money for this shop."""

from charsu.kernel import Setting, Tx
from charsu.orders.credit.accounts import CREDIT
from charsu.orders.credit.provider import CreditProvider
from charsu.orders.errors import ProviderUnknown
from charsu.orders.payments.pretending import TestProvider
from charsu.orders.payments.provider import Provider
from charsu.orders.payments.through_stripe import StripeProvider, account_in_environment
from charsu.orders.terminals.kinds import TERMINALS

PROVIDERS: dict[str, Provider] = {"test": TestProvider(), CREDIT: CreditProvider(), **TERMINALS}
"""By name, as payments keep it."""

if (account := account_in_environment()) is not None:
    PROVIDERS["stripe"] = StripeProvider(account)

TEST_PAYMENTS = Setting(
    "orders.test_payments",
    bool,
    False,
    "Customers may pay with the test provider, which takes no money. For demos only.",
)


def provider_named(name: str) -> Provider:
    """The provider of a payment that was begun. Raises ProviderUnknown where it is gone."""
    if name not in PROVIDERS:
        raise ProviderUnknown(name)
    return PROVIDERS[name]


def is_offered(tx: Tx, name: str) -> bool:
    """Whether customers of this shop can pay through it."""
    is_for_trial = name == "test" and not tx.setting(TEST_PAYMENTS)
    is_otherwise = name == CREDIT or name in TERMINALS
    return name in PROVIDERS and not is_otherwise and not is_for_trial


def check_offered(tx: Tx, name: str) -> None:
    """Raises ProviderUnknown where customers of this shop cannot pay through it."""
    if not is_offered(tx, name):
        raise ProviderUnknown(name)
