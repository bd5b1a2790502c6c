"""Who asks: a program with a key, a customer or member of staff with a session, or a guest."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from msgspec import Struct

from charsu.identity import actor_for_customer
from charsu.kernel import Actor, Hub
from charsu.kernel.access import (
    actor_for_key,
    actor_for_session,
    guest_actor,
    guest_id,
    is_token,
    new_token,
)
from charsu.web.api.errors import CredentialsMalformed, CrossSite
from charsu.web.language import choose

SESSION_COOKIE = "session"
GUEST_COOKIE = "guest"
GUEST_HEADER = "x-charsu-guest"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Credentials(Struct, frozen=True):
    """What the request shows of who sends it, not yet checked."""

    key: str | None
    session: str | None
    guest: str
    is_new_guest: bool
    language: str
    origin: str = ""


def credentials(request: Request[Any, Any, Any]) -> Credentials:
    """Read them. Raises CredentialsMalformed, or CrossSite where a cookie alone would open.

    A broken or missing guest token is replaced by a new one.
    """
    key = bearer(request)
    session = None if key else request.cookies.get(SESSION_COOKIE)
    cookie = request.cookies.get(GUEST_COOKIE, "")
    guest = request.headers.get(GUEST_HEADER, cookie)
    if key is None and (session or (cookie and guest == cookie)):
        check_same_site(request)
    is_known = is_token("guest", guest)
    return Credentials(
        key=key,
        session=session,
        guest=guest if is_known else new_token("guest"),
        is_new_guest=not is_known and key is None and session is None,
        language=choose(cookie=None, account=None, accept=request.headers.get("accept-language")),
        origin=address_of(request),
    )


def actor_from(hub: Hub, shown: Credentials) -> Actor:
    """The caller; nobody who shows something is a guest.

    Raises KeyRefused, SessionEnded or CustomerSessionEnded.
    """
    if shown.key is not None and is_token("customer", shown.key):
        return actor_for_customer(hub, shown.key, language=shown.language, origin=shown.origin)
    if shown.key is not None:
        return actor_for_key(hub, shown.key)
    if shown.session is not None:
        return actor_for_session(hub, shown.session)
    return guest_actor(guest_id(shown.guest), shown.language, origin=shown.origin)


def check_same_site(request: Request[Any, Any, Any]) -> None:
    """Raises CrossSite where another site's page may have made a browser send a change.

    Browsers tell where a request comes from by Sec-Fetch-Site (W3C Fetch Metadata), older ones by
    Origin. A change that comes with a cookie and tells neither is refused.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite
        return
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc.lower() != request.headers.get("host", "").lower():
        raise CrossSite


def address_of(request: Request[Any, Any, Any]) -> str:
    """The other end of the connection; an IPv6 caller by the network that one household has."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ip_address(int(address) >> 64 << 64))
    return str(address)


def bearer(request: Request[Any, Any, Any]) -> str | None:
    """The API key that the request shows, if it shows one. Raises CredentialsMalformed."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise CredentialsMalformed
    return key.strip()
