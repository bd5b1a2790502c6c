"""Cells that a spreadsheet would run as a formula, on the way out and back in.

Source: OWASP, "CSV Injection"; ASVS 5.0, requirement 1.2.10.
"""

import re

_TRIGGERS = "=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # also their full-width forms
_WOULD_RUN = re.compile(f"'*[{_TRIGGERS}]")
_ESCAPED = re.compile(f"'+[{_TRIGGERS}]")
_NEGATIVE_NUMBER = re.compile(r"-[0-9]+(?:[.,][0-9]+)*")
_HARMLESS = re.compile(r"[+-][0-9 .,()/-]*")  # negative numbers, telephone numbers, a dash


def safe_cell(text: str) -> str:
    """The text as an export may write it: an apostrophe keeps a spreadsheet from running it.

    Negative numbers are no formulas and stay. ``plain_cell`` gives the text back.
    """
    if _WOULD_RUN.match(text) and not _NEGATIVE_NUMBER.fullmatch(text):
        return "'" + text
    return text


def plain_cell(text: str) -> str:
    """The text that ``safe_cell`` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate something from this text."""
    return bool(_WOULD_RUN.match(text)) and text[0] != "'" and not _HARMLESS.fullmatch(text)
