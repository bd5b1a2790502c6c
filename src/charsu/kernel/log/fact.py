"""What the log may say."""

import re
from typing import Any, ClassVar

from msgspec import Struct

NAMES: dict[str, type["Fact"]] = {}


class Fact(Struct, frozen=True, kw_only=True):
    """Something that happened in the trade, in the past tense: ``StockReceived``.

    A fact holds ids and numbers, never personal data, and enough to explain and undo itself. When
    and by whom is told by the log around it. Facts do not change: a new meaning gets a new name.

    The log knows it by its package and its class: ``stock.stock_received`` is StockReceived of
    ``charsu.stock.facts``.
    """

    fact_name: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        parts = cls.__module__.split(".")
        package = parts[1] if parts[0] == "charsu" and len(parts) > 1 else parts[0]
        cls.fact_name = f"{package}.{_snake(cls.__name__)}"
        known = NAMES.get(cls.fact_name)
        # msgspec makes a class with weak references or slots twice; the same class is no clash
        assert known is None or known.__module__ == cls.__module__, f"two facts {cls.fact_name}"
        NAMES[cls.fact_name] = cls


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
