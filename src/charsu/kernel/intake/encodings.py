"""In which encoding a text file was written: said by its mark, proved, or guessed and reported.

UTF-8 is proved by decoding the whole stream. The old one-byte code pages cannot be proved, since
nearly every byte means something in each: there the alphabets of the languages around us decide,
and charset-normalizer only where none of them fits. (On short names it took Serbian for French.)
"""

import codecs
import re
from collections.abc import Iterator
from typing import IO, Literal

from msgspec import Struct

from .errors import UnknownEncoding, UnknownFormat

Decided = Literal["given", "mark", "proved", "mostly", "guessed"]

CONTROLS = bytes({*range(32), 127} - set(b"\t\n\f\r\x1a"))  # the last ends files of DOS
CONTROLS_MOST = 0.02  # of what still may be text; of random bytes they are a tenth
BLOCK_BYTES = 1 << 20
SAMPLE_BYTES = 1 << 15
BEFORE, AFTER = 24, 72  # bytes around a letter that show its word

MARKS = (  # longest first: the mark of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CYRILLIC = "абвгдђежзијклљмнњопрстћуфхцчџшабвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў"
ALPHABETS = (  # letters beyond a to z, lower case; the first that fits best is taken
    ("cp1250", "čćžšđ"),  # Serbian, Croatian, Bosnian, Slovene
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýž"),  # Czech
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1252", "äöüßéèêëàâçîïôœùûÿæáíóúñãõåøìòêº"),  # western Europe
    ("cp1254", "çğıöşüâîûİ"),  # Turkish, and Azerbaijani as old files write it
    ("cp1251", CYRILLIC),
    ("iso8859-2", "čćžšđ"),
    ("iso8859-2", "ąćęłńóśźż"),
    ("cp852", "čćžšđ"),
    ("cp852", "ąćęłńóśźż"),
)
TYPOGRAPHY = frozenset("\u00a0«»„“”‚‘’–—…•·§©®™°€£±×½¼¾²³µ№ªº´")
NEVER_BEFORE = frozenset("©®¼½¾¹²³£¥¦§¤±µ×¨´¸")  # a letter
NEVER_AFTER = frozenset("¼½¾¤¦¨¸")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
NO_TEXT = "This is no text. Save the table as CSV in UTF-8."
GOOD_FIT = 0.85
MOSTLY = 20  # well-formed UTF-8 letters for each broken one, to call a file damaged UTF-8


class Encoding(Struct, frozen=True):
    """The encoding a file is read with, and how far to trust that.

    given    somebody said so               mark     the file begins with a byte order mark
    proved   every byte is valid UTF-8      mostly   UTF-8 with damaged places, which are reported
    guessed  a one-byte code page chosen by the letters it makes of the text
    """

    name: str
    decided: Decided


class _Evidence:
    """What one pass over the bytes has seen."""

    def __init__(self) -> None:
        self.letters = 0  # beyond ASCII, well-formed as UTF-8
        self.broken = 0
        self.bytes = self.controls = 0
        self.sample = bytearray()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def see(self, block: bytes, *, last: bool = False) -> None:
        self.bytes += len(block)
        self.controls += len(block) - len(block.translate(None, CONTROLS))
        text = self._decoder.decode(block, last)
        if text.isascii():
            return
        # A replacement character that the file itself contains is no broken byte.
        broken = max(0, text.count("\ufffd") - block.count(b"\xef\xbf\xbd"))
        self.broken += broken
        self.letters += len(text) - len(text.encode("ascii", "ignore")) - broken
        if len(self.sample) < SAMPLE_BYTES:
            self.sample += b"\n".join(_words(block, SAMPLE_BYTES - len(self.sample)))


def named_encoding(name: str) -> Encoding:
    """The encoding that somebody named. Raises UnknownEncoding."""
    try:
        "a".encode(name)
    except (LookupError, UnicodeError) as error:
        raise UnknownEncoding(name) from error
    return Encoding(name, "given")


def find_encoding(head: bytes, stream: IO[bytes]) -> Encoding:
    """Decide after reading the stream to its end, holding one block at a time.

    Raises UnknownFormat if it is no text at all.
    """
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name, "mark")
    if wide := _wide_without_mark(head):
        return wide
    evidence = _Evidence()
    while block := stream.read(BLOCK_BYTES):
        evidence.see(block)
    evidence.see(b"", last=True)
    return _verdict(evidence)


def _wide_without_mark(head: bytes) -> Encoding | None:
    """UTF-16 shows a zero in every other byte of plain letters."""
    half = max(1, len(head) // 2)
    even, odd = head[::2].count(0) / half, head[1::2].count(0) / half
    if odd > 0.4 and even < 0.1:
        return Encoding("utf-16-le", "guessed")
    if even > 0.4 and odd < 0.1:
        return Encoding("utf-16-be", "guessed")
    if even + odd > 0.6:  # fewer zeros are the matter of the rows that hold them
        raise UnknownFormat(NO_TEXT)
    return None


def _verdict(evidence: _Evidence) -> Encoding:
    if not evidence.broken:
        return Encoding("utf-8", "proved")
    if evidence.letters >= evidence.broken * MOSTLY:
        return Encoding("utf-8", "mostly")
    if evidence.controls > evidence.bytes * CONTROLS_MOST:
        raise UnknownFormat(NO_TEXT)
    return Encoding(guess_code_page(bytes(evidence.sample)), "guessed")


def guess_code_page(sample: bytes) -> str:
    """The code page under which the sample's letters belong to one language best."""
    fits = [(_fit(sample, page, alphabet), page) for page, alphabet in ALPHABETS]
    best, page = max(fits, key=lambda fit: fit[0])
    if best >= GOOD_FIT:
        return page
    from charset_normalizer import from_bytes  # 2.5 MB that a web process seldom needs

    other = from_bytes(sample).best()
    return page if other is None else other.encoding


def _fit(sample: bytes, page: str, alphabet: str) -> float:
    """Share of the sample's letters beyond ASCII that are of the alphabet, 0 to 1."""
    text = sample.decode(page, "replace")
    beyond = [c for c in text if not c.isascii() and c not in TYPOGRAPHY]
    if not beyond:
        return 0.5
    known = set(alphabet) | set(alphabet.upper())
    own = sum(c in known for c in beyond)
    strange = sum(map(_is_strange_pair, text, text[1:]))
    strange += sum(map(_is_strange_run, text, text[1:], text[2:]))
    return max(0.0, (own - strange) / len(beyond))


def _is_strange_pair(left: str, right: str) -> bool:
    """Whether no word has these neighbours.

    That is two scripts, a capital after a small letter, or a sign where a letter should be, such
    as the copyright sign that a capital Š of ISO 8859-2 becomes.
    """
    if left.isascii() and right.isascii():
        return False
    if not right.isalpha():
        return right in NEVER_AFTER and left.isalpha()
    if not left.isalpha():
        return left in NEVER_BEFORE
    return _is_cyrillic(left) != _is_cyrillic(right) or (left.islower() and right.isupper())


def _is_strange_run(*letters: str) -> bool:
    """Whether these are letters beyond a to z one after another, which only Cyrillic has."""
    return all(c.isalpha() and not c.isascii() and not _is_cyrillic(c) for c in letters)


def _is_cyrillic(letter: str) -> bool:
    return 0x400 <= ord(letter) < 0x530


def _words(block: bytes, wanted: int) -> Iterator[bytes]:
    """The surroundings of bytes beyond ASCII, about as many bytes as wanted."""
    at = 0
    while wanted > 0 and (found := _BEYOND_ASCII.search(block, at)):
        word = block[max(at, found.start() - BEFORE) : found.start() + AFTER]
        yield word
        wanted -= len(word)
        at = found.start() + AFTER
