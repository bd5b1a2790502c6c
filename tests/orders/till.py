"""A till with a card terminal, in the trade's words."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from charsu.kernel import SYSTEM, Actor, Hub
from charsu.kernel.processes import run_due
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from charsu.orders.operations import (
    cancel_terminal_payment,
    close_terminal,
    put_terminal,
    resolve_terminal_payment,
    start_terminal_payment,
)
from charsu.orders.operations.terminals.cancel import CancelTerminalPayment
from charsu.orders.operations.terminals.close import CloseTerminal, TerminalDayEnded
from charsu.orders.operations.terminals.put import PutTerminal
from charsu.orders.operations.terminals.resolve import ResolveTerminalPayment
from charsu.orders.operations.terminals.start import StartTerminalPayment
from charsu.orders.payments import REFUND
from charsu.orders.queries.terminals import (
    AskTerminalPayment,
    TerminalPaymentView,
    terminal_payment,
)
from charsu.orders.reconciling.reading import RECONCILE
from charsu.orders.terminals.closing import CLOSE
from charsu.orders.terminals.paying import TERMINAL
from tests.shop import Shop

KINDS = {one.kind: one for one in (TERMINAL, CLOSE, REFUND, RECONCILE)}
LATER = timedelta(minutes=2)


@dataclass
class Till:
    """Somebody who sells at a location with a terminal of some kind."""

    shop: Shop
    kind: str
    at: str = "north"
    code: str = "till-1"
    by: Actor = SYSTEM
    terminal: UUID = field(init=False)

    def __post_init__(self) -> None:
        allow_test_terminals(self.hub)
        self.terminal = self.sets_up()

    @property
    def hub(self) -> Hub:
        return self.shop.hub

    def sets_up(self, **changed: Any) -> UUID:
        fields = {
            "code": self.code,
            "name": f"Terminal {self.code}",
            "location_id": self.shop.location(self.at),
            "kind": self.kind,
            "number": f"T-{self.code}",
        }
        ask = PutTerminal(**fields | changed)
        return self.hub.run(put_terminal, ask, actor=SYSTEM).terminal_id

    def asks(self, order: Any, minor: int | None = None, *, key: str | None = None) -> UUID:
        """Ask for the money of an order; the payment on the terminal."""
        order_id = getattr(order, "order_id", order)
        ask = StartTerminalPayment(order_id=order_id, terminal_id=self.terminal, amount_minor=minor)
        begun = self.hub.run(start_terminal_payment, ask, actor=self.by, key=key)
        return begun.terminal_payment_id

    def takes_back(self, payment: UUID) -> None:
        ask = CancelTerminalPayment(terminal_payment_id=payment)
        self.hub.run(cancel_terminal_payment, ask, actor=self.by)

    def knows(self, payment: UUID, *, was_paid: bool, **printed: str) -> None:
        ask = ResolveTerminalPayment(terminal_payment_id=payment, was_paid=was_paid, **printed)
        self.hub.run(resolve_terminal_payment, ask, actor=self.by)

    def ends_the_day(self, totals: Any = None) -> TerminalDayEnded:
        ask = CloseTerminal(terminal_id=self.terminal, totals=totals)
        return self.hub.run(close_terminal, ask, actor=self.by)

    def seen(self, payment: UUID) -> TerminalPaymentView:
        ask = AskTerminalPayment(terminal_payment_id=payment)
        return self.hub.run(terminal_payment, ask, actor=SYSTEM)

    def state(self, payment: UUID) -> str:
        return self.seen(payment).state

    def works(self, later: timedelta = timedelta()) -> None:
        """What is due now, or then, is done."""
        self.hub.offset += later
        run_due(self.hub, KINDS)


def allow_test_terminals(hub: Hub) -> None:
    on = ChangeSetting(name="orders.test_terminal", value=True)
    hub.run(change_setting, on, actor=SYSTEM)
