"""Changing a setting."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from charsu.kernel.database import Tx
from charsu.kernel.log import append
from charsu.kernel.operations import WHOLE_BUSINESS, operation
from charsu.kernel.settings import SETTINGS, SettingInvalid, SettingUnknown
from charsu.kernel.setup.facts import SettingMade

_BOOK = UUID(int=0x5E77)  # the subject of all settings' facts, so that they have one order


class ChangeSetting(Struct, frozen=True, kw_only=True):
    """A setting and what it should be; null is its default."""

    name: Annotated[str, Meta(pattern=r"^[a-z0-9_.]{1,80}$", examples=["business.name"])]
    value: Any


class SettingChanged(Struct, frozen=True):
    """The setting, and how often settings were changed in all."""

    name: str
    version: int


@operation(
    "settings.change",
    permission="settings.change",
    at=WHOLE_BUSINESS,
    http="PUT /v1/settings/{name}",
    raises=(SettingUnknown, SettingInvalid),
)
def change_setting(tx: Tx, ask: ChangeSetting) -> SettingChanged:
    """Change a setting of the running shop; it holds from the next request on."""
    if ask.name not in SETTINGS:
        raise SettingUnknown(ask.name)
    value = None
    if ask.value is not None:
        value = msgspec.json.encode(SETTINGS[ask.name].check(ask.value)).decode()
    tx.run("SELECT pg_advisory_xact_lock(hashtext('kernel.settings'))")
    if value is None:
        tx.run("DELETE FROM kernel.settings WHERE name = %(name)s", name=ask.name)
    else:
        tx.run(
            """
            INSERT INTO kernel.settings (name, value) VALUES (%(name)s, %(value)s::jsonb)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            name=ask.name,
            value=value,
        )
    version = _version(tx)
    append(tx, SettingMade(name=ask.name, value=value), subject=_BOOK, version=version)
    return SettingChanged(ask.name, version)


def _version(tx: Tx) -> int:
    last = tx.value("SELECT max(version) FROM kernel.facts WHERE subject_id = %(book)s", book=_BOOK)
    return int(last or 0) + 1
