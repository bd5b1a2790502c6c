"""Stock of the past: where goods lay, came and went before the shop was here."""

from collections.abc import Iterable, Sequence
from typing import LiteralString
from uuid import UUID

from charsu.kernel import Tx, ledger
from charsu.kernel.bulk import copy_csv
from charsu.kernel.ledger.bulk import copy_accounts, copy_transfers
from charsu.stock.model import outside_account

DOCUMENTS = ("id", "kind", "location_id", "reference", "at", "version")
VARIANTS_IN_A_DOCUMENT = 1000  # so that no fact about one grows huge

# A fact of the past has the id of the document that it is the only fact of.
_TELL: LiteralString = """
    INSERT INTO kernel.facts
        (id, name, subject_id, version, at, actor_id, operation, is_historical, body)
    SELECT d.id, 'stock.stock_moved', d.id, 1, d.at, %(actor)s, %(operation)s, true,
           jsonb_build_object('kind', d.kind, 'location_id', d.location_id, 'variant_ids',
                              jsonb_agg(DISTINCT a.thing_id))
    FROM stock.documents d
    JOIN ledger.transfers t ON t.cause_id = d.id
    JOIN ledger.accounts a ON a.id IN (t.from_account_id, t.to_account_id) AND a.is_guarded
    WHERE d.id = ANY(%(documents)s)
    GROUP BY d.id ORDER BY d.at, d.id
"""


def copy_past_levels(tx: Tx, accounts: Iterable[bytes], balances: Iterable[bytes]) -> int:
    """Open the accounts of a history, each with what it comes to; see ``ledger.bulk``."""
    return copy_accounts(tx, accounts, balances)


def open_outside(tx: Tx, units: Iterable[str]) -> None:
    """Make sure that goods of these units have somewhere to come from and go to."""
    kinds = ("supplier", "sold", "lost", "found")
    outside = [outside_account(kind, unit) for unit in units for kind in kinds]
    ledger.open_accounts(tx, outside, guarded=False)


def copy_past_documents(
    tx: Tx, documents: Iterable[bytes], transfers: Iterable[bytes], *, ids: Sequence[UUID | str]
) -> int:
    """Take over documents with their transfers; one historical fact tells of each.

    documents   CSV of DOCUMENTS, at version 1, of at most VARIANTS_IN_A_DOCUMENT variants each
    transfers   CSV of ``ledger.bulk.TRANSFERS``, whose causes are the documents
    ids         of the documents
    """
    copied = copy_csv(tx, "stock.documents", DOCUMENTS, documents)
    copy_transfers(tx, transfers)
    tx.run(_TELL, documents=list(ids), actor=tx.actor.id, operation=tx.operation)
    return copied


def copy_past_sales(tx: Tx, transfers: Iterable[bytes]) -> int:
    """Take over what left with orders of the past; the orders' facts tell of it."""
    return copy_transfers(tx, transfers)
