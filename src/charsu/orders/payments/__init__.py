"""Payments: what providers are asked, what they promised, and what was taken and given back."""

from charsu.orders.credit.promising import credit_for, promise_credit
from charsu.orders.errors import CreditNeedsCustomer, EventForged, NotEnoughCredit
from charsu.orders.payments.authorizations import (
    Authorization,
    answered,
    ask,
    find_authorization,
    join,
    latest_for,
    let_go,
    lock_authorization,
    store,
    take_answer,
)
from charsu.orders.payments.capturing import CAPTURE, VOID
from charsu.orders.payments.events import (
    NotePayment,
    NoteRefund,
    note_payment,
    note_refund_failed,
    noting,
)
from charsu.orders.payments.orphans import ORPHAN
from charsu.orders.payments.outcome import Outcome, Receipt
from charsu.orders.payments.pretending import ESCALATED
from charsu.orders.payments.provider import (
    Answer,
    Authorize,
    Authorized,
    Declined,
    Escalated,
    Event,
    Lapsed,
    Message,
    Provider,
    RefundEvent,
    Statement,
    Statements,
    Taken,
    TerminalEvent,
)
from charsu.orders.payments.providers import (
    PROVIDERS,
    TEST_PAYMENTS,
    check_offered,
    is_offered,
    provider_named,
)
from charsu.orders.payments.refunding import REFUND

__all__ = [
    "CAPTURE",
    "ESCALATED",
    "ORPHAN",
    "PROVIDERS",
    "REFUND",
    "TEST_PAYMENTS",
    "VOID",
    "Answer",
    "Authorization",
    "Authorize",
    "Authorized",
    "CreditNeedsCustomer",
    "Declined",
    "Escalated",
    "Event",
    "EventForged",
    "Lapsed",
    "Message",
    "NotEnoughCredit",
    "NotePayment",
    "NoteRefund",
    "Outcome",
    "Provider",
    "Receipt",
    "RefundEvent",
    "Statement",
    "Statements",
    "Taken",
    "TerminalEvent",
    "answered",
    "ask",
    "check_offered",
    "credit_for",
    "find_authorization",
    "is_offered",
    "join",
    "latest_for",
    "let_go",
    "lock_authorization",
    "note_payment",
    "note_refund_failed",
    "noting",
    "promise_credit",
    "provider_named",
    "store",
    "take_answer",
]
