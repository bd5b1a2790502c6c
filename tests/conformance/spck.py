"""``spck-conformance`` with everything that it can be told, and its verdict against ours.

python -m tests.conformance.spck
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from charsu.channels.ucp.settings import VERSION
from charsu.channels.ucp.spoken import VERSIONS
from tests.conformance.linking import (
    BACK,
    CHECKOUT,
    LOOPBACK,
    ORDERS,
    SECRET,
    order_of_hers,
    registered,
    token_at,
)
from tests.conformance.market import CURRENCY, LAMPS, Market
from tests.conformance.platform import (
    AGENT,
    introduce,
    odd_key,
    private_jwk,
    profile,
    public,
    serving,
)
from tests.conformance.server import serving_market, test_mode

DEVIATIONS = Path(__file__).with_name("deviations.toml")
SECONDS_MAX = 240
OTHER_AGENT = "https://spck.dev/other"
HANDLER = "mock_payment_handler"


@dataclass
class Verdict:
    """What the suite says of each of its checks."""

    statuses: dict[str, str]
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> list[str]:
        return [name for name, status in self.statuses.items() if status == "clean-pass"]

    @property
    def deviating(self) -> set[str]:
        """Checks that found something, or could not come to an end."""
        harmless = ("clean-pass", "not-tested", "not-applicable")
        return {name for name, one in self.statuses.items() if not one.startswith(harmless)}

    @property
    def unasked(self) -> set[str]:
        """What was not asked although this version has it, by the suite's own word."""
        passed = set(self.passed)
        return {
            name
            for name, one in self.statuses.items()
            if name not in passed and name not in self.deviating and "out of scope" not in one
        }

    def table(self) -> str:
        """By the first word of the checks: how many passed, deviate, and were not asked."""
        rows: dict[str, Counter[str]] = {}
        for name, status in self.statuses.items():
            kind = status.split(" ")[0] if name not in self.deviating else "deviates"
            rows.setdefault(name.partition(".")[0], Counter())[kind] += 1
        lines = [f"{name:14} {dict(sorted(count.items()))}" for name, count in sorted(rows.items())]
        return "\n".join([*lines, f"{len(self.passed)} of {len(self.statuses)} passed"])


def allowed(version: str) -> dict[str, str]:
    """The deviations that we know and why they are there."""
    return dict(tomllib.loads(DEVIATIONS.read_text("utf-8"))["spck"][version])


def unasked() -> dict[str, str]:
    """The checks that are not asked, each with its reason."""
    groups = tomllib.loads(DEVIATIONS.read_text("utf-8"))["not_asked"]
    return {name: group["reason"] for group in groups for name in group["checks"]}


def run(folder: Path, version: str) -> Verdict:
    """Serve a market that speaks this version as its newest, and let the suite buy in it."""
    with ExitStack() as stack:
        stack.enter_context(test_mode("a secret of the suite"))
        market, address = stack.enter_context(serving_market(folder))
        keys = {name: private_jwk(name) for name in ("current", "rotated")}
        shown = [*map(public, keys.values()), odd_key("odd")]
        market.set(VERSION, version)
        introduce(market.hub, AGENT, profile(*shown, version=version))
        profiles = stack.enter_context(serving(_profiles(version)))
        config = folder / "merchant.json"
        told = _config(market, keys, profiles) | {"identity": _identity(market, address, version)}
        config.write_text(json.dumps(told, indent=2))
        return _ask(address, config)


def _profiles(version: str) -> dict[str, Any]:
    strange = {"com.example.shopping.games": [{"version": version}]}
    return {
        "/next": profile(version="2099-01-01"),
        "/strange": profile(capabilities=strange, version=version),
        "/broken": b"this is no profile",
    }


def _payment(token: str) -> dict[str, Any]:
    instrument = {
        "id": "instrument_1",
        "handler_id": HANDLER,
        "type": "card",
        "selected": True,
        "credential": {"type": "token", "token": token},
    }
    return {"payment": {"instruments": [instrument]}}


def _config(market: Market, keys: dict[str, dict[str, str]], profiles: str) -> dict[str, Any]:
    """All that the suite can be told of a shop that has what this one has."""
    mug, cup = market.item("mug"), market.item("cup")
    return {
        "product_id": mug,
        "currency": CURRENCY,
        "out_of_stock_id": market.item("vase"),
        "unavailable": {"business_outcome": True},
        "fulfillment_option_id": "std",
        "complete_payment": _payment("success_token"),
        "fail_payment": _payment("fail_token"),
        "payment": {
            "handler_key": "com.example.mock_payment",
            "handler_id": HANDLER,
            "escalation_payment": _payment("escalate_token"),
        },
        "catalog": {
            "variant_id": mug,
            "max_batch": 50,
            "configurable_product_id": market.item("shirt-m"),
            "paginated_query": "lamp",
            "paginated_total": LAMPS,
        },
        "cart": {"second_product_id": cup},
        "order": {"simulate_adjustment": True, "second_product_id": cup},
        "discount": {
            "valid_code": "10OFF",
            "second_valid_code": "FIXED100",
            "invalid_code": "NO-SUCH-CODE",
            "rejected_messages": True,
            "case_insensitive": True,
        },
        "eligibility": {"unrecognized": "com.example.unknown_club"},
        "webhooks": {"simulate": True, "signed": True, "retries": True, "wait_seconds": 20},
        "signature": {
            "responses": True,
            "request_private_jwk": keys["current"],
            "rotated_private_jwk": keys["rotated"],
            "unsupported_alg_kid": "odd",
            "platform_profile_url": AGENT,
        },
        "idempotency": {"age_hook": True, "outage_hook": True},
        "negotiation": {
            "validates_profile_url": True,
            "harness": True,
            "unsupported_version_profile_url": f"{profiles}/next",
            "incompatible_caps_profile_url": f"{profiles}/strange",
            "malformed_profile_url": f"{profiles}/broken",
            "unreachable_profile_url": f"{profiles}/nowhere",
        },
        "totals": {"sublines": True},
    }


def _identity(market: Market, address: str, version: str) -> dict[str, Any]:
    """Platforms that a customer lets act for her, and an order of hers that one of them made."""
    introduce(market.hub, OTHER_AGENT, profile(version=version))
    native = registered(market.hub)
    order = order_of_hers(market, address, token_at(address, native), _payment("success_token"))
    path = f"/ucp/{version}/orders/{order}"
    gated = {"method": "GET", "path": path, "scopes": [ORDERS]}
    return {
        "client_id": native,
        "redirect_uri": BACK,
        "scopes": [ORDERS, CHECKOUT],
        "public_none": True,
        "serves_public_clients": True,
        "confidential": {
            "client_id": registered(market.hub, secret=SECRET),
            "client_secret": SECRET,
        },
        "loopback_redirect": LOOPBACK,
        "gated": gated,
        "gated_multi": gated | {"have_scopes": [CHECKOUT]},
        "resource_metadata": True,
        "token_mint": True,
        "profile_binding": {"registered": AGENT, "mismatched": OTHER_AGENT},
    }


def _ask(address: str, config: Path) -> Verdict:
    program = Path(sys.executable).with_name("spck-conformance")
    told = subprocess.run(
        [program, "--server", address, "--config", config, "--json"],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if not told.stdout.startswith("{"):
        raise RuntimeError(told.stderr or told.stdout)
    checks = json.loads(told.stdout)["checks"]
    statuses = {one["id"]: str(one["status"]) for one in checks}
    return Verdict(statuses, {one["id"]: one for one in checks})


def main() -> int:
    """Run it, print the verdict, and fail on a deviation that nobody has allowed."""
    return max(_judged(version) for version in VERSIONS)


def _judged(version: str) -> int:
    with tempfile.TemporaryDirectory(prefix="ucp-") as folder:
        verdict = run(Path(folder), version)
    print(f"\nspck-conformance, UCP {version}\n\n{verdict.table()}")
    known = allowed(version)
    for name in sorted(verdict.deviating):
        one = verdict.evidence[name]
        print(f"\n{name}: {known.get(name, 'NOT ALLOWED')}")
        if name not in known:
            print(json.dumps({k: one[k] for k in ("status", "requirements", "observed")}, indent=1))
    for name in sorted(known.keys() - verdict.deviating):
        print(f"\n{name}: listed as a deviation, and passes")
    reasons = unasked()
    for name in sorted(verdict.unasked):
        print(f"{name} is not asked: {reasons.get(name, 'NO REASON')}")
    return int(verdict.deviating != known.keys() or not verdict.unasked <= reasons.keys())


if __name__ == "__main__":
    sys.exit(main())
