"""Every sentence that a person reads, in the person's language.

Sources are English sentences with ``{names}`` for what is filled in; the same form serves pages,
messages and the refusals of ``HubError`` (``error.template``, ``error.data``). The catalogs are
plain ``.po`` files, read when a language is first used; what a catalog lacks stays English.
"""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from msgspec import Struct


class Language(Struct, frozen=True):
    """A language that the pages are kept in."""

    code: str  # BCP 47, as in <html lang> and Accept-Language
    name: str  # as its speakers write it

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.code, sep="-")


LANGUAGES = {
    language.code: language
    for language in (
        Language("en", "English"),
        Language("sr-Latn", "Srpski"),
        Language("sr-Cyrl", "Српски"),
        Language("pl", "Polski"),
        Language("az", "Azərbaycanca"),
    )
}
FALLBACK = "en"

# Asked for plain Serbian we answer in Latin script, as most Serbian shops on the web do.
_SHORT = {language.split("-")[0].lower(): language for language in reversed(LANGUAGES)}


class Translation:
    """Sentences in one language: ``_("Hello, {name}.", name=name)``."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalog = _read_catalog(language)

    def __call__(self, message: str, /, **data: Any) -> str:
        """The sentence in this language, filled in."""
        return _filled(self._catalog.gettext(message), data) if message else ""

    def plural(self, one: str, many: str, number: int, /, **data: Any) -> str:
        """The sentence in the form that this language uses with ``number``, filled in."""
        return _filled(self._catalog.ngettext(one, many, number), data)


def translate(language: str) -> Translation:
    """Sentences in the given language, or in the nearest one kept."""
    return _translation(match(language) or FALLBACK)


@cache
def _translation(code: str) -> Translation:
    return Translation(LANGUAGES[code])


def match(wanted: str) -> str | None:
    """The language kept for a tag such as ``sr-Latn-RS`` or ``PL``, or None."""
    parts = wanted.strip().replace("_", "-").split("-")
    for length in range(len(parts), 1, -1):
        candidate = "-".join([parts[0].lower(), *(part.title() for part in parts[1:length])])
        if candidate in LANGUAGES:
            return candidate
    return _SHORT.get(parts[0].lower())


def _filled(sentence: str, data: dict[str, Any]) -> str:
    return sentence.format_map(data) if data else sentence


def _read_catalog(language: Language) -> gettext.NullTranslations:
    folder = language.code.replace("-", "_")
    source = files("charsu") / "locales" / folder / "LC_MESSAGES" / "messages.po"
    with source.open("rb") as file:
        catalog = read_po(file, locale=folder)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
