"""Stripe as a provider: a payment intent for each authorization, taken by hand."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from charsu.kernel.processes import Outside
from charsu.orders.errors import EventForged
from charsu.orders.payments.provider import (
    Answer,
    Authorize,
    Declined,
    Event,
    RefundEvent,
    Statements,
    Taken,
)
from charsu.orders.payments.through_stripe.account import Account
from charsu.orders.payments.through_stripe.calling import Refused, Unclear, asking, client_of
from charsu.orders.payments.through_stripe.reading import (
    OUR_REFUND,
    OURS,
    Json,
    answer_of,
    event_of,
    statement_of,
    to_stripe,
)

PAGE = 100
AROUND = timedelta(hours=1)  # an intent was made so near to the time within its key
OLD_SECONDS = 300  # a message signed earlier is not believed any more


class StripeProvider:
    """What a provider is asked, in Stripe's words. Keys are Stripe's idempotency keys, which it
    remembers for at least a day; a process has given up before."""

    tells_statements = True

    def __init__(self, account: Account) -> None:
        self._account = account
        self.captures_in_parts = account.takes_parts

    @property
    def _intents(self) -> Any:
        return client_of(self._account).v1.payment_intents

    def authorize(self, ask: Authorize) -> Answer:
        """Make an intent and confirm it in one call; with ``takes_now`` it is taken at once."""
        try:
            with asking():
                intent = self._intents.create(self._asked(ask), _key(ask.key)).to_dict()
        except Refused as refusal:
            return Declined(refusal.reason)
        except Unclear:
            found = self._find(ask.key)
            if found is None:
                raise
            intent = found
        return _decided(intent)

    def _asked(self, ask: Authorize) -> Json:
        params: Json = {
            "amount": to_stripe(ask.amount_minor, ask.currency),
            "currency": ask.currency.lower(),
            "payment_method": ask.token,
            "payment_method_types": ["card"],
            "capture_method": "automatic" if ask.takes_now else "manual",
            "confirm": True,
            "metadata": {OURS: _ours(ask.key)},
        }
        if self._account.return_url:
            params["return_url"] = self._account.return_url
        if self._account.takes_parts and not ask.takes_now:
            params["payment_method_options"] = {"card": {"request_multicapture": "if_available"}}
        return params

    def look_up(self, *, key: str, reference: str | None) -> Answer | None:
        """How an intent stands; without its reference it is looked for by the key."""
        found = self._retrieve(reference) if reference else self._find(key)
        return None if found is None else _decided(found)

    def capture(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Take a part; where the account takes no parts Stripe lets the rest go by itself."""
        amount, mark = to_stripe(amount_minor, currency), _mark(key)
        params: Json = {"amount_to_capture": amount}
        if self._account.takes_parts:
            params |= {"final_capture": False, "metadata": {mark: str(amount)}}
        taken = Taken(f"{reference}#{mark}" if self._account.takes_parts else reference)
        try:
            with asking():
                self._intents.capture(reference, params, _key(key))
        except Refused as refusal:
            return taken if self._is_taken(reference, mark, amount) else Declined(refusal.reason)
        except Unclear:
            if not self._is_taken(reference, mark, amount):
                raise
        return taken

    def _is_taken(self, reference: str, mark: str, amount: int) -> bool:
        """Whether a taking was done whose answer was lost."""
        intent = self._retrieve(reference) or {}
        if self._account.takes_parts:
            return mark in (intent.get("metadata") or {})
        return intent.get("status") == "succeeded" and intent.get("amount_received") == amount

    def void(self, *, key: str, reference: str | None) -> None:
        """Cancel the intent, unless it is over already or was never made."""
        intent = self._retrieve(reference) if reference else self._find(key)
        if intent is None or intent["status"] in {"canceled", "succeeded"}:
            return
        try:
            with asking():
                self._intents.cancel(intent["id"], {}, _key(f"{key}:void"))
        except Refused as refusal:  # it went on meanwhile: look again
            raise Outside(f"Stripe: {refusal.reason}") from refusal

    def refund(
        self, *, key: str, reference: str, amount_minor: int, currency: str
    ) -> Taken | Declined:
        """Give a part back; that it fails later is told by a message."""
        intent = reference.partition("#")[0]
        params: Any = {
            "payment_intent": intent,
            "amount": to_stripe(amount_minor, currency),
            "metadata": {OUR_REFUND: _ours(key)},
        }
        refunds = client_of(self._account).v1.refunds
        try:
            with asking():
                refund = refunds.create(params, _key(key)).to_dict()
        except Refused as refusal:
            return Declined(refusal.reason)
        except Unclear:
            with asking():
                made = refunds.list({"payment_intent": intent, "limit": PAGE}).to_dict()["data"]
            ours = [one for one in made if one["metadata"].get(OUR_REFUND) == _ours(key)]
            if not ours:
                raise
            refund = ours[0]
        if refund["status"] in {"failed", "canceled"}:
            return Declined(str(refund["status"]))
        return Taken(str(refund["id"]))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event | RefundEvent | None:
        """What a message says; the library proves the signature and its age."""
        import stripe

        secret, shown = self._account.webhook_secret, headers.get("stripe-signature", "")
        if not secret:
            raise EventForged
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, shown, secret, OLD_SECONDS)
            return event_of(json.loads(text))
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as problem:
            raise EventForged from problem

    def statements(self, since: datetime, until: datetime, after: str | None) -> Statements:
        """A page of the intents made in a span, with what became of each until now."""
        params: Json = {
            "limit": PAGE,
            "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
            "expand": ["data.latest_charge"],
        }
        if after:
            params["starting_after"] = after
        page = self._page(params)
        rows = tuple(statement_of(intent) for intent in page["data"])
        return Statements(rows, rows[-1].reference if page["has_more"] and rows else None)

    def _page(self, params: Json) -> Json:
        with asking():
            page: Json = self._intents.list(params).to_dict()
        return page

    def _retrieve(self, reference: str) -> Json | None:
        try:
            with asking():
                intent: Json = self._intents.retrieve(reference.partition("#")[0]).to_dict()
        except Refused:
            return None
        return intent

    def _find(self, key: str) -> Json | None:
        """The intent that was made with this key, whose answer never came.

        A key begins with the id of the authorization, which holds the time at which it was made.
        """
        made = datetime.fromtimestamp((UUID(_ours(key)).int >> 80) / 1000, UTC)
        span = {"gte": int((made - AROUND).timestamp()), "lt": int((made + AROUND).timestamp())}
        params: Json = {"limit": PAGE, "created": span}
        while True:
            page = self._page(params)
            for intent in page["data"]:
                if (intent.get("metadata") or {}).get(OURS) == _ours(key):
                    found: Json = intent
                    return found
            if not page["has_more"]:
                return None
            params["starting_after"] = page["data"][-1]["id"]


def _decided(intent: Json) -> Answer:
    answer = answer_of(intent)
    if answer is None:
        raise Outside(f"Stripe: the payment is {intent['status']}")
    return answer


def _ours(key: str) -> str:
    """Our own id within a key, which may name a step, too."""
    return key.partition(":")[0]


def _key(key: str) -> Any:
    return {"idempotency_key": f"charsu:{key}"}


def _mark(key: str) -> str:
    """What tells one of several takings from the others."""
    return "charsu_" + blake2b(key.encode(), digest_size=6).hexdigest()
