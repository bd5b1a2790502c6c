"""Which language a browser or program is answered in."""

from charsu.language import FALLBACK, match


def choose(*, cookie: str | None, account: str | None, accept: str | None) -> str:
    """The language to answer in: chosen on this device, else in the account, else by the browser.

    accept   the Accept-Language header (RFC 9110, section 12.5.4)
    """
    for wanted in (cookie, account, *_accepted(accept or "")):
        if wanted and (found := match(wanted)):
            return found
    return FALLBACK


def _accepted(header: str) -> list[str]:
    """Language tags of the header, the most wanted first, without refused and broken ones."""
    weighted = [_weight(part) for part in header[:500].split(",")]
    wanted = [(quality, tag) for quality, tag in weighted if quality > 0 and tag != "*"]
    return [tag for _, tag in sorted(wanted, key=lambda item: -item[0])]


def _weight(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        return float(parameter.strip().removeprefix("q=") or 1), tag.strip()
    except ValueError:
        return 0, tag.strip()
