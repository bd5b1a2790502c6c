"""Codes on pages have words and drawings."""

from typing import get_args

from charsu.assembly import rooms
from charsu.catalog.model import ChannelKind
from charsu.kernel.access import ROLES
from charsu.kernel.log.fact import NAMES
from charsu.web import titles
from charsu.web.assets import FOLDER

OURS = (
    *("catalog", "customers", "identity", "imports", "insights", "kernel"),
    *("orders", "pricing", "shopping", "stock"),
)


def test_every_fact_of_ours_has_a_title_and_every_title_a_fact() -> None:
    list(rooms("facts"))
    list(rooms("operations"))
    told = {name for name in NAMES if name.split(".")[0] in OURS}
    assert told == set(titles.FACTS)


def test_every_role_has_a_title() -> None:
    assert {role.name: role.title for role in ROLES.values()} == titles.ROLES


def test_every_kind_of_channel_has_a_drawing() -> None:
    sprite = (FOLDER / "vendor/tabler-icons-3.51.0/sprite.svg").read_text()
    assert set(titles.CHANNEL_ICONS) == set(get_args(ChannelKind))
    used = [*titles.CHANNEL_ICONS.values(), *titles.WAITING_ICONS.values()]
    assert [icon for icon in used if f'id="{icon}"' not in sprite] == []
