"""The house keeps its own rules. Who imports whom is checked by import-linter; here is the rest."""

import ast
import pkgutil
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from msgspec.structs import fields

import charsu
from charsu.assembly import PACKAGES, checks, operations, rooms
from charsu.cli.commands import GROUPS
from charsu.kernel import metadata, reactions_in
from charsu.kernel.log.fact import NAMES
from charsu.reference.finding import our_errors

ROOT = Path(__file__).parents[1]
SOURCE = Path(charsu.__file__).parent
SHARED = {"kernel", "ledger"}  # schemas of the kernel, which comes before all others
ABOVE_ALL = len(PACKAGES)
ORDER = {
    name: number
    for number, package in enumerate(PACKAGES)
    for name in package.split(".")[1:]  # a channel has a schema of its own
}
SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|JOIN|COPY)\b")
TABLE = re.compile(r"\b([a-z_]+)\.([a-z_]+)\b")


def test_sql_names_only_tables_of_the_same_package_and_those_before_it() -> None:
    list(rooms("tables"))
    breaches = {
        f"{path.relative_to(SOURCE)} names {schema}.{table}"
        for path, schema, table in _tables_in_sql()
        if _place(schema) > _place(path.relative_to(SOURCE).parts[0])
    }
    assert not breaches


def test_foreign_keys_point_only_to_the_same_package_and_those_before_it() -> None:
    list(rooms("tables"))
    pairs = [
        (str(table), str(key.target_fullname), table.schema, key.target_fullname.split(".")[0])
        for table in metadata.sorted_tables
        for key in table.foreign_keys
    ]
    assert pairs
    assert not [(a, b) for a, b, here, there in pairs if _place(there) > _place(here or "")]


def test_every_table_stands_in_the_schema_of_a_package() -> None:
    list(rooms("tables"))
    strangers = {
        str(table)
        for table in metadata.sorted_tables
        if table.schema not in SHARED and table.schema not in ORDER
    }
    assert not strangers


def test_every_reaction_reads_what_its_fact_says() -> None:
    list(rooms("facts"))
    consumers = list(reactions_in(rooms("reactions")))
    assert consumers
    breaches = {
        f"{consumer.name}: {name}: {problem}"
        for consumer in consumers
        for name, reader in consumer.on.items()
        for problem in _disagreements(name, reader)
    }
    assert not breaches


def test_no_fact_loses_its_name() -> None:
    """Receivers of webhooks and readers in other systems know facts by these names for good."""
    list(rooms("facts"))
    list(rooms("operations"))
    promised = set((ROOT / "tests" / "facts.txt").read_text("utf-8").split())
    ours = {name for name, fact in NAMES.items() if fact.__module__.startswith("charsu.")}
    assert ours == promised


def test_every_operation_can_be_typed() -> None:
    assert {one.name.partition(".")[0] for one in operations()} == set(GROUPS)


def test_each_code_of_a_refusal_belongs_to_one_class() -> None:
    """Programs decide by the code alone, so one code must not mean two things."""
    codes = Counter(kind.code for kind in our_errors())
    assert len(codes) > 100
    assert not [code for code, times in codes.items() if times > 1]


def test_every_refusal_says_what_it_means() -> None:
    """The first sentence of its own docstring is its title in every answer."""
    assert not [kind.__name__ for kind in our_errors() if not vars(kind).get("__doc__")]


def test_every_package_has_its_place_in_the_layers() -> None:
    house = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    [layers] = [each["layers"] for each in house["contracts"] if each["type"] == "layers"]
    there = {f"charsu.{module.name}" for module in pkgutil.iter_modules(charsu.__path__)}
    assert set(layers) == there


def test_every_check_has_a_name_of_its_own() -> None:
    names = [check.name for check in checks()]
    assert len(names) == len(set(names)) > 20


def test_nothing_under_the_gpl_is_needed_at_run_time() -> None:
    licences = {name: _licence(name) for name in _pinned()}
    known = {name: text for name, text in licences.items() if text is not None}
    assert len(known) > 40
    assert not {name: text for name, text in known.items() if not text.strip()}
    assert not {name: text for name, text in known.items() if _is_gpl(text)}


@pytest.mark.parametrize("text", ["GPL-3.0-only", "GNU General Public License v2", "AGPLv3"])
def test_the_gpl_is_known_when_seen(text: str) -> None:
    assert _is_gpl(text)
    assert not _is_gpl("LGPL-3.0-or-later")
    assert not _is_gpl("GNU Lesser General Public License v3 (LGPLv3)")


def test_no_file_names_a_registry_or_a_path_of_some_machine() -> None:
    registry = r"py[p]i\.org|pythonhoste[d]\.org|registry\.npmj[s]|crate[s]\.io"
    options = r"--(extra-)?index-ur[l]|--find-link[s]"
    machine = r"/wor[k]/(main|shared)|/hom[e]/\w+/|/User[s]/\w+/|/roo[t]/"
    forbidden = re.compile("|".join((registry, options, machine)))
    breaches = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _own_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if forbidden.search(line)
    ]
    assert not breaches


def _place(name: str) -> int:
    """How far down the list; what puts everything together stands below all packages."""
    return -1 if name in SHARED else ORDER.get(name, ABOVE_ALL)


def _tables_in_sql() -> Iterator[tuple[Path, str, str]]:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for schema, table in TABLE.findall(node.value) if SQL.search(node.value) else ():
                    if f"{schema}.{table}" in metadata.tables:
                        yield path, schema, table


def _disagreements(name: str, reader: type[Any]) -> Iterator[str]:
    if name not in NAMES:
        yield "there is no such fact"
        return
    said = get_type_hints(NAMES[name])
    wanted = get_type_hints(reader)
    for field in fields(reader):
        if field.name not in said:
            if field.required:
                yield f"it does not say {field.name}"
        elif said[field.name] != wanted[field.name]:
            yield f"{field.name} is {said[field.name]}, not {wanted[field.name]}"


def _pinned() -> list[str]:
    text = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    return re.findall(r"^([a-z0-9._-]+)==", text, flags=re.MULTILINE)


def _licence(name: str) -> str | None:
    """All that a distribution says of its licence; None where this platform does without it."""
    try:
        told = distribution(name).metadata
    except PackageNotFoundError:
        return None
    classifiers = [c for c in told.get_all("Classifier") or () if c.startswith("License ::")]
    return " ".join(filter(None, (told["License-Expression"], told["License"], *classifiers)))


def _is_gpl(text: str) -> bool:
    """Whether a licence of the GPL family other than the LGPL is named, in the first words of it
    (the whole text of another licence may mention the GPL)."""
    words = re.sub(r"LGPL|Lesser General Public|Library General Public", "", text[:400])
    return re.search(r"GPL|General Public License", words) is not None


def _own_files() -> Iterator[Path]:
    """Text files that are tracked, or would be, without what was taken over from others."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if "/vendor/" in name or "/data/" in name or not path.is_file():
            continue
        if b"\0" not in path.read_bytes()[:4096]:
            yield path


def test_what_runs_a_shop_never_loads_what_makes_its_tables() -> None:
    """25 MB and a quarter of a second in every process."""
    code = """
import sys
import charsu.web.site
from charsu import assembly
assembly.operations(), assembly.consumers(), assembly.checks(), assembly.chores()
print("sqlalchemy" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.strip() == "False"


def test_a_web_process_loads_the_authorization_server_only_when_a_platform_comes() -> None:
    """2.5 MB and a tenth of a second, for shops to which none ever comes."""
    code = """
import sys
import charsu.web.site
print("authlib" in sys.modules, "joserfc" in sys.modules)
import charsu.web.linking.server
print("authlib" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout.split() == ["False", "False", "True"]
