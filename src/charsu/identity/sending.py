"""How a code reaches a person: the seam to whoever sends messages for this shop.

A sender is registered by name and chosen by a setting. The one that comes along writes messages
into a folder that only its owner may read, for demos and tests; it is there where CHARSU_OUTBOX
names the folder. Without a sender nobody is promised a code.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from charsu.identity.errors import CodeNotSendable
from charsu.identity.model import AddressKind
from charsu.kernel import Setting, Tx

OUTBOX = "CHARSU_OUTBOX"
OUTBOX_MESSAGES_MAX = 1_000  # the oldest goes when there are more

SENDER = Setting(
    "identity.sender",
    str,
    "file",
    "Who sends codes to customers; `file` writes them into the folder that CHARSU_OUTBOX names.",
)


class Message(Struct, frozen=True, kw_only=True):
    """What one person is to read.

    id        the same when it is sent again after a crash
    to        an e-mail address, or a telephone number as E.164
    subject   of an e-mail; a text message has none
    """

    id: UUID
    channel: AddressKind
    to: str
    language: str
    subject: str
    text: str


class Sender(Protocol):
    """Somebody who brings messages to people. Raises whatever it likes where it cannot."""

    def send(self, message: Message) -> None: ...


class FileOutbox:
    """Messages as files in a folder, a file for each."""

    def __init__(self, folder: Path, *, most: int = OUTBOX_MESSAGES_MAX) -> None:
        self._folder = folder
        self._most = most

    def send(self, message: Message) -> None:
        """Write it down; the same message again replaces itself."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        target = self._folder / f"{message.id}.json"
        fresh = target.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(message)))
        fresh.replace(target)
        self._forget_old()

    def _forget_old(self) -> None:
        kept = sorted(self._folder.glob("*.json"))  # ids begin with their time
        for old in kept[: -self._most]:
            with suppress(FileNotFoundError):
                old.unlink()


def _file_outbox() -> Sender | None:
    folder = os.environ.get(OUTBOX)
    return FileOutbox(Path(folder)) if folder else None


SENDERS: dict[str, Callable[[], Sender | None]] = {"file": _file_outbox}
"""By the name that the setting chooses; None where this machine is not ready for it."""


def sender_for(tx: Tx) -> Sender:
    """Who sends for this shop. Raises CodeNotSendable where nobody does."""
    make = SENDERS.get(tx.setting(SENDER))
    sender = make() if make else None
    if sender is None:
        raise CodeNotSendable
    return sender
