"""A coupon as staff see it."""

from typing import Annotated, LiteralString
from uuid import UUID

from msgspec import Meta, Struct

from charsu.kernel import WHOLE_BUSINESS, NotFound, Tx, query
from charsu.pricing.coupons import CouponDraft, code_key
from charsu.pricing.stored import coupons_with

_USES: LiteralString = """
    SELECT count(*) FROM pricing.redemptions
    WHERE coupon_id = %(id)s AND given_back_at IS NULL
"""


class ReadCoupon(Struct, frozen=True, kw_only=True):
    """A coupon by its code, in any case."""

    code: Annotated[str, Meta(max_length=64)]


class CouponShown(Struct, frozen=True, kw_only=True):
    """A coupon with how often it was used."""

    coupon_id: UUID
    version: int
    coupon: CouponDraft
    uses: int


@query(
    "pricing.read_coupon",
    permission="pricing.edit",
    at=WHOLE_BUSINESS,
    http="GET /v1/coupons/{code}",
    raises=(NotFound,),
)
def read_coupon(tx: Tx, ask: ReadCoupon) -> CouponShown:
    """A coupon with its terms and how often it was used."""
    found = coupons_with(tx, [code_key(ask.code)], None).get(code_key(ask.code))
    if found is None:
        raise NotFound("coupon", ask.code)
    uses = tx.value(_USES, id=found.id)
    return CouponShown(coupon_id=found.id, version=found.version, coupon=found.draft, uses=uses)
