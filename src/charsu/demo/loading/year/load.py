"""The year from first to last."""

from charsu.demo.loading.progress import Progress
from charsu.demo.loading.year.coupons import load_coupons
from charsu.demo.loading.year.orders import load_orders
from charsu.demo.loading.year.shop import open_shop
from charsu.demo.loading.year.stock import load_stock
from charsu.demo.year import Year
from charsu.kernel import Hub


def load_year(hub: Hub, year: Year, progress: Progress) -> None:
    """Load a whole year into an empty shop that is ready for it."""
    shop = open_shop(hub, year, progress)
    accounts = load_stock(hub, year, shop, progress)
    load_orders(hub, year, shop, accounts, progress)
    load_coupons(hub, year, shop, progress)
