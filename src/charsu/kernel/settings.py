"""Settings: declared in code with type and default, changed on the running shop.

Only values that differ from the default are stored. Each transaction reads them with its first
statement, so a change holds from the next transaction on, in every process.
"""

from typing import Any, Generic, TypeVar

import msgspec

from charsu.kernel.errors import Invalid

Value = TypeVar("Value")


class SettingUnknown(Invalid):
    """No package declares a setting of this name."""

    code = "setting_unknown"

    def __init__(self, name: str) -> None:
        super().__init__("There is no setting {name}.", name=name)


class SettingInvalid(Invalid):
    """The value does not fit the setting."""

    code = "setting_invalid"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__("{name}: {reason}.", name=name, reason=reason)


SETTINGS: dict[str, "Setting[Any]"] = {}
"""Every setting that is declared in this process, by name."""


class Setting(Generic[Value]):
    """One thing a retailer may decide, with its default and a sentence that explains it."""

    def __init__(self, name: str, kind: type[Value], default: Value, explanation: str) -> None:
        self.name = name
        self.kind: Any = kind
        self.default = default
        self.explanation = explanation
        SETTINGS[name] = self

    def read(self, stored: dict[str, Any]) -> Value:
        """The value in force, given what is stored."""
        if self.name not in stored:
            return self.default
        return msgspec.convert(stored[self.name], self.kind)  # type: ignore[no-any-return]

    def check(self, value: object) -> Value:
        """The value as this setting's type. Raises SettingInvalid."""
        try:
            return msgspec.convert(value, self.kind)  # type: ignore[no-any-return]
        except msgspec.ValidationError as problem:
            raise SettingInvalid(self.name, str(problem)) from problem
