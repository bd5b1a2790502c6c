"""What the how-tos type at a shop of one's own works when it is pasted.

Left out is what runs until somebody stops it (``serve``, ``work``: tests/cli), and what needs a
package registry.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from charsu.assembly import open_hub, prepare
from charsu.catalog import PutChannel, put_channel
from charsu.kernel import SYSTEM, Hub
from charsu.kernel.server import open_server
from charsu.stock import PutLocation, put_location
from tests.databases import copied, in_database

pytestmark = pytest.mark.slow

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
FILES = {
    "products.csv": "sku,title,price,currency\nMUG,Mug,4.90,EUR\nCUP,,3.00,EUR\n",
    "counted.csv": "sku,on_hand,counted_at\nMUG,5,2026-11-20 10:00\n",
}
PASSWORD = "four ways under one dome"
NEVER_ENDS = ("charsu serve", "charsu work")
ENDPOINT = re.compile(r"^endpoint_id: (\S+)$", re.MULTILINE)

Paste = Callable[..., subprocess.CompletedProcess[str]]


def console(page: str) -> list[str]:
    """The blocks of commands of a how-to, without what the terminal says before them."""
    text = (HOW_TO / f"{page}.md").read_text()
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks, f"{page} types nothing"
    return [re.sub(r"^\$ ", "", block, flags=re.MULTILINE) for block in blocks]


@pytest.fixture
def paste(tmp_path: Path) -> Paste:
    """Pastes lines into a shell in a folder that has the command and the page's files."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)

    def run(script: str, *, said: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "CHARSU_DATA")}
        return subprocess.run(
            ["bash", "-eu", "-c", script],
            input=said,
            env={**kept, "COLUMNS": "200", "CHARSU_LANGUAGE": "en", **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # a question is put to whoever gives the answers here
        )

    return run


@pytest.fixture
def my_shop(tmp_path: Path) -> Path:
    """A shop in the folder that the pages name, with a store and a channel."""
    folder = tmp_path / "my-shop"
    with open_server(folder) as server:
        prepare(server.dsn)
        with open_hub(server.dsn, connections=1) as hub:
            open_a_store(hub, "knez")
            web = PutChannel(code="web", name="Web", kind="web", currency="EUR")
            hub.run(put_channel, web, actor=SYSTEM)
    return folder


def open_a_store(hub: Hub, code: str) -> None:
    zone = "Europe/Belgrade"
    store = PutLocation(code=code, name=code, kind="store", country="RS", time_zone=zone)
    hub.run(put_location, store, actor=SYSTEM)


def test_files_come_into_a_shop_as_shown(my_shop: Path, paste: Paste, tmp_path: Path) -> None:
    look, bring, count = console("import-a-file")

    looked, brought, counted = paste(look), paste(bring), paste(count)
    again = paste(bring)

    assert "1 would be created" in looked.stdout, looked.stderr
    assert "1 created" in brought.stdout, brought.stderr
    assert "The value is missing" in (tmp_path / "to-mend.csv").read_text("utf-8-sig")
    assert "1 changed" in counted.stdout, counted.stderr
    assert "1 unchanged" in again.stdout, again.stderr
    assert {one.returncode for one in (looked, brought, counted, again)} == {0}
    assert paste(look.replace("products.csv", "no-such.csv")).returncode != 0


def test_an_endpoint_is_told_and_its_secret_shown_as_shown(my_shop: Path, paste: Paste) -> None:
    (page,) = console("receive-webhooks")
    add, ask = page.rsplit(".venv/bin/charsu", 1)

    added = paste(add)
    (endpoint,) = ENDPOINT.findall(added.stdout)
    asked = paste(f".venv/bin/charsu{ask}".replace("ENDPOINT", endpoint))

    assert added.returncode == 0, added.stderr
    assert asked.returncode == 0, asked.stderr
    assert "whsec_" in asked.stdout
    assert paste(f".venv/bin/charsu{ask}").returncode != 0, "ENDPOINT is to be filled in"


def test_an_assistant_is_given_a_key_as_shown(my_shop: Path, paste: Paste) -> None:
    (page,) = console("connect-an-assistant")

    issued = paste(page)

    assert issued.returncode == 0, issued.stderr
    assert re.fullmatch(r"charsu_key_\S+\n", issued.stdout)
    assert paste(page.replace("analyst", "nobody")).returncode != 0


def test_a_shop_on_a_server_of_ones_own_is_set_up_saved_and_restored_as_shown(
    hub: Hub, database: str, server: str, paste: Paste, tmp_path: Path
) -> None:
    open_a_store(hub, "STORE-1")
    blocks = [one for one in console("run-in-production") if not any(map(one.count, NEVER_ENDS))]
    *begin, save = blocks
    backup, restore = save.splitlines()
    script = "".join(begin).replace(
        "postgresql://charsu:PASSWORD@db.example/charsu", shlex.quote(database)
    )

    done = paste(script, said=f"{PASSWORD}\n{PASSWORD}\n")
    saved = paste(backup, DATABASE_URL=database)
    not_empty = paste(restore, DATABASE_URL=database)
    with copied(server, "template0") as name:
        empty = in_database(server, name)
        restored = paste(restore, DATABASE_URL=empty)
        names = paste(".venv/bin/charsu settings list --json", DATABASE_URL=empty)

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("/invitation/") == 2
    assert saved.returncode == 0, saved.stderr
    assert not_empty.returncode != 0, "the page says that it needs an empty database"
    assert restored.returncode == 0, restored.stderr
    assert '"Our shop"' in names.stdout
