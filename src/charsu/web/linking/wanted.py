"""What a platform asks of a customer, as it stands in the address of our page."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from msgspec import Struct

from charsu.identity import AskedPlatform, LinkNotAskable

PATH = "/oauth2"
QUERY_LETTERS_MAX = 4000
FIELDS_MAX = 30

Asked = Request[Any, Any, Any]
Pairs = list[tuple[str, str]]


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked; ``problem`` is what is wrong with it, in the words of RFC 6749."""

    query: str
    platform: AskedPlatform
    redirect: str
    scopes: tuple[str, ...]
    challenge: str
    state: str
    problem: str = ""


def pairs_in(query: str) -> Pairs:
    """What the query says. Raises LinkNotAskable for more than anybody needs to say."""
    if len(query) > QUERY_LETTERS_MAX:
        raise LinkNotAskable
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError as problem:
        raise LinkNotAskable from problem
