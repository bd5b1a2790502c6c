"""A shop on this machine: it starts, is found, ends and leaves nothing."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from .conftest import LONG_ENOUGH, Run, Running

pytestmark = pytest.mark.slow

Start = Callable[[Path], Running]


def test_a_shop_serves_until_ctrl_c_and_leaves_no_process(folder: Path, run_shop: Start) -> None:
    shop = run_shop(folder)
    assert httpx.get(f"{shop.address}/health/ready").json() == {"status": "ok"}
    processes = shop.descendants()
    assert {"postgres"} < {process.name() for process in processes}

    assert shop.interrupt() == 0

    assert psutil.wait_procs(processes, timeout=LONG_ENOUGH)[1] == []


def test_ctrl_c_ends_a_shop_although_a_live_page_is_open(
    folder: Path, run_shop: Start, charsu: Run
) -> None:
    password = "grapes on the balcony"
    made = charsu(
        *("admin", "create", "ana@shop.example", "--password-stdin", "--data", folder),
        said=password,
    )
    assert made.returncode == 0, made.stderr
    shop = run_shop(folder)
    with httpx.Client(base_url=shop.address, headers={"origin": shop.address}) as browser:
        form = {"email": "ana@shop.example", "password": password}
        browser.get("/sign-in")
        form["_csrf_token"] = browser.cookies["csrf"]
        assert browser.post("/sign-in", data=form).status_code == 303
        with browser.stream("GET", "/overview/stream") as page:
            assert page.status_code == 200
            assert next(page.iter_lines())
            assert shop.interrupt() == 0


def test_a_killed_shop_leaves_no_process_and_starts_again(folder: Path, run_shop: Start) -> None:
    first = run_shop(folder)
    processes = first.descendants()
    first.kill()

    second = run_shop(folder)

    assert httpx.get(f"{second.address}/health/ready").status_code == 200
    assert psutil.wait_procs(processes, timeout=LONG_ENOUGH)[1] == []


def test_a_second_start_is_told_where_the_first_is(
    folder: Path, run_shop: Start, charsu: Run
) -> None:
    shop = run_shop(folder)

    second = charsu("up", "--data", folder, "--port", "0")

    assert second.returncode == 1
    assert "already_runs" in second.stderr
    assert shop.address in second.stderr
    assert httpx.get(f"{shop.address}/health/live").status_code == 200


def test_a_killed_web_process_is_started_again(folder: Path, run_shop: Start) -> None:
    shop = run_shop(folder)
    web = next(p for p in shop.descendants() if "serve" in p.cmdline() and _is_python(p))
    os.kill(web.pid, signal.SIGKILL)
    web.wait(LONG_ENOUGH)

    with httpx.Client(transport=httpx.HTTPTransport(retries=8)) as patient:
        assert patient.get(f"{shop.address}/health/ready").status_code == 200


def test_a_port_that_is_taken_is_named(folder: Path, run_shop: Start, charsu: Run) -> None:
    port = run_shop(folder).address.rpartition(":")[2]

    refused = charsu("up", "--data", folder.parent / "other", "--port", port)

    assert refused.returncode == 1
    assert "port_taken" in refused.stderr
    assert f"port {port}: Address already in use." in refused.stderr


def test_a_path_of_200_characters_works(folder: Path, run_shop: Start) -> None:
    deep = folder.parent / ("long " * 40)
    folder.rename(deep)
    assert len(str(deep)) > 200
    assert httpx.get(f"{run_shop(deep).address}/health/ready").status_code == 200


def _is_python(process: psutil.Process) -> bool:
    return "charsu.cli" in process.cmdline() and "launch.py" not in " ".join(process.cmdline())
