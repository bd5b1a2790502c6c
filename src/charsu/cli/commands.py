"""What can be typed. Each command imports what it needs when it runs: help comes at once."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from charsu.cli.options import AsJson, Data, Host, JsonFile, Port, Version

GROUPS = {
    "access": "Accounts, roles and keys, as the API has them.",
    "catalog": "Products, categories, channels and search.",
    "customers": "Who buys.",
    "identity": "Customers who come in, and what they did with us.",
    "log": "What the shop could not react to yet.",
    "orders": "Orders from placing to the last refund.",
    "pricing": "Price lists, taxes and coupons.",
    "settings": "What a retailer may decide on the running shop.",
    "shopping": "Carts and checkouts.",
    "stock": "Locations, goods and what is promised.",
    "ucp": "Carts and checkouts of agents and other shops.",
    "webhooks": "Who is told what happens.",
}
"""The packages whose operations are commands; plug-ins are looked for when one is asked for."""


class Package(TyperGroup):
    """The operations of one package, loaded when one of them is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        from charsu.cli.operations import group

        return list(group(self.name or ""))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        from charsu.cli.operations import group
        from charsu.cli.speaking import translated

        command = group(self.name or "").get(cmd_name)
        return None if command is None else translated(command)


class Commands(TyperGroup):
    """The commands below, and one group for each package that has operations."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if (known := super().get_command(ctx, cmd_name)) is not None:
            return known
        if cmd_name in GROUPS or cmd_name in _names_of_plugins():
            return _package(cmd_name)
        return None


def _package(name: str) -> Any:
    from charsu.cli.speaking import _, translated

    summary = GROUPS.get(name) or _("Operations of the plug-in {name}.", name=name)
    commands = typer.Typer(
        cls=Package, name=name, help=summary, no_args_is_help=True, add_completion=False
    )
    commands.callback()(lambda: None)
    return translated(typer.main.get_command(commands))


def _names_of_plugins() -> set[str]:
    from charsu.assembly import plugins

    return {plugin.name for plugin in plugins().loaded if plugin.operations}


app = typer.Typer(
    cls=Commands,
    name="charsu",
    help="The hub that makes a retailer's web shop, app, stores and marketplaces one business.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks may show the values of variables
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(version: Version = False) -> None:
    """The hub that makes a retailer's web shop, app, stores and marketplaces one business."""


admin = typer.Typer(help="The people who run the shop.", no_args_is_help=True)
key = typer.Typer(help="Keys for programs.", no_args_is_help=True)
app.add_typer(admin, name="admin")
app.add_typer(key, name="key")


@app.command()
def demo(
    size: Annotated[Literal["small", "full"], typer.Option(help="How much is loaded.")] = "small",
    port: Port = 8000,
    data: Data = None,
    host: Host = "127.0.0.1",
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what was done in it.")] = False,
) -> None:
    """Load a retailer and run its shop."""
    from charsu.cli.demonstrating import demonstrate

    folder = data or Path(".charsu") / f"demo-{size}"
    demonstrate(folder, size=size, host=host, port=port, fresh=fresh)


@app.command()
def up(data: Data = None, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Run your own shop: database, web and worker. An empty one is made where there is none."""
    from charsu.cli.running import up

    up(data or Path(".charsu") / "shop", host=host, port=port)


@app.command()
def serve(data: Data = None, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """Run one web process; any number may run on one database."""
    from charsu.cli.serving import serve

    serve(data, host=host, port=port)


@app.command()
def work(data: Data = None) -> None:
    """Run one worker; any number may run on one database."""
    from charsu.cli.serving import work

    work(data)


@app.command()
def check(data: Data = None, json: AsJson = False) -> None:
    """Prove that what must be true of the shop is true; status 1 where something is not."""
    from charsu.cli.proving import check

    check(data, json=json)


@app.command()
def backup(file: Path, data: Data = None) -> None:
    """Write the whole shop into a file, while it goes on selling."""
    from charsu.cli.archives import backup

    backup(data, file)


@app.command()
def restore(
    file: Path,
    data: Data = None,
    replace: Annotated[bool, typer.Option("--replace", help="What is there may go.")] = False,
) -> None:
    """Make a shop from a backup, in a new folder or an empty database."""
    from charsu.cli.archives import restore

    restore(data, file, replace=replace)


@app.command("import")
def import_(
    target: Annotated[
        Literal["products", "stock", "customers", "orders"], typer.Argument(help="What it holds.")
    ],
    file: Annotated[Path, typer.Argument(help="CSV, JSON Lines or Parquet.")],
    *,
    data: Data = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change.")] = False,
    report: Annotated[Path | None, typer.Option(help="Write the report there as JSON.")] = None,
    problems: Annotated[Path | None, typer.Option(help="Write every problem there as CSV.")] = None,
    language: Annotated[str, typer.Option(help="Of its texts, where it does not say.")] = "en",
    channel: Annotated[str | None, typer.Option(help="Code, where it names none.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of amounts without one.")] = None,
    country: Annotated[str | None, typer.Option(help="Of orders without one.")] = None,
    location: Annotated[str | None, typer.Option(help="Code, where it names none.")] = None,
    zone: Annotated[str | None, typer.Option(help="Of times without an offset.")] = None,
    source: Annotated[str, typer.Option(help="The system that its numbers are of.")] = "import",
    decimal: Annotated[
        Literal["comma", "point"] | None,
        typer.Option(help="What stands before decimals; found out without."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Of its text, such as cp1250; found out without.")
    ] = None,
) -> None:
    """Bring a file in: good rows go in, the others are told with how to mend them."""
    from charsu.cli.importing import import_file, options

    assumed = options(
        language=language,
        channel=channel,
        currency=currency,
        country=country,
        location=location,
        zone=zone,
        source=source,
        decimal=decimal,
        encoding=encoding,
    )
    import_file(
        data, target, file, options=assumed, dry_run=dry_run, report=report, problems=problems
    )


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all without.")] = None,
    json: JsonFile = None,
) -> None:
    """Measure the hot paths beside the same work written by hand."""
    from charsu.cli.proving import bench

    bench(names or [], json=json)


@app.command()
def torture(
    kills: Annotated[int, typer.Option(min=1, help="How many processes are killed.")] = 1000,
    seed: Annotated[int | None, typer.Option(help="To plan a campaign again.")] = None,
    payments: Annotated[
        bool, typer.Option("--payments", help="While carts are paid through a provider.")
    ] = False,
    tills: Annotated[
        bool, typer.Option("--tills", help="While card terminals take money in stores.")
    ] = False,
) -> None:
    """Kill web, worker and database processes under load, and prove that nothing was lost."""
    from charsu.cli.proving import torture

    torture(kills, seed=seed, payments=payments, tills=tills)


@admin.command("create")
def create_admin(
    email: str,
    data: Data = None,
    name: Annotated[str, typer.Option(help="As others see it; without it, the address.")] = "",
    language: Annotated[str, typer.Option(help="Of the pages.")] = "en",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make the first account, which lets all others in."""
    from charsu.cli.people import create_admin

    create_admin(data, email, name=name, language=language, password_stdin=password_stdin)


@admin.command("invite")
def invite_colleague(
    email: str,
    *,
    data: Data = None,
    name: Annotated[str, typer.Option(help="As others see it; without it, the address.")] = "",
    role: Annotated[
        list[str] | None, typer.Option(help="What it may do; several may be named.")
    ] = None,
    location: Annotated[str | None, typer.Option(help="Only there: a location's code.")] = None,
    language: Annotated[str, typer.Option(help="Of the pages.")] = "en",
) -> None:
    """Print a link by which a colleague chooses a password, the first or a forgotten one."""
    from charsu.cli.people import let_in

    let_in(data, email, name=name, language=language, roles=role or [], location=location)


@key.command("issue")
def issue_key(
    label: str,
    role: Annotated[list[str], typer.Option(help="What it may do; several may be named.")],
    data: Data = None,
    location: Annotated[str | None, typer.Option(help="Only there: a location's code.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Until it ends; never without.")] = None,
) -> None:
    """Make a key and print it, once."""
    from charsu.cli.people import issue

    issue(data, label, roles=role, location=location, days=days)
