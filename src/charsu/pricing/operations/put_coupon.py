"""Putting a coupon: its terms are exactly what the draft says, however often it is put."""

from typing import Any, Literal, LiteralString
from uuid import UUID

from msgspec import Struct, structs

from charsu.kernel import WHOLE_BUSINESS, Tx, append, operation
from charsu.pricing.coupons import Coupon, CouponDraft, code_key, contradiction
from charsu.pricing.errors import (
    ChannelUnknown,
    CouponCurrencyRepeated,
    CouponWithoutDiscount,
    CouponWithTwoDiscounts,
    InstantInvalid,
    LimitBelowUses,
    PeriodInvalid,
)
from charsu.pricing.facts import CouponPut
from charsu.pricing.model import in_utc
from charsu.pricing.stored import coupons_with

Effect = Literal["created", "changed", "unchanged"]

_LOCK: LiteralString = "SELECT id FROM pricing.coupons WHERE code_key = %(key)s FOR UPDATE"

_CREATE: LiteralString = """
    INSERT INTO pricing.coupons
        (id, code, code_key, is_active, discount_ppm, priority, combines, valid_from, valid_until,
         limit_total, limit_per_customer, groups, version)
    VALUES
        (%(id)s, %(code)s, %(key)s, %(is_active)s, %(discount_ppm)s, %(priority)s, %(combines)s,
         %(valid_from)s, %(valid_until)s, %(limit_total)s, %(limit_per_customer)s, %(groups)s, 1)
    ON CONFLICT (code_key) DO NOTHING
"""

_CHANGE: LiteralString = """
    UPDATE pricing.coupons
    SET code = %(code)s, is_active = %(is_active)s, discount_ppm = %(discount_ppm)s,
        priority = %(priority)s, combines = %(combines)s, valid_from = %(valid_from)s,
        valid_until = %(valid_until)s, limit_total = %(limit_total)s,
        limit_per_customer = %(limit_per_customer)s, groups = %(groups)s, version = version + 1
    WHERE id = %(id)s
    RETURNING version
"""

_UNKNOWN_CHANNELS: LiteralString = """
    SELECT n.id FROM unnest(%(channels)s::uuid[]) AS n (id)
    WHERE NOT EXISTS (SELECT FROM catalog.channels c WHERE c.id = n.id)
"""

_CLEAR_TERMS: LiteralString = "DELETE FROM pricing.coupon_terms WHERE coupon_id = %(id)s"
_CLEAR_CHANNELS: LiteralString = "DELETE FROM pricing.coupon_channels WHERE coupon_id = %(id)s"

_STORE_TERMS: LiteralString = """
    INSERT INTO pricing.coupon_terms (coupon_id, currency, off_minor, minimum_minor)
    SELECT %(id)s, * FROM unnest(%(currencies)s::text[], %(offs)s::bigint[], %(minima)s::bigint[])
"""

_STORE_CHANNELS: LiteralString = """
    INSERT INTO pricing.coupon_channels (coupon_id, channel_id)
    SELECT %(id)s, unnest(%(channels)s::uuid[])
"""

_MOST_USES: LiteralString = """
    SELECT coalesce(sum(uses), 0)::bigint AS total,
           coalesce(max(uses) FILTER (WHERE customer_id IS NOT NULL), 0) AS by_one
    FROM (SELECT customer_id, count(*) AS uses FROM pricing.redemptions
          WHERE coupon_id = %(id)s AND given_back_at IS NULL GROUP BY customer_id) by_customer
"""

_CLEAR_COUNTERS: LiteralString = "DELETE FROM pricing.coupon_counters WHERE coupon_id = %(id)s"

_COUNT_AGAIN: LiteralString = """
    INSERT INTO pricing.coupon_counters (coupon_id, customer_id, uses, limit_uses)
    SELECT %(id)s, NULL::uuid, count(*), %(total)s::bigint
    FROM pricing.redemptions WHERE coupon_id = %(id)s AND given_back_at IS NULL
    HAVING %(total)s::bigint IS NOT NULL
    UNION ALL
    SELECT %(id)s, customer_id, count(*), %(by_one)s::bigint
    FROM pricing.redemptions
    WHERE coupon_id = %(id)s AND given_back_at IS NULL AND customer_id IS NOT NULL
      AND %(by_one)s::bigint IS NOT NULL
    GROUP BY customer_id
"""


class PutCoupon(Struct, frozen=True, kw_only=True):
    """One whole coupon."""

    coupon: CouponDraft


class CouponStored(Struct, frozen=True):
    """What putting the coupon did."""

    coupon_id: UUID
    version: int
    effect: Effect


@operation(
    "pricing.put_coupon",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="POST /v1/coupons",
    raises=(
        CouponWithoutDiscount,
        CouponWithTwoDiscounts,
        CouponCurrencyRepeated,
        InstantInvalid,
        PeriodInvalid,
        ChannelUnknown,
        LimitBelowUses,
    ),
)
def put_coupon(tx: Tx, ask: PutCoupon) -> CouponStored:
    """Make a coupon, or replace what its code stood for; case and blanks in a code do not count.

    Uses made so far stay counted. A limit below them is refused.
    """
    draft = _normal(ask.coupon)
    if problem := contradiction(draft):
        raise problem
    if unknown := tx.all(_UNKNOWN_CHANNELS, channels=list(draft.channel_ids)):
        raise ChannelUnknown([row.id for row in unknown])
    coupon_id = tx.new_id()
    if tx.run(_CREATE, id=coupon_id, key=code_key(draft.code), **_columns(draft)):
        return _store(tx, draft, Coupon(id=coupon_id, version=1, draft=draft), "created")
    tx.all(_LOCK, key=code_key(draft.code))
    was = coupons_with(tx, [code_key(draft.code)], None)[code_key(draft.code)]
    if _normal(was.draft) == draft:
        return CouponStored(was.id, was.version, "unchanged")
    version = tx.value(_CHANGE, id=was.id, **_columns(draft))
    return _store(tx, draft, structs.replace(was, version=version), "changed")


def _normal(draft: CouponDraft) -> CouponDraft:
    """The draft in the one order in which it is compared."""
    return structs.replace(
        draft,
        terms=tuple(sorted(draft.terms, key=lambda terms: terms.currency)),
        channel_ids=tuple(sorted(set(draft.channel_ids))),
        groups=tuple(sorted(set(draft.groups))),
        valid_from=draft.valid_from and in_utc(draft.valid_from),
        valid_until=draft.valid_until and in_utc(draft.valid_until),
    )


def _columns(draft: CouponDraft) -> dict[str, Any]:
    columns = structs.asdict(draft)
    return {name: columns[name] for name in columns.keys() - {"terms", "channel_ids", "groups"}} | {
        "groups": list(draft.groups)
    }


def _store(tx: Tx, draft: CouponDraft, was: Coupon, effect: Effect) -> CouponStored:
    _store_parts(tx, draft, was.id)
    limits = (draft.limit_total, draft.limit_per_customer)
    if effect == "created" or limits != (was.draft.limit_total, was.draft.limit_per_customer):
        _count_again(tx, draft, was.id)
    fact = CouponPut(
        is_active=draft.is_active,
        limit_total=draft.limit_total,
        limit_per_customer=draft.limit_per_customer,
    )
    append(tx, fact, subject=was.id, version=was.version)
    return CouponStored(was.id, was.version, effect)


def _store_parts(tx: Tx, draft: CouponDraft, coupon_id: UUID) -> None:
    tx.run(_CLEAR_TERMS, id=coupon_id)
    tx.run(_CLEAR_CHANNELS, id=coupon_id)
    tx.run(
        _STORE_TERMS,
        id=coupon_id,
        currencies=[terms.currency for terms in draft.terms],
        offs=[terms.off_minor for terms in draft.terms],
        minima=[terms.minimum_minor for terms in draft.terms],
    )
    tx.run(_STORE_CHANNELS, id=coupon_id, channels=list(draft.channel_ids))


def _count_again(tx: Tx, draft: CouponDraft, coupon_id: UUID) -> None:
    """Make the counters anew; nobody uses the coupon meanwhile, for its row is locked."""
    uses = tx.first(_MOST_USES, id=coupon_id)
    assert uses is not None, "an aggregate has a row"
    for limit, used in ((draft.limit_total, uses.total), (draft.limit_per_customer, uses.by_one)):
        if limit is not None and used > limit:
            raise LimitBelowUses(draft.code, uses=used)
    tx.run(_CLEAR_COUNTERS, id=coupon_id)
    tx.run(_COUNT_AGAIN, id=coupon_id, total=draft.limit_total, by_one=draft.limit_per_customer)
