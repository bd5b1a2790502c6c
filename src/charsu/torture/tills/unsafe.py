"""How not to ask a terminal: the control that shows what the campaign can see."""

from charsu.kernel import Hub
from charsu.kernel.processes import Process, Running
from charsu.orders.terminals.kept import find_terminal_payment, terminal_of
from charsu.orders.terminals.outcomes import take_outcome


def _show(hub: Hub, running: Running) -> None:
    """Show the amount, and wait for the card; who dies before it is booked shows it once more."""
    one, now = hub.read(lambda tx: (find_terminal_payment(tx, running.subject_id), tx.now))
    terminal = terminal_of(one)
    assert terminal is not None
    outcome = terminal.show(one.sale(now))
    while outcome.state == "shown":
        outcome = terminal.look(one.sale(now))
    with hub.writing("torture.terminal_booked") as tx:
        take_outcome(tx, running.subject_id, outcome)


SHOWN_AGAIN = Process("orders.terminal_payment", {"show": _show, "look": _show})
