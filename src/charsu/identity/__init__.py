"""Who comes in: sign-in by a code, sessions, guests' purchases that join, and the timeline."""

from charsu.identity.callers import actor_for_customer
from charsu.identity.errors import CustomerNeeded, CustomerSessionEnded
from charsu.identity.operations.begin_sign_in import BeginSignIn, SignInBegun, begin_sign_in
from charsu.identity.operations.choose_instead import choose_instead
from charsu.identity.operations.end_session import (
    EndAllSessions,
    EndCustomerSession,
    end_all_sessions,
    end_customer_session,
)
from charsu.identity.operations.finish_sign_in import (
    FinishSignIn,
    SignInFinished,
    finish_sign_in,
)
from charsu.identity.queries.own_order import AskOwnOrder, OwnOrder, own_order
from charsu.identity.queries.sessions import AskSessions, customer_sessions
from charsu.identity.queries.timeline import (
    AskOwnTimeline,
    AskTimeline,
    Timeline,
    TimelineEntry,
    own_timeline,
    timeline,
)
from charsu.identity.sending import OUTBOX, SENDERS, FileOutbox, Message, Sender

__all__ = [
    "OUTBOX",
    "SENDERS",
    "AskOwnOrder",
    "AskOwnTimeline",
    "AskSessions",
    "AskTimeline",
    "BeginSignIn",
    "CustomerNeeded",
    "CustomerSessionEnded",
    "EndAllSessions",
    "EndCustomerSession",
    "FileOutbox",
    "FinishSignIn",
    "Message",
    "OwnOrder",
    "Sender",
    "SignInBegun",
    "SignInFinished",
    "Timeline",
    "TimelineEntry",
    "actor_for_customer",
    "begin_sign_in",
    "choose_instead",
    "customer_sessions",
    "end_all_sessions",
    "end_customer_session",
    "finish_sign_in",
    "own_order",
    "own_timeline",
    "timeline",
]
