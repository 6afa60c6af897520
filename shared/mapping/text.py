"""Text as two systems want it: cut to a column's length, HTML to plain text and back.

Pure and deterministic: the same input always gives the same text, or records would never come to rest.
"""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from functools import lru_cache
from html.parser import HTMLParser

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_JOINER = "\u200d"
# fmt: off
_BREAKING = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "div", "dl", "dt",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li",
    "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
})
# fmt: on
_UNSEEN = frozenset({"script", "style", "template", "title"})
# Processing instructions, doctypes and CDATA say nothing to a reader, and Python versions read them differently.
_DECLARATIONS = re.compile(r"<\?[^>]*>?|<!(?!--)[^>]*>?")
_ITEM = re.compile(r"\n- \s+(?=[^\s-])")  # a list item whose text stands in a block of its own
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def units(text: str) -> int:
    """Length as a Dataverse column counts it: UTF-16 units, so most emoji count two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def legible(text: str) -> str:
    """Without control characters and halves of characters, which Dataverse refuses; tabs and line ends stay."""
    return _UNWANTED.sub("", text)


_cuts = threading.local()


def cuts() -> int:
    """How many texts this thread has cut so far: whoever looks before and after knows whether something was lost."""
    return int(getattr(_cuts, "number", 0))


def last_cut() -> tuple[int, int]:
    """The length of the text that this thread cut last, and what it was cut to."""
    found: tuple[int, int] = _cuts.last
    return found


def truncate(text: str, length: int) -> str:
    """At most `length` UTF-16 units, never half a character; trailing blanks of a cut text go, nothing is added.

    A cut inside a character built of several code points (accents, flags, joined emoji) moves back to its start.
    """
    whole = units(text)
    if whole <= length:
        return text
    _cuts.last = (whole, length)
    _cuts.number = getattr(_cuts, "number", 0) + 1
    end = _fitting(text, length)
    start = end
    while start > 0 and _continues(text, start):
        start -= 1
    return text[: start or end].rstrip()


def _fitting(text: str, length: int) -> int:
    """How many code points fit into `length` UTF-16 units."""
    used = 0
    for index, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > length:
            return index
    return len(text)


def _continues(text: str, index: int) -> bool:
    """Whether the code point at `index` belongs to the character before it."""
    here, before = text[index], text[index - 1]
    if here == _JOINER or before == _JOINER or (before == "\r" and here == "\n"):
        return True
    if unicodedata.category(here) in {"Mn", "Mc", "Me"} or "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if "\U000e0020" <= here <= "\U000e007f":
        return True
    return _flag(here) and _flags_before(text, index) % 2 == 1


def _flag(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flags_before(text: str, index: int) -> int:
    count = 0
    while index - count > 0 and _flag(text[index - count - 1]):
        count += 1
    return count


@lru_cache(maxsize=128)  # the variants of one product come together and share its description
def html_to_text(markup: str) -> str:
    """What a reader sees: one line per block, list items begin with '- ', white space single, no blank lines."""
    reader = _Reader()
    reader.feed(_DECLARATIONS.sub("", markup))
    reader.close()
    lines = (_SPACES.sub(" ", line).strip() for line in _ITEM.sub("\n- ", "".join(reader.pieces)).split("\n"))
    return "\n".join(line for line in lines if line and line != "-")


class _Reader(HTMLParser):
    """Collects text and line ends as they come; it builds no tree, so no markup is too deep or too badly nested."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins on a line of its own."""
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BREAKING:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """What follows a block begins on a new line."""
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BREAKING:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Line ends in the markup are blanks to a reader."""
        if not self._unseen:
            self.pieces.append(_SPACES.sub(" ", data))


def text_to_html(text: str) -> str:
    """Escaped; blank lines part paragraphs, single line ends become <br>."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.replace("\r\n", "\n").replace("\r", "\n").strip())
    return "".join(
        f"<p>{html.escape(paragraph, quote=False).replace(chr(10), '<br>')}</p>"
        for paragraph in paragraphs
        if paragraph
    )
