"""What the log may say about settings."""

from charsu.kernel.log import Fact


class SettingMade(Fact, frozen=True, kw_only=True):
    """A setting has another value from now on; without a value it has its default again."""

    name: str
    value: str | None  # as JSON
