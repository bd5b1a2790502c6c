"""One request on its way through the door."""

import asyncio
from typing import Any

from litestar import Request
from litestar.exceptions import HTTPException
from msgspec import Struct

from charsu.channels.ucp import trial
from charsu.channels.ucp.capabilities import Active
from charsu.channels.ucp.errors import DoorClosed, RequestInvalid
from charsu.channels.ucp.handlers import handlers_of
from charsu.channels.ucp.pages import Pages
from charsu.channels.ucp.paying import Handler
from charsu.channels.ucp.settings import (
    ADDRESS,
    CHANNEL,
    CONTINUE_URL,
    ORDER_URL,
    PRIVACY_URL,
    SIGNED,
    TERMS_URL,
    VERSION,
)
from charsu.channels.ucp.spoken import spoken_until
from charsu.channels.ucp.versions import Version
from charsu.identity import ActedFor, has_platforms
from charsu.kernel import Actor, Tx

BODY_SECONDS_MAX = 20
KEY_LETTERS_MAX = 255


class Shop(Struct, frozen=True):
    """What the shop's settings say of the door at this moment."""

    is_open: bool
    address: str
    must_sign: bool
    pages: Pages
    spoken: dict[str, Version]
    handlers: tuple[Handler, ...]
    can_link: bool = False

    @property
    def newest(self) -> Version:
        """The version that the profile at the well-known address is of."""
        return list(self.spoken.values())[-1]


class Exchange(Struct, frozen=True):
    """A request of a platform that is known, and what is needed to answer it.

    name       the thing that it is about, as the platform calls it; empty where there is none yet
    acts_for   the customer whose token came along
    """

    shop: Shop
    version: Version
    actor: Actor
    active: Active
    body: bytes
    key: str | None
    name: str
    language: str
    acts_for: ActedFor | None = None


def shop_in(tx: Tx, host: str) -> Shop:
    """The shop as it is reached under this host; open to others only where it has an address."""
    address = tx.setting(ADDRESS).rstrip("/")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if not address and trial.is_loopback(name):
        address = f"http://{host}"
    pages = Pages(
        address=address,
        go_on=tx.setting(CONTINUE_URL),
        order=tx.setting(ORDER_URL),
        terms=tx.setting(TERMS_URL),
        privacy=tx.setting(PRIVACY_URL),
    )
    is_open = bool(tx.setting(CHANNEL) and address)
    spoken = spoken_until(tx.setting(VERSION))
    return Shop(
        is_open, address, tx.setting(SIGNED), pages, spoken, handlers_of(tx), has_platforms(tx)
    )


def issuer_at(tx: Tx, host: str) -> str:
    """The address under which the shop lets platforms act for customers. Raises DoorClosed."""
    shop = shop_in(tx, host)
    check_open(shop)
    return shop.address


def check_open(shop: Shop) -> None:
    """Raises DoorClosed."""
    if not shop.is_open:
        raise DoorClosed


def key_of(request: Request[Any, Any, Any]) -> str | None:
    """The idempotency key of a change. Raises RequestInvalid for one that nobody could repeat."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method == "GET":
        return None
    return checked_key(key)


def checked_key(key: str) -> str:
    """An idempotency key that can be repeated. Raises RequestInvalid."""
    if not (1 <= len(key) <= KEY_LETTERS_MAX and all("!" <= letter <= "~" for letter in key)):
        raise RequestInvalid("the idempotency key is too long, or no plain text")
    return key


async def body_of(request: Request[Any, Any, Any]) -> bytes:
    """The body; the application bounds its size. Raises RequestInvalid."""
    try:
        return await asyncio.wait_for(request.body(), BODY_SECONDS_MAX)
    except TimeoutError as problem:
        raise RequestInvalid("it did not arrive in time") from problem
    except HTTPException as problem:
        raise RequestInvalid("it is too large") from problem


def language_of(request: Request[Any, Any, Any]) -> str:
    """The language that the platform asks for first."""
    return request.headers.get("accept-language", "en")[:100].split(",")[0].split(";")[0].strip()
