"""Operations: a business verb declared once, as one typed function.

The declaration gives the HTTP route with OpenAPI, the command, the tool, the permission,
the audit entry and the idempotency key. From outside the only door is ``hub.run``; inside, an
operation calls another as the plain function it still is, in the same transaction.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from types import ModuleType
from typing import Any, Generic, TypeVar, get_type_hints
from uuid import UUID

from charsu.kernel.database import Tx
from charsu.kernel.errors import HubError

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
Places = Callable[[Tx, Any], Collection[UUID] | None]
"""The locations a request touches; None when it touches the whole business."""


def WHOLE_BUSINESS(_tx: Tx, _ask: Any) -> None:  # noqa: N802 (a value for ``at``)
    """For verbs that concern every location: a grant at some of them is not enough."""


class Operation(Generic[Ask, Answer]):
    """A declared verb or question; a call runs the plain function in the open transaction."""

    def __init__(
        self,
        function: Callable[[Tx, Ask], Answer],
        *,
        name: str,
        permission: str,
        at: str | Places | None,
        http: str | None,
        raises: tuple[type[HubError], ...],
        writes: bool,
    ) -> None:
        hints = get_type_hints(function)
        parameters = list(inspect.signature(function).parameters)
        self.function = function
        self.name = name
        self.permission = permission
        self.places = _places(at)
        self.is_bound_to_places = at is not None
        self.names_its_places = at is WHOLE_BUSINESS or not callable(at)
        self.http_method, self.http_path = _route(http)
        self.raises = raises
        self.writes = writes
        self.ask_type: type[Ask] = hints[parameters[1]]
        self.answer_type: type[Answer] = hints["return"]
        self.__doc__ = function.__doc__
        self.__name__ = function.__name__
        self.__module__ = function.__module__

    def __call__(self, tx: Tx, ask: Ask) -> Answer:
        return self.function(tx, ask)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    @property
    def summary(self) -> str:
        """The promise: the first line of the docstring."""
        return (self.__doc__ or self.name).strip().splitlines()[0]


AnyOperation = Operation[Any, Any]
Declare = Callable[[Callable[[Tx, Ask], Answer]], Operation[Ask, Answer]]


def operation(
    name: str,
    *,
    permission: str,
    at: str | Places | None = None,
    http: str | None = None,
    raises: tuple[type[HubError], ...] = (),
) -> Callable[[Callable[[Tx, Ask], Answer]], Operation[Ask, Answer]]:
    """Declare a verb that changes something.

    name        ``package.verb``, stable: keys, audit entries and clients hold it
    permission  what the caller must have been granted
    at          the field of the ask with a location id, or a function giving all locations
                touched; WHOLE_BUSINESS where it concerns them all; None where anybody with
                the permission may, wherever it was granted
    http        ``POST /v1/…``; path parameters are fields of the ask; None keeps it inside
    raises      the refusals that a client should be ready for
    """

    def declare(function: Callable[[Tx, Ask], Answer]) -> Operation[Ask, Answer]:
        return Operation(
            function,
            name=name,
            permission=permission,
            at=at,
            http=http,
            raises=raises,
            writes=True,
        )

    return declare


def query(
    name: str,
    *,
    permission: str,
    at: str | Places | None = None,
    http: str | None = None,
    raises: tuple[type[HubError], ...] = (),
) -> Callable[[Callable[[Tx, Ask], Answer]], Operation[Ask, Answer]]:
    """Declare a question that changes nothing: read only, without key or audit entry."""

    def declare(function: Callable[[Tx, Ask], Answer]) -> Operation[Ask, Answer]:
        return Operation(
            function,
            name=name,
            permission=permission,
            at=at,
            http=http,
            raises=raises,
            writes=False,
        )

    return declare


def operations_in(modules: Iterable[ModuleType]) -> Iterator[AnyOperation]:
    """Every operation that these modules show, each once, in order of its name."""
    found = {
        value.name: value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Operation)
    }
    yield from (found[name] for name in sorted(found))


def _places(at: str | Places | None) -> Places:
    if at is None:
        return lambda _tx, _ask: ()
    if callable(at):
        return at
    field = at

    def from_field(_tx: Tx, ask: Any) -> Collection[UUID] | None:
        location = getattr(ask, field)
        return None if location is None else (location,)

    return from_field


def _route(http: str | None) -> tuple[str | None, str | None]:
    if http is None:
        return None, None
    method, _, path = http.partition(" ")
    assert method in {"GET", "POST", "PUT", "PATCH", "DELETE"} and path.startswith("/"), http
    return method, path
