"""How not to do it: the control that shows what the campaign can see."""

from charsu.kernel import Tx, operation
from charsu.orders import (
    Draft,
    Placed,
    PlaceOrder,
    Promised,
    channel_of,
    fewest_then_nearest,
    goods_of,
    store_order,
)
from charsu.pricing import Basket, BasketLine, price_basket
from charsu.stock import Want, hold


@operation(
    "torture.place_in_two_commits",
    permission="orders.place",
    http="POST /v1/torture/orders",
)
def place_in_two_commits(tx: Tx, ask: PlaceOrder) -> Placed:
    """Take the stock and commit, then write the order: who dies in between has taken it away."""
    channel = channel_of(tx, ask.channel_id)
    goods = goods_of(tx, channel, {line.variant_id for line in ask.lines})
    wants = [
        Want(tx.new_id(), line.variant_id, line.quantity, goods[line.variant_id].unit)
        for line in ask.lines
    ]
    order = tx.new_id()
    picks = hold(
        tx,
        wants,
        channel=channel.id,
        owner=order,
        choose=fewest_then_nearest(),
        expires_at=None,
    )
    tx.connection.commit()
    basket = Basket(
        channel_id=channel.id,
        currency=channel.currency,
        country=ask.country,
        lines=[
            BasketLine(line_id=want.line_id, variant_id=want.variant_id, quantity=want.quantity)
            for want in wants
        ],
    )
    draft = Draft(channel=channel, kind=ask.kind, country=ask.country)
    promised = [Promised(p.want.line_id, p.source.location_id, p.quantity) for p in picks]
    return store_order(tx, draft, price_basket(tx, basket), goods, promised, order=order)
