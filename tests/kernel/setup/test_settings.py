"""Settings change on the running shop, for every process, and only to what fits."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from charsu.insights import NAME, business
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.settings import SettingInvalid, SettingUnknown
from charsu.kernel.setup import AskSettings, ChangeSetting, change_setting, settings_shown
from charsu.reference.finding import our_settings


def name_seen_by(hub: Hub) -> str:
    with hub.reading() as tx:
        return business(tx).name


def test_a_change_holds_at_once_in_every_process(open_shop: Callable[..., Hub]) -> None:
    here, there = open_shop(), open_shop()

    ask = ChangeSetting(name="business.name", value="Čaršija")
    here.run(change_setting, ask, actor=SYSTEM)
    assert name_seen_by(there) == "Čaršija"

    here.run(change_setting, ChangeSetting(name="business.name", value=None), actor=SYSTEM)
    assert name_seen_by(there) == NAME.default


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("orders.ship_hours", "soon", SettingInvalid),
        ("business.name", 7, SettingInvalid),
        ("business.colour", "red", SettingUnknown),
    ],
)
def test_what_does_not_fit_is_refused(
    hub: Hub, name: str, value: object, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        hub.run(change_setting, ChangeSetting(name=name, value=value), actor=SYSTEM)


def test_the_list_says_what_is_in_force(hub: Hub) -> None:
    hub.run(change_setting, ChangeSetting(name="orders.ship_hours", value=48), actor=SYSTEM)

    shown = hub.run(settings_shown, AskSettings(), actor=SYSTEM)
    hours = next(item for item in shown.items if item.name == "orders.ship_hours")
    assert (hours.value, hours.default) == (48, 24)


KNOWN = """
import sys
from charsu.assembly import open_hub
from charsu.kernel.settings import SETTINGS
open_hub(sys.argv[1], connections=1).close()
print(*SETTINGS)
"""


def test_whoever_opens_a_shop_can_decide_what_only_workers_keep_to(database: str) -> None:
    """A process of its own: in this one everything has been loaded."""
    told = subprocess.run(
        [sys.executable, "-c", KNOWN, database], capture_output=True, text=True, check=True
    )

    every = {one.name for one in our_settings()}
    assert {name for name in every - {*told.stdout.split()} if not name.startswith("web.")} == set()
