"""Insights: what the business did and what it waits for, in figures."""

from charsu.insights.business import CURRENCY, NAME, TIME_ZONE, Business, business
from charsu.insights.hands import (
    Hand,
    OrderHand,
    broken_promises,
    dead_letters,
    differences,
    failing_reactions,
    shortages,
    stuck,
    unknown_payments,
)
from charsu.insights.happenings import Happening, happenings
from charsu.insights.mending import ToMend, ToMendList, to_mend
from charsu.insights.sales import (
    Bucket,
    ByChannel,
    ByLocation,
    Span,
    sales_by_bucket,
    sales_by_channel,
    sales_by_location,
    totals,
)
from charsu.insights.shelves import SoldOut, SoldOuts, sold_out
from charsu.insights.waiting import Waits, waits

__all__ = [
    "CURRENCY",
    "NAME",
    "TIME_ZONE",
    "Bucket",
    "Business",
    "ByChannel",
    "ByLocation",
    "Hand",
    "Happening",
    "OrderHand",
    "SoldOut",
    "SoldOuts",
    "Span",
    "ToMend",
    "ToMendList",
    "Waits",
    "broken_promises",
    "business",
    "dead_letters",
    "differences",
    "failing_reactions",
    "happenings",
    "sales_by_bucket",
    "sales_by_channel",
    "sales_by_location",
    "shortages",
    "sold_out",
    "stuck",
    "to_mend",
    "totals",
    "unknown_payments",
    "waits",
]
