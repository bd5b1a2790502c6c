"""The first account, invitations and keys: what cannot wait for somebody who is signed in."""

import sys
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import typer

from charsu.cli.refusing import out, said
from charsu.cli.shop import shop
from charsu.cli.speaking import _
from charsu.kernel import SYSTEM, Hub, NotFound
from charsu.kernel.access import (
    AlreadyGranted,
    CreateAccount,
    GrantRole,
    Invite,
    IssueKey,
    KeyRole,
    create_account,
    digest_of,
    first_admin,
    fold_email,
    grant_role,
    hint_of,
    invite,
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


def let_in(
    data: Path | None,
    email: str,
    *,
    name: str,
    language: str,
    roles: list[str],
    location: str | None,
) -> None:
    """Make the account where there is none, give it the roles, and print a link that works once.

    The hub keeps only the digest of the link's token. An account that is there keeps its name and
    roles: so a forgotten password is mended.
    """
    token = new_token("invitation")
    with shop(data) as hub:
        account_id = _account(hub, email) or _made(hub, email, name or email, language)
        _grant(hub, account_id, roles, None if location is None else _location(hub, location))
        letter = Invite(account_id=account_id, token_digest=digest_of(token).hex())
        good = hub.run(invite, letter, actor=SYSTEM).expires_at
    until = f"{good:%Y-%m-%d %H:%M} UTC"
    said.print(
        _("A link for {email}, good once, until {time}:", email=email, time=until), markup=False
    )
    said.print(_("Put the address of your shop before it."))
    out.print(f"/invitation/{token}", markup=False)


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


def _made(hub: Hub, email: str, name: str, language: str) -> UUID:
    asked = CreateAccount(email=email, name=name, language=language)
    return hub.run(create_account, asked, actor=SYSTEM).account_id


def _grant(hub: Hub, account_id: UUID, roles: list[str], place: UUID | None) -> None:
    for role in roles:
        with suppress(AlreadyGranted):
            ask = GrantRole(account_id=account_id, role=role, location_id=place)
            hub.run(grant_role, ask, actor=SYSTEM)


def _account(hub: Hub, email: str) -> UUID | None:
    with hub.reading() as tx:
        found = tx.value(
            "SELECT id FROM kernel.accounts WHERE email_folded = %(email)s", email=fold_email(email)
        )
    return None if found is None else UUID(int=found.int)


def _location(hub: Hub, code: str) -> UUID:
    with hub.reading() as tx:
        found = tx.value("SELECT id FROM stock.locations WHERE code = %(code)s", code=code)
    if found is None:
        raise NotFound("location", code)
    return UUID(int=found.int)
