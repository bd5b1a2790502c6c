import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest

from charsu.kernel.server import FolderBusy, open_server
from charsu.kernel.server.folder import Folder
from charsu.kernel.server.leftovers import clear_leftovers

pytestmark = pytest.mark.slow

Ask = Callable[[str, str], object]
Open = Callable[..., object]
Ended = Callable[[list[psutil.Process]], bool]


def test_nothing_is_left_of_a_server_whose_owner_was_killed(
    shop: Path, opener: Open, all_ended: Ended
) -> None:
    owner = opener(shop)
    assert owner.started_here
    parts = owner.descendants()
    assert len(parts) > 4

    owner.kill()

    assert all_ended(parts)


def test_starting_again_right_after_a_kill_finds_everything_that_was_acknowledged(
    shop: Path, opener: Open, ask: Ask
) -> None:
    for round_ in range(3):
        owner = opener(shop)
        assert owner.started_here
        ask(owner.dsn, "CREATE TABLE IF NOT EXISTS sale (number int)")
        ask(owner.dsn, f"INSERT INTO sale VALUES ({round_})")
        owner.kill()
    with open_server(shop) as server:
        assert server.started_here
        assert ask(server.dsn, "SELECT array_agg(number ORDER BY number) FROM sale") == [0, 1, 2]


def test_children_forked_by_the_owner_do_not_keep_its_server_alive(
    shop: Path, opener: Open, all_ended: Ended
) -> None:
    fork = "import os, time; os.write(2, b'%d ' % pid) if (pid := os.fork()) else time.sleep(99)"
    owner = opener(shop, fork)
    assert owner.dsn
    child = psutil.Process(int(os.read(owner.process.stderr.fileno(), 20)))
    parts = [part for part in owner.descendants() if part != child]

    owner.kill()

    assert all_ended(parts)
    assert child.is_running()
    child.kill()


def test_a_killed_server_comes_back_at_the_same_address(
    shop: Path, opener: Open, ask: Ask, all_ended: Ended
) -> None:
    owner = opener(shop)
    ask(owner.dsn, "CREATE TABLE sale AS SELECT 1 AS number")
    killed = [owner.postmaster(), *owner.postmaster().children()]
    killed[0].kill()
    assert all_ended(killed)

    with open_server(shop) as server:  # waits until it answers again
        assert not server.started_here
        assert server.dsn == owner.dsn
        assert ask(owner.dsn, "SELECT number FROM sale") == 1


def test_a_backend_killed_at_work_costs_nothing_but_its_own_transaction(
    shop: Path, ask: Ask
) -> None:
    with open_server(shop) as server:
        ask(server.dsn, "CREATE TABLE sale AS SELECT 1 AS number")
        with psycopg.connect(server.dsn) as victim:
            victim.execute("INSERT INTO sale VALUES (2)")
            os.kill(victim.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                victim.execute("SELECT 1")
        with open_server(shop) as joined:
            assert ask(joined.dsn, "SELECT count(*) FROM sale") == 1


def test_a_server_without_its_guard_ends_and_the_next_start_takes_over(
    shop: Path, opener: Open, ask: Ask, all_ended: Ended
) -> None:
    owner = opener(shop)
    ask(owner.dsn, "CREATE TABLE sale AS SELECT 1 AS number")
    guard, parts = owner.guard(), owner.descendants()
    guard.kill()
    assert all_ended([guard])

    with open_server(shop) as server:
        assert server.started_here
        assert all_ended(parts)
        assert ask(server.dsn, "SELECT number FROM sale") == 1


def test_the_next_start_makes_an_end_of_a_busy_backend_that_lost_everything_above_it(
    shop: Path, opener: Open, ask: Ask, all_ended: Ended
) -> None:
    owner = opener(shop)
    with closing(psycopg.connect(owner.dsn, autocommit=True)) as connection:
        busy = psutil.Process(connection.info.backend_pid)
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000)")
        for process in (owner.guard(), owner.postmaster(), psutil.Process(owner.process.pid)):
            process.kill()
        with open_server(shop) as server:
            assert server.started_here
            assert all_ended([busy])
            assert ask(server.dsn, "SELECT 1") == 1


def test_a_note_that_names_a_stranger_does_not_keep_the_server_from_starting(
    shop: Path, opener: Open, ask: Ask, all_ended: Ended
) -> None:
    owner = opener(shop)
    assert owner.started_here
    stranger = psutil.Popen(["sleep", "60"])
    note = shop / "postgres" / "postmaster.pid"
    lines = note.read_text().splitlines(keepends=True)
    guard, postmaster = owner.guard(), owner.postmaster()
    postmaster.suspend()  # else it hears of the guard's end, and takes its note away
    for process in (guard, postmaster):
        process.kill()
    owner.kill()
    assert all_ended([postmaster])
    note.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
    try:
        with open_server(shop) as server:
            assert ask(server.dsn, "SELECT 1") == 1
        assert stranger.is_running()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_whole_server_that_is_not_ours_to_end_is_left_alone(shop: Path, ask: Ask) -> None:
    with open_server(shop) as server:
        with pytest.raises(FolderBusy):
            clear_leftovers(Folder(shop), patience=0)
        assert ask(server.dsn, "SELECT 1") == 1
