"""Header fields that have a structure (RFC 8941)."""

from typing import Any

import http_sf


def dictionary(header: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """The members of a dictionary, each with its parameters. Raises ValueError."""
    members: dict[str, tuple[Any, dict[str, Any]]] = http_sf.parse(  # type: ignore[assignment]
        header.encode("ascii"), tltype="dictionary"
    )
    return members
