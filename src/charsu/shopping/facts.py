"""What the log may say about carts; the subject is the cart, the version its revision."""

from uuid import UUID

from charsu.kernel import Fact


class CartOpened(Fact, frozen=True, kw_only=True):
    """Somebody began to shop."""

    channel_id: UUID
    owner_kind: str
    owner_id: UUID


class CartLineSet(Fact, frozen=True, kw_only=True):
    """So much of a variant is wanted from now on."""

    variant_id: UUID
    quantity: int


class CartLineRemoved(Fact, frozen=True, kw_only=True):
    """A variant is no longer wanted."""

    variant_id: UUID
    quantity: int


class CartDeliverySet(Fact, frozen=True, kw_only=True):
    """How and where the goods should reach the customer."""

    kind: str
    country: str
    location_id: UUID | None


class CartCodesSet(Fact, frozen=True, kw_only=True):
    """A coupon was put into the cart or taken out; so many are in it now."""

    codes: int


class CartReplaced(Fact, frozen=True, kw_only=True):
    """Somebody said anew, and whole, what is in the cart and how it should reach her."""

    lines: int
    codes: int
    kind: str


class CartPricesSeen(Fact, frozen=True, kw_only=True):
    """The customer knows the prices of these variants as they are now."""

    variant_ids: tuple[UUID, ...]


class CartHeld(Fact, frozen=True, kw_only=True):
    """Everything in the cart is promised for a while."""

    pieces: int


class CartReleased(Fact, frozen=True, kw_only=True):
    """What was promised is on sale again."""

    pieces: int


class CartMerged(Fact, frozen=True, kw_only=True):
    """A guest signed in; her cart went into another and is closed."""

    into_id: UUID
    lines: int


class CartTookOver(Fact, frozen=True, kw_only=True):
    """What a guest had in another cart is in this one now."""

    from_id: UUID
    lines: int


class CartOrdered(Fact, frozen=True, kw_only=True):
    """The cart became an order."""

    order_id: UUID
    currency: str
    total_minor: int


class CartPaymentBegun(Fact, frozen=True, kw_only=True):
    """A provider is asked for the cart's total; until it has answered nothing in it changes."""

    authorization_id: UUID


class CartPaymentEnded(Fact, frozen=True, kw_only=True):
    """The payment came to nothing; the cart is open again."""

    reason: str


class CartAbandoned(Fact, frozen=True, kw_only=True):
    """Nobody came back to the cart in time."""

    lines: int
