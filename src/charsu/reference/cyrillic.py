"""Serbian from Latin into Cyrillic script, letter by letter.

What is not Serbian stays Latin: placeholders, commands, codes, addresses, names of standards and
products. Source of the letters: the Serbian orthography (Pravopis srpskoga jezika), where each
Latin letter or digraph has exactly one Cyrillic letter.
"""

import re

PAIRS = {
    **dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True)),
    "lj": "љ",
    "nj": "њ",
    "dž": "џ",
}
LETTERS = {
    **PAIRS,
    **{latin.upper(): letter.upper() for latin, letter in PAIRS.items()},
    **{latin.capitalize(): letter.upper() for latin, letter in PAIRS.items()},
}
NAMES = """
7z API ASCII Authorization Bearer CSV Charsu Charsu-a Content Ctrl-C DATABASE DNS EMAIL ETag Excel
FILE GB GTIN HTTP HTTPS IANA ID IDs IP ISO JSON Lines MB MCP NUL OAuth Office PDF Parquet
PostgreSQL RAR REST SHA-256 SKU SQLite SVG TLS URL UTC UTF-8 Unix Webhook Word Zstandard
application/json bzip2 cp1250 dead fact_id gzip header lines login offset outgoing.allowed root
since utf-8 webhook webhook-a xz zip
"""
FOREIGN = NAMES.split()
"""Words that Serbian writes as they come, whatever the script."""

_KEPT = re.compile(
    r"`[^`]*`|\{[^}]*\}|\[blue\]|\[/\]|\w+=\S*|--[\w-]+|@?\b[A-Z][A-Z_]{3,}\b|"
    + "|".join(rf"(?<![\w-]){re.escape(word)}(?![\w])" for word in sorted(FOREIGN, key=len)[::-1])
)
_LETTER = re.compile("|".join(sorted(LETTERS, key=len, reverse=True)))


def cyrillic(text: str) -> str:
    """The text in Cyrillic script, apart from what stays Latin."""
    parts, end = [], 0
    for kept in _KEPT.finditer(text):
        parts += [_letters(text[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, _letters(text[end:])])


def _letters(text: str) -> str:
    return _LETTER.sub(lambda found: LETTERS[found[0]], text)
