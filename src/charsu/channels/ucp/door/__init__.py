"""The addresses of the shopping door: who asks, for what, and the answer as it is sent."""

from charsu.channels.ucp.door.router import ucp_router

__all__ = ["ucp_router"]
