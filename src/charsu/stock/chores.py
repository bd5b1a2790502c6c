"""What stock looks after by itself."""

from charsu.kernel import Hub, ledger
from charsu.kernel.work import chore
from charsu.stock.promises import tell_expired
from charsu.stock.shortages import settle

BATCH = 200


@chore("stock.expire_holds", every_seconds=5)
def expire_holds(hub: Hub) -> int:
    """Put back on sale what carts held and did not buy in time."""
    with hub.writing("stock.expire_holds") as tx:
        balances, expired = ledger.expire_due(tx, limit=BATCH)
        tell_expired(tx, expired)
        settle(tx, list(balances.values()))
    return len(expired)
