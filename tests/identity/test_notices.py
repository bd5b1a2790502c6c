"""Whoever held an address is told when another takes its place."""

from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from charsu.identity import FileOutbox, Message
from charsu.identity.notices import KEPT, SENDINGS_MAX
from charsu.kernel import Hub
from tests.identity.driver import Phone, work

MAKE = Callable[..., Phone]
OLD, NEW = "ana@example.com", "mirko@example.com"


def notices(phone: Phone) -> list[Message]:
    """What lies in the outbox and has no code in it."""
    found = [
        msgspec.json.decode(file.read_bytes(), type=Message) for file in phone.outbox.iterdir()
    ]
    return [one for one in found if "replaced" in one.subject or "place of this one" in one.text]


def waiting(hub: Hub) -> int:
    return hub.read(lambda tx: int(tx.value("SELECT count(*) FROM identity.notices")))


def replaced(phone: MAKE) -> Phone:
    """Somebody with her session lets codes come to another address."""
    ana = phone()
    ana.signs_in(email=OLD)
    assert ana.adds(email=NEW).outcome == "added"
    return ana


def test_the_address_that_was_replaced_is_told(phone: MAKE, hub: Hub) -> None:
    ana = replaced(phone)
    work(hub)

    (told,) = notices(ana)
    assert (told.to, told.channel, told.subject) == (OLD, "email", "Your address was replaced")
    assert "tell us at once" in told.text
    assert waiting(hub) == 0


def test_a_number_that_was_replaced_is_told_as_it_is_called(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    ana.signs_in(phone="+381 64 123 4567")
    ana.adds(phone="+381 64 765 4321")
    work(hub)

    (told,) = notices(ana)
    assert (told.to, told.channel, told.subject) == ("+381641234567", "phone", "")


def test_nobody_is_told_where_nothing_was_replaced(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    ana.signs_in(email=OLD)
    ana.adds(phone="+381 64 123 4567")
    ana.adds(email=OLD)  # proved again
    work(hub)

    assert notices(ana) == []


def test_she_is_told_in_her_language_whatever_was_asked_in(phone: MAKE, hub: Hub) -> None:
    hers = phone(language="pl")
    hers.signs_in(email=OLD)
    thief = phone(language="az")
    thief.token = hers.token
    thief.adds(email=NEW)
    work(hub)

    told = [one for one in _all(hers) if one.to == OLD and one.language == "pl"]
    assert "Twój adres został zastąpiony" in {one.subject for one in told}


def _all(phone: Phone) -> list[Message]:
    return [msgspec.json.decode(file.read_bytes(), type=Message) for file in phone.outbox.iterdir()]


def test_what_could_not_be_sent_is_tried_again_and_given_up(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = replaced(phone)
    tries: list[str] = []

    def fails(self: FileOutbox, message: Message) -> None:
        tries.append(message.to)
        raise OSError

    working = FileOutbox.send
    monkeypatch.setattr(FileOutbox, "send", fails)
    for _ in range(SENDINGS_MAX + 3):
        work(hub)
        hub.offset += timedelta(hours=5)
    assert tries == [OLD] * SENDINGS_MAX
    assert waiting(hub) == 0

    monkeypatch.setattr(FileOutbox, "send", working)
    work(hub)
    assert notices(ana) == []


def test_what_failed_once_comes_with_the_next_turn(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = replaced(phone)
    working: Callable[[FileOutbox, Message], None] = FileOutbox.send

    def fails(self: FileOutbox, message: Message) -> None:
        raise OSError

    monkeypatch.setattr(FileOutbox, "send", fails)
    work(hub)
    assert waiting(hub) == 1
    monkeypatch.setattr(FileOutbox, "send", working)
    hub.offset += timedelta(minutes=2)
    work(hub)

    assert [one.to for one in notices(ana)] == [OLD]


def test_without_a_sender_a_notice_does_not_stay(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(phone)
    monkeypatch.delenv("CHARSU_OUTBOX", raising=False)
    hub.offset += KEPT + timedelta(minutes=1)
    work(hub)

    assert waiting(hub) == 0
