"""The demo's own people: one account for each kind of work, with passwords made for this shop."""

import secrets
from uuid import UUID

from msgspec import Struct

from charsu.kernel import SYSTEM, Hub
from charsu.kernel.access import (
    CreateAccount,
    GrantRole,
    Invite,
    accept_invitation,
    create_account,
    digest_of,
    first_admin,
    grant_role,
    invite,
    needs_first_admin,
    new_token,
)


class SignIn(Struct, frozen=True):
    """How somebody gets in. The password is nowhere kept but here."""

    email: str
    password: str
    role: str
    place: str | None  # code of the location, or None for everywhere


class Member(Struct, frozen=True):
    """Somebody who works for the chain; the addresses reach nobody (RFC 2606)."""

    email: str
    name: str
    role: str
    language: str
    place: str | None = None


ADMIN = Member("admin@example.com", "Ada Adminović", "admin", "en")
STAFF = (
    Member("jelena@example.com", "Jelena Vodić", "manager", "sr-Latn"),
    Member("marko@example.com", "Marko Kasić", "cashier", "sr-Cyrl", "belgrade-knez"),
    Member("zofia@example.com", "Zofia Kasowa", "cashier", "pl", "warsaw-mokotowska"),
    Member("leyla@example.com", "Leyla Kassa", "cashier", "az", "baku-nizami"),
    Member("petar@example.com", "Petar Magacinović", "stockkeeper", "sr-Latn", "simanovci"),
)


def add_staff(hub: Hub, *, password: str | None = None) -> tuple[SignIn, ...]:
    """Make the accounts; nothing where the shop has an administrator already.

    password   for all of them, or None and each gets one by chance
    """
    if not needs_first_admin(hub):
        return ()
    with hub.reading() as tx:
        places = {row.code: row.id for row in tx.all("SELECT code, id FROM stock.locations")}
    sign_ins = []
    for member in STAFF:
        if member.place is not None and member.place not in places:
            continue
        chosen = password or secrets.token_urlsafe(12)
        _add(hub, member, chosen, places)
        sign_ins.append(SignIn(member.email, chosen, member.role, member.place))
    # Last of all, so that a load which was interrupted before is done again.
    chosen = password or secrets.token_urlsafe(12)
    first_admin(hub, email=ADMIN.email, name=ADMIN.name, password=chosen)
    return (SignIn(ADMIN.email, chosen, ADMIN.role, None), *sign_ins)


def _add(hub: Hub, member: Member, password: str, places: dict[str, UUID]) -> None:
    new = CreateAccount(email=member.email, name=member.name, language=member.language)
    made = hub.run(create_account, new, actor=SYSTEM, key=f"demo/{member.email}")
    granted = GrantRole(
        account_id=made.account_id,
        role=member.role,
        location_id=places[member.place] if member.place else None,
    )
    hub.run(grant_role, granted, actor=SYSTEM, key=f"demo/{member.email}")
    token = new_token("invitation")
    ask = Invite(account_id=made.account_id, token_digest=digest_of(token).hex())
    hub.run(invite, ask, actor=SYSTEM)
    accept_invitation(hub, token=token, password=password)
