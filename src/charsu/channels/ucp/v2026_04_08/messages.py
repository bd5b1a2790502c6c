"""What there is to tell, as messages of the protocol."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.channels.ucp.model import Said
from charsu.language import Translation

Speak = Translation
"""Says sentences in the reader's language."""


class _Kind(Struct, frozen=True):
    """How a refusal looks here: what the platform should do about it, and where to look."""

    code: str
    severity: str = "recoverable"
    path: str = ""
    is_warning: bool = False


_DESTINATION = "$.fulfillment.methods[0].destinations[0]"
_CODES = "$.discounts.codes"

_KINDS = {
    "not_enough_stock": _Kind("out_of_stock", path="$.line_items"),
    "not_for_sale": _Kind("item_unavailable", path="$.line_items"),
    "item_unknown": _Kind("item_unavailable", path="$.line_items"),
    "not_found": _Kind("item_unavailable", path="$.line_items"),
    "price_missing": _Kind("item_unavailable", path="$.line_items"),
    "cart_empty": _Kind("missing", path="$.line_items"),
    "recipient_needed": _Kind("missing", path=_DESTINATION),
    "contact_needed": _Kind("missing", path="$.buyer.email"),
    "delivery_needed": _Kind(
        "missing", path="$.fulfillment.methods[0].groups[0].selected_option_id"
    ),
    "store_needed": _Kind("missing", path="$.fulfillment.methods[0].selected_destination_id"),
    "store_unknown": _Kind("invalid", path="$.fulfillment.methods[0].selected_destination_id"),
    "no_pickup_here": _Kind("invalid", path="$.fulfillment.methods[0].selected_destination_id"),
    "delivery_unknown": _Kind("address_undeliverable", path=_DESTINATION),
    "mixed_delivery": _Kind("unsupported_combination", path="$.fulfillment.methods"),
    "payment_declined": _Kind("payment_failed", path="$.payment.instruments[0]"),
    "handler_unknown": _Kind("payment_failed", path="$.payment.instruments[0].handler_id"),
    "buyer_needed": _Kind("requires_3ds", "requires_buyer_input"),
    "price_moved": _Kind("price_changed", path="$.totals"),
    "claim_not_accepted": _Kind(
        "eligibility_not_accepted", path="$.context.eligibility", is_warning=True
    ),
    "code_twice": _Kind("discount_code_already_applied", path=_CODES, is_warning=True),
    "coupon_unknown": _Kind("discount_code_invalid", path=_CODES, is_warning=True),
    "coupon_not_now": _Kind("discount_code_expired", path=_CODES, is_warning=True),
    "coupon_used_up": _Kind("discount_code_expired", path=_CODES, is_warning=True),
    "coupon_alone": _Kind("discount_code_combination_disallowed", path=_CODES, is_warning=True),
    "coupon_needs_customer": _Kind(
        "discount_code_user_not_logged_in", path=_CODES, is_warning=True
    ),
    "coupon_not_for_you": _Kind("discount_code_user_ineligible", path=_CODES, is_warning=True),
    "coupon_not_here": _Kind("discount_code_invalid", path=_CODES, is_warning=True),
    "basket_too_small": _Kind("discount_code_invalid", path=_CODES, is_warning=True),
}


def messages(
    said: Iterable[Said], speak: Speak, lines: Sequence[UUID] = (), codes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """All of it, each thing once.

    lines   the variants of the lines, in their order
    codes   as they were typed, in their order
    """
    written: dict[str, dict[str, Any]] = {}
    for one in said:
        message = _message(one, speak, lines, codes)
        written.setdefault(f"{message['code']}\0{message['content']}", message)
    return list(written.values())


def _message(
    said: Said, speak: Speak, lines: Sequence[UUID], codes: Sequence[str]
) -> dict[str, Any]:
    kind = _KINDS.get(said.code, _Kind(said.code))
    content = speak(said.template, **said.data)
    message: dict[str, Any] = {"code": kind.code, "content": content}
    if path := _path(said, kind, lines, codes):
        message["path"] = path
    if kind.is_warning:
        return {"type": "warning", **message}
    return {"type": "error", "severity": kind.severity, **message}


def _path(said: Said, kind: _Kind, lines: Sequence[UUID], codes: Sequence[str]) -> str:
    if kind.path == "$.line_items" and said.variant_id is not None and said.variant_id in lines:
        return f"$.line_items[{lines.index(said.variant_id)}]"
    if kind.path == _CODES:
        meant = str(said.data.get("coupon", "")).casefold()
        places = [at for at, code in enumerate(codes) if code.casefold() == meant]
        # what was said before is meant where it is said again
        return f"{_CODES}[{places[-1 if said.code == 'code_twice' else 0]}]" if places else _CODES
    return kind.path


def severities(said: Iterable[Said]) -> Iterator[str]:
    """How much each thing stands in the way; warnings do not."""
    for one in said:
        kind = _KINDS.get(one.code, _Kind(one.code))
        if not kind.is_warning:
            yield kind.severity


def one_message(code: str, content: str, severity: str = "unrecoverable") -> dict[str, Any]:
    """A message for itself."""
    return {"type": "error", "code": code, "content": content, "severity": severity}
