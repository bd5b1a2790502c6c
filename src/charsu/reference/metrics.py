"""Every figure at ``/metrics``, read from the source, for most exist only beside a database."""

import ast
import inspect
from collections.abc import Iterator

from msgspec import Struct

from charsu.reference.markdown import code, page, table
from charsu.web.api import metrics

KINDS = {
    "Counter": "counter",
    "Histogram": "histogram",
    "Gauge": "gauge",
    "GaugeMetricFamily": "gauge",
}

ABOUT = """\
The text format of Prometheus. Figures of requests are those of one web process; figures of the
database are the same from every process. `/metrics` tells no names, addresses or amounts, and
asks for no key: let only your monitoring reach it."""


class Figure(Struct, frozen=True):
    """One metric as the source declares it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    about: str


def metrics_page() -> str:
    """The figures in the order of their names."""
    rows = [
        [code(one.name), one.kind, ", ".join(map(code, one.labels)) or "–", one.about]
        for one in sorted(figures(), key=lambda one: one.name)
    ]
    return page("Metrics", ABOUT, table(["name", "kind", "labels", "what it tells"], rows))


def figures() -> Iterator[Figure]:
    """Every metric that the module of metrics makes."""
    for node in ast.walk(ast.parse(inspect.getsource(metrics))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield _figure(KINDS[node.func.id], node)


def _figure(kind: str, call: ast.Call) -> Figure:
    name, about, *rest = call.args
    labels = next((one.value for one in call.keywords if one.arg == "labels"), None)
    listed = labels or next(iter(rest), None)
    shown = f"{ast.literal_eval(name)}_total" if kind == "counter" else ast.literal_eval(name)
    return Figure(
        shown, kind, tuple(ast.literal_eval(listed)) if listed else (), ast.literal_eval(about)
    )
