"""What stands for what between a recorded answer and the sandbox's: ids, names, opaque words, moments.

Every pair is kept both ways, so a second record under the same id, or the same record under a second id, is noticed.
What a request itself brought in stands for itself.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

GID = re.compile(r"gid://shopify/([A-Za-z]+)/([A-Za-z0-9_.:\-]*[A-Za-z0-9_\-])")
LONG_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[0-9]{8,}(?![0-9A-Za-z])")
NAME = re.compile(r"#D?\d+\b")
WORD = re.compile(r"[0-9a-zA-Z\-_=+/]{12,}")
_PARTS = re.compile(r"gid://shopify/[A-Za-z]+/[A-Za-z0-9_.:\-]+|[0-9A-Za-z\-_=+/.@#]{2,}")


class Bindings:
    """The pairs of one case."""

    def __init__(self) -> None:
        self._there: dict[tuple[str, str], str] = {}
        self._back: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, set[str]] = {}
        self._origins: dict[str, set[str]] = {}
        self._sent: set[str] = set()
        self._sent_text: list[str] = []
        self._moments: list[tuple[datetime, datetime, str]] = []
        self._lost: tuple[int, int | None] | None = None
        self._whole = True

    def note_sent(self, query: str, variables: Any) -> None:
        """Remember what a recorded request contains: none of it may come back as anything else."""
        self._lost = None
        self._whole = query[:1] in {"\n", " ", "#"}
        for text in _strings([query, variables]):
            self._sent_text.append(text)
            self._sent.update(_PARTS.findall(text))
            self._sent.update(LONG_NUMBER.findall(text))
            self._sent.update(match[1] for match in re.finditer(r"gid://shopify/[A-Za-z]+/([0-9]+)", text))

    def was_sent(self, text: str) -> bool:
        """True when a request brought that word."""
        return text in self._sent or (len(text) > 3 and any(text in sent for sent in self._sent_text))

    def pair(self, space: str, expected: str, got: str) -> bool:
        """Bind two words of a space, or say that one of them already stands for another."""
        there = self._there.get((space, expected))
        back = self._back.get((space, got))
        if there is None and back is None:
            # A word that was sent stands for itself, unless it is the number of a record that got another one here.
            if expected != got and self.was_sent(expected) and got not in self._numbers.get(expected, ()):
                return False
            self._there[space, expected] = got
            self._back[space, got] = expected
            self._numbers.setdefault(expected, set()).add(got)
            self._origins.setdefault(got, set()).add(expected)
            return True
        return there == got and back == expected

    def pair_number(self, expected: str, got: str) -> bool:
        """Bind a bare number: it must be the number of a known id, if the recorded one is."""
        known, origins = self._numbers.get(expected), self._origins.get(got)
        if known or origins:
            return got in (known or ()) and expected in (origins or ())
        return self.pair("number", expected, got)

    def place(self, expected: tuple[int, int], got: tuple[int, int]) -> bool:
        """Compare line and column of one request, whose recording may have lost the blanks before its first word."""
        lines, columns = expected[0] - got[0], expected[1] - got[1]
        before = self._lost or (lines, None)
        if lines != before[0] or lines < 0 or (self._whole and (lines or columns)):
            return False
        if got[0] > 1:
            self._lost = before
            return columns == 0
        self._lost = lines, columns if before[1] is None else before[1]
        return columns == self._lost[1] and (columns > 0 if lines and columns else columns == 0)

    def moment(self, expected: datetime, got: datetime, path: str) -> None:
        """Note two times that stand for each other."""
        self._moments.append((expected, got, path))

    def disorder(self) -> str | None:
        """The path of a time that is earlier than one it came after in the recording."""
        before: datetime | None = None
        for _, group in groupby(sorted(self._moments, key=itemgetter(0)), key=itemgetter(0)):
            found = list(group)
            for _, got, path in found:
                if before is not None and got < before:
                    return path
            latest = max(got for _, got, _ in found)
            before = latest if before is None else max(before, latest)
        return None

    def translate(self, value: Any) -> Any:
        """A recorded request with everything that an answer produced replaced by the sandbox's own."""
        if isinstance(value, str):
            return self._translate_text(value)
        if isinstance(value, list):
            return [self.translate(item) for item in value]
        if isinstance(value, dict):
            return {key: self.translate(item) for key, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool) and len(self._numbers.get(str(value), ())) == 1:
            return int(next(iter(self._numbers[str(value)]))) if value > 9_999_999 else value
        return value

    def _translate_text(self, text: str) -> str:
        text = GID.sub(self._own_gid, text)
        for space in ("cursor", "opaque"):
            own = self._there.get((space, text))
            if own is not None:
                return own
        text = NAME.sub(lambda match: self._there.get(("name", match[0]), match[0]), text)
        return WORD.sub(self._own_word, LONG_NUMBER.sub(self._own_number, text))

    def _own_gid(self, match: re.Match[str]) -> str:
        own = self._there.get((match[1], match[2]))
        return match[0] if own is None else f"gid://shopify/{match[1]}/{own}"

    def _own_number(self, match: re.Match[str]) -> str:
        known = self._numbers.get(match[0], set())
        return next(iter(known)) if len(known) == 1 else match[0]

    def _own_word(self, match: re.Match[str]) -> str:
        return self._there.get(("opaque", match[0]), self._there.get(("cursor", match[0]), match[0]))


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _strings(item)]
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in (key, *_strings(item))]
    return [] if value is None or isinstance(value, bool) else [str(value)]
