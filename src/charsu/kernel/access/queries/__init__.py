"""What is asked about who may come in and what they did, one question a file."""

from charsu.kernel.access.queries.accounts import account, accounts
from charsu.kernel.access.queries.audit import audit
from charsu.kernel.access.queries.keys import keys
from charsu.kernel.access.queries.me import me
from charsu.kernel.access.queries.roles import roles

__all__ = ["account", "accounts", "audit", "keys", "me", "roles"]
