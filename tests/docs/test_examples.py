"""What the documentation shows can be done as it is shown."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

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


HOW_TO = ROOT / "docs" / "how-to"
AGENT, STOREFRONT = HOW_TO / "let-agents-buy.md", HOW_TO / "build-a-storefront.md"


def test_quick_starts_work_when_they_are_pasted_into_two_terminals(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    agent, storefront = AGENT.read_text(), STOREFRONT.read_text()

    with demo_as_typed(agent, tmp_path) as port:
        bought = pasted(agent, port, tmp_path)
        sold = pasted(storefront, port, tmp_path)
        planted = pasted(agent.replace("success_token", "fail_token"), port, tmp_path)

    assert bought.returncode == 0, bought.stdout + bought.stderr
    assert bought.stdout.split()[-4:] == [
        *("ready_for_complete", "processing", "ready_for_complete", "completed")
    ]
    assert sold.returncode == 0, sold.stdout + sold.stderr
    assert sold.stdout.split()[-2:] == ["[]", "open"]
    assert planted.returncode != 0


def typed(page: str) -> list[str]:
    """The commands of a page, block by block, as they are pasted; not what a shop of one's own,
    which nobody has here, is told."""
    blocks = re.findall(r"^```(?:console|sh)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    plain = [re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks]
    return [block for block in plain if "my-shop" not in block and "make " not in block]


@contextmanager
def demo_as_typed(page: str, folder: Path) -> Iterator[int]:
    """The first terminal: the demo, as the page starts it, at a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (line,) = [block for block in typed(page) if "charsu demo" in block]
    command = line.replace("charsu demo", f"charsu demo --port {port}")
    with (folder / "demo.log").open("w+") as told:
        demo = subprocess.Popen(
            ["bash", "-c", command], cwd=folder, stdout=told, stderr=told, start_new_session=True
        )
        try:
            until_it_answers(port, demo, folder / "demo.log")
            yield port
        finally:
            os.killpg(demo.pid, signal.SIGTERM)
            demo.wait()


def until_it_answers(port: int, demo: subprocess.Popen[bytes], log: Path) -> None:
    while True:
        assert demo.poll() is None, log.read_text()
        with suppress(OSError), urlopen(f"http://127.0.0.1:{port}/health/ready"):
            return


def pasted(page: str, port: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """The second terminal: all the rest, from top to bottom."""
    rest = "\n".join(block for block in typed(page) if "charsu demo" not in block)
    return subprocess.run(
        ["bash", "-eu", "-c", rest.replace(":8000", f":{port}")],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


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
