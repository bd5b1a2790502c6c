"""Generated requests, pointed at things that are there."""

import itertools
import re
from typing import Any

from charsu.kernel import Hub
from tests.regular import Fields, Regular, Wanted

ELSEWHERE = ("after", "revision")  # the marks of other answers
WITH_BODY = {"POST", "PUT", "PATCH"}  # which may leave it out
IF_MATCH, KEY = "If-Match", "Idempotency-Key"


class Pointing:
    """Lets what schemathesis has made speak of what there is in a shop."""

    def __init__(self, hub: Hub) -> None:
        self.regular = Regular(hub)
        self._keys = (f"said-{number}" for number in itertools.count(1))

    def point(self, name: str, case: Any, *, brought: Fields | None = None) -> None:
        """Let a generated request for this operation speak of what there is.

        brought   what stands in the address and is right already, for a walk has brought it along
        """
        given = brought or {}
        own = {**self.regular.needs(name, Wanted(given=given)), **given}
        in_path = set(re.findall("{([^}]+)}", case.path))
        if case.path_parameters:
            case.path_parameters.update(self.regular.known(dict(case.path_parameters)))
        if case.query:
            case.query = self._without_marks(self.regular.known(dict(case.query)))
        if isinstance(case.body, dict):
            case.body = self._without_marks(self.regular.known(case.body))
        for field, value in own.items():
            if field in in_path:
                case.path_parameters[field] = value
            elif isinstance(case.body, dict):
                case.body[field] = value
            elif case.method.upper() not in WITH_BODY and value is not None:
                case.query = {**(case.query or {}), field: value}
        self._say_right(case)

    def _say_right(self, case: Any) -> None:
        """Whoever says which revision she saw has seen the last one, and keys are one's own."""
        headers = case.headers or {}
        if IF_MATCH in headers and headers[IF_MATCH] != "*":
            cart = self.regular.do("shopping.read", cart_id=case.path_parameters["cart_id"])
            headers[IF_MATCH] = f'"{cart.revision}"'
        if KEY in headers:
            headers[KEY] = next(self._keys)

    def _without_marks(self, fields: Fields) -> Fields:
        return {name: value for name, value in fields.items() if name not in ELSEWHERE}
