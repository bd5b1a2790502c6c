"""A caller who knows the shop: for any operation, a request that must succeed."""

from tests.regular.asks import Fields, Regular, Wanted
from tests.regular.sampling import request_for, sample

__all__ = ["Fields", "Regular", "Wanted", "request_for", "sample"]
