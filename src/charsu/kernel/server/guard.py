"""The owner's side of ``launch.py``: start a guarded command, and end it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from charsu.kernel.server import launch
from charsu.kernel.server.identity import SELF, Identity

KILL_AFTER = ((signal.SIGTERM, 2.0), (signal.SIGKILL, 1.0))


def guarded(
    command: Sequence[str | os.PathLike[str]],
    *,
    identity: Identity = SELF,
    stops: Sequence[tuple[int, float]] = KILL_AFTER,
    orphan_signal: int = signal.SIGKILL,
    restarts: bool = False,
    events: int | None = None,
    keep: Sequence[int] = (),
    share: Sequence[int] = (),
    sweep: Path | None = None,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[Any] | None = subprocess.DEVNULL,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command that ends when this process does, however that comes about.

    The result is the guard; SIGTERM to it ends the command by the ``stops``, each a signal and the
    seconds to wait before the next. ``keep`` are descriptors that the guard alone holds,
    ``share`` those that the command gets, too, as it does ``events``.
    """
    plan = launch.Plan(
        owner=os.getpid(),
        command=[os.fspath(part) for part in command],
        identity=(identity.how, identity.uid, identity.gid),
        stops=[(int(number), patience) for number, patience in stops],
        orphan_signal=int(orphan_signal),
        restarts=restarts,
        events=events,
        keep=list(keep),
        sweep=None if sweep is None else str(sweep),
    )
    passed = [*keep, *share, *([] if events is None else [events])]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", launch.__file__, json.dumps(plan)],
        pass_fds=passed,
        start_new_session=True,  # Ctrl-C is the owner's affair; it ends things in order
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
    )


def end(guard: subprocess.Popen[bytes]) -> int:
    """Ask the guard to end its command, wait for it, and return the command's status."""
    guard.terminate()
    return guard.wait()
