"""Where people go on by themselves."""

from typing import Any
from urllib.parse import quote

from msgspec import Struct

from charsu.channels.ucp.model import Session
from charsu.channels.ucp.naming import ORDER, SESSION
from charsu.kernel import show_id


class Pages(Struct, frozen=True, kw_only=True):
    """The shop's pages; templates with {id} and {number}."""

    address: str
    go_on: str = ""
    order: str = ""
    terms: str = ""
    privacy: str = ""

    def to_go_on(self, session: Session) -> str | None:
        """Where the buyer goes on with it."""
        if session.state == "escalated" and session.action_url:
            return session.action_url
        if not self.go_on:
            return None
        return self.go_on.replace("{id}", quote(show_id(SESSION, session.id)))

    def of_order(self, order_id: Any, number: int) -> str:
        """Where the buyer finds her order."""
        page = self.order or f"{self.address}/orders/{{number}}"
        return page.replace("{id}", show_id(ORDER, order_id)).replace("{number}", str(number))

    def links(self) -> list[dict[str, str]]:
        """What the law wants shown."""
        pages = {"terms_of_service": self.terms, "privacy_policy": self.privacy}
        return [{"type": kind, "url": url} for kind, url in pages.items() if url]
