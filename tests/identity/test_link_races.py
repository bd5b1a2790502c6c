"""What becomes of a link whose customer is merged, and of a refresh token in two hands at once."""

import sys
import threading
from collections.abc import Callable

import pytest

from charsu.customers import MergeCustomers, UndoMerge, merge_customers, undo_merge
from charsu.identity import AskLinks, EndLink, acted_for, customer_links, end_link
from charsu.kernel import SYSTEM, Actor, Hub
from tests.identity.driver import Phone

from .linking import PROFILE, Agent


@pytest.fixture
def agent(hub: Hub) -> Agent:
    return Agent(hub)


@pytest.fixture
def signed_in(phone: Callable[..., Phone]) -> Callable[[str], Actor]:
    def come(name: str) -> Actor:
        one = phone()
        one.signs_in(email=f"{name}@example.org")
        return one.actor()

    return come


def acts_for(hub: Hub, tokens: str = "first") -> object:
    with hub.reading() as tx:
        return acted_for(tx, f"access {tokens}", profile_url=PROFILE).customer_id


def test_a_token_of_who_was_merged_acts_for_who_is_left(
    hub: Hub, agent: Agent, signed_in: Callable[[str], Actor]
) -> None:
    ana, mila = signed_in("ana"), signed_in("mila")
    agent.asks(ana)
    agent.takes()
    ask = MergeCustomers(survivor_id=mila.id, absorbed_id=ana.id, reason="one person")
    merge = hub.run(merge_customers, ask, actor=SYSTEM)

    assert acts_for(hub) == mila.id
    assert agent.renews("first", "second").outcome == "given"
    assert acts_for(hub, "second") == mila.id
    hub.run(undo_merge, UndoMerge(merge_id=merge.merge_id), actor=SYSTEM)
    assert acts_for(hub, "second") == ana.id, "nothing of the other's any more"


def test_who_is_left_sees_and_ends_the_links_of_both(
    hub: Hub, agent: Agent, signed_in: Callable[[str], Actor]
) -> None:
    ana, mila = signed_in("ana"), signed_in("mila")
    agent.asks(ana)
    agent.asks(mila, code="hers")
    agent.takes()
    agent.takes("hers", "hers")
    ask = MergeCustomers(survivor_id=mila.id, absorbed_id=ana.id, reason="one person")
    hub.run(merge_customers, ask, actor=SYSTEM)

    links = hub.run(customer_links, AskLinks(), actor=mila).items
    for link in links:
        hub.run(end_link, EndLink(link_id=link.link_id), actor=mila)

    assert len(links) == 2
    assert agent.acts() is None and agent.acts("hers") is None


def test_a_link_of_a_stranger_is_not_taken_along(
    hub: Hub, agent: Agent, signed_in: Callable[[str], Actor]
) -> None:
    ana, mila, eva = signed_in("ana"), signed_in("mila"), signed_in("eva")
    agent.asks(eva)
    agent.takes()
    ask = MergeCustomers(survivor_id=mila.id, absorbed_id=ana.id, reason="one person")
    hub.run(merge_customers, ask, actor=SYSTEM)

    assert acts_for(hub) == eva.id


def at_once(agent: Agent) -> list[str]:
    """The outcomes of two who come with one refresh token at the same moment."""
    barrier, seen = threading.Barrier(2), []

    def come(tokens: str) -> None:
        barrier.wait()
        seen.append(agent.renews("first", tokens).outcome)

    threads = [threading.Thread(target=come, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(seen)


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets everybody who has read the token wait a little before going on."""
    verb = sys.modules["charsu.identity.operations.take_tokens"]

    def slow(lock: str) -> None:
        read = verb._SHOWN.replace("used_at", "used_at, pg_sleep(0.3)")
        monkeypatch.setattr(verb, "_SHOWN", read)
        locked = verb._LINK_SHOWN.replace("FOR UPDATE", lock)
        monkeypatch.setattr(verb, "_LINK_SHOWN", locked)

    return slow


def test_of_two_at_once_with_one_refresh_token_one_is_given_and_it_ends(
    agent: Agent, signed_in: Callable[[str], Actor], slowly: Callable[[str], None]
) -> None:
    agent.asks(signed_in("ana"))
    agent.takes()
    slowly("FOR UPDATE")

    assert at_once(agent) == ["given", "grant_refused"]
    assert [agent.acts(one) for one in ("first", "one", "two")] == [None, None, None]


def test_without_the_lock_both_would_have_new_tokens(
    agent: Agent, signed_in: Callable[[str], Actor], slowly: Callable[[str], None]
) -> None:
    agent.asks(signed_in("ana"))
    agent.takes()
    slowly("")

    assert at_once(agent) == ["given", "given"]
    assert agent.acts("one") is not None and agent.acts("two") is not None
