"""A customer says herself what she wants instead of what cannot be had."""

from charsu.identity.errors import CustomerNeeded
from charsu.identity.operations.end_session import herself
from charsu.identity.owning import expect_own
from charsu.kernel import NotFound, Tx, operation
from charsu.orders import (
    AddressNeeded,
    ChooseInstead,
    Chosen,
    NotOffered,
    choose,
    order_of_exception,
)


@operation(
    "identity.choose",
    permission="identity.own",
    http="POST /v1/me/order-exceptions/{exception_id}/choice",
    raises=(CustomerNeeded, NotFound, NotOffered, AddressNeeded),
)
def choose_instead(tx: Tx, ask: ChooseInstead) -> Chosen:
    """Choose what is offered for one of my orders, once and in time.

    What is asked of somebody else is answered as if it were not there.
    """
    herself(tx)
    order = order_of_exception(tx, ask.exception_id)
    expect_own(tx, order, NotFound("exception", ask.exception_id))
    return choose(tx, ask)
