"""Who may do what, worked out a second time: from the words of the declarations alone."""

import re

from charsu.kernel.access import ROLES


def is_permitted(role: str, permission: str) -> bool:
    """Whether the role's patterns cover the permission; ``*`` stands for any letters."""
    patterns = (re.escape(one).replace(r"\*", ".*") for one in ROLES[role].permissions)
    return any(re.fullmatch(pattern, permission) for pattern in patterns)
