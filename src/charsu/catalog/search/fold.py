"""Folding: what people type and what products are called, brought to one plain spelling.

The fold is a key for comparing and is never shown. It depends on no server locale and is the
same for every language, so one index answers them all: Serbian Cyrillic becomes Latin, marks
above and below letters go, and letters that keyboards lack become the ones people type instead.
"""

import re
import unicodedata

_CYRILLIC = str.maketrans(
    "абвгдежзијклмнопрстћуфхцчшђѓќѕйыэщё",
    "abvgdezzijklmnoprstcufhccsdgkzjyese",
    "ьъ",
) | str.maketrans({"љ": "lj", "њ": "nj", "џ": "dz", "ю": "ju", "я": "ja"})
_LATIN = str.maketrans(
    {"ı": "i", "ə": "e", "ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t"}
    | {"æ": "ae", "œ": "oe", "þ": "th"}
)
_REPLACED = _CYRILLIC | _LATIN | str.maketrans("", "", "'’‘ʼ`´")
_PLAIN = re.compile(r"(?:[a-ce-z0-9 .,/&+\-]|d(?!j))*")  # has nothing to fold
_PLAIN = re.compile(r"[a-ce-z0-9 .\-]*(?:d(?!j)[a-ce-z0-9 .\-]*)*")


def fold(text: str) -> str:
    """The text in lower case, in unmarked Latin letters, without apostrophes.

    ``fold("Џемпер") == fold("Džemper") == fold("dzemper")``. Serbian đ is written ``dj`` by some
    and ``d`` by others, so all three become ``d``. Capital I and İ, small ı and i are one letter.
    """
    lowered = text.lower()
    if _PLAIN.fullmatch(lowered):
        return lowered
    letters = lowered.translate(_REPLACED)  # before decomposing: й must not become и
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters).casefold().translate(_REPLACED)
        letters = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return letters.replace("dj", "d")
