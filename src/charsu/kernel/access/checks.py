"""What must be true of those who may come in, at any moment."""

from charsu.kernel.log import Subject, changes_are_told

SUBJECTS = (
    Subject(table="kernel.accounts", named="'account ' || id"),
    Subject(table="kernel.api_keys", named="'key ' || id"),
    Subject(table="kernel.sessions", named="'session ' || id"),
)

CHECKS = (
    changes_are_told(
        "changes_of_access_are_told",
        "Every change of an account, a key or a session has its fact.",
        SUBJECTS,
    ),
)
