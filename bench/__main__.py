"""``python -m bench [NAME…] [--json FILE] [--full]``: run benchmarks and say how they came out."""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import (
    availability,
    growth,
    hot_product,
    import_year,
    log_consumption,
    place_order,
    place_order_http,
    search,
    ucp_checkout,
)
from bench.frame import Result, write

BENCHES: dict[str, Callable[[], list[Result]]] = {
    "place_order": place_order.run,
    "place_order_http": place_order_http.run,
    "ucp_checkout": ucp_checkout.run,
    "availability": availability.run,
    "search": search.run,
    "import_year": import_year.run,
    "log_consumption": log_consumption.run,
    "hot_product": hot_product.run,
    "growth": growth.run,
}
FULL = {"import_year": import_year.run_full}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run those that are named, or all; 0 if every one reaches what was promised."""
    asked = _parser().parse_args(arguments)
    benches = BENCHES | (FULL if asked.full else {})
    results: list[Result] = []
    for name in asked.names or benches:
        started = time.monotonic()
        for result in benches[name]():
            results.append(result)
            print(result.line(), flush=True)
        print(f"       {name} took {time.monotonic() - started:.0f} s", flush=True)
    if asked.json:
        write(results, asked.json)
    return 0 if all(result.met for result in results) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    # no choices: argparse would then refuse the empty list that means all
    parser.add_argument("names", nargs="*", type=_known, metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="put the figures there as well")
    parser.add_argument("--full", action="store_true", help="import the whole year, not a part")
    return parser


def _known(name: str) -> str:
    if name not in BENCHES:
        raise argparse.ArgumentTypeError(f"there is no {name}; there are {', '.join(BENCHES)}")
    return name


if __name__ == "__main__":
    sys.exit(main())
