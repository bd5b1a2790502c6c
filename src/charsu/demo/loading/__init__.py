"""Loading the demo: the chain into the shop that is given, the year into a second one beside it.

The two are two businesses and share nothing but the server, see
``docs/decisions/0009-the-year-is-a-second-shop.md``. A shop counts as loaded once it has an
administrator, who is made last: a load that was interrupted begins anew, one that is done is left
alone.
"""

from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Thread
from typing import TypeVar

import psycopg
from msgspec import Struct

from charsu.assembly import open_hub, prepare
from charsu.demo.loading import databases
from charsu.demo.loading.chain import load_chain
from charsu.demo.loading.progress import Progress, silent
from charsu.demo.loading.staff import SignIn, add_staff
from charsu.demo.loading.year import load_year
from charsu.demo.year import CURRENCY, Size, YearNotInstalled, load
from charsu.insights import CURRENCY as CURRENCY_SHOWN
from charsu.insights import NAME, TIME_ZONE
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import needs_first_admin
from charsu.kernel.setup import ChangeSetting, change_setting

T = TypeVar("T")

NO_RIGHT = "This database server does not let us make a second database for the year."


class LoadedShop(Struct, frozen=True):
    """A shop of the demo.

    sign_ins   of the accounts made now; empty if it was loaded before, for no password is kept
    """

    conninfo: str
    sign_ins: tuple[SignIn, ...]


class DemoSummary(Struct, frozen=True):
    """What the demo consists of; where there is no year, why."""

    chain: LoadedShop
    year: LoadedShop | None
    year_left_out: str | None = None


def load_demo(
    conninfo: str,
    *,
    size: Size | str = Size.SMALL,
    progress: Progress = silent,
    password: str | None = None,
) -> DemoSummary:
    """Make the demo's two shops, or what of them is not there yet.

    conninfo   of a shop that ``prepare`` has made; one with an administrator is left as it is
    size       of the year; a year that is there stays, whatever its size
    progress   is called from two threads: the two shops are loaded at once
    password   for every account, or None and each gets one by chance
    """
    second = databases.beside(conninfo, "year")
    loading = _beside(lambda: _load_year(second, Size(size), progress, password))
    chain = _load_chain(conninfo, progress, password)
    try:
        year = loading.result()
    except YearNotInstalled as missing:
        return DemoSummary(chain, None, str(missing))
    except psycopg.errors.InsufficientPrivilege:
        return DemoSummary(chain, None, NO_RIGHT)
    return DemoSummary(chain, year)


def _beside(work: Callable[[], T]) -> Future[T]:
    """Work in a thread of its own, which nobody waits for when the load is given up."""
    promised: Future[T] = Future()

    def run() -> None:
        try:
            promised.set_result(work())
        except BaseException as problem:  # raised again for whoever asks for the result
            promised.set_exception(problem)

    Thread(target=run, name="demo-year", daemon=True).start()
    return promised


def _load_chain(conninfo: str, progress: Progress, password: str | None) -> LoadedShop:
    with open_hub(conninfo, connections=2) as hub:
        if not needs_first_admin(hub):
            return LoadedShop(conninfo, ())
        _introduce(hub, "Čaršija", zone="Europe/Belgrade", currency="EUR")
        load_chain(hub, _named("chain", progress))
        return _finish(hub, conninfo, password)


def _load_year(conninfo: str, size: Size, progress: Progress, password: str | None) -> LoadedShop:
    if databases.exists(conninfo):
        if _is_loaded(conninfo):
            return LoadedShop(conninfo, ())
        databases.drop(conninfo)
    year = load(size, datetime.now(UTC))
    databases.create(conninfo)
    prepare(conninfo)
    with open_hub(conninfo, connections=2) as hub:
        _introduce(hub, "A retailer's year", zone="America/New_York", currency=CURRENCY)
        load_year(hub, year, _named("year", progress))
        return _finish(hub, conninfo, password)


def _introduce(hub: Hub, name: str, *, zone: str, currency: str) -> None:
    """Say what the business is called, where its days begin and which currency comes first."""
    for setting, value in ((NAME, name), (TIME_ZONE, zone), (CURRENCY_SHOWN, currency)):
        hub.run(change_setting, ChangeSetting(name=setting.name, value=value), actor=SYSTEM)


def _is_loaded(conninfo: str) -> bool:
    """Whether the shop has an administrator; one that was not even prepared has none."""
    try:
        prepare(conninfo)
        with open_hub(conninfo, connections=1) as hub:
            return not needs_first_admin(hub)
    except psycopg.errors.UndefinedTable:
        return False


def _finish(hub: Hub, conninfo: str, password: str | None) -> LoadedShop:
    databases.analyze(conninfo)
    return LoadedShop(conninfo, add_staff(hub, password=password))


def _named(shop: str, progress: Progress) -> Progress:
    def told(stage: str, done: int, total: int) -> None:
        progress(f"{shop}: {stage}", done, total)

    return told


__all__ = ["DemoSummary", "LoadedShop", "Progress", "SignIn", "load_demo"]
