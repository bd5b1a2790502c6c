"""Titles for products that the source knows only by type, category and package size.

The source writes a till's shorthand: ``FRZN SS PREMIUM ENTREES/DNRS/N``, ``SFT DRNK SNGL SRV BTL
CARB (EX``. A title says the same in words that a person would type into a search box.
"""

import re

from charsu.demo.year.words import WORDS

TILL_WIDTH = 30

_CUT_OFF = re.compile(r"\((?:[^)]*$|[^)]*\))")  # brackets, and one that the till's width cut off
_WORD = re.compile(r"[A-Z']+|&|[^A-Z'&]+")


def title(type_: str | None, category: str | None, size: str | None, department: str | None) -> str:
    """A name for people: the type, else the category, else the department, then the size.

    ``("FRZN ICE", "ICE - CRUSHED/CUBED", "22 LB")`` is "Ice - crushed / cubed, 22 lb". Where the
    type does not say what it is of ("REGULAR", "SPECIALTY"), the category leads.
    """
    what = phrase(_whole(type_) if type_ else category or department or "Unnamed product")
    of = phrase(category) if type_ and category else ""
    if of and " " not in what and what.lower() not in of.lower():
        what = f"{of}: {what[0].lower()}{what[1:]}"
    return ", ".join(filter(None, (what, package(size or ""))))


def phrase(shorthand: str) -> str:
    """The till's shorthand in sentence case, its abbreviations written out."""
    if shorthand in WORDS.phrases:
        return WORDS.phrases[shorthand]
    text = _CUT_OFF.sub(" ", re.sub(r"(?<=\d)(?=[A-Z])", " ", shorthand.upper()))
    words = "".join(_expand(token) for token in _WORD.findall(text))
    words = re.sub(r"\s*([/:])\s*", _spaced, words)
    words = re.sub(r"\s+", " ", words).strip(" -/:.,")
    return words[:1].upper() + words[1:] or "Unnamed product"


def package(size: str) -> str:
    """``16 OZ`` as "16 oz", ``6/11.2 OZ`` as "6 × 11.2 oz"."""
    known = re.sub(r"[A-Z]+", lambda word: WORDS.sizes.get(word[0], word[0].lower()), size.upper())
    known = known.replace(")", "/") if "(" not in known else known  # "36)1.12 OZ" is a slip
    known = re.sub(r"\b(?![13]/[24]\b)(\d+)\s*/\s*(?=\d)", r"\1 × ", known)
    known = re.sub(r"\(.*", "", re.sub(r"(?<=\d)(?=[a-z])", " ", known))
    return re.sub(r"\s+", " ", known).strip(" -*()/.")


def _whole(type_: str) -> str:
    """A type without its last word where the till's 30 letters may have cut through it."""
    return re.sub(r"[^A-Z]+[A-Z]*$", "", type_) if len(type_) == TILL_WIDTH else type_


def _expand(word: str) -> str:
    if word == "&":
        return " and "
    return WORDS.abbreviations.get(word, word.lower())


def _spaced(mark: re.Match[str]) -> str:
    return ": " if mark[1] == ":" else " / "
