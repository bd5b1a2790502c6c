"""Every link of the description leads from an answer to an answer."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from charsu.kernel import AnyOperation, Hub, HubError
from charsu.web.app import create_app
from tests.regular import Fields, Regular, Wanted, request_for

from .conftest import Site

pytestmark = pytest.mark.slow

CHANGE_A_CART = ("add_code", "hold", "release", "replace", "see_prices", "set_delivery")
CLOSED = {
    "abandon": (*CHANGE_A_CART, "complete", "order", "pay"),
    "complete": (*CHANGE_A_CART, "abandon"),
    "order": ("put_line", "remove_line"),
    "pay": (*CHANGE_A_CART, "abandon"),
}
ENDS_THERE = {
    ("access.disable_account", "access.invite"): "a disabled account gets no invitation",
    ("orders.put_back", "orders.cancel"): "what was not collected is canceled already",
    ("orders.resolve_terminal_payment", "orders.cancel_terminal_payment"): "nothing is on it",
    ("shopping.pay", "orders.charge"): "the provider has promised all that is to be paid",
    ("shopping.pay", "orders.pay"): "the provider has promised all that is to be paid",
    ("shopping.replace", "shopping.put_line"): "names only what cannot be bought",
    ("shopping.replace", "shopping.remove_line"): "names only what cannot be bought",
    **{
        (f"shopping.{source}", f"shopping.{verb}"): "the cart is no longer open"
        for source, verbs in CLOSED.items()
        for verb in verbs
    },
}
"""Links that are there for other answers of the same operation, and why they end here."""
ENDS_ALL = {
    "identity.begin_erasure": "no administrator is a customer",
    "identity.choose": "no administrator is a customer",
    "identity.finish_sign_in": "a wrong code signs nobody in",
    "identity.own_data": "no administrator is a customer",
    "identity.own_order": "no administrator is a customer",
    "identity.own_timeline": "no administrator is a customer",
    "identity.sessions": "no administrator is a customer",
    "identity.links": "no administrator is a customer",
}
"""Operations none of whose links lead anywhere for an administrator, and why."""
HERS_ALONE = {"identity.choose", "identity.own_order"}
"""Where links lead that only a customer can follow."""


class Door:
    """The shop over HTTP, for an administrator."""

    def __init__(self, hub: Hub, client: TestClient[Any]) -> None:
        self.regular = Regular(hub)
        self.client = client
        self.operations = {one.name: one for one in hub.operations.values() if one.http_path}
        Site(hub, client).key("admin")  # stands first in the list of keys, and is revoked
        self.key = Site(hub, client).key("admin")

    def links(self) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Each link: the operation it leaves, the one it leads to, and its parameters."""
        document = self.client.get("/openapi.json").json()
        for methods in document["paths"].values():
            for described in methods.values():
                for response in described["responses"].values():
                    for link in response.get("links", {}).values():
                        yield described["operationId"], link["operationId"], link["parameters"]

    def follow(self, source: str, target: str, parameters: dict[str, str]) -> str:
        """What is wrong with the link; nothing where it has led to an answer."""
        fields = self.regular.request(self.operations[source], Wanted(towards=target))
        answer = self.ask(self.operations[source], fields)
        if not answer.is_success:
            return f"its source answers {answer.status_code} {answer.text[:300]}"
        brought = {name: found(where, fields, answer) for name, where in parameters.items()}
        if empty := [name for name, value in brought.items() if value is None]:
            return f"{empty} is not in the answer {answer.text[:300]}"
        try:
            fields = self.regular.request(self.operations[target], Wanted(given=brought))
        except HubError as refusal:
            return f"what it leads to cannot be made ready: {refusal}"
        there = self.ask(self.operations[target], fields)
        return "" if there.is_success else f"leads to {there.status_code} {there.text[:300]}"

    def ask(self, operation: AnyOperation, fields: Fields) -> Any:
        return self.client.request(**request_for(operation, fields), headers=self.key)


def found(where: str, fields: Fields, answer: Any) -> Any:
    """The value of a runtime expression (OpenAPI 3.1, section 4.8.20.4)."""
    if asked := re.fullmatch(r"\$request\.path\.(\w+)", where):
        return fields[asked[1]]
    (path,) = re.fullmatch(r"\$response\.body#/(.+)", where).groups()  # type: ignore[union-attr]
    value = answer.json()
    for part in path.split("/"):
        try:
            value = value[int(part) if isinstance(value, list) else part]
        except (IndexError, KeyError):
            return None
    return value


@pytest.fixture
def door(hub: Hub) -> Iterator[Door]:
    with TestClient(create_app(hub), raise_server_exceptions=False) as client:
        yield Door(hub, client)


def test_every_link_leads_from_an_answer_to_an_answer(door: Door) -> None:
    links = list(door.links())
    led = {(source, target): door.follow(source, target, where) for source, target, where in links}

    wrong = [
        f"{source} -> {target}: {problem}"
        for (source, target), problem in led.items()
        if problem
        and (source, target) not in ENDS_THERE
        and source not in ENDS_ALL
        and target not in HERS_ALONE
    ]
    print(f"{len(links)} links, {list(led.values()).count('')} followed")
    assert not wrong, "\n".join(wrong)
    ended = {pair for pair, problem in led.items() if problem}
    others = {(source, target) for source, target in ended if target not in HERS_ALONE}
    assert {pair for pair in others if pair[0] not in ENDS_ALL} == ENDS_THERE.keys()
    assert {target for _, target in ended} >= HERS_ALONE
    assert {source for source, _ in ended} >= ENDS_ALL.keys()
