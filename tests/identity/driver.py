"""Speaks a customer's words: asks for a code, reads her mail, shows it."""

import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from charsu.assembly import chores
from charsu.identity import (
    AskOwnTimeline,
    BeginSignIn,
    FinishSignIn,
    Message,
    SignInBegun,
    SignInFinished,
    TimelineEntry,
    actor_for_customer,
    begin_sign_in,
    finish_sign_in,
    own_timeline,
)
from charsu.kernel import Actor, Hub
from charsu.kernel.access import digest_of, guest_actor, guest_id, new_token
from charsu.kernel.work import Worker


@dataclass
class Phone:
    """A device in somebody's hand: a guest until she has signed in."""

    hub: Hub
    outbox: Path
    language: str = "en"
    origin: str = ""
    guest: Actor = field(init=False)
    token: str = field(default_factory=lambda: new_token("customer"))

    def __post_init__(self) -> None:
        guest = guest_id(new_token("guest"))
        self.guest = guest_actor(guest, self.language, origin=self.origin or f"home of {guest}")

    def asks(self, *, by: Actor | None = None, **address: str) -> UUID:
        """Ask for a code."""
        return self.begins(by=by, **address).challenge_id

    def begins(self, *, by: Actor | None = None, **address: str) -> SignInBegun:
        return self.hub.run(begin_sign_in, BeginSignIn(**address), actor=by or self.guest)

    def reads(self, challenge: UUID) -> Message:
        """The message with the code, once the worker has been round."""
        work(self.hub)
        return msgspec.json.decode((self.outbox / f"{challenge}.json").read_bytes(), type=Message)

    def shows(
        self, challenge: UUID, code: str, *, by: Actor | None = None, finish: Any = finish_sign_in
    ) -> SignInFinished:
        ask = FinishSignIn(
            challenge_id=challenge, code=code, token_digest=digest_of(self.token).hex()
        )
        return self.hub.run(finish, ask, actor=by or self.guest)

    def signs_in(self, **address: str) -> SignInFinished:
        challenge = self.asks(**address)
        return self.shows(challenge, code_in(self.reads(challenge)))

    def adds(self, **address: str) -> SignInFinished:
        """Let herself be known by another address, too."""
        her = self.actor()
        challenge = self.asks(by=her, **address)
        return self.shows(challenge, code_in(self.reads(challenge)), by=her)

    def actor(self) -> Actor:
        return actor_for_customer(self.hub, self.token, language=self.language)

    def sees(self, limit: int = 200) -> list[TimelineEntry]:
        return list(
            self.hub.run(own_timeline, AskOwnTimeline(limit=limit), actor=self.actor()).items
        )

    def purchases(self) -> set[UUID]:
        return {one.id for one in self.sees() if one.kind == "purchase"}


def code_in(message: Message) -> str:
    """The digits, six or twenty in groups of four."""
    found = re.search(r"\d[\d ]+\d", message.text)
    assert found is not None
    return found.group().replace(" ", "")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


def work(hub: Hub) -> None:
    """What a worker does until nothing is due."""
    worker = Worker(hub, chores(), threading.Event())
    while worker.turn():
        pass
