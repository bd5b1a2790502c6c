"""Root, ordinary users, and users without a name; each with the machine's real means."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import charsu
from charsu.kernel.server import open_server

pytestmark = pytest.mark.slow

Ask = Callable[[str, str], object]
Open = Callable[..., object]

NOBODY = pwd.getpwnam("nobody")
NAMELESS = 54321

# What a container's usual filter does to unshare(2), for this process and all it starts.
FORBID_NAMESPACES = """
import ctypes, errno, platform, struct

UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
LOAD_NUMBER, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
rules = [
    (LOAD_NUMBER, 0, 0, 0),
    (IF_EQUAL, 0, 1, UNSHARE),
    (RETURN, 0, 0, 0x00050000 | errno.EPERM),
    (RETURN, 0, 0, 0x7FFF0000),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
program = struct.pack("HxxxxxxQ", len(rules), ctypes.addressof(code))
libc = ctypes.CDLL(None, use_errno=True)
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2
assert libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
assert libc.prctl(SECCOMP, FILTER, program, 0, 0) == 0
"""

# Root's Python may lie where nobody else can go; seen through mounts of its own, it need not be
# copied, nor any folder opened.
BECOME = """
import ctypes, os, sys

uid, gid, place, *rest = sys.argv[1:]
libc = ctypes.CDLL(None, use_errno=True)
NEW_MOUNTS, BIND, PRIVATE_RECURSIVE = 0x20000, 0x1000, 0x44000
if libc.unshare(NEW_MOUNTS) or libc.mount(b"none", b"/", None, PRIVATE_RECURSIVE, None):
    sys.exit("no mounts here")
count = rest.index("--")
for number, source in enumerate(rest[:count]):
    target = os.path.join(place, str(number))
    os.mkdir(target)
    if libc.mount(source.encode(), target.encode(), None, BIND, None):
        sys.exit("no mounts here")
os.chdir("/")
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
python, *paths = (os.path.join(place, str(number)) for number in range(count))
os.environ.update(PYTHONPATH=":".join(paths), HOME="/", PYTHONDONTWRITEBYTECODE="1")
os.environ.pop("XDG_RUNTIME_DIR", None)
os.execv(os.path.join(python, "bin", "python3"), ["python3", *rest[count + 1 :]])
"""


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that everybody can reach."""
    made = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True)
    place = Path(made.stdout.strip())
    place.chmod(0o755)
    yield place
    subprocess.run(["rm", "-rf", place], check=True)


@pytest.fixture
def as_user(open_place: Path) -> Callable[[int, int], list[str]]:
    """The beginning of a command that runs Python as somebody else."""

    def command(uid: int, gid: int) -> list[str]:
        mounts = open_place / "mounts"
        mounts.mkdir()
        packages = Path(psutil.__file__).parents[1]
        sources = [sys.base_prefix, Path(charsu.__file__).parents[1], packages]
        become = [uid, gid, mounts, *sources, "--"]
        return [sys.executable, "-c", BECOME, *map(str, become)]

    return command


def homes(place: Path, uid: int, gid: int) -> Path:
    """A folder of this user's own, closed to all others."""
    home = place / "home"
    home.mkdir(mode=0o700)
    os.chown(home, uid, gid)
    return home


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def modes_above(folder: Path) -> list[int]:
    return [stat.S_IMODE(parent.stat().st_mode) for parent in folder.parents]


def users_of(process: psutil.Process) -> set[int]:
    return {process.uids().real, process.uids().effective}


def test_roots_files_stay_roots_and_the_server_is_content(
    folder: Path, opener: Open, ask: Ask, as_root: None
) -> None:
    before = modes_above(folder)
    owner = opener(folder)
    assert ask(owner.dsn, "SELECT 1") == 1
    seen_as = Path(f"/proc/{owner.postmaster().pid}/uid_map").read_text().split()
    assert seen_as[1:] == ["0", "1"]
    assert seen_as[0] != "0"
    assert owners(folder) == {0}
    assert modes_above(folder) == before


def test_where_namespaces_are_forbidden_an_unprivileged_user_runs_roots_server(
    folder: Path, opener: Open, ask: Ask, as_root: None
) -> None:
    folder.parent.chmod(0o700)
    before = modes_above(folder)
    owner = opener(folder, FORBID_NAMESPACES)
    ask(owner.dsn, "CREATE TABLE sale AS SELECT 1 AS number")

    assert users_of(owner.postmaster()) == {NOBODY.pw_uid}
    assert owners(folder / "postgres") == {NOBODY.pw_uid}
    assert modes_above(folder) == before
    owner.leave()

    with open_server(folder) as server:  # and where they are allowed, the same shop opens
        assert ask(server.dsn, "SELECT number FROM sale") == 1


def test_a_shop_that_root_made_in_a_namespace_opens_where_there_is_none(
    folder: Path, opener: Open, ask: Ask, as_root: None
) -> None:
    with open_server(folder) as server:
        ask(server.dsn, "CREATE TABLE sale AS SELECT 1 AS number")

    owner = opener(folder, FORBID_NAMESPACES)

    assert ask(owner.dsn, "SELECT number FROM sale") == 1
    assert owners(folder / "postgres") == {NOBODY.pw_uid}


def test_an_ordinary_user_runs_her_own_server(
    open_place: Path, opener: Open, ask: Ask, as_user: Callable[..., list[str]], as_root: None
) -> None:
    home = homes(open_place, NOBODY.pw_uid, NOBODY.pw_gid)
    owner = opener(home / "shop", "", *as_user(NOBODY.pw_uid, NOBODY.pw_gid))
    assert ask(owner.dsn, "SELECT 1") == 1
    assert users_of(owner.postmaster()) == {NOBODY.pw_uid}
    assert owners(home) == {NOBODY.pw_uid}


def test_a_user_without_a_name_runs_a_server_all_the_same(
    open_place: Path, opener: Open, ask: Ask, as_user: Callable[..., list[str]], as_root: None
) -> None:
    home = homes(open_place, NAMELESS, NAMELESS)
    owner = opener(home / "shop", "", *as_user(NAMELESS, NAMELESS))
    assert ask(owner.dsn, "SELECT 1") == 1
    assert owners(home) == {NAMELESS}


def test_root_opens_somebodys_shop_and_leaves_it_hers(
    open_place: Path, opener: Open, ask: Ask, as_user: Callable[..., list[str]], as_root: None
) -> None:
    home = homes(open_place, NOBODY.pw_uid, NOBODY.pw_gid)
    shop = home / "shop"
    shop.mkdir(mode=0o700)
    os.chown(shop, NOBODY.pw_uid, NOBODY.pw_gid)
    with open_server(shop) as server:
        ask(server.dsn, "CREATE TABLE sale AS SELECT 1 AS number")
    assert owners(home) == {NOBODY.pw_uid}

    owner = opener(shop, "", *as_user(NOBODY.pw_uid, NOBODY.pw_gid))
    assert ask(owner.dsn, "SELECT number FROM sale") == 1


def test_somebody_elses_shop_is_refused(
    open_place: Path, opener: Open, as_user: Callable[..., list[str]], as_root: None
) -> None:
    shop = open_place / "shop"
    with open_server(shop):
        pass
    refused = opener(shop, "", *as_user(NOBODY.pw_uid, NOBODY.pw_gid)).refusal()
    assert refused.startswith("charsu.kernel.server.errors.FolderForbidden"), refused
