"""How much of everything is where: ``stock.csv``, in the form that the stock import takes."""

import csv
from importlib.resources import files
from typing import NamedTuple


class Level(NamedTuple):
    """Pieces of a variant at a location, or its smallest steps where it is weighed."""

    sku: str
    location: str
    on_hand: int


def stock() -> list[Level]:
    """Every level; what is not listed is not kept there."""
    text = files(__package__).joinpath("stock.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return [Level(row["sku"], row["location"], int(row["on_hand"])) for row in rows]
