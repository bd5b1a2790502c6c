"""Books of the past, taken over as they are.

Transfers of a history are too many to shift balances one by one. Whoever takes them over brings
the balances that they lead to; ``charsu check`` proves afterwards that both agree.
"""

from collections.abc import Iterable

from charsu.kernel.bulk import copy_csv
from charsu.kernel.database import Tx
from charsu.kernel.ledger.seen import changes

ACCOUNTS = ("id", "book", "kind", "unit", "thing_id", "place_id", "is_guarded")
BALANCES = ("account_id", "kind", "thing_id", "place_id", "posted")
TRANSFERS = (
    *("id", "from_account_id", "to_account_id", "amount"),
    *("reason", "cause_id", "actor_id", "at"),
)


def copy_accounts(tx: Tx, accounts: Iterable[bytes], balances: Iterable[bytes]) -> int:
    """Open guarded accounts that are not there yet, with what lies in them in the end.

    accounts   CSV of ACCOUNTS; ids as ``account_id`` makes them
    balances   CSV of BALANCES, one for each account
    """
    changes(tx)
    opened = copy_csv(tx, "ledger.accounts", ACCOUNTS, accounts)
    copy_csv(tx, "ledger.balances", BALANCES, balances)
    return opened


def copy_transfers(tx: Tx, transfers: Iterable[bytes]) -> int:
    """Write transfers of the past, CSV of TRANSFERS, without moving any balance."""
    return copy_csv(tx, "ledger.transfers", TRANSFERS, transfers)
