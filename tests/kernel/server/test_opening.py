import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from charsu.kernel.server import (
    DiskFull,
    FolderForbidden,
    FolderNotOurs,
    NoDatabase,
    ServerEnded,
    ServerFailed,
    ServerTooOld,
    ServerUnreachable,
    WrongVersion,
    open_database,
    open_server,
    server_from_env,
)

pytestmark = pytest.mark.slow

Ask = Callable[[str, str], object]


def socket_folder_of(dsn: str) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))


def test_a_new_folder_becomes_a_shop_with_what_the_hub_needs(folder: Path, ask: Ask) -> None:
    with open_server(folder) as server:
        assert server.started_here
        assert int(str(ask(server.dsn, "SHOW server_version_num"))) >= 180000
        assert ask(server.dsn, "SHOW server_encoding") == "UTF8"
        assert ask(server.dsn, "SELECT datcollate FROM pg_database WHERE datname = 'charsu'") == "C"
        assert ask(server.dsn, "SHOW data_checksums") == "on"
        assert ask(server.dsn, "SHOW synchronous_commit") == "on"
        assert ask(server.dsn, "SELECT 'mleko' % 'mlekoo' AND unaccent('š') = 's'") is True
        assert ask(server.dsn, "SELECT '[1,2]'::vector <-> '[1,2]'::vector") == 0


def test_a_start_leaves_no_refusal_in_the_servers_log(shop: Path) -> None:
    """The server notes down each time that it is asked before it is ready."""
    with open_server(shop) as server:
        assert server.log is not None
        said = "".join(file.read_text() for file in server.log.glob("*.log"))

    assert "FATAL" not in said


def test_the_hubs_role_is_no_superuser_and_may_make_databases_for_tests(
    shop: Path, ask: Ask
) -> None:
    with open_server(shop) as server:
        assert ask(server.dsn, "SHOW is_superuser") == "off"
        ask(server.dsn, "CREATE DATABASE another")
        another = psycopg.conninfo.make_conninfo(server.dsn, dbname="another")
        assert ask(another, "SELECT count(*) FROM pg_extension WHERE extname = 'vector'") == 1


def test_the_only_door_is_a_socket_in_a_private_folder(shop: Path, ask: Ask) -> None:
    with open_server(shop) as server:
        door = socket_folder_of(server.dsn)
        assert stat.S_IMODE(door.stat().st_mode) == 0o700
        assert ask(server.dsn, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(shop.stat().st_mode) == 0o700
    assert not door.exists()


def test_what_was_stored_is_there_the_next_time(folder: Path, ask: Ask) -> None:
    with open_server(folder) as server:
        ask(server.dsn, "CREATE TABLE shelf AS SELECT 7 AS pieces")
    with open_server(folder) as server:
        assert ask(server.dsn, "SELECT pieces FROM shelf") == 7


def test_a_second_process_joins_and_its_leaving_changes_nothing(
    shop: Path, opener: Callable[..., object], ask: Ask
) -> None:
    with open_server(shop) as server:
        second = opener(shop)
        assert not second.started_here
        assert second.dsn == server.dsn
        second.leave()
        assert ask(server.dsn, "SELECT 1") == 1


def test_the_server_ends_with_its_starter_and_who_had_joined_is_told(
    shop: Path, opener: Callable[..., object]
) -> None:
    starter = opener(shop)
    assert starter.started_here
    with open_server(shop) as joined:
        joined.check()
        starter.leave()
        with pytest.raises(ServerEnded):
            joined.check()


def test_of_several_starts_at_once_one_starts_and_the_others_join(
    folder: Path, opener: Callable[..., object]
) -> None:
    together = [opener(folder) for _ in range(4)]

    assert sorted(one.started_here for one in together) == [False, False, False, True]
    assert len({one.dsn for one in together}) == 1


def test_a_long_path_with_spaces_and_letters_of_ours_will_do(tmp_path: Path, ask: Ask) -> None:
    folder = tmp_path / "čaršija 'i' \"bazar\" %n" / ("ž" * 60) / ("x" * 120) / "продавница"
    with open_server(folder) as server:
        assert len(os.fsencode(folder)) > 240
        assert ask(server.dsn, "SELECT 1") == 1


def test_a_folder_with_other_things_is_refused_and_left_as_it_was(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").write_text("final")
    with pytest.raises(FolderNotOurs), open_server(folder):
        pass
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder_for_a_shop(tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("not a folder")
    with pytest.raises(FolderForbidden), open_server(tmp_path / "shop"):
        pass


@pytest.mark.parametrize("version", ["17", "19"])
def test_a_folder_of_another_major_version_is_refused(folder: Path, version: str) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(WrongVersion) as refused, open_server(folder):
        pass
    assert (refused.value.data["found"], refused.value.data["ours"]) == (version, "18")


def test_a_database_that_was_never_finished_is_made_anew(folder: Path, ask: Ask) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    (folder / "charsu.lock").touch()
    with open_server(folder) as server:
        assert ask(server.dsn, "SELECT 1") == 1
    assert not (folder / "postgres.new").exists()


FULL_DISK = """
import ctypes, sys
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, PRIVATE_RECURSIVE = 0x20000, 0x44000
if libc.unshare(NEW_MOUNTS) or libc.mount(b"none", b"/", None, PRIVATE_RECURSIVE, None):
    sys.exit("no mounts here")
if libc.mount(b"small", sys.argv[1].encode(), b"tmpfs", 0, b"size=12m"):
    sys.exit("no mounts here")
from charsu.kernel.server import DiskFull, open_server
try:
    with open_server(Path(sys.argv[1]) / "shop"):
        pass
except DiskFull as refused:
    print(refused)
"""


def test_a_full_disk_is_named_as_such(tmp_path: Path, as_root: None) -> None:
    tried = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=False
    )
    if "no mounts here" in tried.stderr:
        pytest.skip("needs a small disk of its own, and may not mount one")
    assert tried.stdout.strip() == str(DiskFull(tmp_path / "shop")), tried.stderr


def test_a_server_that_cannot_start_is_quoted(shop: Path) -> None:
    with open_server(shop):
        pass
    with (shop / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("max_connections = many\n")
    with pytest.raises(ServerFailed, match='"max_connections": "many"'), open_server(shop):
        pass


def test_a_setting_of_ones_own_below_the_include_is_kept(shop: Path, ask: Ask) -> None:
    with open_server(shop):
        pass
    with (shop / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("work_mem = 5MB\n")
    with open_server(shop) as server:
        assert ask(server.dsn, "SHOW work_mem") == "5MB"


def test_a_door_that_somebody_else_could_enter_is_not_used(shop: Path, ask: Ask) -> None:
    with open_server(shop) as server:
        usual = socket_folder_of(server.dsn)
    usual.mkdir()
    usual.chmod(0o755)
    try:
        with open_server(shop) as server:
            assert socket_folder_of(server.dsn) != usual
            assert ask(server.dsn, "SELECT 1") == 1
    finally:
        usual.rmdir()


def test_secrets_in_our_environment_are_not_the_servers(
    shop: Path, opener: Callable[..., object]
) -> None:
    one = opener(shop, "import os; os.environ['CHARSU_SECRET'] = 'open sesame'")
    assert one.dsn
    assert "CHARSU_SECRET" not in one.postmaster().environ()


def test_the_end_of_the_thread_that_opened_it_is_not_the_end_of_the_server(
    shop: Path, ask: Ask
) -> None:
    opened, contexts = [], [open_server(shop)]
    thread = threading.Thread(target=lambda: opened.append(contexts[0].__enter__()))
    thread.start()
    thread.join()
    try:
        [guard] = [p for p in psutil.Process().children() if str(shop) in " ".join(p.cmdline())]
        with pytest.raises(psutil.TimeoutExpired):
            guard.wait(0.5)
        assert ask(opened[0].dsn, "SELECT 1") == 1
    finally:
        contexts[0].__exit__(None, None, None)


def test_the_address_wins_over_the_folder(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_server(shop) as server:
        monkeypatch.setenv("DATABASE_URL", server.dsn)
        monkeypatch.setenv("CHARSU_DATA", str(tmp_path / "unused"))
        with server_from_env() as named:
            assert (named.dsn, named.started_here) == (server.dsn, False)
    assert not (tmp_path / "unused").exists()


def test_without_address_and_folder_there_is_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("CHARSU_DATA", raising=False)
    with pytest.raises(NoDatabase):
        server_from_env()


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    url = "postgresql://charsu:sesame@127.0.0.1:1/shop"
    with pytest.raises(ServerUnreachable) as refused, open_database(None, url):
        pass
    assert "port=1" in str(refused.value)
    assert "sesame" not in str(refused.value)


@contextmanager
def old_server(version: bytes) -> Iterator[str]:
    """A stranger's server of another version, as far as its greeting."""

    def said(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    greeting = (
        said(b"R", bytes(4))
        + said(b"S", b"server_version\0" + version + b"\0")
        + said(b"S", b"client_encoding\0UTF8\0")
        + said(b"Z", b"I")
    )

    def serve(listening: socket.socket) -> None:
        with listening.accept()[0] as connection:
            connection.recv(1024)
            connection.sendall(greeting)
            connection.recv(1024)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield f"postgresql://charsu@127.0.0.1:{listening.getsockname()[1]}/shop?sslmode=disable"
        thread.join()


def test_a_server_older_than_we_need_is_refused() -> None:
    with (
        old_server(b"17.4") as url,
        pytest.raises(ServerTooOld) as refused,
        open_database(None, f"{url}&gssencmode=disable"),
    ):
        pass
    assert refused.value.data == {"found": "17.4", "needed": 18}
