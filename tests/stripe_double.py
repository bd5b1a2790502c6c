"""A small double of Stripe's HTTP API, made after its published description.

It keeps payment intents and refunds, remembers idempotency keys as Stripe says it does (the first
answer is given again, whatever it was, also a 500; other parameters under the same key are an
error), declines the cards that Stripe's page of test cards names, and can break in ways that a
test asks for. Amounts, states and error bodies are Stripe's.
"""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET_KEY = "sk_test_double"
WEBHOOK_SECRET = "whsec_double"
DECLINES = {  # https://docs.stripe.com/testing: payment methods and their codes
    "pm_card_chargeDeclined": ("card_declined", "generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "pm_card_chargeDeclinedExpiredCard": ("expired_card", "expired_card"),
}
CHALLENGED = "pm_card_authenticationRequired"
Json = dict[str, Any]


class Broken(Exception):
    """The connection is cut."""


@dataclass
class Stripe:
    """The double.

    after     what happens to the next answers, after their effect: ``500`` or ``cut``
    before    the same, before any effect: ``429``, ``500`` or ``cut``
    """

    port: int = 0
    after: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    multicapture: bool = False
    refunds_fail: bool = False
    intents: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    _kept: dict[str, tuple[str, int, Json]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, at: str, params: Json, key: str | None) -> tuple[int, Json]:
        """Status and body for one request; under a key that was used, the first answer again."""
        with self._lock:
            self.requests.append(f"{method} {at}")
            if self.before:
                return self._broken(self.before.pop(0))
            digest = json.dumps([method, at, params], sort_keys=True)
            if key in self._kept:
                was, status, body = self._kept[key]
                if was != digest:
                    return _error(400, "idempotency_error", None, "keys with other parameters")
                return status, body
            status, body = self._done(method, at, params)
            fault = self.after.pop(0) if self.after else ""
            if fault == "500":
                status, body = self._broken(fault)
            if key is not None and method == "POST":
                self._kept[key] = (digest, status, json.loads(json.dumps(body)))
            if fault == "cut":
                raise Broken
            return status, json.loads(json.dumps(body))

    def _broken(self, fault: str) -> tuple[int, Json]:
        if fault == "cut":
            raise Broken
        kind = "rate_limit_error" if fault == "429" else "api_error"
        return _error(int(fault), kind, None, "broken on purpose")

    def _done(self, method: str, at: str, params: Json) -> tuple[int, Json]:
        match (method, at.strip("/").split("/")[1:]):
            case ("POST", ["payment_intents"]):
                return self._create(params)
            case ("GET", ["payment_intents"]):
                return 200, self._page(list(self.intents.values()), params)
            case ("GET", ["refunds"]):
                about = params["payment_intent"]
                made = [r for r in self.refunds.values() if r["payment_intent"] == about]
                return 200, self._page(made, params)
            case ("POST", ["refunds"]):
                return self._refund(params)
            case (_, ["payment_intents", name, *rest]):
                return self._about(method, name, rest, params)
        return _error(404, "invalid_request_error", "url_invalid", at)

    def _about(self, method: str, name: str, rest: list[str], params: Json) -> tuple[int, Json]:
        intent = self.intents.get(name)
        if intent is None:
            return _error(404, "invalid_request_error", "resource_missing", "intent")
        if method == "GET":
            return 200, intent
        return self._capture(intent, params) if rest == ["capture"] else self._cancel(intent)

    def _create(self, params: Json) -> tuple[int, Json]:
        if not str(params["payment_method"]).startswith("pm_"):
            return _error(400, "invalid_request_error", "resource_missing", "payment_method")
        intent: Json = {
            "id": f"pi_{next(self._numbers):06}",
            "object": "payment_intent",
            "amount": int(params["amount"]),
            "amount_capturable": 0,
            "amount_received": 0,
            "currency": params["currency"],
            "capture_method": params.get("capture_method", "automatic"),
            "created": int(time.time()),
            "metadata": params.get("metadata", {}),
            "latest_charge": None,
            "last_payment_error": None,
            "next_action": None,
            "cancellation_reason": None,
            "status": "requires_confirmation",
        }
        self.intents[intent["id"]] = intent
        code = DECLINES.get(params["payment_method"])
        if code:
            return self._declined(intent, *code)
        if params["payment_method"] == CHALLENGED:
            page = {"url": f"https://hooks.stripe.com/{intent['id']}", "return_url": "…"}
            intent["status"] = "requires_action"
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": page}
            return 200, intent
        self._promise(intent)
        return 200, intent

    def _declined(self, intent: Json, code: str, decline_code: str) -> tuple[int, Json]:
        error = {"type": "card_error", "code": code, "decline_code": decline_code}
        intent["status"], intent["last_payment_error"] = "requires_payment_method", error
        return 402, {"error": {**error, "message": "declined", "payment_intent": intent}}

    def _promise(self, intent: Json) -> None:
        intent["next_action"] = None
        intent["latest_charge"] = {
            "id": f"ch_{intent['id'][3:]}",
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "captured": False,
            "payment_method_details": {"card": {"capture_before": int(time.time()) + 604_800}},
        }
        intent["status"], intent["amount_capturable"] = "requires_capture", intent["amount"]
        if intent["capture_method"] == "automatic":
            self._take(intent, intent["amount"], is_final=True)

    def _take(self, intent: Json, amount: int, *, is_final: bool) -> None:
        charge = intent["latest_charge"]
        intent["amount_received"] += amount
        charge["amount_captured"] += amount
        rest = intent["amount"] - intent["amount_received"]
        is_over = is_final or not rest
        intent["amount_capturable"] = 0 if is_over else rest
        intent["status"] = "succeeded" if is_over else "requires_capture"
        charge["captured"] = is_over
        if is_over:
            charge["amount_refunded"] += rest  # what is not taken is let go

    def _capture(self, intent: Json, params: Json) -> tuple[int, Json]:
        amount = int(params.get("amount_to_capture", intent["amount_capturable"]))
        if intent["status"] != "requires_capture":
            code = "payment_intent_unexpected_state"
            return _error(400, "invalid_request_error", code, intent["status"])
        if amount > intent["amount_capturable"]:
            return _error(400, "invalid_request_error", "amount_too_large", str(amount))
        is_final = params.get("final_capture", "true") == "true"
        if not is_final and not self.multicapture:
            return _error(400, "invalid_request_error", "parameter_unknown", "final_capture")
        intent["metadata"] |= params.get("metadata", {})
        self._take(intent, amount, is_final=is_final)
        return 200, intent

    def _cancel(self, intent: Json) -> tuple[int, Json]:
        if intent["status"] in {"succeeded", "canceled"}:
            code = "payment_intent_unexpected_state"
            return _error(400, "invalid_request_error", code, intent["status"])
        if intent["latest_charge"]:
            intent["latest_charge"]["amount_refunded"] = intent["amount_capturable"]
        intent["status"], intent["amount_capturable"] = "canceled", 0
        return 200, intent

    def _refund(self, params: Json) -> tuple[int, Json]:
        intent = self.intents[params["payment_intent"]]
        charge, amount = intent["latest_charge"], int(params["amount"])
        rest = charge["amount"] - charge["amount_captured"] if charge["captured"] else 0
        if amount > charge["amount_captured"] - (charge["amount_refunded"] - rest):
            code = "charge_already_refunded"
            return _error(400, "invalid_request_error", code, str(amount))
        charge["amount_refunded"] += 0 if self.refunds_fail else amount
        refund = {
            "id": f"re_{next(self._numbers):06}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": intent["id"],
            "metadata": params.get("metadata", {}),
            "status": "failed" if self.refunds_fail else "succeeded",
        }
        self.refunds[refund["id"]] = refund
        return 200, refund

    def _page(self, rows: list[Json], params: Json) -> Json:
        span = params.get("created", {})
        least, most = int(span.get("gte", 0)), int(span.get("lt", 1 << 40))
        newest = [r for r in reversed(rows) if least <= r.get("created", least) < most]
        after = params.get("starting_after")
        ids = [row["id"] for row in newest]
        begin = ids.index(after) + 1 if after else 0
        limit = int(params.get("limit", 10))
        page = newest[begin : begin + limit]
        more = len(newest) > begin + limit
        return {"object": "list", "url": "/", "data": page, "has_more": more}

    # what its customers and its staff do

    def confirms(self, intent_id: str) -> None:
        """The customer has confirmed on Stripe's page."""
        with self._lock:
            self._promise(self.intents[intent_id])

    def event(self, kind: str, about: Json, *, number: int = 1) -> Json:
        identity = f"evt_{kind}_{about['id']}_{number}"
        return {"id": identity, "object": "event", "type": kind, "data": {"object": about}}


def signed(
    event: Json, *, secret: str = WEBHOOK_SECRET, seconds_ago: int = 0
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a message, signed as Stripe describes it."""
    body = json.dumps(event).encode()
    at = str(int(time.time()) - seconds_ago)
    digest = hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={digest}"}, body


def _error(status: int, kind: str, code: str | None, message: str) -> tuple[int, Json]:
    return status, {"error": {"type": kind, "code": code, "message": message}}


def _nested(pairs: list[tuple[str, str]]) -> Json:
    """``a[b][c]=d`` as a tree."""
    tree: Json = {}
    for name, value in pairs:
        *path, last = name.replace("]", "").split("[")
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
        branch[last] = value
    return tree


@contextmanager
def running() -> Iterator[Stripe]:
    """The double, listening on this machine."""
    double = Stripe()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._answer("GET", parts.path, parse_qsl(parts.query))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self._answer("POST", self.path, parse_qsl(body))

        def _answer(self, method: str, at: str, pairs: list[tuple[str, str]]) -> None:
            if self.headers.get("authorization") != f"Bearer {SECRET_KEY}":
                status, body = _error(401, "invalid_request_error", None, "key")
            else:
                try:
                    key = self.headers.get("idempotency-key")
                    status, body = double.answer(method, at, _nested(pairs), key)
                except Broken:
                    self.connection.close()
                    return
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
