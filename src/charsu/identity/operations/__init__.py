"""What customers who come in change, one verb a file."""

from charsu.identity.operations.agree_link import agree_link
from charsu.identity.operations.begin_sign_in import begin_sign_in
from charsu.identity.operations.choose_instead import choose_instead
from charsu.identity.operations.end_link import end_link
from charsu.identity.operations.end_session import end_all_sessions, end_customer_session
from charsu.identity.operations.erase_customer import erase_customer
from charsu.identity.operations.erase_herself import begin_erasure, erase_herself
from charsu.identity.operations.finish_sign_in import finish_sign_in
from charsu.identity.operations.register_platform import (
    disable_platform,
    register_platform,
    replace_platform_proof,
)
from charsu.identity.operations.take_tokens import give_token_back, renew_tokens, take_tokens

__all__ = [
    "agree_link",
    "begin_erasure",
    "begin_sign_in",
    "choose_instead",
    "disable_platform",
    "end_all_sessions",
    "end_customer_session",
    "end_link",
    "erase_customer",
    "erase_herself",
    "finish_sign_in",
    "give_token_back",
    "register_platform",
    "renew_tokens",
    "replace_platform_proof",
    "take_tokens",
]
