"""The chain from first to last."""

from datetime import timedelta

from charsu.demo.loading.chain.goods import put_goods
from charsu.demo.loading.chain.opening import open_chain
from charsu.demo.loading.chain.plan import WEEKS
from charsu.demo.loading.chain.stock import put_stock
from charsu.demo.loading.chain.trade import trade
from charsu.demo.loading.progress import Progress
from charsu.kernel import Hub

OPENED = timedelta(weeks=WEEKS, days=2)  # ago, before the first order


def load_chain(hub: Hub, progress: Progress) -> None:
    """Open the chain some weeks ago and live through its trade until now.

    The hub's own time is moved meanwhile and left as it was; nobody else may use this hub.
    """
    offset = hub.offset
    try:
        hub.offset = offset - OPENED
        opened = open_chain(hub, progress)
        put_goods(hub, opened, progress)
        put_stock(hub, opened, progress)
        trade(hub, opened, progress)
    finally:
        hub.offset = offset
