"""What customers who come in change, one verb a file."""

from charsu.identity.operations.begin_sign_in import begin_sign_in
from charsu.identity.operations.choose_instead import choose_instead
from charsu.identity.operations.end_session import end_all_sessions, end_customer_session
from charsu.identity.operations.finish_sign_in import finish_sign_in

__all__ = [
    "begin_sign_in",
    "choose_instead",
    "end_all_sessions",
    "end_customer_session",
    "finish_sign_in",
]
