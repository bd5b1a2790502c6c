"""What is asked of pricing, one question a file."""

from charsu.pricing.queries.explain import explain
from charsu.pricing.queries.prices_for import prices_for
from charsu.pricing.queries.read_coupon import read_coupon
from charsu.pricing.queries.tax_rates import tax_rates

__all__ = ["explain", "prices_for", "read_coupon", "tax_rates"]
