"""What changes prices, taxes and coupons, one verb a file."""

from charsu.pricing.operations.end_offers import end_offers
from charsu.pricing.operations.open_price_list import open_price_list
from charsu.pricing.operations.put_coupon import put_coupon
from charsu.pricing.operations.put_prices import put_prices
from charsu.pricing.operations.put_tax_rates import put_tax_rates

__all__ = ["end_offers", "open_price_list", "put_coupon", "put_prices", "put_tax_rates"]
