"""Setting a shop up: what a retailer may decide, read and changed while it runs."""

from charsu.kernel.setup.operations import ChangeSetting, SettingChanged, change_setting
from charsu.kernel.setup.queries import AskSettings, SettingsShown, SettingView, settings_shown

__all__ = [
    "AskSettings",
    "ChangeSetting",
    "SettingChanged",
    "SettingView",
    "SettingsShown",
    "change_setting",
    "settings_shown",
]
