"""Whoever held an address is told when another one takes its place: she may not have done it.

Somebody who has a customer's session could otherwise let codes come to an address of his own, and
she would learn of it when she can no longer come in. A notice stays no longer than it is needed.
"""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import structlog

from charsu.identity.errors import CodeNotSendable
from charsu.identity.model import AddressKind
from charsu.identity.sending import Message, Sender, sender_for
from charsu.identity.wording import worded_notice
from charsu.kernel import Hub, Tx

_log = structlog.get_logger("charsu.identity")

BATCH = 20
PAUSE = timedelta(minutes=1)  # doubled each time: it is tried for some eight hours
SENDINGS_MAX = 9
KEPT = timedelta(days=3)

_KEEP: LiteralString = """
    INSERT INTO identity.notices (id, customer_id, kind, address, language, made_at, send_at)
    SELECT %(id)s, id, %(kind)s, %(address)s, coalesce(language, %(language)s), %(now)s, %(now)s
    FROM customers.customers WHERE id = %(customer)s
"""


def tell_replaced(
    tx: Tx, customer_id: UUID, kind: AddressKind, address: str, *, language: str
) -> None:
    """Have it told to this address that it is the customer's no more.

    language   where hers is not known: who asked may have chosen one that she does not read
    """
    tx.run(
        _KEEP,
        id=tx.new_id(),
        customer=customer_id,
        kind=kind,
        address=address,
        language=language,
        now=tx.now,
    )


# Claimed for a while: sending happens with no transaction open.
_CLAIM: LiteralString = """
    WITH given_up AS (
        DELETE FROM identity.notices
        WHERE made_at < %(since)s OR (sendings >= %(most)s AND send_at <= %(now)s)
    )
    UPDATE identity.notices n
    SET sendings = n.sendings + 1, send_at = %(now)s + %(pause)s::interval * 2 ^ n.sendings
    FROM (
        SELECT id FROM identity.notices
        WHERE send_at <= %(now)s AND sendings < %(most)s AND made_at >= %(since)s
        ORDER BY send_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) due
    WHERE n.id = due.id
    RETURNING n.id, n.kind, n.address, n.language
"""

_FORGET: LiteralString = "DELETE FROM identity.notices WHERE id = ANY(%(sent)s)"


def send_notices(hub: Hub) -> int:
    """Send what is due and forget what was sent; how many were sent."""
    sent = [message.id for sender, message in _claim(hub) if _is_sent(sender, message)]
    if sent:
        with hub.writing("identity.notices_sent") as tx:
            tx.run(_FORGET, sent=sent)
    return len(sent)


def _claim(hub: Hub) -> list[tuple[Sender, Message]]:
    with hub.writing("identity.claim_notices") as tx:
        rows = tx.all(
            _CLAIM,
            now=tx.now,
            since=tx.now - KEPT,
            pause=PAUSE,
            most=SENDINGS_MAX,
            limit=BATCH,
        )
        try:
            return [(sender_for(tx), _message(*row)) for row in rows]
        except CodeNotSendable:
            _log.warning("notices_not_sendable", waiting=len(rows))
            return []


def _message(identity: UUID, kind: AddressKind, address: str, language: str) -> Message:
    subject, text = worded_notice(language, kind=kind)
    return Message(
        id=identity, channel=kind, to=address, language=language, subject=subject, text=text
    )


def _is_sent(sender: Sender, message: Message) -> bool:
    try:
        sender.send(message)
    except Exception as problem:  # whatever a sender may do; it is tried again
        _log.warning("notice_not_sent", notice=str(message.id), problem=type(problem).__name__)
        return False
    return True
