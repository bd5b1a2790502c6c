"""Verbs of the shopping door, one to a file."""

from charsu.channels.ucp.operations.cancel_session import cancel_session
from charsu.channels.ucp.operations.complete_session import complete_session
from charsu.channels.ucp.operations.open_session import open_session
from charsu.channels.ucp.operations.replace_session import replace_session

__all__ = ["cancel_session", "complete_session", "open_session", "replace_session"]
