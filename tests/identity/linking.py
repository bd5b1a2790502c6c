"""A platform that customers link, in the words of its operations."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from charsu.identity import (
    AgreeLink,
    GiveTokenBack,
    LinkTokenRefused,
    PublicKey,
    RegisterPlatform,
    RenewTokens,
    TakeTokens,
    TokensTaken,
    acted_for,
    agree_link,
    give_token_back,
    register_platform,
    renew_tokens,
    take_tokens,
)
from charsu.kernel import SYSTEM, Actor, Hub

PROFILE = "https://agent.example/profile.json"
BACK = "https://agent.example/back"
ORDERS, CHECKOUT = "dev.ucp.shopping.order:read", "dev.ucp.shopping.checkout:manage"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
)


def hexed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass
class Agent:
    """A platform that keeps its secret."""

    hub: Hub
    name: str = "Agent"
    profile: str = PROFILE
    redirects: tuple[str, ...] = (BACK,)
    secret: str | None = "a secret of chance"
    keys: tuple[PublicKey, ...] = ()
    id: UUID = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        ask = RegisterPlatform(
            name=self.name,
            profile_url=self.profile,
            redirects=self.redirects,
            secret_digest=self.secret and hexed(self.secret),
            keys=self.keys,
        )
        self.id = self.hub.run(register_platform, ask, actor=SYSTEM).linked_platform_id

    @property
    def _shows(self) -> dict[str, Any]:
        return {
            "linked_platform_id": self.id,
            "secret_digest": self.secret and hexed(self.secret),
        }

    def asks(self, her: Actor, code: str = "code", **more: Any) -> UUID:
        """She agrees to what the platform asks."""
        asked = {"redirect": BACK, "scopes": (ORDERS, CHECKOUT), "code_challenge": CHALLENGE}
        ask = AgreeLink(linked_platform_id=self.id, code_digest=hexed(code), **asked | more)
        return self.hub.run(agree_link, ask, actor=her).link_id

    def takes(self, code: str = "code", tokens: str = "first", **more: Any) -> TokensTaken:
        said = {"redirect": BACK, "verifier": VERIFIER} | self._shows | more
        ask = TakeTokens(code_digest=hexed(code), **_made(tokens), **said)
        return self.hub.run(take_tokens, ask, actor=SYSTEM)

    def renews(self, old: str, new: str, **more: Any) -> TokensTaken:
        shown = hexed(f"refresh {old}")
        ask = RenewTokens(token_digest=shown, **_made(new), **self._shows | more)
        return self.hub.run(renew_tokens, ask, actor=SYSTEM)

    def gives_back(self, token: str) -> TokensTaken:
        ask = GiveTokenBack(token_digest=hexed(token), **self._shows)
        return self.hub.run(give_token_back, ask, actor=SYSTEM)

    def acts(self, tokens: str = "first", *, profile: str = PROFILE) -> set[str] | None:
        """What it may do by these tokens; None for nothing."""
        with self.hub.reading() as tx:
            try:
                return set(acted_for(tx, f"access {tokens}", profile_url=profile).scopes)
            except LinkTokenRefused:
                return None


def _made(tokens: str) -> dict[str, str]:
    return {
        "access_digest": hexed(f"access {tokens}"),
        "refresh_digest": hexed(f"refresh {tokens}"),
    }
