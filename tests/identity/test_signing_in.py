"""Coming in by a code: who has the mailbox is let in, and nobody else; nothing is told."""

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from charsu.customers import CustomerDraft, PutCustomer, ViewCustomer, put_customer, view_customer
from charsu.identity import (
    AskSessions,
    CustomerSessionEnded,
    EndAllSessions,
    EndCustomerSession,
    FileOutbox,
    Message,
    allowance,
    customer_sessions,
    end_all_sessions,
    end_customer_session,
)
from charsu.identity.errors import CodeNotSendable, SignInAddressNeeded, TooManySignInCodes
from charsu.kernel import SYSTEM, EmailInvalid, Hub, HubError
from charsu.kernel.access import new_token
from charsu.kernel.faults import Faults
from charsu.kernel.setup.operations import ChangeSetting, change_setting
from tests.identity.driver import Phone, code_in, work, wrong

MAKE = Callable[..., Phone]
ANA = "ana@example.com"


def test_who_shows_the_code_is_a_customer_from_then_on(phone: MAKE) -> None:
    ana = phone()

    came = ana.signs_in(email=" Ana@Example.COM ")

    assert (came.outcome, came.is_new_customer) == ("signed_in", True)
    assert ana.actor().id == came.customer_id
    assert phone().signs_in(email=ANA).customer_id == came.customer_id


def test_a_number_lets_in_like_an_address(phone: MAKE) -> None:
    ana = phone()
    challenge = ana.asks(phone="+381 60 123-4567")
    message = ana.reads(challenge)

    assert (message.channel, message.to, message.subject) == ("phone", "+381601234567", "")
    came = ana.shows(challenge, code_in(message))
    assert phone().signs_in(phone="00381601234567".replace("00", "+", 1)).customer_id == (
        came.customer_id
    )


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ({}, SignInAddressNeeded),
        ({"email": ANA, "phone": "+381601234567"}, SignInAddressNeeded),
        ({"email": "ana at example"}, EmailInvalid),
        ({"email": "a\x00@example.com"}, EmailInvalid),
        ({"phone": "060 1234567"}, HubError),
        ({"phone": "+1"}, HubError),
    ],
)
def test_what_is_no_address_gets_no_code(
    phone: MAKE, address: dict[str, str], refused: type[HubError]
) -> None:
    with pytest.raises(refused):
        phone().asks(**address)


def test_a_shop_without_a_sender_promises_nobody_a_code(
    phone: MAKE, monkeypatch: pytest.MonkeyPatch, hub: Hub
) -> None:
    monkeypatch.delenv("CHARSU_OUTBOX")
    with pytest.raises(CodeNotSendable):
        phone().asks(email=ANA)

    monkeypatch.setenv("CHARSU_OUTBOX", "/nowhere")
    hub.run(change_setting, ChangeSetting(name="identity.sender", value="none"), actor=SYSTEM)
    with pytest.raises(CodeNotSendable):
        phone().asks(email=ANA)


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("en", "Your code: "),
        ("sr-Latn", "Vaš kod: "),
        ("sr-Cyrl", "Ваш код: "),
        ("pl", "Twój kod: "),
        ("az", "Kodunuz: "),
    ],
)
def test_the_message_speaks_her_language(phone: MAKE, language: str, subject: str) -> None:
    ana = phone(language=language)
    message = ana.reads(ana.asks(email=ANA))

    assert message.subject == subject + code_in(message)
    assert "10" in message.text
    assert message.language == language


class Listening(Faults):
    """Writes down every statement."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def before_call(self, statement: str) -> None:
        self.said.append(statement)


def test_known_and_unknown_get_the_same_answer_by_the_same_statements(
    phone: MAKE, hub: Hub
) -> None:
    known = CustomerDraft(email=ANA, given_name="Ana")
    hub.run(put_customer, PutCustomer(customer=known), actor=SYSTEM)

    ana = phone()
    ana.asks(email="first@example.com")  # makes the shop's secret
    seen = []
    for address in (ANA, "nobody@example.com"):
        hub.faults = listening = Listening()
        ana.asks(email=address)
        seen.append(listening.said)

    assert seen[0] == seen[1]
    assert not any("customers." in statement for statement in seen[0])


def test_a_code_is_good_once(phone: MAKE) -> None:
    ana = phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))

    assert ana.shows(challenge, code).outcome == "signed_in"
    ana.token = ana.token[:-4] + "AAAA"
    assert ana.shows(challenge, code).outcome == "refused"


def test_a_token_opens_one_session(phone: MAKE) -> None:
    ana, mirko = phone(), phone()
    ana.signs_in(email="ana@example.org")
    mirko.token = ana.token

    refused = mirko.signs_in(email="mirko@example.org")

    assert refused.outcome == "refused"
    assert ana.actor().id != refused.customer_id
    mirko.token = new_token("customer")
    assert mirko.signs_in(email="mirko@example.org").is_new_customer


def test_a_code_is_good_on_the_device_that_asked_for_it(phone: MAKE) -> None:
    ana, other = phone(), phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))

    assert other.shows(challenge, code).outcome == "refused"
    assert ana.shows(challenge, code).outcome == "signed_in"


def test_a_code_runs_out(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))
    hub.offset = timedelta(minutes=11)

    assert ana.shows(challenge, code).outcome == "refused"


def test_a_new_code_makes_the_one_before_worthless(phone: MAKE) -> None:
    ana = phone()
    first = ana.asks(email=ANA)
    code = code_in(ana.reads(first))
    ana.asks(email=ANA)

    assert ana.shows(first, code).outcome == "refused"


def test_after_five_wrong_codes_the_right_one_is_refused(phone: MAKE) -> None:
    ana = phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))

    assert {ana.shows(challenge, wrong(code)).outcome for _ in range(5)} == {"refused"}
    assert ana.shows(challenge, code).outcome == "refused"


def test_codes_from_one_place_are_bounded(phone: MAKE, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "BY_PLACE_MAX", 4)
    for number in range(4):
        phone(origin="192.0.2.1").asks(email=f"a{number}@example.com")

    with pytest.raises(TooManySignInCodes) as refused:
        phone(origin="192.0.2.1").asks(email="b@example.com")
    assert 0 < refused.value.data["retry_after"] <= 3600
    phone(origin="192.0.2.2").asks(email="b@example.com")


def test_neither_code_nor_token_nor_address_is_kept(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))
    ana.shows(challenge, code)

    with hub.reading() as tx:
        kept = tx.value(
            """
            SELECT string_agg(c::text, ' ') || (SELECT string_agg(s::text, ' ')
                                                FROM identity.sessions s)
                   || (SELECT string_agg(e.answer::text, ' ') FROM kernel.effects e)
                   || (SELECT string_agg(f::text, ' ') FROM kernel.facts f)
            FROM identity.challenges c
            """
        )
    assert ANA not in kept
    assert ana.token not in kept
    assert f'"{code}"' not in kept and f",{code}," not in kept


def test_what_ran_out_is_forgotten(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    ana.asks(email=ANA)
    hub.offset = timedelta(minutes=20)
    work(hub)
    with hub.reading() as tx:
        row = tx.first("SELECT state, address FROM identity.challenges")
    assert row == ("over", None)

    hub.offset = timedelta(days=3)
    work(hub)
    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM identity.challenges") == 0


def test_a_code_that_was_not_sent_is_sent_again_the_same(
    phone: MAKE, hub: Hub, outbox: Path
) -> None:
    outbox.write_text("in the way")
    ana = phone()
    challenge = ana.asks(email=ANA)
    work(hub)
    outbox.unlink()
    hub.offset = timedelta(seconds=30)

    assert ana.shows(challenge, code_in(ana.reads(challenge))).outcome == "signed_in"


def test_the_outbox_is_for_its_owner_only_and_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    box = FileOutbox(folder, most=3)
    for number in range(5):
        message = Message(
            id=number,  # type: ignore[arg-type]
            channel="email",
            to="a@b.example",
            language="en",
            subject="",
            text=str(number),
        )
        box.send(message)

    assert sorted(one.name for one in folder.iterdir()) == ["2.json", "3.json", "4.json"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}


def test_she_sees_her_devices_and_ends_what_she_lost(phone: MAKE, hub: Hub) -> None:
    ana, tablet, mila = phone(), phone(), phone()
    lost = tablet.signs_in(email=ANA).session_id
    ana.signs_in(email=ANA)
    hers = mila.signs_in(email="mila@example.com").session_id
    seen = hub.run(customer_sessions, AskSessions(), actor=ana.actor()).items
    assert len(seen) == 2

    hub.run(end_customer_session, EndCustomerSession(session_id=lost), actor=ana.actor())
    with pytest.raises(CustomerSessionEnded):
        tablet.actor()
    with pytest.raises(HubError, match="There is no session"):
        hub.run(end_customer_session, EndCustomerSession(session_id=hers), actor=ana.actor())
    hub.run(end_all_sessions, EndAllSessions(), actor=ana.actor())
    with pytest.raises(CustomerSessionEnded):
        ana.actor()
    assert mila.actor()


def test_a_session_runs_out(phone: MAKE, hub: Hub) -> None:
    ana = phone()
    ana.signs_in(email=ANA)
    hub.offset = timedelta(days=61)
    with pytest.raises(CustomerSessionEnded):
        ana.actor()


AT_ONCE = 8


def test_of_many_who_show_one_code_at_once_one_is_let_in(phone: MAKE) -> None:
    ana = phone()
    challenge = ana.asks(email=ANA)
    code = code_in(ana.reads(challenge))

    def show(_: int) -> Any:
        device = phone()
        return device.shows(challenge, code, by=ana.guest).outcome

    with ThreadPoolExecutor(AT_ONCE) as hands:
        outcomes = sorted(hands.map(show, range(AT_ONCE)))
    assert outcomes == ["refused"] * (AT_ONCE - 1) + ["signed_in"]


def test_one_address_proved_on_many_devices_at_once_is_one_customer(phone: MAKE, hub: Hub) -> None:
    devices = [phone() for _ in range(5)]
    shown = []
    for device in devices:
        challenge = device.asks(email=ANA)
        shown.append((device, challenge, code_in(device.reads(challenge))))
    with ThreadPoolExecutor(5) as hands:
        came = list(hands.map(lambda one: one[0].shows(one[1], one[2]), shown))

    assert {one.outcome for one in came} == {"signed_in"}
    assert len({one.customer_id for one in came}) == 1
    view = hub.run(view_customer, ViewCustomer(customer_id=came[0].customer_id), actor=SYSTEM)
    assert [(one.kind, one.is_verified) for one in view.identifiers] == [("email", True)]
