"""What is asked about customers who come in, one question a file."""

from charsu.identity.queries.links import customer_links
from charsu.identity.queries.own_data import own_data
from charsu.identity.queries.own_order import own_order
from charsu.identity.queries.sessions import customer_sessions
from charsu.identity.queries.timeline import own_timeline, timeline

__all__ = [
    "customer_links",
    "customer_sessions",
    "own_data",
    "own_order",
    "own_timeline",
    "timeline",
]
