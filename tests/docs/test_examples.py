"""What the documentation shows can be done as it is shown."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from charsu.channels.ucp.trial import SWITCH
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import IssueKey, KeyRole, digest_of, issue_key, new_token
from charsu.web.app import create_app
from charsu.web.serving import web_server
from tests.conformance.market import open_market

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_PYTHON = [page for page in PAGES if "```python\n" in page.read_text()]


def blocks(page: Path, language: str) -> str:
    """All examples of a page in one language, one after the other."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_python_of_a_page_runs_from_top_to_bottom(
    page: Path, database: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", blocks(page, "python")],
        env={**os.environ, "DATABASE_URL": database},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("page", ["sell-through-the-api", "connect-an-assistant"])
def test_what_is_typed_at_a_shop_works_as_shown(open_shop: Callable[..., Hub], page: str) -> None:
    hub = open_shop()
    script = blocks(ROOT / "docs" / "how-to" / f"{page}.md", "sh")

    with served(hub) as address:
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            env={**os.environ, "SHOP": address, "KEY": key_for(hub, "admin")},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_an_agent_buys_as_shown(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "1")
    open_market(hub, address="")

    with served(hub) as address:
        done = subprocess.run(
            ["bash", "-eu", "-c", blocks(ROOT / "docs" / "how-to" / "let-agents-buy.md", "sh")],
            env={**os.environ, "SHOP": address, "QUERY": "mug", "OTHER": "cup", "COUNTRY": "US"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == [
        "ready_for_complete",
        "processing",
        "ready_for_complete",
        "completed",
    ]


def test_a_storefront_sells_as_shown(hub: Hub, tmp_path: Path) -> None:
    open_market(hub, address="")
    country = {"QUERY": "mug", "COUNTRY": "US", "CURRENCY": "USD"}

    with served(hub) as address:
        done = subprocess.run(
            ["bash", "-eu", "-c", blocks(ROOT / "docs" / "how-to" / "build-a-storefront.md", "sh")],
            env={**os.environ, **country, "SHOP": address, "KEY": key_for(hub, "admin")},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["[]", "open"]


def key_for(hub: Hub, role: str) -> str:
    secret = new_token("key")
    ask = IssueKey(label="docs", digest=digest_of(secret).hex(), roles=(KeyRole(role=role),))
    hub.run(issue_key, ask, actor=SYSTEM)
    return secret


@contextmanager
def served(hub: Hub) -> Iterator[str]:
    """The hub behind its real web server, on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = web_server(create_app(hub), host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()
