"""What customers read in messages, in their language."""

from charsu.identity.model import AddressKind, ChallengePurpose
from charsu.language import FALLBACK, match, translate


def worded(
    language: str,
    *,
    code: str,
    minutes: int,
    kind: AddressKind,
    purpose: ChallengePurpose,
    is_long: bool,
) -> tuple[str, str]:
    """The subject and the text of a message with a code; a text message has no subject."""
    _ = translate(match(language) or FALLBACK)
    said = [_("Your code is {code}.", code=code)]
    if purpose == "erase":
        said.append(_("With it you have all that we know of you erased."))
    said.append(
        _.plural(
            "It is good for {number} minute.",
            "It is good for {number} minutes.",
            minutes,
            number=minutes,
        )
    )
    if is_long:
        said.append(_("It is long because many codes were asked for."))
    said.append(_("Show it to nobody. If you did not ask for it, do nothing."))
    return (_("Your code: {code}", code=code) if kind == "email" else ""), " ".join(said)


def worded_notice(language: str, *, kind: AddressKind) -> tuple[str, str]:
    """The subject and the text of a message to an address that is hers no more."""
    _ = translate(match(language) or FALLBACK)
    if kind == "email":
        what = _("Another e-mail address has taken the place of this one in your account.")
    else:
        what = _("Another telephone number has taken the place of this one in your account.")
    text = f"{what} {_('If that was not you, tell us at once.')}"
    return (_("Your address was replaced") if kind == "email" else ""), text
