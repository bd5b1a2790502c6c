"""Commands on a shop that runs, and on one that does not."""

import json
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from charsu.assembly import operations
from charsu.cli.answers import lines
from charsu.cli.operations import group
from charsu.kernel.server import open_server
from charsu.reference.finding import our_settings

from .conftest import Run, Running, environment

pytestmark = pytest.mark.slow

Start = Callable[[Path], Running]
STORE = (
    *("stock", "put-location", "--code", "knez", "--name", "Knez", "--kind", "store"),
    *("--country", "RS", "--time-zone", "Europe/Belgrade", "--offers-pickup", "true"),
)


def answer(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def stock_a_mug(folder: Path, tmp_path: Path, charsu: Run) -> str:
    """Three mugs in a store; the store's id."""
    place = answer(charsu(*STORE, "--data", folder, "--json"))["location_id"]
    product = {"handle": "mug", "texts": {"en": {"title": "Mug"}}, "variants": [{"sku": "MUG"}]}
    (tmp_path / "mug.json").write_text(json.dumps(product))
    mug = f"@{tmp_path / 'mug.json'}"
    answer(charsu("catalog", "put-product", "--product", mug, "--data", folder, "--json"))
    goods = ("--location-id", place, "--lines", '[{"sku": "MUG", "pieces": 3}]')
    answer(charsu("stock", "receive", *goods, "--data", folder, "--json"))
    return str(place)


def test_an_operation_is_a_command_on_a_shop_that_stands_still(folder: Path, charsu: Run) -> None:
    made = answer(charsu(*STORE, "--data", folder, "--json"))

    shown = answer(charsu("stock", "locations", "--data", folder, "--json"))

    assert [one["id"] for one in shown["items"]] == [made["location_id"]]
    assert shown["items"][0]["offers_pickup"] is True


def test_every_setting_of_the_reference_can_be_decided_by_a_command(
    folder: Path, charsu: Run
) -> None:
    known = answer(charsu("settings", "list", "--data", folder, "--json"))["items"]

    assert [one["name"] for one in known] == [one.name for one in our_settings()]


def test_a_command_and_the_running_shop_see_the_same(
    folder: Path, run_shop: Start, charsu: Run
) -> None:
    shop = run_shop(folder)
    made = answer(charsu(*STORE, "--data", folder, "--json"))

    served = httpx.get(f"{shop.address}/v1/locations").json()

    assert [one["id"] for one in served["items"]] == [made["location_id"]]


def test_the_folder_may_stand_in_the_environment(folder: Path, charsu: Run) -> None:
    assert answer(charsu("stock", "locations", "--json", CHARSU_DATA=str(folder))) == {"items": []}


def test_the_database_of_the_environment_wins_over_a_folder(
    folder: Path, tmp_path: Path, charsu: Run
) -> None:
    with open_server(folder) as server:
        done = charsu(
            *("stock", "locations", "--json", "--data", tmp_path / "nowhere"),
            DATABASE_URL=server.dsn,
        )
    assert answer(done) == {"items": []}
    assert not (tmp_path / "nowhere").exists()


def test_the_same_key_has_its_effect_once(folder: Path, charsu: Run) -> None:
    first = answer(charsu(*STORE, "--data", folder, "--json", "--key", "monday-1"))
    again = answer(charsu(*STORE, "--data", folder, "--json", "--key", "monday-1"))
    assert again == first


def test_nested_fields_are_json_from_the_line_or_a_file(
    folder: Path, tmp_path: Path, charsu: Run
) -> None:
    place = stock_a_mug(folder, tmp_path, charsu)

    levels = answer(charsu("stock", "levels", "--location-id", place, "--data", folder, "--json"))

    assert [(level["sku"], level["on_hand"]) for level in levels["items"]] == [("MUG", 3)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("stock", "receive", "--location-id", "x", "--lines", "[]"), "option_invalid"),
        (("stock", "receive", "--location-id", "x", "--lines", "["), "option_no_json"),
        (("orders", "read", "--order-id", "01890000-0000-7000-8000-000000000000"), "not_found"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_without_a_traceback(
    folder: Path, charsu: Run, words: tuple[str, ...], code: str
) -> None:
    refused = charsu(*words, "--data", folder)
    assert refused.returncode == 1
    assert code in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_slip_of_the_key_makes_no_shop(tmp_path: Path, charsu: Run) -> None:
    refused = charsu("check", "--data", tmp_path / "shpo")
    assert refused.returncode == 1
    assert "shop_missing" in refused.stderr
    assert not (tmp_path / "shpo").exists()


@pytest.mark.parametrize("words", [("nonsense",), ("stock", "nonsense"), ("stock", "receive")])
def test_what_is_unknown_or_missing_is_answered_as_such(
    charsu: Run, words: tuple[str, ...]
) -> None:
    refused = charsu(*words)
    assert refused.returncode == 2
    assert re.search(r"No such command|Missing option", refused.stderr)


def test_every_operation_has_a_command_with_all_its_fields() -> None:
    for operation in operations():
        package, _, verb = operation.name.partition(".")
        command = group(package)[verb.replace("_", "-")]
        options = {option for parameter in command.params for option in parameter.opts}
        names = operation.ask_type.__struct_encode_fields__
        assert options >= {f"--{name.replace('_', '-')}" for name in names}


def test_an_untouched_shop_is_sound(folder: Path, charsu: Run) -> None:
    verdicts = answer(charsu("check", "--json", "--data", folder))
    assert len(verdicts) > 20
    assert not [verdict["name"] for verdict in verdicts if verdict["found"]]


def test_a_corruption_is_named_and_ends_the_check_with_status_1(
    folder: Path, tmp_path: Path, charsu: Run
) -> None:
    stock_a_mug(folder, tmp_path, charsu)
    with open_server(folder) as server, psycopg.connect(server.dsn) as connection:
        connection.execute("UPDATE ledger.balances SET posted = posted + 1 WHERE posted = 3")

    wrong = charsu("check", "--data", folder)

    assert wrong.returncode == 1
    assert "✗" in wrong.stdout
    assert "3" in wrong.stdout.partition("✗")[2]


def test_the_first_admin_is_made_once(folder: Path, charsu: Run) -> None:
    words = ("admin", "create", "ana@shop.example", "--password-stdin", "--data", folder)
    assert charsu(*words, said="grapes on the balcony\n").returncode == 0

    again = charsu(*words, said="another long password\n")

    assert again.returncode == 1
    assert "admin_exists" in again.stderr


def test_an_invited_colleague_chooses_a_password_and_a_forgotten_one_again(
    folder: Path, run_shop: Start, charsu: Run
) -> None:
    words = ("admin", "invite", "Ana@shop.example", "--role", "manager", "--data", folder)
    first, second = (charsu(*words) for _ in range(2))
    assert first.returncode == second.returncode == 0, second.stderr
    shop = run_shop(folder)

    with httpx.Client(base_url=shop.address, follow_redirects=True) as browser:
        assert browser.get(first.stdout.strip()).status_code == HTTPStatus.GONE
        letter = browser.get(second.stdout.strip())

    assert letter.status_code == HTTPStatus.OK
    assert "Ana@shop.example" in letter.text
    people = answer(charsu("access", "accounts", "--data", folder, "--json"))
    assert len(people["accounts"]) == 1


def test_an_issued_key_lets_a_program_in(folder: Path, run_shop: Start, charsu: Run) -> None:
    issued = charsu("key", "issue", "till 1", "--role", "stockkeeper", "--data", folder)
    assert issued.returncode == 0, issued.stderr
    shop = run_shop(folder)

    me = httpx.get(
        f"{shop.address}/v1/me", headers={"Authorization": f"Bearer {issued.stdout.strip()}"}
    )

    assert me.json()["kind"] == "key"


def test_a_backup_made_while_selling_becomes_a_shop_in_a_new_epoch(
    folder: Path, tmp_path: Path, run_shop: Start, charsu: Run
) -> None:
    run_shop(folder)
    made = answer(charsu(*STORE, "--data", folder, "--json"))
    file = tmp_path / "shop.backup"
    saved = charsu("backup", file, "--data", folder)
    assert saved.returncode == 0, saved.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    restored = charsu("restore", file, "--data", tmp_path / "new")

    assert restored.returncode == 0, restored.stderr
    shown = answer(charsu("stock", "locations", "--data", tmp_path / "new", "--json"))
    assert [one["id"] for one in shown["items"]] == [made["location_id"]]
    with open_server(tmp_path / "new") as server, psycopg.connect(server.dsn) as connection:
        epochs = connection.execute("SELECT count(*) FROM kernel.epochs").fetchone()
        unread = connection.execute("SELECT max(epoch) FROM kernel.facts").fetchone()
    assert epochs[0] > unread[0]
    assert charsu("check", "--data", tmp_path / "new").returncode == 0


def test_restoring_over_a_shop_is_refused(folder: Path, tmp_path: Path, charsu: Run) -> None:
    file = tmp_path / "shop.backup"
    charsu("backup", file, "--data", folder)

    refused = charsu("restore", file, "--data", folder)

    assert refused.returncode == 1
    assert "database_not_empty" in refused.stderr
    assert "--replace" in refused.stderr


def test_a_backup_that_cannot_be_written_names_the_file_that_was_asked_for(
    folder: Path, tmp_path: Path, charsu: Run
) -> None:
    refused = charsu("backup", tmp_path / "missing" / "shop.backup", "--data", folder)

    assert "No such file or directory" in refused.stderr
    assert ".part" not in refused.stderr


@pytest.mark.parametrize("is_there", [False, True], ids=["new folder", "empty folder"])
def test_a_restore_that_fails_leaves_nothing_behind(
    is_there: bool, tmp_path: Path, charsu: Run
) -> None:
    file, new = tmp_path / "shop.backup", tmp_path / "new"
    file.write_text("no archive")
    if is_there:
        new.mkdir()

    refused = charsu("restore", file, "--data", new)

    assert "archive_failed" in refused.stderr
    assert new.exists() is is_there
    assert not is_there or list(new.iterdir()) == []


def test_a_command_to_type_is_told_as_this_one_was_typed(tmp_path: Path) -> None:
    typed = Path(sys.executable).with_name("charsu")
    told = subprocess.run(
        [typed, "check", "--data", tmp_path / "no shop"],
        capture_output=True,
        text=True,
        env=environment(PATH="/usr/bin:/bin"),
        check=False,
    )

    assert f"`{typed} up --data '{tmp_path}/no shop'`" in told.stderr


def test_an_answer_is_an_outline() -> None:
    value = {"id": 7, "lines": [{"sku": "MUG", "note": None}], "none": [], "is_open": True}
    assert list(lines(value)) == [
        *("id: 7", "lines:", "  -", "    sku: MUG", "    note: –"),
        *("none: –", "is_open: true"),
    ]
