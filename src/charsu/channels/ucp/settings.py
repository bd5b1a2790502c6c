"""What a retailer decides about the shopping door."""

from typing import Annotated

from msgspec import Meta, Struct

from charsu.kernel import Setting

_SECRETS = ("sk_", "rk_", "whsec_")  # how payment companies begin what nobody may see
Link = Annotated[str, Meta(pattern="^https://", max_length=500)]


class PaymentHandler(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way in which platforms may pay: its specification, and who takes the money here.

    name        reverse-domain name of the specification, which says how a platform gets its token
    id          what this shop calls it
    provider    who is asked for the money with that token, such as stripe
    spec        page of the specification; ``schema`` the JSON Schema of its configuration
    config      what the specification wants to be told; everybody can read it
    """

    name: Annotated[str, Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9_-]+)+$", max_length=100)]
    id: Annotated[str, Meta(pattern="^[a-z0-9_-]{1,60}$")]
    provider: Annotated[str, Meta(max_length=60)]
    spec: Link
    schema: Link
    config: dict[str, str | int | bool] = {}

    def __post_init__(self) -> None:
        if any(str(value).startswith(_SECRETS) for value in self.config.values()):
            raise ValueError("config holds a secret key, and everybody can read it")


CHANNEL = Setting(
    "ucp.channel",
    str,
    "",
    "Code of the channel in which agents and other shops buy by the Universal Commerce Protocol; "
    "empty keeps that door closed.",
)
ADDRESS = Setting(
    "ucp.address",
    str,
    "",
    "Where the shop is reached from outside, such as https://shop.example; the shopping door is "
    "closed without it, but for callers on the same machine.",
)
SIGNED = Setting(
    "ucp.signed",
    bool,
    True,
    "Whether platforms must sign every request (RFC 9421). Without that, whoever knows the id of a "
    "checkout or an order and the address of the platform that made it can read it.",
)
PLATFORMS = Setting(
    "ucp.platforms",
    tuple[str, ...],
    (),
    "Profile addresses, or beginnings of them, of the platforms that may shop; none lets all in.",
)
PAYMENT_HANDLERS = Setting(
    "ucp.payment_handlers",
    tuple[PaymentHandler, ...],
    (),
    "Ways in which platforms may pay, each with the provider that takes the money. With none they "
    "fill checkouts for which the customer pays on a page of the shop.",
)
SIGNING_KEY = Setting(
    "ucp.signing_key",
    int,
    1,
    "Number of the key that answers are signed with. The next number makes a new key, and the one "
    "before it stays published; raise it again after a week at the earliest.",
)
VERSION = Setting(
    "ucp.version",
    str,
    "",
    "The newest version of the protocol that is spoken, such as 2026-04-08; empty speaks all that "
    "there are.",
)
CONTINUE_URL = Setting(
    "ucp.continue_url",
    str,
    "",
    "Page on which a customer goes on by herself with what an agent has begun; {id} in it stands "
    "for the checkout. It must be https.",
)
ORDER_URL = Setting(
    "ucp.order_url",
    str,
    "",
    "Page of an order; {id} in it stands for the order, {number} for its number.",
)
TERMS_URL = Setting("ucp.terms_url", str, "", "Page with the terms of sale, shown by agents.")
PRIVACY_URL = Setting("ucp.privacy_url", str, "", "Page on privacy, shown by agents.")
CHECKOUT_HOURS = Setting(
    "ucp.checkout_hours", int, 6, "Hours after which an agent's checkout is over without a change."
)
CART_HOURS = Setting(
    "ucp.cart_hours", int, 72, "Hours after which an agent's cart is over without a change."
)
