"""Buyers who pay for carts through the bank, and send, cancel or refund what came of it."""

import time
from typing import Any

from charsu.kernel.access import new_token
from charsu.torture.buyers import PLACE, Acknowledged, Buyer
from charsu.torture.paying.bank import DECLINED_AT_FIRST, SILENT, TO_CONFIRM

TOKENS = ("tok_visa", "tok_visa", "tok_visa", SILENT, TO_CONFIRM, DECLINED_AT_FIRST)
LOOKS, LOOK_SECONDS = 20, 0.05  # who waits longer has lost her patience, not her money
POST = "post"
RECIPIENT = {"name": "Ana", "email": "ana@shop.example", "street": "Nova 1", "town": "Beograd"}


class PayingBuyer(Buyer):
    """Fills a cart as a guest and pays for it; then the shop sends it, or not."""

    def _buy(self) -> None:
        guest = {"X-Charsu-Guest": new_token("guest")}
        staff, self._identity = self._identity, guest
        try:
            order = self._pay()
        finally:
            self._identity = staff
        fate = self._chance.random()
        if order and fate < 0.6:
            self._ship(order)
            self._give_back(order)
        elif order and fate < 0.8:
            self._cancel(order)

    def _pay(self) -> str:
        """The order that the cart became while she looked; empty where it is none yet."""
        cart = self._filled()
        total = self._send("GET", cart)["totals"]["total_minor"]
        ask = {"expected_total_minor": total, "provider": "bank"}
        token = self._chance.choice(TOKENS)
        self._ask("pay", f"{cart}/payment", ask | {"token": token}, order=cart)
        for _ in range(LOOKS):
            standing = self._send("GET", f"{cart}/payment")
            if standing["standing"] not in {"under_way", "to_confirm"}:
                break
            time.sleep(LOOK_SECONDS)
        order: str = standing.get("order_id") or ""
        if order:
            entry = Acknowledged("order", f"{self.name}-{self._number}", order, 0, 0, standing)
            self._journal.note(entry)
        return order

    def _filled(self) -> str:
        """The address of a cart with something in it."""
        ask = {"channel_id": str(self._goods.channel_id), "country": "RS"}
        cart = self._done("POST", "/v1/carts", ask, "open")["cart_id"]
        at = f"/v1/carts/{cart}"
        for variant in self._chance.sample(self._goods.variant_ids, 2):
            self._done("PUT", f"{at}/lines/{variant}", {"quantity": 1}, f"put-{variant}")
        by = {"kind": "ship", "country": "RS", "delivery_method": POST, "recipient": RECIPIENT}
        self._done("PUT", f"{at}/delivery", by, "deliver")
        return at

    def _give_back(self, order: str) -> None:
        """A part goes back to the card, once what was sent is paid."""
        for _ in range(LOOKS):
            seen = self._send("GET", f"{PLACE}/{order}")
            if seen["captured_minor"] == seen["total_minor"]:
                why = {"reason": "kindness", "goods_minor": 100}
                self._ask("refund", f"{PLACE}/{order}/refunds", why, order=order)
                return
            time.sleep(LOOK_SECONDS)

    def _cancel(self, order: str) -> None:
        why = {"reason": "changed_mind"}
        self._ask("cancel", f"{PLACE}/{order}/cancellations", why, order=order)

    def _done(self, method: str, at: str, ask: dict[str, Any], part: str) -> dict[str, Any]:
        return self._send(method, at, ask, key=f"{self.name}-{self._number}-{part}")
