"""Platforms that sign who they are: which keys they may have, and each word is good once."""

import base64
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from charsu.identity import (
    Assertion,
    DisablePlatform,
    PublicKey,
    RegisterPlatform,
    ReplacePlatformProof,
    disable_platform,
    register_platform,
    replace_platform_proof,
)
from charsu.identity.chores import forget_tokens
from charsu.identity.errors import PlatformKeyInvalid, PlatformProofMixed
from charsu.kernel import SYSTEM, Actor, Hub, NotFound
from tests.identity.driver import Phone

from .linking import BACK, PROFILE, Agent, hexed


def number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def point(kid: str = "one") -> dict[str, str]:
    """The public half of a new key, as JSON has it."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "kid": kid,
        "x": number(numbers.x),
        "y": number(numbers.y),
    }


def modulus(bits: int = 2048) -> dict[str, str]:
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers()
    return {"kty": "RSA", "kid": "one", "n": number(numbers.n), "e": number(numbers.e)}


def registers(hub: Hub, *keys: dict[str, Any], **more: Any) -> None:
    asked = {"name": "Agent", "profile_url": PROFILE, "redirects": (BACK,), "keys": keys}
    hub.run(register_platform, msgspec.convert(asked | more, RegisterPlatform), actor=SYSTEM)


def test_a_platform_may_have_keys_of_both_kinds(hub: Hub) -> None:
    registers(hub, point())
    registers(hub, point("one"), point("two"), modulus() | {"kid": "three", "use": "sig"})

    with hub.reading() as tx:
        assert tx.value("SELECT count(*) FROM identity.linked_platforms") == 2


WEAK = modulus(1024)
POINT = point()


@pytest.mark.parametrize(
    "wrong",
    [
        WEAK,
        POINT | {"y": POINT["x"]},
        POINT | {"crv": ""},
        POINT | {"alg": "RS256"},
        POINT | {"x": "A"},
        {"kty": "EC", "crv": "P-256"},
        {"kty": "RSA", "n": number(1 << 2047 | 1), "e": number(4)},
        {"kty": "RSA", "n": number(1 << 2047 | 1), "e": number(1 << 100 | 1)},
        {"kty": "RSA", "n": number(1 << 2047 | 1)},
    ],
)
def test_what_proves_nothing_is_no_key(hub: Hub, wrong: dict[str, str]) -> None:
    with pytest.raises(PlatformKeyInvalid):
        registers(hub, wrong)


@pytest.mark.parametrize("more", [{"d": "AAAA"}, {"kty": "oct", "k": "AAAA"}, {"p": "AAAA"}])
def test_a_private_key_is_not_taken(more: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(POINT | more, PublicKey)


def test_a_platform_has_one_kind_of_proof_and_tells_its_keys_apart(hub: Hub) -> None:
    for wrong in (
        {"keys": (POINT,), "secret_digest": hexed("chance")},
        {"keys": (POINT, point())},
        {"keys": (POINT, point(""))},
    ):
        with pytest.raises(PlatformProofMixed):
            registers(hub, **wrong)


@pytest.fixture
def agent(hub: Hub) -> Agent:
    return Agent(hub, secret=None, keys=(msgspec.convert(POINT, PublicKey),))


@pytest.fixture
def her(phone: Callable[..., Phone]) -> Actor:
    ana = phone()
    ana.signs_in(email="ana@example.org")
    return ana.actor()


def now(hub: Hub) -> datetime:
    with hub.reading() as tx:
        return tx.now


def word(hub: Hub, name: str = "one", seconds: int = 60) -> Assertion:
    return Assertion(hexed(name), now(hub) + timedelta(seconds=seconds))


def test_a_platform_with_keys_gets_nothing_without_a_signed_word(
    hub: Hub, agent: Agent, her: Actor
) -> None:
    agent.asks(her)

    assert agent.takes().outcome == "client_refused"
    assert agent.takes(secret_digest=hexed("x")).outcome == "client_refused"
    assert agent.takes(assertion=word(hub, seconds=0)).outcome == "client_refused", "it is over"
    assert agent.takes(assertion=word(hub)).outcome == "given"


def test_a_signed_word_is_of_no_use_to_others(hub: Hub, her: Actor) -> None:
    plain = Agent(hub)
    plain.asks(her)

    assert plain.takes(assertion=word(hub)).outcome == "client_refused"


def test_a_signed_word_is_good_once_whatever_it_was_shown_for(
    hub: Hub, agent: Agent, her: Actor
) -> None:
    agent.asks(her)

    assert agent.takes("guessed", assertion=word(hub)).outcome == "grant_refused"
    assert agent.takes(assertion=word(hub)).outcome == "client_refused"
    assert agent.takes(assertion=word(hub, "two")).outcome == "given"
    assert agent.renews("first", "second", assertion=word(hub)).outcome == "client_refused"
    assert agent.renews("first", "second", assertion=word(hub, "three")).outcome == "given"


def test_two_platforms_may_call_their_words_alike(hub: Hub, agent: Agent, her: Actor) -> None:
    other = Agent(hub, name="Other", secret=None, keys=(msgspec.convert(point(), PublicKey),))
    agent.asks(her)
    other.asks(her, code="other")

    assert agent.takes(assertion=word(hub)).outcome == "given"
    assert other.takes("other", "others", assertion=word(hub)).outcome == "given"


def test_a_word_that_is_over_is_forgotten_and_not_before(
    hub: Hub, agent: Agent, her: Actor
) -> None:
    agent.asks(her)
    agent.takes(assertion=word(hub))

    assert forget_tokens.do(hub) == 0
    hub.offset += timedelta(seconds=61)
    assert forget_tokens.do(hub) == 1


def at_once(hub: Hub, agent: Agent) -> list[str]:
    """The outcomes of two with one word, each with a code of its own, at the same moment."""
    barrier, seen, shown = threading.Barrier(2), [], word(hub)

    def come(code: str) -> None:
        barrier.wait()
        seen.append(agent.takes(code, code, assertion=shown).outcome)

    threads = [threading.Thread(target=come, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seen)


def test_of_two_at_once_with_one_word_one_is_believed(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her, code="one")
    agent.asks(her, code="two")

    assert at_once(hub, agent) == ["client_refused", "given"]


def test_without_the_row_both_would_be_believed(
    hub: Hub, agent: Agent, her: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.asks(her, code="one")
    agent.asks(her, code="two")
    verb = sys.modules["charsu.identity.operations.take_tokens"]
    looked_up = """
        SELECT %(until)s::timestamptz, pg_sleep(0.3) WHERE NOT EXISTS (
            SELECT FROM identity.assertions
            WHERE linked_platform_id = %(id)s AND digest = %(digest)s::bytea)
    """
    monkeypatch.setattr(verb, "_USE_WORD", looked_up)

    assert at_once(hub, agent) == ["given", "given"]


def replaces(hub: Hub, agent: Agent, **proof: Any) -> None:
    ask = ReplacePlatformProof(linked_platform_id=agent.id, **proof)
    hub.run(replace_platform_proof, ask, actor=SYSTEM)


def test_a_platform_gets_another_secret_and_keeps_its_links(hub: Hub, her: Actor) -> None:
    agent = Agent(hub)
    agent.asks(her)
    agent.takes()

    replaces(hub, agent, secret_digest=hexed("another"))

    assert agent.acts() is not None
    assert agent.renews("first", "second").outcome == "client_refused"
    agent.secret = "another"
    assert agent.renews("first", "second").outcome == "given"
    replaces(hub, agent, keys=(msgspec.convert(POINT, PublicKey),))
    assert agent.renews("second", "third").outcome == "client_refused"


def test_no_platform_is_left_without_proof(hub: Hub, agent: Agent) -> None:
    with pytest.raises(PlatformProofMixed):
        replaces(hub, agent)
    hub.run(disable_platform, DisablePlatform(linked_platform_id=agent.id), actor=SYSTEM)
    with pytest.raises(NotFound):
        replaces(hub, agent, secret_digest=hexed("another"))
