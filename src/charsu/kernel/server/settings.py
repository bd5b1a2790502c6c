"""The server's settings for a machine it shares with the hub itself."""

import contextlib
from pathlib import Path

import psutil

from charsu.kernel.server.identity import Identity

FILE = "charsu.conf"
MEGABYTE = 1 << 20
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

HBA = """\
# Written by Charsu. The only door is a socket in a folder that the shop's owner alone can enter.
local all all trust
"""

CONF = """\
# Written by Charsu at each start; put settings of your own into postgresql.conf, below the include.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
cluster_name = 'charsu'

shared_buffers = {shared_buffers}MB
wal_buffers = {wal_buffers}MB
effective_cache_size = {effective_cache_size}MB
maintenance_work_mem = {maintenance_work_mem}MB
work_mem = 8MB
random_page_cost = 1.1
jit = off

fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_size = 1GB
max_logical_replication_workers = 0
checkpoint_completion_target = 0.9

timezone = 'UTC'
log_timezone = 'UTC'
default_text_search_config = 'pg_catalog.simple'

logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_file_mode = 0600
log_line_prefix = '%m [%p] %q%u@%d %a '
log_checkpoints = off
log_lock_waits = on
"""


def write(database: Path, identity: Identity, *, memory: int | None = None) -> None:
    """Write the settings into the database's folder; ``memory`` in bytes is for this machine's."""
    text = CONF.format_map(_sizes(machine_memory() if memory is None else memory))
    for name, content in ((FILE, text), ("pg_hba.conf", HBA)):
        path = database / name
        path.write_text(content)
        identity.own(path)
    main = database / "postgresql.conf"
    if f"include '{FILE}'" not in (present := main.read_text()):
        main.write_text(f"{present}\ninclude '{FILE}'\n")


def _sizes(memory: int) -> dict[str, int]:
    """An eighth of the memory for the server's own cache, at least 32 and at most 512 MB.

    What waits to be written to the log has a quarter of what PostgreSQL would take, all of it in
    use after some seconds of selling.
    """
    megabytes = memory // MEGABYTE
    shared_buffers = min(512, max(32, megabytes // 8))
    return {
        "shared_buffers": shared_buffers,
        "wal_buffers": max(1, shared_buffers // 128),
        "effective_cache_size": max(128, megabytes // 2),
        "maintenance_work_mem": min(256, max(32, megabytes // 32)),
    }


def machine_memory() -> int:
    """The memory in bytes that we may use: the machine's, or the container's if that is less."""
    limits = [int(psutil.virtual_memory().total)]
    for file in CGROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max" where there is no limit
            limits.append(int(file.read_text()))
    return min(limits)
