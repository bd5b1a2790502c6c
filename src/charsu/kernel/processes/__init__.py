"""Processes: what takes several steps with the outside in between, resumed after any crash."""

from charsu.kernel.processes.advancing import advance, begin, finish, finish_surely, wake
from charsu.kernel.processes.model import Outside, Process, Running, Step, processes_in
from charsu.kernel.processes.running import ProcessKinds, go_on, run_due, take

__all__ = [
    "Outside",
    "Process",
    "ProcessKinds",
    "Running",
    "Step",
    "advance",
    "begin",
    "finish",
    "finish_surely",
    "go_on",
    "processes_in",
    "run_due",
    "take",
    "wake",
]
