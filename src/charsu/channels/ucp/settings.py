"""What a retailer decides about the shopping door."""

from charsu.kernel import Setting

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
