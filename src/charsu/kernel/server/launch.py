"""Runs one command for its owner, and leaves nothing running when the owner is gone.

This file is a program of its own, started as ``python -I -S launch.py PLAN``: it imports only the
standard library, so that it starts in milliseconds and can change user before anything else runs.
PLAN is the JSON that ``guard.py`` writes; ``Plan`` below describes it.

The owner's end is seen through a pidfd, not through PR_SET_PDEATHSIG: that signal follows the
*thread* that started us, and an owner may well start servers from threads that end. The command
itself, started from our only thread, does get PDEATHSIG, for the day when this process is killed.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import sys
import time
from typing import Literal, NoReturn, TypedDict

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

CANNOT_RUN = 127
OWNER_POLL_SECONDS = 0.2  # only where the system has no pidfd
SWEEP_POLL_SECONDS = 0.02
LEAVING_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
HEALTHY_SECONDS = 3.0  # whoever lived this long did start, and its end is no reason for patience

WAKING = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Plan(TypedDict):
    """What to run, as whom, and how to end it."""

    owner: int  # our parent; when it is gone, everything ends
    command: list[str]  # empty: only try to take the identity
    identity: tuple[Literal["self", "namespace", "drop"], int, int]  # how, uid, gid
    stops: list[tuple[int, float]]  # signals, each with the seconds to wait before the next
    orphan_signal: int  # what the command gets when this process is killed
    restarts: bool  # whether a command that ends by itself is started again
    events: int | None  # descriptor that is told "started PID", "died STATUS", line by line
    keep: list[int]  # descriptors for this process only
    sweep: str | None  # a folder to remove at the very end


class Guard:
    """Keeps one command alive, and ends it when asked to or when the owner is gone."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stopping = False
        self.owner_fd = pidfd_of(plan["owner"])
        self.wake_fd = wake_on(WAKING, self._asked)

    def run(self) -> int:
        """The command's last status: its exit code, or minus the signal that ended it."""
        pause, status = 0.0, 0
        while not self._ending():
            began = time.monotonic()
            status = self._live()
            if not self.plan["restarts"]:
                break
            pause = pause_after(time.monotonic() - began, pause)
            self._rest(pause)
        return status

    def _live(self) -> int:
        pid = spawn(self.plan)
        self._tell(f"started {pid}")
        status = self._watch(pid)
        end_descendants()
        self._tell(f"died {status}")
        return status

    def _watch(self, pid: int) -> int:
        """Wait for the command to end, sending the signals of the plan once it must."""
        steps = iter(self.plan["stops"])
        next_step_at = 0.0
        while (status := reap(pid)) is None:
            if self._ending() and time.monotonic() >= next_step_at:
                number, patience = next(steps, (signal.SIGKILL, 1.0))
                next_step_at = time.monotonic() + patience
                os.kill(pid, number)
            self._sleep(next_step_at - time.monotonic() if self.stopping else None)
        return status

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._ending() and (left := until - time.monotonic()) > 0:
            self._sleep(left)

    def _sleep(self, seconds: float | None) -> None:
        """Until a signal, the owner's end, or the time given."""
        poll = select.poll()
        poll.register(self.wake_fd, select.POLLIN)
        if self.owner_fd is not None and not self.stopping:
            poll.register(self.owner_fd, select.POLLIN)
        if self.owner_fd is None:
            seconds = min(seconds or OWNER_POLL_SECONDS, OWNER_POLL_SECONDS)
        ready = poll.poll(None if seconds is None else max(seconds, 0) * 1000 + 1)
        self.stopping = self.stopping or any(fd == self.owner_fd for fd, _ in ready)
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake_fd, 512)

    def _ending(self) -> bool:
        # Being handed to another parent is the same news as the pidfd's, and comes without one.
        self.stopping = self.stopping or os.getppid() != self.plan["owner"]
        return self.stopping

    def _asked(self, number: int, _frame: object) -> None:
        self.stopping = self.stopping or number != signal.SIGCHLD

    def _tell(self, line: str) -> None:
        if self.plan["events"] is not None:
            with contextlib.suppress(OSError):  # the owner may be gone, or not listen any more
                os.write(self.plan["events"], f"{line}\n".encode())


def pause_after(lived: float, before: float) -> float:
    """Seconds to wait before the next start: twice as long as ``before`` after each short life."""
    if before == 0 or lived > HEALTHY_SECONDS:
        return FIRST_PAUSE_SECONDS
    return min(before * 2, LONGEST_PAUSE_SECONDS)


def pidfd_of(pid: int) -> int | None:
    """A descriptor that becomes readable when the process ends, where there is such a thing."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None  # gone already: getppid tells
    except (AttributeError, OSError):
        return None


def wake_on(numbers: tuple[signal.Signals, ...], handler: "signal._HANDLER") -> int:
    """A descriptor that becomes readable with each of the signals."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    for number in numbers:
        signal.signal(number, handler)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def spawn(plan: Plan) -> int:
    """Start the command; returns its process id."""
    guard = os.getpid()
    pid = os.fork()
    if pid == 0:
        become(plan, guard)
    return pid


def become(plan: Plan, guard: int) -> NoReturn:
    """Turn this fresh child into the command."""
    command = plan["command"]
    try:
        for number in (*WAKING, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, plan["orphan_signal"])
        if os.getppid() == guard:  # else it ended before the line above could count
            os.execvp(command[0], command)  # noqa: S606 (no shell is meant)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(CANNOT_RUN)


def reap(pid: int) -> int | None:
    """The status of the process if it has ended; buries every other child on the way."""
    found = None
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == pid:
                found = os.waitstatus_to_exitcode(ended[1])
    return found


def end_descendants() -> None:
    """Kill what the command left behind and does not end soon; as subreaper we inherit it all."""
    kill_from = time.monotonic() + LEAVING_SECONDS  # a log wants to be written to its end
    while left := children():
        for pid in left if time.monotonic() > kill_from else ():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap(0)
        time.sleep(SWEEP_POLL_SECONDS)


def children() -> list[int]:
    """The processes whose parent we are, where the system has /proc."""
    me, found = str(os.getpid()), []
    with contextlib.suppress(FileNotFoundError):
        for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 (pathlib is slow to import)
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                # "pid (any name) state parent …": the name may hold spaces and brackets.
                if stat.read().rpartition(b")")[2].split()[1].decode() == me:
                    found.append(int(name))
    return found


def take(how: str, uid: int, gid: int) -> None:
    """Become the user that the command needs. Raises OSError where that is forbidden."""
    if how == "namespace":
        enter_namespace(uid, gid)
    elif how == "drop":
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def enter_namespace(uid: int, gid: int) -> None:
    """Be seen as ``uid`` from now on, while every file stays that of the user we really are."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {outer_uid} 1"),
        ("gid_map", f"{gid} {outer_gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)


def prctl(option: int, value: int) -> None:
    """Set a property of this process on Linux; elsewhere there is none."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def main() -> int:
    """Run the plan given as the only argument."""
    plan: Plan = json.loads(sys.argv[1])
    try:
        take(*plan["identity"])
    except OSError as error:
        print(f"cannot change user: {error.strerror}", file=sys.stderr)  # noqa: T201
        return CANNOT_RUN
    if not plan["command"]:
        return 0
    for descriptor in plan["keep"]:
        os.set_inheritable(descriptor, False)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    status = Guard(plan).run()
    if plan["sweep"] is not None:
        shutil.rmtree(plan["sweep"], ignore_errors=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
