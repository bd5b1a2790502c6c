"""The pages point only at what is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from charsu.cli.commands import app

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "bench/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
SOURCE = ROOT / "src" / "charsu"
NAMED_FILE = re.compile(r"`((?:src|tests|bench|docs|kernel|web|orders|pricing|imports)/[\w./-]+)`")
PICTURE_BYTES_MAX = 200_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text()))

    dead = [link for link in links if not leads_somewhere(page, link)]

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_is_named_is_there(page: Path) -> None:
    named = NAMED_FILE.findall(page.read_text())

    missing = [
        path for path in named if not (ROOT / path).exists() and not (SOURCE / path).exists()
    ]

    assert missing == []


def test_every_command_that_is_shown_can_be_typed() -> None:
    root: Any = typer.main.get_command(app)
    shown = [line for page in PAGES for line in commands_in(page)]

    wrong = [line for line in shown if not can_be_typed(root, shlex.split(line)[1:])]

    assert len(shown) > 10
    assert wrong == []


def test_every_make_target_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(), re.MULTILINE)
    }

    assert {"demo", "test", "check"} <= named
    assert named <= targets


def test_pictures_are_small_enough_for_a_page() -> None:
    large = {
        path.name: path.stat().st_size
        for path in (ROOT / "docs" / "pictures").iterdir()
        if path.stat().st_size > PICTURE_BYTES_MAX
    }

    assert large == {}


def test_every_decision_is_in_the_list() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\]\((\d{4}-[^)]+\.md)\)", (folder / "README.md").read_text()))

    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    if "://" in link:
        return True
    target = (page.parent / path) if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """What a heading is reached by, as forges make it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


def commands_in(page: Path) -> Iterator[str]:
    """What a page shows to be typed at a shell, and begins with our command."""
    for block in re.findall(
        r"^```(?:sh|console)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL
    ):
        for line in block.replace("\\\n", " ").splitlines():
            if found := re.search(r"\.venv/bin/(charsu [^#)]*)", line):
                yield found[1]


def can_be_typed(group: Any, words: list[str]) -> bool:
    """Whether there is such a command, and it has all of these options."""
    command = group
    while words and hasattr(command, "get_command"):
        inner = command.get_command(None, words[0])
        if inner is None:
            return words[0].startswith("-")
        command, words = inner, words[1:]
    known = {name for one in command.params for name in one.opts} | {"-h", "--help"}
    return {word for word in words if word.startswith("--")} <= known
