"""What is set."""

from typing import Any

import msgspec
from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.operations import query
from charsu.kernel.settings import SETTINGS


class AskSettings(Struct, frozen=True, kw_only=True):
    """All settings."""


class SettingView(Struct, frozen=True, kw_only=True):
    """A setting as it is in force."""

    name: str
    value: Any
    default: Any
    explanation: str


class SettingsShown(Struct, frozen=True):
    """Every setting, by name."""

    items: tuple[SettingView, ...]


@query("settings.list", permission="settings.read", http="GET /v1/settings")
def settings_shown(tx: Tx, ask: AskSettings) -> SettingsShown:  # noqa: ARG001 (asks for all)
    """Everything that a retailer may decide, with what is in force and what would be without."""
    return SettingsShown(
        tuple(
            SettingView(
                name=name,
                value=msgspec.to_builtins(tx.setting(setting)),
                default=msgspec.to_builtins(setting.default),
                explanation=setting.explanation,
            )
            for name, setting in sorted(SETTINGS.items())
        )
    )
