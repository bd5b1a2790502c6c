"""The first account, and keys: what cannot wait for somebody who is signed in."""

import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import typer

from charsu.cli.refusing import out, said
from charsu.cli.shop import shop
from charsu.cli.speaking import _
from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.kernel.access import (
    IssueKey,
    KeyRole,
    digest_of,
    first_admin,
    hint_of,
    issue_key,
    new_token,
)


def create_admin(
    data: Path | None, email: str, *, name: str, language: str, password_stdin: bool
) -> None:
    """Make the first administrator; the password is asked for, or read from standard input."""
    with shop(data) as hub:
        password = _password(password_stdin)
        first_admin(hub, email=email, name=name or email, password=password, language=language)
    out.print(_("{email} can sign in and let others in.", email=email), markup=False)


def issue(
    data: Path | None, label: str, *, roles: list[str], location: str | None, days: int | None
) -> None:
    """Make a key and print it; the hub keeps only its digest, so it is shown this once."""
    secret = new_token("key")
    with shop(data) as hub:
        with hub.reading() as tx:
            now = tx.now
        place = None if location is None else _location(hub, location)
        ask = IssueKey(
            label=label,
            digest=digest_of(secret).hex(),
            hint=hint_of(secret),
            roles=tuple(KeyRole(role=role, location_id=place) for role in roles),
            expires_at=None if days is None else now + timedelta(days=days),
        )
        made = hub.run(issue_key, ask, actor=SYSTEM)
    said.print(_("Key {key_id}, shown this once:", key_id=made.key_id), markup=False)
    out.print(secret, markup=False)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(
        typer.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Password again"))
    )


def _location(hub: Hub, code: str) -> UUID:
    with hub.reading() as tx:
        found = tx.value("SELECT id FROM stock.locations WHERE code = %(code)s", code=code)
    if found is None:
        raise NotFound("location", code)
    return UUID(int=found.int)
