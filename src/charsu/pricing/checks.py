"""What must be true of prices and coupons at any moment."""

from typing import LiteralString

from charsu.kernel.check import Check
from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (
    Subject(table="pricing.price_lists", named="'price list ' || id"),
    Subject(table="pricing.tax_countries", named="'taxes of ' || country"),
    Subject(table="pricing.coupons", named="'coupon ' || code"),
    Subject(table="pricing.redemptions", named="'redemption ' || id"),
)

_COUPON_USES: LiteralString = """
    WITH live AS (
        SELECT coupon_id, customer_id, count(*) AS uses
        FROM pricing.redemptions WHERE given_back_at IS NULL
        GROUP BY GROUPING SETS ((coupon_id), (coupon_id, customer_id))
        HAVING GROUPING(customer_id) = 1 OR customer_id IS NOT NULL
    ), expected AS (
        SELECT c.id AS coupon_id, NULL::uuid AS customer_id, c.limit_total AS limit_uses,
               coalesce(l.uses, 0) AS uses
        FROM pricing.coupons c LEFT JOIN live l ON l.coupon_id = c.id AND l.customer_id IS NULL
        WHERE c.limit_total IS NOT NULL
        UNION ALL
        SELECT c.id, l.customer_id, c.limit_per_customer, l.uses
        FROM pricing.coupons c JOIN live l ON l.coupon_id = c.id AND l.customer_id IS NOT NULL
        WHERE c.limit_per_customer IS NOT NULL
    ), compared AS (
        SELECT coalesce(e.coupon_id, k.coupon_id) AS coupon_id,
               coalesce(e.customer_id, k.customer_id) AS customer_id,
               coalesce(e.uses, 0) AS uses, coalesce(k.uses, 0) AS counted,
               coalesce(e.limit_uses, k.limit_uses) AS limit_uses, k.limit_uses AS counter_limit,
               e.coupon_id IS NOT NULL AND k.coupon_id IS NULL AS is_uncounted,
               e.coupon_id IS NULL AND (k.customer_id IS NULL OR k.uses > 0) AS is_stray
        FROM expected e FULL JOIN pricing.coupon_counters k
          ON k.coupon_id = e.coupon_id
         AND coalesce(k.customer_id, k.coupon_id) = coalesce(e.customer_id, e.coupon_id)
    )
    SELECT 'coupon ' || coupon_id || coalesce(' of customer ' || customer_id, '') AS row,
           CASE WHEN uses > limit_uses THEN uses || ' uses, limit ' || limit_uses
                WHEN is_stray THEN 'no use under a limit, ' || counted || ' counted'
                WHEN is_uncounted THEN uses || ' uses and no counter'
                WHEN uses <> counted THEN uses || ' uses, ' || counted || ' counted'
                ELSE 'limit ' || limit_uses || ', counter stops at ' || counter_limit END AS problem
    FROM compared
    WHERE uses > limit_uses OR is_uncounted OR is_stray OR uses <> counted
       OR counter_limit <> limit_uses
    ORDER BY 1
"""

_REDUCTIONS: LiteralString = """
    SELECT 'coupon ' || c.id AS row,
           'takes off neither a part nor an amount in each currency, or both' AS problem
    FROM pricing.coupons c
    LEFT JOIN LATERAL (
        SELECT count(*) AS terms, count(off_minor) AS amounts
        FROM pricing.coupon_terms WHERE coupon_id = c.id
    ) t ON true
    WHERE CASE WHEN c.discount_ppm IS NULL THEN t.terms = 0 OR t.amounts < t.terms
               ELSE t.amounts > 0 END
    ORDER BY 1
"""

CHECKS = (
    Check(
        "coupon_uses_within_limits",
        "Each limited coupon is counted as often as it was redeemed, and never beyond its limit.",
        "SELECT count(*) FROM pricing.redemptions",
        _COUPON_USES,
    ),
    Check(
        "coupons_take_something_off",
        "Each coupon takes off either a part or an amount in each of its currencies.",
        "SELECT count(*) FROM pricing.coupons",
        _REDUCTIONS,
    ),
    changes_are_told(
        "changes_of_prices_are_told",
        "Every change of a price list, taxes, a coupon or a use of one has its fact.",
        SUBJECTS,
    ),
)
