"""The command line."""

import sys


def main() -> None:
    """Run one command; refusals end it with their sentence and status 1, never with a traceback."""
    from charsu.cli.speaking import speak, translated

    speak()
    import logging

    import typer

    from charsu.cli.commands import app
    from charsu.cli.refusing import told
    from charsu.kernel.logs import configure_logs

    configure_logs(level=logging.ERROR)  # people are told by refusals; `serve` and `work` tell more
    with told():
        translated(typer.main.get_command(app))()
    sys.exit(0)
