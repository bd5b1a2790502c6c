"""Accounts: what is counted, where, and for whom."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from charsu.kernel.database import Tx
from charsu.kernel.ledger.seen import changes


class Account(Struct, frozen=True):
    """A place where one thing is counted in one unit.

    book      stock, money, points
    kind      what the count means: on_hand, sold, supplier, revenue
    unit      UN/CEFACT Rec 20 code (C62 is one piece) or ISO 4217 currency
    thing_id  what is counted, where things differ: a variant
    place_id  where: a location, an order
    pool_id   the channel that alone may take from it; None for all
    """

    book: str
    kind: str
    unit: str
    thing_id: UUID | None = None
    place_id: UUID | None = None
    pool_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The same account has the same id everywhere, so that nobody has to look it up."""
        return account_id(self)


def account_id(account: Account) -> UUID:
    """The id made from what the account is: UUIDv8 (RFC 9562) of a BLAKE2 hash."""
    name = "\0".join(
        str(part)
        for part in (
            account.book,
            account.kind,
            account.unit,
            account.thing_id,
            account.place_id,
            account.pool_id,
        )
    )
    number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=16).digest())
    number = number & ~(0xF << 76) | 8 << 76
    return UUID(int=number & ~(0x3 << 62) | 2 << 62)


def open_accounts(tx: Tx, accounts: Sequence[Account], *, guarded: bool) -> None:
    """Make sure that these accounts are there; guarded ones with a balance row.

    A guarded account counts a thing at a place. Opening an account twice changes nothing.
    """
    changes(tx)
    unique = {account.id: account for account in accounts}
    rows = [unique[identity] for identity in sorted(unique)]
    values = {
        "ids": [account.id for account in rows],
        "kinds": [account.kind for account in rows],
        "things": [account.thing_id for account in rows],
        "places": [account.place_id for account in rows],
        "pools": [account.pool_id for account in rows],
    }
    tx.run(
        """
        INSERT INTO ledger.accounts (id, book, kind, unit, thing_id, place_id, pool_id, is_guarded)
        SELECT *, %(guarded)s
        FROM unnest(%(ids)s::uuid[], %(books)s::text[], %(kinds)s::text[], %(units)s::text[],
                    %(things)s::uuid[], %(places)s::uuid[], %(pools)s::uuid[])
        ON CONFLICT (id) DO NOTHING
        """,
        books=[account.book for account in rows],
        units=[account.unit for account in rows],
        guarded=guarded,
        **values,
    )
    if guarded:
        tx.run(
            """
            INSERT INTO ledger.balances (account_id, kind, thing_id, place_id, pool_id)
            SELECT * FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(things)s::uuid[],
                                 %(places)s::uuid[], %(pools)s::uuid[])
            ON CONFLICT (account_id) DO NOTHING
            """,
            **values,
        )
