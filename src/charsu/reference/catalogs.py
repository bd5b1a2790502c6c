"""The catalogs of sentences, brought up to date: what is new is added, what nobody says goes.

Serbian is translated once, in Latin script; the Cyrillic catalog is written from it.
"""

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from charsu.language import FALLBACK, LANGUAGES
from charsu.reference.cyrillic import cyrillic
from charsu.reference.sentences import sentences

LATIN, CYRILLIC = "sr-Latn", "sr-Cyrl"
WIDTH = 100


def catalog(folder: Path, language: str) -> Catalog:
    """The catalog as it is kept."""
    with _file(folder, language).open("rb") as file:
        return read_po(file, locale=language.replace("-", "_"))


def bring_up_to_date(folder: Path) -> dict[str, int]:
    """Rewrite the catalogs below the folder; how many sentences each still lacks, by language."""
    lacking = {}
    latin = {message.id: message.string for message in _renewed(folder, LATIN) if message.id}
    for language in LANGUAGES:
        new = _renewed(folder, language)
        if language == CYRILLIC:
            for message in new:
                if message.id:
                    message.string = _in_cyrillic(latin[message.id])
        _write(_file(folder, language), new)
        lacking[language] = sum(not _is_whole(message.string) for message in new if message.id)
    return lacking


def _write(path: Path, new: Catalog) -> None:
    """The sentences in order of their sources, below the head that the file has."""
    head, _, _ = path.read_text("utf-8").partition("\n\n")
    body = BytesIO()
    write_po(body, new, width=WIDTH, sort_output=True, no_location=True, omit_header=True)
    path.write_text(f"{head}\n\n{body.getvalue().decode().strip()}\n", "utf-8")


def _renewed(folder: Path, language: str) -> Catalog:
    """What is said, each with its translation where there is one."""
    kept = catalog(folder, language)
    for message in list(kept):
        if message.id and message.id not in sentences():
            kept.delete(message.id[0] if isinstance(message.id, tuple) else message.id)
    for sentence in sentences():
        one = sentence[0] if isinstance(sentence, tuple) else sentence
        if kept.get(one) is None:
            kept.add(sentence, sentence if language == FALLBACK else "")
    return kept


def _in_cyrillic(text: Any) -> str | tuple[str, ...]:
    return cyrillic(text) if isinstance(text, str) else tuple(map(cyrillic, text))


def _is_whole(text: Any) -> bool:
    return bool(text) and (isinstance(text, str) or all(text))


def _file(folder: Path, language: str) -> Path:
    return folder / language.replace("-", "_") / "LC_MESSAGES" / "messages.po"
