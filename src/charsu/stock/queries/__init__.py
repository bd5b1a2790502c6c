"""What is asked of stock, one question a file."""

from charsu.stock.queries.availability import availability
from charsu.stock.queries.exceptions import exceptions
from charsu.stock.queries.levels import levels
from charsu.stock.queries.locations import locations
from charsu.stock.queries.movements import movements

__all__ = ["availability", "exceptions", "levels", "locations", "movements"]
