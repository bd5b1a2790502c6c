"""Who comes in: sign-in by a code, sessions, links, guests' purchases that join, the timeline."""

from charsu.identity.callers import actor_for_customer
from charsu.identity.errors import (
    CustomerNeeded,
    CustomerSessionEnded,
    LinkNotAskable,
    LinkTokenRefused,
    StillNeeded,
)
from charsu.identity.guests_words import GuestWord, keep_guest_word
from charsu.identity.keys import ALGORITHMS, PublicKey
from charsu.identity.linking import SCOPES, is_challenge, is_registered
from charsu.identity.operations.agree_link import AgreeLink, LinkMade, agree_link
from charsu.identity.operations.begin_sign_in import BeginSignIn, SignInBegun, begin_sign_in
from charsu.identity.operations.choose_instead import choose_instead
from charsu.identity.operations.end_link import EndLink, LinksEnded, end_link
from charsu.identity.operations.end_session import (
    EndAllSessions,
    EndCustomerSession,
    end_all_sessions,
    end_customer_session,
)
from charsu.identity.operations.erase_customer import (
    CustomerErasure,
    EraseCustomer,
    erase_customer,
)
from charsu.identity.operations.erase_herself import (
    BeginErasure,
    EraseHerself,
    ErasureBegun,
    OwnErasure,
    begin_erasure,
    erase_herself,
)
from charsu.identity.operations.finish_sign_in import (
    FinishSignIn,
    SignInFinished,
    finish_sign_in,
)
from charsu.identity.operations.register_platform import (
    DisablePlatform,
    PlatformMade,
    RegisterPlatform,
    ReplacePlatformProof,
    disable_platform,
    register_platform,
    replace_platform_proof,
)
from charsu.identity.operations.take_tokens import (
    Assertion,
    GiveTokenBack,
    RenewTokens,
    TakeTokens,
    TokensTaken,
    give_token_back,
    renew_tokens,
    take_tokens,
)
from charsu.identity.owning import owns
from charsu.identity.queries.links import (
    ActedFor,
    AskedPlatform,
    AskLinks,
    acted_for,
    asked_platform,
    customer_links,
    has_platforms,
    was_given,
)
from charsu.identity.queries.own_data import AskOwnData, OwnData, own_data
from charsu.identity.queries.own_order import AskOwnOrder, OwnOrder, own_order
from charsu.identity.queries.sessions import AskSessions, customer_sessions, proved_address
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
    "ALGORITHMS",
    "OUTBOX",
    "SCOPES",
    "SENDERS",
    "ActedFor",
    "AgreeLink",
    "AskLinks",
    "AskOwnData",
    "AskOwnOrder",
    "AskOwnTimeline",
    "AskSessions",
    "AskTimeline",
    "AskedPlatform",
    "Assertion",
    "BeginErasure",
    "BeginSignIn",
    "CustomerErasure",
    "CustomerNeeded",
    "CustomerSessionEnded",
    "DisablePlatform",
    "EndAllSessions",
    "EndCustomerSession",
    "EndLink",
    "EraseCustomer",
    "EraseHerself",
    "ErasureBegun",
    "FileOutbox",
    "FinishSignIn",
    "GiveTokenBack",
    "GuestWord",
    "LinkMade",
    "LinkNotAskable",
    "LinkTokenRefused",
    "LinksEnded",
    "Message",
    "OwnData",
    "OwnErasure",
    "OwnOrder",
    "PlatformMade",
    "PublicKey",
    "RegisterPlatform",
    "RenewTokens",
    "ReplacePlatformProof",
    "Sender",
    "SignInBegun",
    "SignInFinished",
    "StillNeeded",
    "TakeTokens",
    "Timeline",
    "TimelineEntry",
    "TokensTaken",
    "acted_for",
    "actor_for_customer",
    "agree_link",
    "asked_platform",
    "begin_erasure",
    "begin_sign_in",
    "choose_instead",
    "customer_links",
    "customer_sessions",
    "disable_platform",
    "end_all_sessions",
    "end_customer_session",
    "end_link",
    "erase_customer",
    "erase_herself",
    "finish_sign_in",
    "give_token_back",
    "has_platforms",
    "is_challenge",
    "is_registered",
    "keep_guest_word",
    "own_data",
    "own_order",
    "own_timeline",
    "owns",
    "proved_address",
    "register_platform",
    "renew_tokens",
    "replace_platform_proof",
    "take_tokens",
    "timeline",
    "was_given",
]
