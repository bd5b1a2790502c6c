"""Progress bars: how far, how fast, how long still."""

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from charsu.cli.refusing import said
from charsu.cli.speaking import _, number


class Rate(ProgressColumn):
    """Things per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        told = "" if speed is None else _("{number}/s", number=number(round(speed)))
        return Text(told, style="progress.data.speed")


def bar() -> Progress:
    """Bars on standard error; what is printed there meanwhile appears above them."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=said,
    )
