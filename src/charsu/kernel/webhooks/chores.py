"""What webhooks look after by themselves."""

from collections.abc import Callable

from charsu.kernel.hub import Hub
from charsu.kernel.outgoing import OutgoingClient
from charsu.kernel.webhooks.rendering import Renderers
from charsu.kernel.webhooks.sending import send_due
from charsu.kernel.webhooks.sweeping import forget_delivered
from charsu.kernel.work import Chore, chore


@chore("webhooks.forget_delivered", every_seconds=600)
def forget(hub: Hub) -> int:
    """Keep the list of deliveries short."""
    with hub.writing("webhooks.forget_delivered") as tx:
        return forget_delivered(tx)


def sending(renderers: Renderers, *, is_stopping: Callable[[], bool] = lambda: False) -> Chore:
    """The chore that sends what is due.

    It waits for receivers, so it is for a worker that does nothing else. ``renderers`` are those of
    all packages, which only the place that knows the packages can name.
    """
    client = OutgoingClient()

    @chore("webhooks.send_due", every_seconds=1)
    def send(hub: Hub) -> int:
        sent = send_due(hub, client, renderers=renderers, is_stopping=is_stopping)
        return sent.delivered + sent.failed

    return send
