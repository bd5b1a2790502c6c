"""Every operation: one table of all, and a page for each package."""

from collections import defaultdict
from collections.abc import Sequence

from charsu.kernel import AnyOperation, HubError
from charsu.reference.finding import our_operations
from charsu.reference.markdown import code, page, table, told
from charsu.reference.shapes import Shapes, fields_table
from charsu.web.api.answering import place_made, success_status
from charsu.web.api.problems import status_of, title_of

ABOUT = """\
From outside every one of these goes through `hub.run`, whichever door it came in by: its HTTP
address, its command (`charsu stock receive` is `stock.receive`) or Python. An operation without
an address is asked for by pages and by the command line only.

*at* says that a grant may be limited to some locations, and that the operation is then allowed
there only.

Every operation may also meet the refusals of the door itself: see [errors](errors.md)."""


def operation_pages() -> dict[str, str]:
    """The table, and the page of each package, by path."""
    found = our_operations()
    by_package: defaultdict[str, list[AnyOperation]] = defaultdict(list)
    for operation in found:
        by_package[package_of(operation)].append(operation)
    return {
        "operations.md": page("Operations", ABOUT, *_tables(by_package)),
        **{
            f"operations/{package}.md": _package_page(package, ours, found)
            for package, ours in by_package.items()
        },
    }


def package_of(operation: AnyOperation) -> str:
    """The first word of its name."""
    return operation.name.partition(".")[0]


def _tables(by_package: dict[str, list[AnyOperation]]) -> list[str]:
    head = ["operation", "address", "permission", "at", "promise"]
    return [
        f"## {package}\n\n" + table(head, [_row(package, one) for one in ours])
        for package, ours in by_package.items()
    ]


def _row(package: str, operation: AnyOperation) -> list[str]:
    return [
        f"[{code(operation.name)}](operations/{package}.md#{_anchor(operation)})",
        _address(operation),
        code(operation.permission),
        "locations" if operation.is_bound_to_places else "",
        operation.summary,
    ]


def _package_page(
    package: str, operations: Sequence[AnyOperation], offered: Sequence[AnyOperation]
) -> str:
    kinds = [kind for one in operations for kind in (one.ask_type, one.answer_type)]
    shapes = Shapes(*kinds)
    sections = [_section(one, shapes, offered) for one in operations]
    asks = {shapes.name_of(one.ask_type) for one in operations}
    answers = {shapes.name_of(one.answer_type) for one in operations}
    shown = [name for name in sorted(shapes.named) if name not in asks - answers]
    return page(
        f"Operations: {package}", *sections, "## Shapes", *(_shape(shapes, name) for name in shown)
    )


def _section(operation: AnyOperation, shapes: Shapes, offered: Sequence[AnyOperation]) -> str:
    kind = "changes something" if operation.writes else "a question, changes nothing"
    parts = [
        f"## {operation.name}",
        told(operation.__doc__),
        f"{_address(operation)} · permission {code(operation.permission)} · {kind}",
        "Asked for:",
        shapes.told_by(operation.ask_type),
        shapes.fields_of(operation.ask_type) or "Nothing.",
        _answer(operation, shapes, offered),
        _refusals(operation.raises),
    ]
    return "\n\n".join(part for part in parts if part)


def _answer(operation: AnyOperation, shapes: Shapes, offered: Sequence[AnyOperation]) -> str:
    name = shapes.name_of(operation.answer_type)
    shown = f"[{name}](#{name.lower()})" if name else shapes.type_of(operation.answer_type)
    if operation.http_path is None:
        return f"Answer: {shown}"
    status = success_status(operation, place_made(operation, offered))
    return f"Answer, with status {status}: {'nothing' if status == 204 else shown}"


def _refusals(raises: Sequence[type[HubError]]) -> str:
    rows = [
        [f"[{code(kind.code)}](../errors.md)", str(status_of(kind) or 500), title_of(kind) + "."]
        for kind in raises
    ]
    return table(["refused with", "status", "when"], rows)


def _shape(shapes: Shapes, name: str) -> str:
    schema = shapes.named[name]
    values = ", ".join(code(value) for value in schema.get("enum", ()))
    parts = [f"### {name}", told(schema.get("description")), values, fields_table(schema)]
    return "\n\n".join(part for part in parts if part)


def _address(operation: AnyOperation) -> str:
    if operation.http_path is None:
        return "no address"
    return code(f"{operation.http_method} {operation.http_path}")


def _anchor(operation: AnyOperation) -> str:
    return operation.name.replace(".", "")
