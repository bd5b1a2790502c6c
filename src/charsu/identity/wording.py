"""What customers read in messages, in their language."""

from charsu.identity.model import AddressKind
from charsu.language import FALLBACK, match, translate


def worded(
    language: str, *, code: str, minutes: int, kind: AddressKind, is_long: bool = False
) -> tuple[str, str]:
    """The subject and the text of a message with a code; a text message has no subject."""
    _ = translate(match(language) or FALLBACK)
    lasts = _.plural(
        "It is good for {number} minute.",
        "It is good for {number} minutes.",
        minutes,
        number=minutes,
    )
    text = " ".join(
        (
            _("Your code is {code}.", code=code),
            lasts,
            *([_("It is long because many codes were asked for.")] if is_long else []),
            _("Show it to nobody. If you did not ask for it, do nothing."),
        )
    )
    return (_("Your code: {code}", code=code) if kind == "email" else ""), text
