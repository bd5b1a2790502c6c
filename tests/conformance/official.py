"""The official suite, where UCP_CONFORMANCE_DIR names a copy of it with an environment in .venv.

python -m tests.conformance.official

A copy speaks one version of the protocol: that of the profile of its agent. It is run where that
version is spoken here, and each answer that differs is listed with its reason in deviations.toml.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from contextlib import ExitStack
from pathlib import Path

from charsu.channels.ucp.settings import VERSION
from charsu.channels.ucp.spoken import VERSIONS
from tests.conformance.server import serving_market, test_mode
from tests.conformance.spck import DEVIATIONS

COPY = "UCP_CONFORMANCE_DIR"
SECRET = "a secret of the suite"
SECONDS_MAX = 300
_LINE = re.compile(r"^\[\s+(OK|FAILED|SKIPPED)\s+\] (\S+)", re.MULTILINE)


def obstacle(copy: str) -> str | None:
    """Why the suite cannot be asked; None where it can."""
    if not copy:
        return f"{COPY} names no copy of it"
    folder = Path(copy)
    if not (folder / ".venv/bin/python").exists():
        return f"{folder} has no environment of its own in .venv"
    version = spoken_by(folder)
    if version not in VERSIONS:
        return f"it speaks {version}, and {', '.join(VERSIONS)} are spoken here"
    return None


def spoken_by(copy: Path) -> str:
    """The version that the suite's agent speaks, as its profile says."""
    profile = json.loads((copy / "shopping-agent-test.json").read_text("utf-8"))
    return str(profile["ucp"]["version"])


def verdicts(report: str) -> dict[str, str]:
    """OK, FAILED or SKIPPED by test, as a run of absltest reports them."""
    return {name: verdict for verdict, name in _LINE.findall(report)}


def run(copy: Path, folder: Path) -> dict[str, str]:
    """Serve a market and let every file of the suite ask it."""
    found: dict[str, str] = {}
    with ExitStack() as stack:
        stack.enter_context(test_mode(SECRET))
        market, address = stack.enter_context(serving_market(folder))
        market.set(VERSION, spoken_by(copy))
        asked = {
            "currency": "USD",
            "items": [{"id": market.item("mug"), "title": "Mug", "price": 1_000}],
            "out_of_stock_item": {"id": market.item("vase"), "title": "Vase"},
            "non_existent_item": {"id": "pink_wumpus", "title": "Pink Wumpus"},
        }
        config = folder / "conformance_input.json"
        config.write_text(json.dumps(asked))
        for file in sorted(copy.glob("*_test.py")):
            found |= verdicts(_ask(copy, file, address, config))
    return found


def _ask(copy: Path, file: Path, address: str, config: Path) -> str:
    told = subprocess.run(
        [
            copy / ".venv/bin/python",
            file,
            f"--server_url={address}",
            f"--simulation_secret={SECRET}",
            f"--conformance_input={config}",
        ],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    return told.stdout + told.stderr


def main() -> int:
    """Run it where it can be run, and fail on a deviation that nobody has allowed."""
    copy = os.environ.get(COPY, "")
    if (reason := obstacle(copy)) is not None:
        print(f"\nLEFT OUT: the official suite; {reason}.", file=sys.stderr)
        return 0
    known = tomllib.loads(DEVIATIONS.read_text("utf-8"))["official"]
    with tempfile.TemporaryDirectory(prefix="ucp-") as folder:
        found = run(Path(copy), Path(folder))
    failed = {name for name, verdict in found.items() if verdict == "FAILED"}
    print(f"\nThe official suite: {len(found) - len(failed)} of {len(found)} did not fail")
    for name in sorted(failed):
        print(f"{name}: {known.get(name, 'NOT ALLOWED')}")
    return int(not found or failed != known.keys())


if __name__ == "__main__":
    sys.exit(main())
