"""Consent, purpose by purpose. Source: UCP 2026-08-25, buyer-consent."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from charsu.channels.ucp.model import Consent
from charsu.channels.ucp.v2026_04_08.messages import Speak
from charsu.language import mark_sentence as _

PURPOSES = {
    "dev.ucp.consent.marketing": ("marketing", _("News and offers from this shop")),
    "dev.ucp.consent.analytics": ("analytics", _("Measuring how the shop is used")),
    "dev.ucp.consent.preferences": ("preferences", _("Remembering what you prefer")),
    "dev.ucp.consent.sale_or_sharing": (
        "sale_of_data",
        _("Selling personal data to others, or sharing it with them"),
    ),
}
"""Our name of each purpose, and how it is described to the buyer."""


class Said(Struct):
    """What the platform says of a purpose; only what the buyer said herself counts."""

    granted: bool
    source: str


def read(said: Mapping[str, Said]) -> Consent:
    """What the buyer decided; purposes that we did not ask for are passed by."""
    given = {
        PURPOSES[name][0]: one.granted
        for name, one in said.items()
        if name in PURPOSES and one.source == "platform"
    }
    return Consent(**given)


def written(consent: Consent, speak: Speak, privacy: str) -> dict[str, Any]:
    """All that we ask for, and what the buyer said of it; by itself nothing is granted."""
    links = {"links": [{"type": "privacy_policy", "url": privacy}]} if privacy else {}
    purposes = {}
    for name, (field, description) in PURPOSES.items():
        said = getattr(consent, field)
        purposes[name] = {
            "granted": bool(said),
            "source": "business" if said is None else "platform",
            "description": speak(description),
            **links,
        }
    return purposes
