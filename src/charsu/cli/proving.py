"""What proves the shop, its speed and its firmness."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psycopg
import typer

import charsu
from charsu.assembly import checks
from charsu.cli.refusing import NotInThisInstallation, OneCampaign, out, said
from charsu.cli.shop import opened
from charsu.cli.speaking import _, number
from charsu.kernel.check import Verdict, run_checks


def check(data: Path | None, *, json: bool) -> None:
    """Judge the shop at one moment; exits with status 1 where something is wrong."""
    with opened(data) as server, psycopg.connect(server.dsn) as connection:
        verdicts = run_checks(connection, checks(), told=_ignore if json else _show)
    wrong = sum(not verdict.is_clean for verdict in verdicts)
    if json:
        out.print(msgspec.json.encode(verdicts).decode(), markup=False)
    else:
        out.print(_summary(verdicts, wrong), markup=False)
    if wrong:
        raise typer.Exit(1)


def _summary(verdicts: Sequence[Verdict], wrong: int) -> str:
    return _(
        "{sentences} sentences, {rows} rows looked at, {wrong} not true.",
        sentences=len(verdicts),
        rows=number(sum(verdict.looked_at for verdict in verdicts)),
        wrong=wrong,
    )


def bench(names: list[str], *, json: Path | None) -> None:
    """Run the benchmarks of the repository. Raises NotInThisInstallation."""
    root = Path(charsu.__file__).parents[2]
    if not (root / "bench" / "__main__.py").is_file():
        raise NotInThisInstallation("bench")
    target = [] if json is None else ["--json", str(json.absolute())]
    _end_like([sys.executable, "-m", "bench", *names, *target], root)


def torture(kills: int, *, seed: int | None, payments: bool, tills: bool) -> None:
    """Run a campaign of killed processes in a shop of its own, thrown away afterwards.

    Exits with status 1 where something that was acknowledged is lost, or anything is inconsistent.
    Raises OneCampaign.
    """
    from charsu.torture import torture as selling
    from charsu.torture import torture_payments, torture_tills

    if payments and tills:
        raise OneCampaign
    campaign = torture_payments if payments else torture_tills if tills else selling
    with TemporaryDirectory(prefix="charsu-torture-") as folder:
        report = campaign(Path(folder) / "shop", kills=kills, seed=seed, tell=said.print)
    for line in report.lines():
        out.print(line, markup=False)
    if not report.is_clean:
        raise typer.Exit(1)


def _end_like(command: list[str], folder: Path) -> None:
    status = subprocess.run(command, cwd=folder, check=False).returncode
    if status:
        raise typer.Exit(abs(status))


def _show(verdict: Verdict) -> None:
    mark = "[green]✓[/]" if verdict.is_clean else "[bold red]✗[/]"
    out.print(f"{mark} {number(verdict.looked_at):>9}  {_(verdict.sentence)}")
    for finding in verdict.findings:
        out.print(f"             {finding.row}: {finding.problem}", markup=False)
    if verdict.found > len(verdict.findings):
        more = number(verdict.found - len(verdict.findings))
        out.print(" " * 13 + _("and {number} more", number=more), markup=False)


def _ignore(_verdict: Verdict) -> None:
    """Everything is printed at the end."""
