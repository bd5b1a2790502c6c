"""The figures of a bench run, put into the page that explains them."""

from typing import Any

import msgspec

from charsu.reference.markdown import code, table

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"


def with_figures(text: str, results: bytes) -> str:
    """The page with these results between its marks. Raises ValueError where a mark is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return "\n\n".join([before + BEGIN, figures(results), END + after])


def figures(results: bytes) -> str:
    """The results as a table, each with the absolute figures behind its ratio."""
    rows = msgspec.json.decode(results)["results"]
    head = ["benchmark", "ratio", "target", "met", "figures"]
    return table(head, [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> list[str]:
    met = "yes" if row["met"] else "**no**"
    behind = ", ".join(f"{name} {_text(value)}" for name, value in row["figures"].items())
    return [code(row["name"]), _text(row["ratio"]), _text(row["target"]), met, behind]


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, dict):
        return "; ".join(f"{name} {_text(inner)}" for name, inner in value.items())
    return ", ".join(map(_text, value)) if isinstance(value, list) else str(value)
