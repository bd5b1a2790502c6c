"""A stranger who asks for codes and types wrong ones: he guesses nothing and keeps nobody out."""

import math
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from charsu.identity import Message, SignInFinished, allowance, challenges
from charsu.identity.codes import LONG, SHORT
from charsu.identity.errors import TooManySignInCodes
from charsu.kernel import Hub
from charsu.kernel.access import new_token
from tests.identity.driver import Phone, code_in, work, wrong

MAKE = Callable[..., Phone]
ANA = "ana@example.com"
LETTERS_A_DAY_MAX = 34


def last_letter(hub: Hub, outbox: Path) -> Message:
    """What lies on top in the mailbox that all of these ask for."""
    work(hub)
    newest = max(outbox.glob("*.json"), key=lambda one: one.name)
    return msgspec.json.decode(newest.read_bytes(), type=Message)


def comes_in(device: Phone) -> SignInFinished:
    """As the owner of the mailbox does it: ask, read what is sent or what came last, show it."""
    device.token = new_token("customer")
    begun = device.begins(email=ANA)
    if begun.was_sent_before:
        letter = last_letter(device.hub, device.outbox)
    else:
        letter = device.reads(begun.challenge_id)
    return device.shows(begun.challenge_id, code_in(letter))


def guesses(device: Phone, tries: int = 5) -> UUID:
    """As a stranger does it: ask for somebody else's code, and type what he likes."""
    challenge = device.asks(email=ANA)
    for number in range(tries):
        device.shows(challenge, f"{number:06}")
    return challenge


def tried(hub: Hub, digits: int) -> int:
    with hub.reading() as tx:
        statement = "SELECT sum(tries) FROM identity.challenges WHERE digits = %(digits)s"
        return int(tx.value(statement, digits=digits) or 0)


def spend_the_day(phone: MAKE, hub: Hub, most: int = 12) -> None:
    """Strangers ask and try all day, each from a device and a place of his own."""
    for hour in range(most):
        hub.offset = timedelta(hours=2 * hour)
        for _ in range(3):
            guesses(phone())


def test_whoever_tries_wrong_codes_all_day_keeps_nobody_out(phone: MAKE, hub: Hub) -> None:
    hers = phone()
    comes_in(hers)
    spend_the_day(phone, hub)

    assert comes_in(hers).outcome == "signed_in"
    assert comes_in(phone()).outcome == "signed_in", "on a device that nobody knows, too"
    assert comes_in(phone()).outcome == "signed_in", "and on one more"


def test_a_plain_limit_of_codes_would_keep_her_out(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unsafe way: so many codes for an address, whoever asks."""

    def limited(*_: Any) -> Any:
        raise TooManySignInCodes(timedelta(hours=1))

    monkeypatch.setattr(allowance, "_last_letter", limited)
    with pytest.raises(TooManySignInCodes):
        spend_the_day(phone, hub)
    with pytest.raises(TooManySignInCodes):
        comes_in(phone())


def test_a_device_that_came_in_before_has_a_short_code_of_its_own(phone: MAKE, hub: Hub) -> None:
    hers = phone(origin="192.0.2.1")
    comes_in(hers)
    spend_the_day(phone, hub)

    challenge = hers.asks(email=ANA)
    assert len(code_in(hers.reads(challenge))) == SHORT
    other = hers.asks(email="mila@example.com")
    assert len(code_in(hers.reads(other))) == SHORT, "a stranger there, as everybody"


def test_where_no_device_is_known_she_types_a_long_code(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, with the guard off."""
    monkeypatch.setattr(challenges, "is_known", lambda *_: False)
    hers = phone()
    comes_in(hers)
    spend_the_day(phone, hub)

    hers.asks(email=ANA)
    assert len(code_in(last_letter(hub, hers.outbox))) == LONG


def test_a_place_that_is_full_keeps_no_known_device_out(
    phone: MAKE, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "BY_PLACE_MAX", 4)
    hers = phone(origin="192.0.2.1")
    comes_in(hers)
    for number in range(3):
        phone(origin="192.0.2.1").asks(email=f"a{number}@example.com")

    with pytest.raises(TooManySignInCodes):
        phone(origin="192.0.2.1").asks(email=ANA)
    assert comes_in(hers).outcome == "signed_in"


def test_a_known_device_is_known_to_its_address_only_and_in_its_own_hands(phone: MAKE) -> None:
    """Its tries are counted, too: who finds it has ten in a month like anybody."""
    hers = phone()
    comes_in(hers)
    for _ in range(2):
        guesses(hers)

    hers.asks(email=ANA)
    assert len(code_in(last_letter(hers.hub, hers.outbox))) == LONG
    phone().asks(email=ANA)
    assert len(code_in(last_letter(hers.hub, hers.outbox))) == SHORT


def test_ten_wrong_short_codes_in_a_month_are_all_that_strangers_have(
    phone: MAKE, hub: Hub
) -> None:
    """Whatever they do: ask and ask again, try at once or when others have tried."""
    chance = random.Random(20260408)
    devices: list[tuple[Phone, UUID]] = []
    for _ in range(120):
        hub.offset += timedelta(minutes=chance.choice((0, 1, 9, 11, 300)))
        device = chance.choice(devices)[0] if devices and chance.random() < 0.3 else phone()
        devices.append((device, device.asks(email=ANA)))
        for other, challenge in chance.sample(devices, min(3, len(devices))):
            for _ in range(chance.randrange(6)):
                other.shows(challenge, "000000")

    assert hub.offset < timedelta(days=30)
    assert 0 < tried(hub, SHORT) <= allowance.SHORT_TRIES_MAX
    assert tried(hub, LONG) > 50


AT_ONCE, ROUNDS = 8, 10


def tried_at_once(phone: MAKE, hub: Hub) -> int:
    """How many wrong short codes strangers have tried who all came in one moment."""
    devices = [phone() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as hands:
        list(hands.map(guesses, devices))
    return tried(hub, SHORT)


def test_strangers_who_come_at_once_have_no_more_tries(phone: MAKE, hub: Hub) -> None:
    assert 0 < tried_at_once(phone, hub) <= allowance.SHORT_TRIES_MAX


def test_without_the_queue_they_have_more(
    phone: MAKE, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(challenges, "queue", lambda *_: None)
    found = 0
    for day in range(ROUNDS):
        hub.offset = timedelta(days=40 * day)
        before = tried(hub, SHORT)
        found += tried_at_once(phone, hub) - before > allowance.SHORT_TRIES_MAX
    print(f"without the queue, strangers had more tries in {found} of {ROUNDS} rounds")
    assert found


def test_the_customer_comes_in_while_strangers_try_at_once(phone: MAKE, hub: Hub) -> None:
    hers, new = phone(), phone()
    comes_in(hers)
    with ThreadPoolExecutor(4) as hands:
        attack = [hands.submit(guesses, phone()) for _ in range(24)]
        came = [comes_in(device).outcome for device in (hers, new, hers)]
        for one in attack:
            one.result()

    assert came == ["signed_in"] * 3
    assert comes_in(phone()).outcome == "signed_in"
    assert tried(hub, SHORT) <= allowance.SHORT_TRIES_MAX


def flooded(phone: MAKE, hub: Hub, outbox: Path) -> int:
    """How many letters come in a day for which strangers ask for all day."""
    for _ in range(24 * 6):
        hub.offset += timedelta(minutes=10)
        for _ in range(2):
            phone().asks(email=ANA)
        work(hub)
    return len(list(outbox.glob("*.json")))


@pytest.mark.slow
def test_nobody_floods_a_mailbox(phone: MAKE, hub: Hub, outbox: Path) -> None:
    assert 24 <= flooded(phone, hub, outbox) <= LETTERS_A_DAY_MAX
    assert comes_in(phone()).outcome == "signed_in"


@pytest.mark.slow
def test_without_shared_codes_a_mailbox_is_flooded(
    phone: MAKE, hub: Hub, outbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "_last_letter", lambda *_: None)
    assert flooded(phone, hub, outbox) > LETTERS_A_DAY_MAX


def crowd(phone: MAKE, hub: Hub) -> None:
    """So many ask that codes are shared from then on."""
    for _ in range(allowance.LETTERS_MAX):
        phone().asks(email=ANA)
    work(hub)


def test_a_shared_code_is_good_once(phone: MAKE, hub: Hub, outbox: Path) -> None:
    crowd(phone, hub)
    stranger, hers = phone(), phone()
    first, second = stranger.asks(email=ANA), hers.asks(email=ANA)
    code = code_in(last_letter(hub, outbox))
    assert len(code) == LONG

    assert hers.shows(second, code).outcome == "signed_in"
    assert stranger.shows(first, code).outcome == "refused"
    later = stranger.asks(email=ANA)
    assert stranger.shows(later, code).outcome == "refused"
    assert code_in(last_letter(hub, outbox)) != code


def test_she_is_told_that_the_code_was_sent_before(phone: MAKE, hub: Hub, outbox: Path) -> None:
    crowd(phone, hub)
    before = len(list(outbox.glob("*.json")))
    hers = phone()
    begun = hers.begins(email=ANA)
    letter = last_letter(hub, outbox)

    assert begun.was_sent_before and len(list(outbox.glob("*.json"))) == before
    assert hers.shows(begun.challenge_id, letter.text).outcome == "refused", "the code, not all"
    assert "long" in letter.text and "60 minutes" in letter.text
    assert hers.shows(begun.challenge_id, letter.subject).outcome == "signed_in"


@pytest.mark.parametrize("closes", ["asks again", "tries in vain"])
def test_a_letter_that_others_share_is_sent_whatever_its_stranger_does(
    phone: MAKE, hub: Hub, outbox: Path, closes: str
) -> None:
    """He ends his own challenge before the worker comes round; it is all that there is."""
    crowd(phone, hub)
    hub.offset = timedelta(minutes=55)
    stranger, hers = phone(), phone()
    challenge = stranger.asks(email=ANA)
    if closes == "asks again":
        stranger.asks(email=ANA)
    else:
        for _ in range(5):
            stranger.shows(challenge, wrong("0" * LONG))

    hers_too = hers.asks(email=ANA)
    work(hub)
    assert (outbox / f"{challenge}.json").exists()
    assert hers.shows(hers_too, code_in(last_letter(hub, outbox))).outcome == "signed_in"
    with hub.reading() as tx:
        kept = (
            "SELECT count(*) FROM identity.challenges WHERE address IS NOT NULL AND state <> 'open'"
        )
        assert tx.value(kept) == 0


def test_a_shared_code_runs_out_with_its_letter(phone: MAKE, hub: Hub, outbox: Path) -> None:
    crowd(phone, hub)
    hub.offset = timedelta(minutes=45)
    hers = phone()
    challenge = hers.asks(email=ANA)
    code = code_in(last_letter(hub, outbox))
    hub.offset = timedelta(minutes=61)

    assert hers.shows(challenge, code).outcome == "refused"
    assert comes_in(hers).outcome == "signed_in"


def test_who_tried_much_from_one_place_is_asked_for_long_codes_everywhere(
    phone: MAKE, monkeypatch: pytest.MonkeyPatch, hub: Hub
) -> None:
    monkeypatch.setattr(allowance, "PLACE_TRIES_MAX", 10)
    for name in ("a", "b"):
        device = phone(origin="192.0.2.1")
        challenge = device.asks(email=f"{name}@example.com")
        for _ in range(5):
            device.shows(challenge, "000000")
    here, there = phone(origin="192.0.2.1"), phone(origin="192.0.2.2")

    assert len(code_in(here.reads(here.asks(email="c@example.com")))) == LONG
    assert len(code_in(there.reads(there.asks(email="d@example.com")))) == SHORT


def test_wrong_codes_are_counted_for_a_month_and_devices_known_for_a_year(
    phone: MAKE, hub: Hub
) -> None:
    comes_in(phone())
    for _ in range(2):
        guesses(phone())
    hub.offset = timedelta(days=29)
    work(hub)
    assert tried(hub, SHORT) == 10
    device = phone()
    assert len(code_in(device.reads(device.asks(email=ANA)))) == LONG

    hub.offset = timedelta(days=399)
    work(hub)
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM identity.known_devices") == 1
        assert tx.value("SELECT count(*) FROM identity.challenges") == 0
    hub.offset = timedelta(days=401)
    work(hub)
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM identity.known_devices") == 0


def test_the_chance_of_a_guess_in_a_year_is_what_is_written() -> None:
    months = math.ceil(365 / (allowance.MONTH / timedelta(days=1)))
    short = months * allowance.SHORT_TRIES_MAX / 10**SHORT
    places, hours = 100_000, 365 * 24
    tries = places * hours * allowance.BY_PLACE_MAX * allowance.TRIES_MAX
    assert 1 / short > 7_600
    assert 10**LONG / tries > 3.8e8
    assert 10**LONG > 2**64
