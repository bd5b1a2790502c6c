"""By what a customer can be known."""

from typing import Literal

IssuedKind = Literal["external", "card", "device", "marketplace", "agent"]
"""What somebody else gave her: a system, a loyalty scheme, an app, a marketplace, an agent."""
IdentifierKind = Literal["email", "phone", IssuedKind]
