"""One file that holds a whole shop, written while the shop goes on, and read back at one stroke."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NoReturn

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from charsu.kernel.server.binaries import program
from charsu.kernel.server.errors import ArchiveFailed, DatabaseNotEmpty
from charsu.kernel.server.folder import sync_folder
from charsu.kernel.server.guard import end, guarded

# Owners and grants are the business of the server that the archive goes to.
PLAIN = ("--no-owner", "--no-privileges")
CHUNK = 1 << 20

COUNT_RELATIONS = """
    SELECT count(*)
    FROM pg_class AS relation
    JOIN pg_namespace AS space ON space.oid = relation.relnamespace
    WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      AND space.nspname <> 'information_schema'
      AND space.nspname NOT LIKE 'pg\\_%'
      AND NOT EXISTS (
          SELECT FROM pg_depend AS part
          WHERE part.classid = 'pg_class'::regclass
            AND part.objid = relation.oid
            AND part.deptype = 'e'
      )
"""

# Everything but what belongs to extensions, which only a superuser might be able to bring back.
CLEAR = """
DO $clear$
DECLARE
    command text;
BEGIN
    FOR command IN
        SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', space.nspname)
        FROM pg_namespace AS space
        WHERE space.nspname NOT IN ('public', 'information_schema')
          AND space.nspname NOT LIKE 'pg\\_%'
          AND NOT EXISTS (SELECT FROM pg_extension WHERE extnamespace = space.oid)
        UNION ALL
        SELECT format('DROP %s IF EXISTS %s CASCADE', thing.kind, thing.name)
        FROM (
            SELECT 'pg_class'::regclass AS class, oid, relnamespace AS space,
                   oid::regclass::text AS name,
                   CASE relkind
                       WHEN 'v' THEN 'VIEW'
                       WHEN 'm' THEN 'MATERIALIZED VIEW'
                       WHEN 'S' THEN 'SEQUENCE'
                       ELSE 'TABLE'
                   END AS kind
            FROM pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL
            SELECT 'pg_proc'::regclass, oid, pronamespace, oid::regprocedure::text, 'ROUTINE'
            FROM pg_proc
            UNION ALL
            SELECT 'pg_type'::regclass, oid, typnamespace, oid::regtype::text, 'TYPE'
            FROM pg_type
            WHERE typtype IN ('e', 'd')
        ) AS thing
        WHERE thing.space = 'public'::regnamespace
          AND NOT EXISTS (
              SELECT FROM pg_depend AS part
              WHERE part.classid = thing.class AND part.objid = thing.oid AND part.deptype = 'e'
          )
    LOOP
        EXECUTE command;
    END LOOP;
END
$clear$;
"""


def dump(dsn: str, file: Path) -> None:
    """Write the whole database to ``file`` as of one moment, while others go on working.

    The file appears under its name only when it is complete and on disk, replacing one of that
    name; only its owner may read it. Raises ArchiveFailed.
    """
    try:
        with _appearing(file) as out, tempfile.TemporaryFile() as said:
            dumping = _postgres(
                ["pg_dump", "--format=custom", "--compress=1", *PLAIN], dsn, stdout=out, stderr=said
            )
            _expect_success(dumping, file, said)
    except OSError as error:
        raise ArchiveFailed(file, error.strerror or str(error)) from error  # not of which part


def restore(dsn: str, file: Path, *, replace: bool = False) -> None:
    """Fill the database from an archive that ``dump`` wrote, in one transaction: all or nothing.

    Raises DatabaseNotEmpty unless ``replace`` says that what is there may go, and ArchiveFailed
    where the archive cannot be read or does not fit the server.
    """
    if not replace:
        _expect_empty(dsn)
    contents = _contents(file)
    with tempfile.TemporaryFile() as said:
        reading = guarded(
            [program("pg_restore"), *PLAIN, "--use-list=/dev/stdin", "--file=-", file.absolute()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
        )
        with _psql(dsn, file) as sql, _ended(reading):
            sql.write(b"BEGIN;\n" + (CLEAR.encode() if replace else b""))
            _tell(reading, contents)
            shutil.copyfileobj(_pipe(reading.stdout), sql, CHUNK)
            # Half a script ends like a whole one; only the reader's own word tells them apart.
            _expect_success(reading, file, said)
            sql.write(b"ANALYZE;\nCOMMIT;\n")


def _expect_empty(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(COUNT_RELATIONS).fetchone()
    if row is not None and row[0] > 0:
        raise DatabaseNotEmpty(row[0])


def _contents(file: Path) -> bytes:
    """The archive's table of contents without the comments on extensions.

    Only an extension's owner may comment on it, and that is rarely the hub's role.
    """
    with tempfile.TemporaryFile() as said:
        listing = guarded(
            [program("pg_restore"), "--list", file.absolute()],
            stdout=subprocess.PIPE,
            stderr=said,
        )
        with _ended(listing):
            lines = [line for line in _pipe(listing.stdout) if b" COMMENT - EXTENSION " not in line]
            _expect_success(listing, file, said)
    return b"".join(lines)


@contextmanager
def _psql(dsn: str, file: Path) -> Iterator[IO[bytes]]:
    """A pipe into one session that stops at the first error; left early, nothing is committed."""
    with tempfile.TemporaryFile() as said:
        running = _postgres(
            ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
            dsn,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        with _ended(running):
            try:
                yield _pipe(running.stdin)
                _pipe(running.stdin).close()
            except BrokenPipeError:
                running.wait()
                _fail(file, said)
            _expect_success(running, file, said)


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Whatever happens inside, the process is gone afterwards, and its pipes are closed."""
    try:
        yield
    finally:
        end(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                _close(pipe)


def _postgres(
    command: Sequence[str],
    dsn: str,
    *,
    stdin: int | None = subprocess.DEVNULL,
    stdout: int | IO[bytes],
    stderr: IO[bytes],
) -> subprocess.Popen[bytes]:
    """One of PostgreSQL's clients; the password goes where the list of processes does not show."""
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    secret = {} if password is None else {"PGPASSWORD": str(password)}
    return guarded(
        [program(command[0]), *command[1:], f"--dbname={make_conninfo('', **parts)}"],
        env={**os.environ, **secret},
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
    )


def _tell(process: subprocess.Popen[bytes], content: bytes) -> None:
    with suppress(BrokenPipeError), _pipe(process.stdin) as pipe:  # its status will say why
        pipe.write(content)


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # what was still to be written is of no use to anybody
        pipe.close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "asked for with PIPE"
    return pipe


def _expect_success(process: subprocess.Popen[bytes], file: Path, said: IO[bytes]) -> None:
    if process.wait() != 0:
        _fail(file, said)


def _fail(file: Path, said: IO[bytes]) -> NoReturn:
    said.seek(0)
    raise ArchiveFailed(file, said.read().decode(errors="replace").strip())


@contextmanager
def _appearing(file: Path) -> Iterator[IO[bytes]]:
    """A file for us alone to write, which takes its name if all goes well and else is gone."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
            os.fsync(out.fileno())
        part.replace(file)
        sync_folder(file.parent)
    finally:
        part.unlink(missing_ok=True)
