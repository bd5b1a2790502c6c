"""All versions that are spoken here, and in which of them a platform is answered."""

from charsu.channels.ucp.errors import VersionUnsupported
from charsu.channels.ucp.v2026_04_08.version import V2026_04_08
from charsu.channels.ucp.v2026_08_25.version import V2026_08_25
from charsu.channels.ucp.versions import Version

VERSIONS = {one.name: one for one in (V2026_04_08, V2026_08_25)}
"""By name, the oldest first."""


def spoken_until(newest: str) -> dict[str, Version]:
    """The versions up to this one; all where it names none of them."""
    if newest not in VERSIONS:
        return VERSIONS
    return {name: one for name, one in VERSIONS.items() if name <= newest}


def version_for(asked: str, spoken: dict[str, Version]) -> Version:
    """The version that a platform's profile names. Raises VersionUnsupported for any other.

    Source: UCP 2026-04-08, overview, "Request-Time Validation".
    """
    found = spoken.get(asked)
    if found is None:
        raise VersionUnsupported(asked[:20], ", ".join(spoken))
    return found
