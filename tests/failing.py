"""A reaction to placed orders that fails, until nobody tries it any more if need be."""

from msgspec import Struct

from charsu.kernel import Hub, Seen, Tx, reaction
from charsu.kernel.log import deliver, register, retry_parked
from charsu.kernel.log.consume import RETRY_LONGEST

CONSUMER = "test.thank_customers"


@reaction(CONSUMER, {"orders.order_placed": Struct}, from_start=True)
def _thank(tx: Tx, facts: list[Seen[Struct]]) -> None:
    raise ZeroDivisionError


def fail_to_react(hub: Hub, *, attempts: int = 1) -> str:
    """Hand it all that the log has, in vain; the consumer's name."""
    with hub.writing("test.register") as tx:
        register(tx, [_thank])
        while deliver(tx, _thank):
            pass
    was = hub.offset
    for _ in range(attempts - 1):
        hub.offset += RETRY_LONGEST
        with hub.writing("test.retry") as tx:
            retry_parked(tx, _thank)
    hub.offset = was
    return CONSUMER
