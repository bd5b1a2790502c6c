"""What the log may say of the shopping door; the subject is the cart or checkout."""

from uuid import UUID

from charsu.kernel import Fact


class UcpSessionOpened(Fact, frozen=True, kw_only=True):
    """A platform began to shop for somebody."""

    kind: str
    platform_id: UUID
    cart_id: UUID


class UcpSessionReplaced(Fact, frozen=True, kw_only=True):
    """A platform said anew what the session should be."""

    lines: int


class UcpSessionPaying(Fact, frozen=True, kw_only=True):
    """The buyer pays; how that comes out decides whether the checkout becomes an order."""

    authorization_id: UUID


class UcpSessionEscalated(Fact, frozen=True, kw_only=True):
    """The buyer has to go on herself."""

    reason: str


class UcpSessionCompleted(Fact, frozen=True, kw_only=True):
    """The checkout became an order.

    agreed_to, declined   what the buyer said of her data, by purpose: analytics, preferences,
                          marketing, sale_of_data; of the rest she said nothing
    """

    order_id: UUID
    agreed_to: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()


class UcpSessionCanceled(Fact, frozen=True, kw_only=True):
    """The session is over without an order; whom it was for is forgotten."""

    reason: str


class UcpSessionHeldUp(Fact, frozen=True, kw_only=True):
    """The checkout was to be completed and could not be, for these reasons."""

    reasons: tuple[str, ...]
