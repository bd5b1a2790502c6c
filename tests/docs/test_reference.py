"""The reference says what the code says, and leaves nothing out."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from charsu.reference import pages
from charsu.reference.performance import BEGIN, END, with_figures

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "charsu"
REFERENCE = ROOT / "docs" / "reference"
NOT_IN_A_SHOP = {"demo", "torture", "reference"}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


def test_every_page_is_what_the_code_makes_now(made: dict[str, str]) -> None:
    kept = {
        path.relative_to(REFERENCE).as_posix(): path.read_text() for path in REFERENCE.rglob("*.md")
    }

    differing = sorted(name for name in kept.keys() | made if kept.get(name) != made.get(name))

    assert not differing, f"run `python -m charsu.reference`: {', '.join(differing)}"


@pytest.mark.parametrize(
    ("page", "pattern"),
    [
        ("errors.md", r'^    code = "(\w+)"'),
        ("settings.md", r'\bSetting\(\s*"([\w.]+)"'),
        ("settings.md", r'"(CHARSU_[A-Z_]+)"'),
        ("operations.md", r'^@(?:operation|query)\(\s*"([\w.]+)"'),
        ("checks.md", r'\bCheck\(\s*(?:name=)?"(\w+)"'),
        ("commands.md", r'^@app\.command\("(\w+)"\)'),
        ("commands.md", r"^@app\.command\(\)\ndef (\w+)"),
        ("metrics.md", r'(?:Counter|Gauge|Histogram|GaugeMetricFamily)\(\s*"(charsu_\w+)"'),
    ],
)
def test_nothing_that_the_source_declares_is_missing(page: str, pattern: str) -> None:
    declared = {name for text in _sources() for name in re.findall(pattern, text, re.MULTILINE)}
    shown = set(re.findall(r"[\w.]+", (REFERENCE / page).read_text()))
    shown |= {name.removesuffix("_total") for name in shown}

    assert declared
    assert declared - shown == set()


def test_every_fact_of_every_package_is_shown() -> None:
    shown = set(re.findall(r"^## (\S+)$", (REFERENCE / "facts.md").read_text(), re.MULTILINE))

    declared = {
        f"{path.relative_to(SOURCE).parts[0]}.{_snake(name)}"
        for path in SOURCE.rglob("*.py")
        if not NOT_IN_A_SHOP.intersection(path.relative_to(SOURCE).parts)
        for name in re.findall(r"^class (\w+)\(Fact\b", path.read_text(), re.MULTILINE)
    }

    assert declared
    assert declared == shown


def test_the_figures_of_a_run_replace_those_of_the_last_one() -> None:
    page = f"Before.\n\n{BEGIN}\n\nlast run\n\n{END}\n\nAfter.\n"
    place = {"name": "place", "ratio": 0.71234, "target": 0.6, "met": True}
    alone = {"name": "hot", "ratio": None, "target": None, "met": False}
    run = {
        "results": [{**place, "figures": {"orders": 1250.5}}, {**alone, "figures": {"sold": 99}}]
    }

    text = with_figures(page, msgspec.json.encode(run))

    assert "| `place` | 0.712 | 0.6 | yes | orders 1,250 |" in text
    assert "| `hot` | – | – | **no** | sold 99 |" in text
    assert "last run" not in text
    assert (text.startswith("Before."), text.endswith("After.\n")) == (True, True)
    assert with_figures(text, msgspec.json.encode(run)) == text


def test_a_page_without_a_place_for_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="figures"):
        with_figures("Nothing here.", b'{"results": []}')


def _sources() -> Iterator[str]:
    for path in SOURCE.rglob("*.py"):
        if not NOT_IN_A_SHOP.intersection(path.relative_to(SOURCE).parts):
            yield path.read_text()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
