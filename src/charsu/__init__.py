"""Charsu: one hub for everything that a retailer sells, wherever it is sold."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from charsu.assembly import open_hub
    from charsu.kernel import Hub

__all__ = ["Hub", "open_hub"]


def __getattr__(name: str) -> Any:
    """Load what is asked for, so that a command that needs none of it starts at once."""
    if name == "Hub":
        from charsu.kernel import Hub

        return Hub
    if name == "open_hub":
        from charsu.assembly import open_hub

        return open_hub
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
