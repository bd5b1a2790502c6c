"""A platform is let act for a customer, and nobody else is by anything that it was given."""

import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from charsu.identity import (
    AskLinks,
    DisablePlatform,
    EndLink,
    LinkNotAskable,
    acted_for,
    customer_links,
    disable_platform,
    end_link,
)
from charsu.identity.checks import CHECKS
from charsu.identity.chores import forget_tokens
from charsu.identity.errors import RedirectInvalid
from charsu.identity.operations.take_tokens import ACCESS_LIFE, REFRESH_LIFE
from charsu.kernel import SYSTEM, Actor, Hub, NotFound
from charsu.kernel.check import run_checks
from tests.identity.driver import Phone

from .linking import BACK, CHALLENGE, CHECKOUT, ORDERS, PROFILE, VERIFIER, Agent, hexed


@pytest.fixture
def agent(hub: Hub) -> Agent:
    return Agent(hub)


@pytest.fixture
def her(phone: Callable[..., Phone]) -> Actor:
    ana = phone()
    ana.signs_in(email="ana@example.org")
    return ana.actor()


def links(hub: Hub, her: Actor) -> list[str]:
    return [one.platform for one in hub.run(customer_links, AskLinks(), actor=her).items]


def test_a_platform_acts_for_a_customer_who_agreed(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    taken = agent.takes()

    assert taken.outcome == "given" and set(taken.scopes) == {ORDERS, CHECKOUT}
    assert taken.expires_in_seconds == ACCESS_LIFE.total_seconds()
    assert agent.acts() == {ORDERS, CHECKOUT}
    with hub.reading() as tx:
        assert acted_for(tx, "access first", profile_url=PROFILE).customer_id == her.id
    assert links(hub, her) == ["Agent"]
    with hub.pool.connection() as connection:
        assert all(verdict.is_clean for verdict in run_checks(connection, CHECKS))


@pytest.mark.parametrize(
    "wrong",
    [
        {"verifier": ""},
        {"verifier": "w" * 43},
        {"verifier": CHALLENGE},  # the method plain
        {"redirect": "https://agent.example/other"},
        {"code": "guessed"},
    ],
)
def test_a_code_is_good_with_what_it_was_asked_with_only(
    agent: Agent, her: Actor, wrong: dict[str, str]
) -> None:
    agent.asks(her)

    assert agent.takes(**wrong).outcome == "grant_refused"
    assert agent.acts() is None
    assert agent.takes().outcome == "given", "a wrong try uses nothing up"


def test_another_platform_has_no_use_for_a_code_or_a_token(
    hub: Hub, agent: Agent, her: Actor
) -> None:
    other = Agent(hub, name="Other", profile="https://other.example/profile.json", secret="other")
    agent.asks(her)

    assert other.takes().outcome == "grant_refused"
    agent.takes()
    assert other.renews("first", "stolen").outcome == "grant_refused"
    assert other.gives_back("refresh first").outcome == "given"
    assert agent.acts() is not None, "what is another's is passed over"
    assert agent.acts(profile=other.profile) is None, "a stolen token at the door"


@pytest.mark.parametrize("shown", [None, hexed("guessed")])
def test_a_platform_without_its_secret_gets_nothing(
    agent: Agent, her: Actor, shown: str | None
) -> None:
    agent.asks(her)

    assert agent.takes(secret_digest=shown).outcome == "client_refused"
    agent.takes()
    assert agent.renews("first", "second", secret_digest=shown).outcome == "client_refused"


def test_one_that_can_keep_no_secret_shows_none(hub: Hub, her: Actor) -> None:
    native = Agent(hub, redirects=("http://127.0.0.1/back",), secret=None)
    native.asks(her, redirect="http://127.0.0.1:51004/back")

    for wrong in ("http://127.0.0.1:51004/other", "http://[::1]:51004/back", BACK):
        assert native.takes(redirect=wrong).outcome == "grant_refused"
    assert native.takes(redirect="http://127.0.0.1:51005/back").outcome == "given"


def test_a_code_is_good_for_a_minute(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    hub.offset += timedelta(seconds=61)

    assert agent.takes().outcome == "grant_refused"
    assert links(hub, her) == []


def test_a_code_that_comes_twice_ends_what_came_of_it(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    agent.takes()

    assert agent.takes(tokens="again").outcome == "grant_refused"
    assert agent.acts() is None and agent.acts("again") is None
    assert agent.renews("first", "second").outcome == "grant_refused"
    assert links(hub, her) == []


def at_once(agent: Agent) -> list[str]:
    """The outcomes of two who come with one code at the same moment."""
    barrier, seen = threading.Barrier(2), []

    def come(tokens: str) -> None:
        barrier.wait()
        seen.append(agent.takes(tokens=tokens).outcome)

    threads = [threading.Thread(target=come, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seen)


SLOW = "code_used_at, ended_at, pg_sleep(0.3)"


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets everybody who has read the code wait a little before going on."""
    verb = sys.modules["charsu.identity.operations.take_tokens"]
    read = verb._OF_CODE.replace("code_used_at, ended_at", SLOW)
    return lambda lock: monkeypatch.setattr(verb, "_OF_CODE", read.replace("FOR UPDATE", lock))


def test_of_two_at_once_with_one_code_one_is_given_and_it_ends(
    agent: Agent, her: Actor, slowly: Callable[[str], None]
) -> None:
    agent.asks(her)
    slowly("FOR UPDATE")

    assert at_once(agent) == ["given", "grant_refused"]
    assert agent.acts("one") is None and agent.acts("two") is None


def test_without_the_lock_both_would_be_given(
    agent: Agent, her: Actor, slowly: Callable[[str], None]
) -> None:
    agent.asks(her)
    slowly("")

    assert at_once(agent) == ["given", "given"]


def test_a_refresh_token_is_good_once_and_its_reuse_ends_all(agent: Agent, her: Actor) -> None:
    agent.asks(her)
    agent.takes()

    assert agent.renews("first", "second").outcome == "given"
    assert agent.acts("second") == {ORDERS, CHECKOUT}
    assert agent.renews("first", "stolen").outcome == "grant_refused"
    assert [agent.acts(one) for one in ("first", "second", "stolen")] == [None, None, None]
    assert agent.renews("second", "third").outcome == "grant_refused"


def test_scopes_get_narrower_and_never_wider(agent: Agent, her: Actor) -> None:
    agent.asks(her, scopes=(ORDERS,))
    agent.takes()

    assert agent.renews("first", "second", scopes=(ORDERS, CHECKOUT)).outcome == "scope_refused"
    assert agent.renews("first", "second", scopes=(ORDERS,)).outcome == "given"
    assert agent.acts("second") == {ORDERS}


def test_tokens_run_out(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    agent.takes()

    hub.offset += ACCESS_LIFE
    assert agent.acts() is None
    hub.offset += REFRESH_LIFE
    assert agent.renews("first", "second").outcome == "grant_refused"


def test_what_is_given_back_is_over(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    agent.takes()
    agent.renews("first", "second")

    agent.gives_back("access first")
    assert agent.acts("first") is None and agent.acts("second") is not None
    agent.gives_back("refresh second")
    assert agent.acts("second") is None and links(hub, her) == []
    assert agent.gives_back("never given").outcome == "given"


def test_she_ends_her_own_links_and_nobody_elses(
    hub: Hub, agent: Agent, her: Actor, phone: Callable[..., Phone]
) -> None:
    link = agent.asks(her)
    agent.takes()
    stranger = phone()
    stranger.signs_in(email="mila@example.org")

    with pytest.raises(NotFound):
        hub.run(end_link, EndLink(link_id=link), actor=stranger.actor())
    assert links(hub, stranger.actor()) == [] and agent.acts() is not None
    hub.run(end_link, EndLink(link_id=link), actor=her)
    assert agent.acts() is None and links(hub, her) == []


def test_a_disabled_platform_acts_for_nobody(hub: Hub, agent: Agent, her: Actor) -> None:
    agent.asks(her)
    agent.takes()
    ask = DisablePlatform(linked_platform_id=agent.id)

    assert hub.run(disable_platform, ask, actor=SYSTEM).links_ended == 1
    assert agent.acts() is None
    assert agent.renews("first", "second").outcome == "client_refused"
    with pytest.raises(LinkNotAskable):
        agent.asks(her, code="another")
    with pytest.raises(NotFound):
        hub.run(disable_platform, ask, actor=SYSTEM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect": "https://evil.example/back"},
        {"redirect": BACK + "/"},
        {"redirect": BACK + "?next=https://evil.example"},
        {"redirect": "https://agent.example@evil.example/back"},
        {"redirect": "http://agent.example/back"},
        {"scopes": ()},
        {"scopes": (ORDERS, "dev.ucp.shopping.order:manage")},
        {"code_challenge": ""},
        {"code_challenge": VERIFIER + "="},
    ],
)
def test_nothing_is_asked_that_was_not_registered(
    agent: Agent, her: Actor, wrong: dict[str, Any]
) -> None:
    with pytest.raises(LinkNotAskable):
        agent.asks(her, **wrong)


@pytest.mark.parametrize(
    "address",
    [
        "http://agent.example/back",
        "javascript:alert(1)",
        "https://agent.example/back#part",
        "https://user@agent.example/back",
        "https:///back",
        "//agent.example/back",
        "http://localhost/back",
        "https://agent.example:port/",
        "https://agent.example;script-src/back",
        "https://agent.example,evil.example/back",
        "https://agent.example%2eevil.example/back",
    ],
)
def test_nobody_is_sent_where_a_code_could_be_read(hub: Hub, address: str) -> None:
    with pytest.raises(RedirectInvalid):
        Agent(hub, redirects=(address,))


def test_tokens_are_forgotten_when_even_their_replay_would_tell_nothing(
    hub: Hub, agent: Agent, her: Actor
) -> None:
    agent.asks(her)
    agent.takes()
    agent.renews("first", "second")
    assert forget_tokens.do(hub) == 0

    hub.offset = timedelta(days=2)

    assert forget_tokens.do(hub) == 2, "both access tokens, no refresh token"
    assert agent.renews("first", "third").outcome == "grant_refused"
    assert links(hub, her) == [], "a used token that came again has ended the link"
    hub.offset = REFRESH_LIFE + timedelta(days=4)
    assert forget_tokens.do(hub) == 2
    assert forget_tokens.do(hub) == 0
