"""The hub's own processes: started by name, kept alive, and gone when the owner is gone."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Literal, Self

from charsu.kernel.server.guard import guarded

READY_FD = "CHARSU_READY_FD"

# Together with the server's own (STOPS in starting.py) these come to two seconds, so that a machine
# under load still keeps within three of Ctrl-C; a test adds them up.
STOPS = ((signal.SIGTERM, 0.8), (signal.SIGKILL, 0.5))
ENDING = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Event:
    """Something that happened to one of the processes."""

    name: str
    kind: Literal["started", "ready", "died"]
    value: int | None = None  # started: the process id; died: exit code, or minus the signal


def announce_ready() -> None:
    """Tell the family, if this process is in one, that it now does its work."""
    if (descriptor := os.environ.pop(READY_FD, None)) is not None:
        os.write(int(descriptor), b"ready\n")
        os.close(int(descriptor))


class Family:
    """Runs commands beside this process, starting each again when it ends by itself.

    A command that keeps ending soon waits longer each time, up to ten seconds; after a life of some
    seconds the waiting begins anew. All of them, with what they started, end within three seconds
    of ``stop``, of leaving the ``with`` block, and of the end of this process however it comes.
    ``tell`` is called from threads of the family.
    """

    def __init__(self, tell: Callable[[Event], None] = lambda _: None) -> None:
        self._tell = tell
        self._guards: dict[str, subprocess.Popen[bytes]] = {}
        self._listeners: list[threading.Thread] = []
        self._asked, self._asking = os.pipe()
        os.set_blocking(self._asking, False)  # a handler must never wait

    def start(
        self,
        name: str,
        command: Sequence[str | os.PathLike[str]],
        *,
        env: Mapping[str, str] | None = None,
        output: int | IO[bytes] | None = None,
    ) -> None:
        """Run the command under this name; ``output`` takes what it prints, by default ours."""
        assert name not in self._guards, f"{name} runs already"
        heard, told = os.pipe()
        self._guards[name] = guarded(
            command,
            stops=STOPS,
            restarts=True,
            events=told,
            env={**(os.environ if env is None else env), READY_FD: str(told)},
            stdout=output,
            stderr=output,
        )
        os.close(told)
        listener = threading.Thread(target=self._listen, args=(name, heard), daemon=True)
        listener.start()
        self._listeners.append(listener)

    def wait(self) -> None:
        """Return at Ctrl-C, SIGTERM or ``finish``. Only for the main thread."""
        before = {number: signal.signal(number, self._on_signal) for number in ENDING}
        try:
            os.read(self._asked, 1)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def finish(self) -> None:
        """Let ``wait`` return; may be called from any thread."""
        os.write(self._asking, b"!")

    def stop(self) -> None:
        """End every process and return when all are gone; may be called again."""
        for guard in self._guards.values():
            guard.terminate()
        for guard in self._guards.values():
            guard.wait()
        for listener in self._listeners:
            listener.join()
        self._guards.clear()
        self._listeners.clear()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.finish()

    def _listen(self, name: str, heard: int) -> None:
        with os.fdopen(heard, "r", encoding="ascii") as lines:
            for line in lines:
                self._tell(_event(name, line))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()
        os.close(self._asked)
        os.close(self._asking)


def _event(name: str, line: str) -> Event:
    kind, _, value = line.strip().partition(" ")
    assert kind in ("started", "ready", "died"), line
    return Event(name, kind, int(value) if value else None)  # type: ignore[arg-type]
