"""Every sentence that a person reads, in the person's language.

Sources are English sentences with ``{names}`` for what is filled in; the same form serves pages,
messages and the refusals of ``HubError`` (``error.template``, ``error.data``). The catalogs are
plain ``.po`` files, read when a language is first used; what a catalog lacks stays English.
Plug-ins bring catalogs of their own, for sentences that ours do not have.
"""

import gettext
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from string import Formatter
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
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
WORDED = ("asked", "choice", "holds", "kind", "part", "reason", "state")
"""Slots that words of ours are put into: these are said in the reader's language, too."""

CODED = ("choice", "kind", "state")
"""Slots whose words are codes: ``partly_fulfilled`` is said "partly fulfilled"."""

# Asked for plain Serbian we answer in Latin script, as most Serbian shops on the web do.
_SHORT = {language.split("-")[0].lower(): language for language in reversed(LANGUAGES)}


_OWN = files("charsu") / "locales"
_joined: list[Traversable] = []
"""Folders of plug-ins; the earlier one counts."""


def mark_sentence(sentence: str) -> str:
    """The sentence as it is, marked for the catalogs; it is translated where it is shown."""
    return sentence


class Translation:
    """Sentences in one language: ``_("Hello, {name}.", name=name)``."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._catalog = _compiled(_read_catalog(_OWN, language))
        for folder in _joined:
            self._catalog.add_fallback(_compiled(_read_catalog(folder, language)))

    def __call__(self, message: str, /, **data: Any) -> str:
        """The sentence in this language, filled in."""
        return _filled(self._catalog.gettext(message), self._worded(data)) if message else ""

    def plural(self, one: str, many: str, number: int, /, **data: Any) -> str:
        """The sentence in the form that this language uses with ``number``, filled in."""
        return _filled(self._catalog.ngettext(one, many, number), self._worded(data))

    def number(self, value: int) -> str:
        """The number with the marks that this language puts between thousands."""
        return format_decimal(value, locale=self.language.locale)

    def decimal(self, value: float) -> str:
        """The value with one digit after the decimal mark."""
        return format_decimal(value, "#,##0.0", locale=self.language.locale)

    def _worded(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data with our own words translated; what is no word of ours stays as it is."""
        return {
            name: self._catalog.gettext(spoken(value) if name in CODED else value)
            if name in WORDED and value and isinstance(value, str)
            else value
            for name, value in data.items()
        }


def spoken(code: str) -> str:
    """A code of ours as a person says it in English."""
    return code.replace("_", " ")


def join_catalogs(folder: Traversable) -> None:
    """Let the catalogs of a plug-in speak where ours have nothing to say.

    folder   holds ``<language>/LC_MESSAGES/messages.po`` for any of our languages

    Raises ValueError where a translation wants filled in what its sentence does not, and whatever
    reading a broken file raises; then none of them counts.
    """
    for language in LANGUAGES.values():
        for message in _read_catalog(folder, language):
            _check_names(message)
    _joined.append(folder)
    _translation.cache_clear()


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


def _read_catalog(folder: Traversable, language: Language) -> Catalog:
    """The catalog of this language, empty where the folder has none."""
    locale = language.code.replace("-", "_")
    source = folder / locale / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return Catalog(locale)
    with source.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _check_names(message: Message) -> None:
    known = set().union(*map(_names, _texts(message.id))) | {"number"}
    for text in _texts(message.string or ()) if message.id else ():
        if wrong := _names(text) - known:
            raise ValueError(f"{text!r} fills in {', '.join(sorted(wrong))}")


def _texts(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _compiled(catalog: Catalog) -> gettext.GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
