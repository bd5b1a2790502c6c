"""Speaks HTTP for everybody in a story: a guest at home, staff with the keys of their roles."""

import itertools
from typing import Any
from uuid import UUID

from litestar.testing import TestClient

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token

Json = dict[str, Any]


class Person:
    """Somebody who sends requests, each under a key of its own."""

    def __init__(self, client: TestClient[Any], headers: dict[str, str]) -> None:
        self._client = client
        self._headers = headers
        self._numbers = itertools.count(1)

    def asks(self, path: str, **query: Any) -> Json:
        """What a GET answers."""
        answer = self._client.get(path, params=query, headers=self._headers)
        assert answer.is_success, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def does(self, path: str, *, by: str = "POST", **body: Any) -> Json:
        """What a change answers."""
        answer = self._send(by, path, body)
        assert answer.is_success, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def is_refused(self, path: str, *, by: str = "POST", **body: Any) -> str:
        """The code of the refusal."""
        answer = self._send(by, path, body)
        assert not answer.is_success, answer.text
        return str(answer.json()["code"])

    def _send(self, by: str, path: str, body: Json) -> Any:
        key = {"Idempotency-Key": f"{id(self)}-{next(self._numbers)}"}
        return self._client.request(by, path, json=body, headers=self._headers | key)


def staff(hub: Hub, client: TestClient[Any], role: str, *, at: UUID | None = None) -> Person:
    """A member of staff in this role, everywhere or at one location."""
    secret = new_token("key")
    ask = IssueKey(
        label=role, digest=digest_of(secret).hex(), roles=(KeyRole(role=role, location_id=at),)
    )
    hub.run(issue_key, ask, actor=SYSTEM)
    return Person(client, {"Authorization": f"Bearer {secret}"})


def somebody(client: TestClient[Any]) -> Person:
    """A guest whom nobody knows."""
    return Person(client, {"X-Charsu-Guest": new_token("guest")})
