"""From folded text to words, stems and shapes: the small steps that forgive how people type."""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from charsu.catalog.search.fold import fold

WORD_LENGTH_MAX = 40  # a longer run of letters is no word; it is cut, on both sides alike
SHAPE_LENGTHS = (5, 7)  # letters at the beginning of a word within which a slip is looked for

_RUN = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in order, folded; letters and digits part: ``12oz`` is ``12 oz``.

    Numbers keep their decimals, with a point: ``1,5 l`` and ``1.5L`` are the same two words.
    """
    return _words_kept(text) if len(text) <= _KEPT_LENGTH else _words(text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(run.replace(",", ".")[:WORD_LENGTH_MAX] for run in _RUN.findall(fold(text)))


_KEPT_LENGTH = 120  # brands, categories and titles repeat in an import; descriptions do not
_words_kept = lru_cache(maxsize=8192)(_words)


def compounds_of(text: str) -> list[str]:
    """Hyphenated words written as one, since people leave the hyphen out: ``tshirt``."""
    if "-" not in text:
        return []
    return [run.replace("-", "")[:WORD_LENGTH_MAX] for run in _COMPOUND.findall(fold(text))]


def stem(word: str) -> str:
    """The word without the ending that changes with number and case in our languages.

    One vowel, an ``s`` or ``es`` goes if four letters stay: beers, haljine, sukienka. It only
    widens what is looked for; words equal to the typed one are ranked before.
    """
    if len(word) >= 6 and word.endswith("es"):
        return word[:-2]
    if len(word) >= 5 and word[-1] in "aeiouys":
        return word[:-1]
    return word


def shapes_of(word: str) -> set[str]:
    """The two beginnings of a word by which it is found, whole and with each one letter left out.

    Two beginnings that share a shape differ by at most one slip (a letter missing, doubled,
    swapped or mistaken). Source: Wolf Garbe, "1000x Faster Spelling Correction" (symmetric
    delete), 2012, with one deletion and a bounded prefix.
    """
    return {shape for length in SHAPE_LENGTHS for shape in _shapes(word[:length])}


def shapes_typed(word: str) -> set[str]:
    """The shapes by which to look for what a typed word may have meant.

    A short one may be the half of a word, so only its first letters are compared.
    """
    short, long = SHAPE_LENGTHS
    return _shapes(word[:long] if len(word) >= long else word[:short])


def _shapes(beginning: str) -> set[str]:
    return {beginning, *(beginning[:at] + beginning[at + 1 :] for at in range(len(beginning)))}


def slips(typed: str, meant: str) -> int:
    """Letters missing, added, mistaken or swapped with a neighbour between two words.

    Optimal string alignment distance; the meant word may go on after the typed one ends only
    at a cost, as any other missing letter.
    """
    return OSA.distance(typed, meant)


def slips_allowed(word: str) -> int:
    """How many slips a word of this length may hold and still be taken for another.

    None up to three letters: one letter away from ``tee`` are tea, ten, tie and the, and nobody
    who typed a word so short meant any of them.
    """
    if len(word) <= 3 or word[0].isdigit():
        return 0
    return 1 if len(word) < 8 else 2
