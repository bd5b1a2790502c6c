"""The ledger: whatever can be counted moves by balanced, immutable transfers between accounts."""

from charsu.kernel.ledger.accounts import Account, account_id, open_accounts
from charsu.kernel.ledger.holds import (
    Expired,
    Hold,
    Wanted,
    claim,
    expire_due,
    extend,
    live_holds,
    lock,
    post,
    release,
    take,
)
from charsu.kernel.ledger.seen import changes, seen
from charsu.kernel.ledger.transfers import Balance, Transfer, transfer

__all__ = [
    "Account",
    "Balance",
    "Expired",
    "Hold",
    "Transfer",
    "Wanted",
    "account_id",
    "changes",
    "claim",
    "expire_due",
    "extend",
    "live_holds",
    "lock",
    "open_accounts",
    "post",
    "release",
    "seen",
    "take",
    "transfer",
]
