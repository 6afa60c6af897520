"""Texts that Shopify derives: handles from titles, plain text from HTML.

Pure functions; uniqueness of handles is the store's business.
"""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

_NOT_IN_HANDLE = re.compile(r"[^\w]+", re.UNICODE)
_BLOCKS = {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "td", "th"}
_TRAILING_NUMBER = re.compile(r"^(.*?)(\d+)$", re.DOTALL)


def handle(text: str) -> str:
    """The handle of a title: lower case, accents dropped from Latin letters, everything else hyphens; may be empty."""
    plain = "".join(_plain_letter(letter) for letter in unicodedata.normalize("NFC", text.lower()))
    return _NOT_IN_HANDLE.sub("-", plain.replace("'", "").replace("\u2019", "")).strip("-_")


def _plain_letter(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return parts[0] if parts[0].isascii() else letter


def next_handle(taken: str) -> str:
    """The next candidate after a handle that is in use: a trailing number counts on, else -1 is added."""
    match = _TRAILING_NUMBER.match(taken)
    if match is None:
        return f"{taken}-1"
    return f"{match[1]}{str(int(match[2]) + 1).zfill(len(match[2]))}"


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in {"script", "style"}:
            self._hidden += 1
        elif tag in _BLOCKS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def plain(html: str, limit: int | None = None) -> str:
    """The text of some HTML without its tags, white space folded; with `limit` cut like `description(truncateAt:)`."""
    parser = _Plain()
    parser.feed(html)
    parser.close()
    text = " ".join("".join(parser.parts).split())
    if limit is None or len(text) <= limit:
        return text
    return text[: max(0, limit - 3)] + "..."


def tokens(text: str) -> list[str]:
    """The words of a text as the search index sees them."""
    return re.findall(r"\w+", text.lower().replace("_", " "), re.UNICODE)
