"""Coupons of before the shop was here and their uses, taken over with its orders."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct

from charsu.kernel import Tx, append
from charsu.pricing.coupons import CouponDraft, code_key, contradiction
from charsu.pricing.facts import CouponPut, CouponRedeemed

COUPONS = (
    *("id", "code", "code_key", "is_active", "discount_ppm", "priority", "combines"),
    *("valid_from", "valid_until", "version"),
)
TERMS = ("coupon_id", "currency", "off_minor", "minimum_minor")

_LOCK: LiteralString = """
    SELECT id FROM pricing.coupons WHERE id = ANY(%(coupons)s) ORDER BY id FOR KEY SHARE
"""

_STORE: LiteralString = """
    INSERT INTO pricing.redemptions
        (id, coupon_id, order_id, customer_id, discount_minor, currency, redeemed_at, version)
    SELECT n.*, 1
    FROM unnest(%(ids)s::uuid[], %(coupons)s::uuid[], %(orders)s::uuid[], %(customers)s::uuid[],
                %(discounts)s::bigint[], %(currencies)s::text[], %(times)s::timestamptz[]) AS n
    ON CONFLICT (order_id, coupon_id) DO NOTHING
    RETURNING id, coupon_id, order_id, customer_id, discount_minor, currency
"""

_COUNT: LiteralString = """
    WITH used AS (
        SELECT coupon_id, customer_id
        FROM unnest(%(coupons)s::uuid[], %(customers)s::uuid[]) AS u (coupon_id, customer_id)
    )
    INSERT INTO pricing.coupon_counters AS k (coupon_id, customer_id, uses, limit_uses)
    SELECT c.id AS coupon_id, NULL::uuid AS customer_id, count(*), c.limit_total
    FROM pricing.coupons c JOIN used u ON u.coupon_id = c.id
    WHERE c.limit_total IS NOT NULL GROUP BY c.id
    UNION ALL
    SELECT c.id, u.customer_id, count(*), c.limit_per_customer
    FROM pricing.coupons c JOIN used u ON u.coupon_id = c.id
    WHERE c.limit_per_customer IS NOT NULL AND u.customer_id IS NOT NULL
    GROUP BY c.id, u.customer_id
    ORDER BY 1, 2
    ON CONFLICT (coupon_id, customer_id) DO UPDATE SET uses = k.uses + excluded.uses
"""


def put_many_past_coupons(tx: Tx, drafts: Sequence[CouponDraft]) -> list[UUID]:
    """Take over any number of coupons whose codes are new; their ids, in order.

    For those that everybody may use everywhere without limit. Facts are marked historical.
    """
    for draft in drafts:
        assert not (draft.channel_ids or draft.groups or draft.limit_total), draft
        assert contradiction(draft) is None and draft.limit_per_customer is None, draft
    ids = [tx.new_id() for _ in drafts]
    made = list(zip(ids, drafts, strict=True))
    tx.copy_in("pricing.coupons", COUPONS, [_coupon_row(id_, draft) for id_, draft in made])
    terms = ((id_, one) for id_, draft in made for one in draft.terms)
    tx.copy_in(
        "pricing.coupon_terms",
        TERMS,
        [(id_, one.currency, one.off_minor, one.minimum_minor) for id_, one in terms],
    )
    for id_, draft in made:
        fact = CouponPut(is_active=draft.is_active, limit_total=None, limit_per_customer=None)
        append(tx, fact, subject=id_, version=1, historical=True)
    return ids


def _coupon_row(id_: UUID, draft: CouponDraft) -> tuple[Any, ...]:
    return (
        *(id_, draft.code, code_key(draft.code), draft.is_active, draft.discount_ppm),
        *(draft.priority, draft.combines, draft.valid_from, draft.valid_until, 1),
    )


class PastRedemption(Struct, frozen=True, kw_only=True):
    """An order of the past that used a coupon."""

    coupon_id: UUID
    order_id: UUID
    customer_id: UUID | None
    discount_minor: int
    currency: str
    redeemed_at: datetime


def put_many_redemptions(tx: Tx, redemptions: Sequence[PastRedemption]) -> int:
    """Take over any number of uses; how many were new. Facts are marked historical.

    They count towards the coupons' limits; the database refuses what goes beyond one.
    """
    tx.all(_LOCK, coupons=sorted({one.coupon_id for one in redemptions}))
    stored = tx.all(
        _STORE,
        ids=[tx.new_id() for _ in redemptions],
        coupons=[one.coupon_id for one in redemptions],
        orders=[one.order_id for one in redemptions],
        customers=[one.customer_id for one in redemptions],
        discounts=[one.discount_minor for one in redemptions],
        currencies=[one.currency for one in redemptions],
        times=[one.redeemed_at for one in redemptions],
    )
    tx.run(
        _COUNT,
        coupons=[row.coupon_id for row in stored],
        customers=[row.customer_id for row in stored],
    )
    for row in stored:
        fact = CouponRedeemed(
            coupon_id=row.coupon_id,
            order_id=row.order_id,
            customer_id=row.customer_id,
            discount_minor=row.discount_minor,
            currency=row.currency,
        )
        append(tx, fact, subject=row.id, version=1, historical=True)
    return len(stored)
