"""What orders look after by themselves."""

from charsu.kernel import Hub
from charsu.kernel.work import chore
from charsu.orders import watching


@chore("orders.watch_steps", every_seconds=30)
def watch_steps(hub: Hub) -> int:
    """Notice who is late, and put on sale again what nobody collected."""
    return watching.watch_steps(hub)


@chore("orders.watch_exceptions", every_seconds=30)
def watch_exceptions(hub: Hub) -> int:
    """Do what was said would happen, and bring before the manager what nobody has seen to."""
    return watching.watch_exceptions(hub)
