"""A stranger's plug-in, put on a folder the way an installer leaves it, and a process to use it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

GIFTS = {
    "charsu_gifts/__init__.py": '"""Wrap orders as gifts."""',
    "charsu_gifts/settings.py": """
        from charsu.kernel import Setting

        PAPER = Setting("gifts.paper", str, "red", "The paper that gifts are wrapped in.")
    """,
    "charsu_gifts/tables.py": """
        from sqlalchemy import BigInteger, Column, Table, Text

        from charsu.kernel import Uuid, metadata

        wraps = Table(
            "wraps",
            metadata,
            Column("order_id", Uuid, primary_key=True),
            Column("paper", Text, nullable=False),
            Column("version", BigInteger, nullable=False),
            schema="gifts",
        )
        tallies = Table(
            "tallies",
            metadata,
            Column("paper", Text, primary_key=True),
            Column("wrapped", BigInteger, nullable=False),
            schema="gifts",
        )
    """,
    "charsu_gifts/operations.py": """
        from uuid import UUID

        from msgspec import Struct

        from charsu.kernel import Fact, Tx, append, operation
        from charsu.kernel.webhooks.operations import add_endpoint  # ours, shown here by import
        from charsu_gifts.settings import PAPER


        class GiftWrapped(Fact, frozen=True, kw_only=True):
            paper: str


        class Wrap(Struct, frozen=True):
            order_id: UUID


        class Wrapped(Struct, frozen=True):
            paper: str


        @operation("gifts.wrap", permission="gifts.wrap", http="POST /v1/plugins/gifts/wraps")
        def wrap(tx: Tx, ask: Wrap) -> Wrapped:
            \"\"\"Wrap an order.\"\"\"
            paper = tx.setting(PAPER)
            tx.run(
                "INSERT INTO gifts.wraps (order_id, paper, version) VALUES (%(id)s, %(paper)s, 1)",
                id=ask.order_id,
                paper=paper,
            )
            append(tx, GiftWrapped(paper=paper), subject=ask.order_id, version=1)
            return Wrapped(paper)
    """,
    "charsu_gifts/reactions.py": """
        from msgspec import Struct

        from charsu.kernel import Seen, Tx, reaction


        class GiftWrapped(Struct):
            paper: str


        @reaction("gifts.count_wraps", on={"charsu_gifts.gift_wrapped": GiftWrapped})
        def count_wraps(tx: Tx, facts: list[Seen[GiftWrapped]]) -> None:
            for fact in facts:
                tx.run(
                    \"\"\"
                    INSERT INTO gifts.tallies (paper, wrapped) VALUES (%(paper)s, 1)
                    ON CONFLICT (paper) DO UPDATE SET wrapped = tallies.wrapped + 1
                    \"\"\",
                    paper=fact.body.paper,
                )
    """,
    "charsu_gifts/checks.py": """
        from charsu.kernel.check import Check

        CHECKS = (
            Check(
                "gifts_counted", "Each wrapped gift is counted.", "SELECT 0", "SELECT 1 WHERE false"
            ),
        )
    """,
    "charsu_gifts/locales/pl/LC_MESSAGES/messages.po": 'msgid ""\nmsgstr ""\n',
}

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Puts a distribution's files and entry point where Python finds installed packages."""

    def put(name: str, package: str, files: dict[str, str], *, version: str = "1.0") -> None:
        for path, text in files.items():
            file = tmp_path / "site" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text))
        metadata = tmp_path / "site" / f"{package}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
        (metadata / "entry_points.txt").write_text(f"[charsu.plugins]\n{name} = {package}\n")

    return put


@pytest.fixture
def in_new_process(tmp_path: Path) -> Callable[..., Any]:
    """Runs a script where the distributions are installed; what it prints last, as JSON."""

    def run(script: str, *arguments: str) -> Any:
        (tmp_path / "site").mkdir(exist_ok=True)
        paths = [str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [sys.executable, "-c", dedent(script), *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
