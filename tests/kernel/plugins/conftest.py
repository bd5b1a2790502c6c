"""A stranger's plug-in in two releases, installed by pip, and a process to use it.

Those that break a rule are put on a folder the way an installer leaves them, which is quicker.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

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

        from charsu.kernel import Conflict, Fact, Tx, append, operation
        from charsu.kernel.webhooks.operations import add_endpoint  # ours, shown here by import
        from charsu_gifts.settings import PAPER


        class GiftWrapped(Fact, frozen=True, kw_only=True):
            paper: str


        class WrappedAlready(Conflict):
            \"\"\"Nothing is wrapped twice.\"\"\"

            code = "gifts_wrapped_already"

            def __init__(self, paper: str) -> None:
                super().__init__("It is wrapped in {paper} paper already.", paper=paper)


        class Wrap(Struct, frozen=True):
            order_id: UUID


        class Wrapped(Struct, frozen=True):
            paper: str


        @operation("gifts.wrap", permission="gifts.wrap", http="POST /v1/plugins/gifts/wraps")
        def wrap(tx: Tx, ask: Wrap) -> Wrapped:
            \"\"\"Wrap an order.\"\"\"
            statement = "SELECT paper FROM gifts.wraps WHERE order_id = %(id)s"
            if kept := tx.value(statement, id=ask.order_id):
                raise WrappedAlready(kept)
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
    "charsu_gifts/migrations/0001_wraps.py": """
        import sqlalchemy as sa
        from alembic import op

        revision = "0001"
        down_revision = None


        def upgrade() -> None:
            op.create_table(
                "wraps",
                sa.Column("order_id", sa.Uuid, primary_key=True),
                sa.Column("paper", sa.Text, nullable=False),
                sa.Column("version", sa.BigInteger, nullable=False),
                schema="gifts",
            )
            op.create_table(
                "tallies",
                sa.Column("paper", sa.Text, primary_key=True),
                sa.Column("wrapped", sa.BigInteger, nullable=False),
                schema="gifts",
            )
    """,
    "charsu_gifts/locales/pl/LC_MESSAGES/messages.po": """
        msgid ""
        msgstr "Content-Type: text/plain; charset=UTF-8\\n"

        msgid "It is wrapped in {paper} paper already."
        msgstr "Jest już zapakowane w papier: {paper}."
    """,
    "charsu_gifts/locales/sr_Latn/LC_MESSAGES/messages.po": """
        msgid ""
        msgstr "Content-Type: text/plain; charset=UTF-8\\n"

        msgid "It is wrapped in {paper} paper already."
        msgstr "Već je upakovano u papir: {paper}."

        msgid "Sign in to do this: {permission}."
        msgstr "Ovo je naša rečenica: {permission}."
    """,
}

RIBBONS = GIFTS | {
    "charsu_gifts/migrations/0002_ribbons.py": """
        import os
        import signal

        import sqlalchemy as sa
        from alembic import op

        revision = "0002"
        down_revision = "0001"


        def upgrade() -> None:
            op.add_column("wraps", sa.Column("ribbon", sa.Text), schema="gifts")
            if os.environ.get("GIFTS") == "die":
                os.kill(os.getpid(), signal.SIGKILL)
            if os.environ.get("GIFTS") == "fail":
                raise RuntimeError("there is no ribbon left")
    """,
}
"""The second release: one step more, which can be made to fail."""

PROJECT = """
    [build-system]
    requires = ["setuptools"]
    build-backend = "setuptools.build_meta"

    [project]
    name = "charsu-gifts"
    version = "{version}"

    [project.entry-points."charsu.plugins"]
    gifts = "charsu_gifts"

    [tool.setuptools]
    packages = ["charsu_gifts"]

    [tool.setuptools.package-data]
    charsu_gifts = ["migrations/*.py", "locales/*/LC_MESSAGES/*.po"]
"""

Install = Callable[..., None]


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a release of the stranger's distribution is installed, once for the whole run."""
    installed: dict[str, Path] = {}

    def folder(version: str) -> Path:
        if version not in installed:
            source = tmp_path_factory.mktemp("charsu-gifts")
            files = {"1.0": GIFTS, "1.1": RIBBONS}[version]
            write(source, files | {"pyproject.toml": PROJECT.format(version=version)})
            installed[version] = tmp_path_factory.mktemp("site")
            pip_install(source, installed[version])
        return installed[version]

    return folder


def pip_install(source: Path, target: Path) -> None:
    """Build and install it, from nothing but what is on this machine."""
    options = ("--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), "utf-8")


@pytest.fixture
def blank(server: str) -> Iterator[str]:
    """The connection string of a database with nothing in it."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE blank")
        yield make_conninfo(server, dbname="blank")
        connection.execute("DROP DATABASE blank WITH (FORCE)")


@pytest.fixture
def install(tmp_path: Path) -> Install:
    """Puts a distribution's files and entry point where Python finds installed packages."""

    def put(name: str, package: str, files: dict[str, str], *, version: str = "1.0") -> None:
        write(tmp_path / "site", files)
        metadata = tmp_path / "site" / f"{package}-{version}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        )
        (metadata / "entry_points.txt").write_text(f"[charsu.plugins]\n{name} = {package}\n")

    return put


@pytest.fixture
def in_new_process(tmp_path: Path) -> Callable[..., Any]:
    """Runs a script where the distributions are installed; what it prints last, as JSON.

    site       where they are, if not where ``install`` has put them
    gifts      what the second release's step does: "die" or "fail"
    ends_with  the status expected of the process
    """

    def run(
        script: str, *arguments: str, site: Path | None = None, gifts: str = "", ends_with: int = 0
    ) -> Any:
        (tmp_path / "site").mkdir(exist_ok=True)
        paths = [str(site or tmp_path / "site"), os.environ.get("PYTHONPATH", "")]
        done = subprocess.run(
            [sys.executable, "-c", dedent(script), *arguments],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, paths)),
                "GIFTS": gifts,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == ends_with, done.stderr
        return json.loads(done.stdout.splitlines()[-1]) if ends_with == 0 else None

    return run
