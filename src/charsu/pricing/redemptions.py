"""Using a coupon, and taking the use back.

What is limited has a counter, guarded like a balance: one statement tests and counts, so two orders
cannot both have the last use. Coupons without limit have no counter, and orders do not queue for
them. Whoever changes a coupon locks its row; whoever uses it or gives it back holds a share of
that lock, so that counters can be made anew when the limits change.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, LiteralString
from uuid import UUID

from charsu.kernel import Tx, append
from charsu.pricing.errors import CouponChanged, CouponUsedUp
from charsu.pricing.facts import CouponGivenBack, CouponRedeemed
from charsu.pricing.model import AppliedCoupon

Count = Callable[[Tx, Sequence[UUID], UUID | None], Counter[UUID]]

_SHARE: LiteralString = """
    SELECT id, version, num_nonnulls(limit_total, limit_per_customer) AS limits
    FROM pricing.coupons WHERE id = ANY(%(coupons)s) ORDER BY id FOR KEY SHARE
"""

# A use that was given back may be made again by the same order: its payment is tried once more.
_STORE: LiteralString = """
    INSERT INTO pricing.redemptions AS r
        (id, coupon_id, order_id, customer_id, discount_minor, currency, redeemed_at, version)
    SELECT n.id, n.coupon_id, %(order)s, %(customer)s, n.discount, %(currency)s, %(now)s, 1
    FROM unnest(%(ids)s::uuid[], %(coupons)s::uuid[], %(discounts)s::bigint[])
         AS n (id, coupon_id, discount)
    ORDER BY n.coupon_id
    ON CONFLICT (order_id, coupon_id) DO UPDATE
    SET given_back_at = NULL, redeemed_at = excluded.redeemed_at, version = r.version + 1,
        customer_id = excluded.customer_id, discount_minor = excluded.discount_minor
    WHERE r.given_back_at IS NOT NULL
    RETURNING r.id, r.coupon_id, r.version
"""

_COUNT: LiteralString = """
    INSERT INTO pricing.coupon_counters AS k (coupon_id, customer_id, uses, limit_uses)
    SELECT id, NULL::uuid AS customer_id, 1, limit_total FROM pricing.coupons
    WHERE id = ANY(%(coupons)s) AND limit_total IS NOT NULL
    UNION ALL
    SELECT id, %(customer)s::uuid, 1, limit_per_customer FROM pricing.coupons
    WHERE id = ANY(%(coupons)s) AND limit_per_customer IS NOT NULL AND %(customer)s IS NOT NULL
    ORDER BY 1, 2
    ON CONFLICT (coupon_id, customer_id) DO UPDATE SET uses = k.uses + 1
    WHERE k.uses < k.limit_uses
    RETURNING k.coupon_id
"""

_SHARE_OF_ORDER: LiteralString = """
    SELECT c.id FROM pricing.coupons c JOIN pricing.redemptions r ON r.coupon_id = c.id
    WHERE r.order_id = %(order)s ORDER BY c.id FOR KEY SHARE OF c
"""

_GIVE_BACK: LiteralString = """
    WITH back AS (
        UPDATE pricing.redemptions SET given_back_at = %(now)s, version = version + 1
        WHERE order_id = %(order)s AND given_back_at IS NULL
        RETURNING id, coupon_id, customer_id, version
    ), locked AS MATERIALIZED (
        SELECT k.coupon_id, k.customer_id FROM pricing.coupon_counters k JOIN back USING (coupon_id)
        WHERE k.customer_id IS NULL OR k.customer_id = back.customer_id
        ORDER BY k.coupon_id, k.customer_id FOR UPDATE OF k
    ), freed AS (
        UPDATE pricing.coupon_counters k SET uses = k.uses - 1
        FROM locked l
        WHERE k.coupon_id = l.coupon_id AND k.customer_id IS NOT DISTINCT FROM l.customer_id
    )
    SELECT id, coupon_id, customer_id, version FROM back ORDER BY id
"""


def count_uses(tx: Tx, coupon_ids: Sequence[UUID], customer_id: UUID | None) -> Counter[UUID]:
    """Count one use of each coupon, for everybody and for this customer, where limits allow it.

    Returns how many counters of each coupon moved; one that did not move has come to its limit.
    """
    rows = tx.all(_COUNT, coupons=list(coupon_ids), customer=customer_id)
    return Counter(row.coupon_id for row in rows)


def redeem(
    tx: Tx,
    coupons: Sequence[AppliedCoupon],
    *,
    order_id: UUID,
    customer_id: UUID | None,
    currency: str,
    count: Count = count_uses,
) -> None:
    """Use these coupons for an order, every one or none; once for an order, however often asked.

    coupons     as ``price_basket`` gave them
    count       how uses are counted; a test counts without the guard to show what it is worth

    Raises CouponUsedUp, and CouponChanged if a coupon is no longer what it was when it was priced.
    The transaction must then not be committed.
    """
    if not coupons:
        return
    by_id = {coupon.coupon_id: coupon for coupon in coupons}
    limits = _share(tx, by_id)
    stored = _store(tx, by_id, order_id=order_id, customer_id=customer_id, currency=currency)
    limited = [row.coupon_id for row in stored if limits[row.coupon_id]]
    moved = count(tx, limited, customer_id) if limited else Counter()
    for coupon_id in limited:
        if moved[coupon_id] < limits[coupon_id]:
            raise CouponUsedUp(by_id[coupon_id].code)
    for row in stored:
        fact = CouponRedeemed(
            coupon_id=row.coupon_id,
            order_id=order_id,
            customer_id=customer_id,
            discount_minor=by_id[row.coupon_id].discount_minor,
            currency=currency,
        )
        append(tx, fact, subject=row.id, version=row.version)


def _store(
    tx: Tx,
    coupons: dict[UUID, AppliedCoupon],
    *,
    order_id: UUID,
    customer_id: UUID | None,
    currency: str,
) -> list[Any]:
    """The redemptions (id, coupon_id, version) that are new; others stay as they are."""
    return tx.all(
        _STORE,
        ids=[tx.new_id() for _ in coupons],
        coupons=list(coupons),
        discounts=[coupon.discount_minor for coupon in coupons.values()],
        order=order_id,
        customer=customer_id,
        currency=currency,
        now=tx.now,
    )


def _share(tx: Tx, coupons: dict[UUID, AppliedCoupon]) -> dict[UUID, int]:
    """Keep the coupons from changing until the transaction ends; how many limits each has."""
    found = {row.id: row for row in tx.all(_SHARE, coupons=list(coupons))}
    for coupon in coupons.values():
        if found[coupon.coupon_id].version != coupon.version:
            raise CouponChanged(coupon.code)
    return {id_: row.limits for id_, row in found.items()}


def give_back(tx: Tx, order_id: UUID) -> None:
    """Let the coupons of an order that came to nothing be used again; twice is the same as once."""
    tx.all(_SHARE_OF_ORDER, order=order_id)
    for row in tx.all(_GIVE_BACK, order=order_id, now=tx.now):
        fact = CouponGivenBack(
            coupon_id=row.coupon_id, order_id=order_id, customer_id=row.customer_id
        )
        append(tx, fact, subject=row.id, version=row.version)
