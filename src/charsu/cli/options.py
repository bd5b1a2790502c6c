"""Options that several commands take."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"charsu {version('charsu')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", is_eager=True, callback=_show_version, help="Show the version and end."
    ),
]
Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="CHARSU_DATA", help="The shop's folder; DATABASE_URL wins."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 for any free one.")]
Host = Annotated[str, typer.Option(help="The address to listen at.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the results there as JSON.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
