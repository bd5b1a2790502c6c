"""Who takes money for platforms in this shop."""

from charsu.channels.ucp import trial
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.settings import PAYMENT_HANDLERS, PaymentHandler
from charsu.kernel import Tx
from charsu.orders.payments import is_offered


def handlers_of(tx: Tx) -> tuple[Handler, ...]:
    """Those that the shop names, as far as it has the provider; in test mode a wallet before them.

    What a platform sends as a token goes to the provider as it is: the handler's specification is
    what platform, provider and shop have agreed on.
    """
    named = (one for one in tx.setting(PAYMENT_HANDLERS) if is_offered(tx, one.provider))
    return (*trial.handlers(), *map(_handler, named))


def _handler(one: PaymentHandler) -> Handler:
    return Handler(
        name=one.name,
        id=one.id,
        provider=one.provider,
        spec=one.spec,
        schema=one.schema,
        config=dict(one.config),
    )
