"""Coupons as the database has them."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from charsu.kernel import Tx
from charsu.pricing.coupons import Coupon, CouponDraft, CouponTerms

_COUPONS: LiteralString = """
    SELECT c.*,
           ARRAY(SELECT channel_id FROM pricing.coupon_channels
                 WHERE coupon_id = c.id ORDER BY channel_id) AS channel_ids,
           (SELECT coalesce(jsonb_agg(to_jsonb(t) - 'coupon_id' ORDER BY t.currency), '[]')
            FROM pricing.coupon_terms t WHERE t.coupon_id = c.id) AS terms,
           EXISTS (SELECT FROM pricing.coupon_counters k
                   WHERE k.coupon_id = c.id AND k.uses >= k.limit_uses
                     AND (k.customer_id IS NULL OR k.customer_id = %(customer)s)) AS is_used_up
    FROM pricing.coupons c
    WHERE c.code_key = ANY(%(keys)s)
"""


def coupons_with(tx: Tx, keys: Sequence[str], customer_id: UUID | None) -> dict[str, Coupon]:
    """The coupons with these code keys, as they are for this customer."""
    rows = tx.all(_COUPONS, keys=list(keys), customer=customer_id)
    return {row.code_key: _coupon(row) for row in rows}


def _coupon(row: Any) -> Coupon:
    draft = CouponDraft(
        code=row.code,
        is_active=row.is_active,
        discount_ppm=row.discount_ppm,
        terms=msgspec.convert(row.terms, tuple[CouponTerms, ...]),
        channel_ids=tuple(row.channel_ids),
        groups=tuple(row.groups),
        priority=row.priority,
        combines=row.combines,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        limit_total=row.limit_total,
        limit_per_customer=row.limit_per_customer,
    )
    return Coupon(id=row.id, version=row.version, draft=draft, is_used_up=row.is_used_up)
