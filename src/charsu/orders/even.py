"""The same product for the same product: it is taken at the price paid for what comes back.

Pieces taken are paired with pieces that come back, those of the very same variant first. What is
paired costs what was paid, its share of all discounts in it and the tax in it; so nothing is left
to pay, whatever the price is today. What is taken beyond that is a line of its own.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import LiteralString
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from charsu.kernel import Setting, Tx, allocate
from charsu.orders.exchanged import Even
from charsu.orders.loaded import Order
from charsu.orders.model import refund_share, share
from charsu.orders.operations.place import BuyLine
from charsu.orders.operations.return_goods import Brought
from charsu.pricing import Agreed, list_prices_at

AT_PRICE_PAID = Setting(
    "orders.exchange_at_price_paid",
    bool,
    True,
    "Whether the same product is exchanged at the price that was paid for it, not at today's.",
)
LIST_PRICE_COUNTS = Setting(
    "orders.exchange_list_price_counts",
    bool,
    False,
    "Whether another variant that had another list price then is taken at today's price all the"
    " same.",
)


class Taken(Struct, frozen=True):
    """A line of what is taken, and for what, if at the price paid for it."""

    line: BuyLine
    even: Even | None = None


def taken(
    tx: Tx,
    order: Order,
    brought: Sequence[Brought],
    takes: Sequence[BuyLine],
    *,
    given_before: int,
) -> list[Taken]:
    """What is taken, in the order asked: each line at the price paid, at today's, or divided.

    given_before   minor units of what was paid for these goods that she has back already
    """
    if not tx.setting(AT_PRICE_PAID):
        return [Taken(line) for line in takes]
    variants = {part.line.variant_id for part in brought} | {line.variant_id for line in takes}
    cuts = allocate(given_before, [part.refund for part in brought])
    came = [_Came(order, part, cut) for part, cut in zip(brought, cuts, strict=True)]
    return _paired(came, takes, _alike(tx, order, variants))


_PRODUCTS: LiteralString = "SELECT id, product_id FROM catalog.variants WHERE id = ANY(%(ids)s)"


def _alike(tx: Tx, order: Order, variants: Collection[UUID]) -> dict[UUID, object]:
    """By variant, what two must have in common to be exchanged at the price paid."""
    products = {row.id: row.product_id for row in tx.all(_PRODUCTS, ids=list(variants))}
    if not tx.setting(LIST_PRICE_COUNTS):
        return products
    prices = list_prices_at(
        tx, variants, channel=order.channel_id, currency=order.currency, at=order.placed_at
    )
    return {variant: (product, prices.get(variant)) for variant, product in products.items()}


class _Came:
    """Pieces of one line that came back, and for how many of them others are taken so far."""

    def __init__(self, order: Order, part: Brought, cut: int) -> None:
        self.line, self._tax_mode = part.line, order.tax_mode
        self._pieces, self._gone = part.pieces, 0
        self._total = part.refund - cut
        self._tax = share(part.tax, self._total, part.refund)

    def give(self, wanted: int) -> tuple[int, Even]:
        """How many of so many pieces are left, and what was paid for them."""
        count, before = min(wanted, self._pieces - self._gone), self._gone
        self._gone += count

        def paid(whole: int) -> int:
            return refund_share(
                paid=whole, quantity=self._pieces, returned_before=before, returning=count
            )

        price = Agreed(
            total_minor=paid(self._total),
            tax_minor=paid(self._tax),
            tax_rate_ppm=self.line.tax_rate_ppm,
            unit_minor=self.line.unit_minor,
            tax_mode=self._tax_mode,
        )
        return count, Even(line_id=self.line.id, price=price)


def _paired(
    came: Sequence[_Came], takes: Sequence[BuyLine], alike: Mapping[UUID, object]
) -> list[Taken]:
    left = [line.quantity for line in takes]
    parts: list[list[Taken]] = [[] for _ in takes]
    for number, one in _in_turn(came, takes, alike):
        count, even = one.give(left[number])
        if count:
            left[number] -= count
            parts[number].append(Taken(replace(takes[number], quantity=count), even))
    for line, missing, found in zip(takes, left, parts, strict=True):
        if missing:
            found.append(Taken(replace(line, quantity=missing)))
    return [part for found in parts for part in found]


def _in_turn(
    came: Sequence[_Came], takes: Sequence[BuyLine], alike: Mapping[UUID, object]
) -> Iterator[tuple[int, _Came]]:
    """Which line may be taken for what came back: the same variants first, then other ones."""
    for is_same in (True, False):
        for number, line in enumerate(takes):
            for one in came:
                wanted, back = line.variant_id, one.line.variant_id
                fits = alike.get(wanted) == alike[back]
                if fits and is_same == (wanted == back):
                    yield number, one
