"""Refusals on the command line, and how they are told."""

import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from charsu.cli.calling import called
from charsu.cli.speaking import _
from charsu.kernel.errors import Conflict, HubError, Invalid, NotFound, Unavailable

UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What speaks to a terminal, or turns the order of letters round, and is no text to be read."""


class Screen(Console):
    """Prints texts of others, too: what might command the terminal is written out, as in JSON."""

    def print(self, *things: Any, **options: Any) -> None:
        """Print; each text without a character of UNSEEN."""
        super().print(*map(_readable, things), **options)


def _readable(thing: Any) -> Any:
    return UNSEEN.sub(_written_out, thing) if isinstance(thing, str) else thing


def _written_out(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


said = Screen(stderr=True, highlight=False, soft_wrap=True)
out = Screen(highlight=False, soft_wrap=True)


class ShopMissing(NotFound):
    """No shop was ever made in the folder."""

    code = "shop_missing"

    def __init__(self, folder: Path) -> None:
        HubError.__init__(
            self,
            "There is no shop in {folder}. Make one with `{command}`.",
            folder=str(folder),
            command=f"{called()} up --data {shlex.quote(str(folder))}",
        )


class AlreadyRuns(Conflict):
    """The shop in this folder is being run by another process."""

    code = "already_runs"

    def __init__(self, folder: Path, *, address: str, pid: int) -> None:
        super().__init__(
            "The shop in {folder} runs already at {address} (process {pid}).",
            folder=str(folder),
            address=address,
            pid=pid,
        )


class OneCampaign(Invalid):
    """A campaign kills while one kind of business goes on, so that each can be planned again."""

    code = "one_campaign"

    def __init__(self) -> None:
        super().__init__("Name --payments or --tills, not both.")


class PortTaken(Conflict):
    """Somebody else listens there, or nobody may."""

    code = "port_taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            "Cannot listen at {host}, port {port}: {reason}. Name another with --port.",
            host=host,
            port=port,
            reason=reason,
        )


class NotADemo(Conflict):
    """The folder or the database holds something else than the demo that was asked for."""

    code = "not_a_demo"

    def __init__(self, place: str, holds: str) -> None:
        super().__init__(
            "{place} holds {holds}. Name another folder with --data.", place=place, holds=holds
        )


class NotInThisInstallation(Unavailable):
    """A part that comes with the source code only."""

    code = "not_in_this_installation"

    def __init__(self, part: str) -> None:
        super().__init__(
            "{part} is not part of this installation: run the command from a clone of the "
            "repository, where the package was installed with `make .venv`.",
            part=part,
        )


class ZoneUnknown(Invalid):
    """The option names no time zone of the IANA database."""

    code = "zone_unknown"

    def __init__(self, zone: str | None) -> None:
        super().__init__("There is no time zone {zone}.", zone=zone or "")


class OptionInvalid(Invalid):
    """The text of an option does not fit what it stands for."""

    code = "option_invalid"

    def __init__(self, option: str, reason: str) -> None:
        super().__init__("{option}: {reason}.", option=option, reason=reason.rstrip("."))


class NotOfKind(OptionInvalid):
    """The text is no number, or no truth value, where one is asked for."""

    code = "option_wrong_kind"

    def __init__(self, option: str, text: str, kind: str) -> None:
        Invalid.__init__(
            self, "{option}: this is no {kind}: {text}.", option=option, kind=kind, text=text
        )


class FileOfOption(OptionInvalid):
    """The file that an option names cannot be read."""

    code = "option_file_unreadable"

    def __init__(self, option: str, file: str, reason: str) -> None:
        Invalid.__init__(
            self, "{option}: {file}: {reason}.", option=option, file=file, reason=reason
        )


class OptionIsNoJson(OptionInvalid):
    """The text, or the file, is no JSON."""

    code = "option_no_json"

    def __init__(self, option: str, reason: str) -> None:
        Invalid.__init__(
            self, "{option}: this is no JSON ({reason}).", option=option, reason=reason
        )


@contextmanager
def told() -> Iterator[None]:
    """Tell what is refused on standard error, and end with status 1."""
    import psycopg

    try:
        yield
    except HubError as refusal:
        said.print(f"[bold red]{refusal.code}[/]", end=" ")
        said.print(_(refusal.template, **refusal.data), markup=False)
    except psycopg.OperationalError as problem:
        said.print("[bold red]unavailable[/]", end=" ")
        sentence = _("The shop's database does not answer: {problem}", problem=problem)
        said.print(sentence, markup=False)
    except KeyboardInterrupt:
        sys.exit(130)
    else:
        return
    sys.exit(1)
