"""What platforms ask, one question a file."""

from charsu.channels.ucp.queries.find_goods import find_goods, search_goods
from charsu.channels.ucp.queries.read_order import read_session_order
from charsu.channels.ucp.queries.read_session import read_session

__all__ = ["find_goods", "read_session", "read_session_order", "search_goods"]
