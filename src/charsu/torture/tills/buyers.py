"""Customers at tills: each pays on a terminal, takes her goods along and exchanges some."""

import time
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from charsu.torture.buyers import PLACE, Buyer

LOOKS, LOOK_SECONDS = 30, 0.05  # who waits longer goes, and comes back; the amount stays there
TERMINALS_EACH = 40  # those whose worker was killed are busy until its lease is over
ENDED = {"paid", "declined", "canceled", "failed", "unwanted", "given_back"}


class Charge(Struct, frozen=True):
    """An order whose money is asked for on a terminal, and where it says how that ended."""

    order: str
    till: dict[str, Any]
    at: str
    is_wanted: bool = True


class TillBuyer(Buyer):
    """Somebody with terminals of her own, each of which does one thing at a time."""

    _free: list[dict[str, Any]] | None = None
    _open: tuple[Charge, ...] = ()

    def _buy(self) -> None:
        charge = self._charge()
        fate = self._chance.random()
        if fate < 0.15:
            self._cancel(charge.order)
            charge = replace(charge, is_wanted=False)
        elif fate < 0.3:
            self._ask("take_back", f"{charge.at}/cancellation", {}, order=charge.order)
        self._wait(charge)
        before, self._open = (*self._open, charge), ()
        for one in before:
            self._go_on(one)

    def _charge(self) -> Charge:
        till = self._at()
        order = self._place(till)
        ask = {"order_id": order}
        begun = self._ask("charge", f"/v1/terminals/{till['id']}/payments", ask, order=order)
        return Charge(order, till, f"/v1/terminal-payments/{begun['terminal_payment_id']}")

    def _go_on(self, charge: Charge) -> None:
        """What is paid is taken along, and a piece of it exchanged."""
        state = self._send("GET", charge.at)["state"]
        if state not in ENDED:
            self._open += (charge,)
            return
        assert self._free is not None, "she has been at a terminal"
        self._free.append(charge.till)
        if state == "paid" and charge.is_wanted:
            self._hand_over(charge.order)
            self._take_others(charge.till, charge.order)

    def _at(self) -> dict[str, Any]:
        """A terminal that has nothing to do."""
        if self._free is None:
            every = self._send("GET", "/v1/terminals")["items"]
            self._free = [one for one in every if one["code"].startswith(f"{self.name}-")]
        return self._free.pop(0)

    def _place(self, till: dict[str, Any]) -> str:
        chosen = self._chance.sample(self._goods.variant_ids, 2)
        ask = {
            "channel_id": str(self._goods.channel_id),
            "country": "RS",
            "kind": "counter",
            "location_id": till["location_id"],
            "lines": [{"variant_id": str(variant), "quantity": 2} for variant in chosen],
        }
        order: str = self._ask("place", PLACE, ask)["order_id"]
        return order

    def _wait(self, charge: Charge) -> None:
        for _ in range(LOOKS):
            if self._send("GET", charge.at)["state"] in ENDED:
                return
            time.sleep(LOOK_SECONDS)

    def _cancel(self, order: str) -> None:
        why = {"reason": "changed_mind"}
        self._ask("cancel", f"{PLACE}/{order}/cancellations", why, order=order)

    def _hand_over(self, order: str) -> None:
        for task in self._send("GET", f"{PLACE}/{order}")["fulfillments"]:
            at = f"/v1/fulfillments/{task['id']}/hand-over"
            self._ask("hand_over", at, {}, order=order, part=f"-{task['id']}")

    def _take_others(self, till: dict[str, Any], order: str) -> None:
        """One piece for the same or for another, what it costs more in cash."""
        line = self._chance.choice(self._send("GET", f"{PLACE}/{order}")["lines"])
        takes = self._chance.choice([line["variant_id"], str(self._goods.variant_ids[0])])
        ask = {
            "location_id": till["location_id"],
            "lines": [{"line_id": line["id"], "quantity": 1}],
            "takes": [{"variant_id": takes, "quantity": 1}],
            "reason": "size",
            "payment": {"method": "cash"},
        }
        at = f"{PLACE}/{order}/exchanges"
        self._ask("exchange", at, ask, order=order, part=f"-{order}")
