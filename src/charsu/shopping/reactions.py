"""What happens to carts when the log says something."""

from typing import Any
from uuid import UUID

from msgspec import Struct

from charsu.customers import root_of
from charsu.kernel import Seen, Tx, reaction
from charsu.shopping.operations.merge import join_carts


class Merged(Struct):
    """A customer turned out to be another."""

    absorbed_id: UUID


@reaction("shopping.carts_follow", on={"customers.customers_merged": Merged})
def carts_follow(tx: Tx, facts: list[Seen[Any]]) -> None:
    """What the one had in her carts goes into the other's.

    It stays there when the merge is undone: a cart is what she wants now, and nobody can tell
    which of two customers that was. A cart that is being paid for stays whose it was.
    """
    for fact in facts:
        absorbed: UUID = fact.body.absorbed_id
        survivor = root_of(tx, absorbed)
        if survivor != absorbed:
            join_carts(tx, ("customer", absorbed), customer_id=survivor)
