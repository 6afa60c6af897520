"""The search syntax of `query:` read into a tree.

Pure: it knows nothing of fields or tables. Unquoted words end at a colon, as the recorded parses show
(`updated_at:<2000-01-01T00:00:00Z` falls apart into the date and a field named `00`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<open>\()|(?P<close>\))|
    (?P<quoted>"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|
    (?P<colon>:)|(?P<compare><=|>=|<|>|=)|
    (?P<word>[^\s():"'<>=]+(?:['"][^\s():<>=]*)?)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Term:
    """One condition: a field (None for free text), a comparator, a value and whether it was quoted."""

    field: str | None
    comparator: str
    value: str
    quoted: bool

    @property
    def prefix(self) -> bool:
        """True for `abc*`."""
        return not self.quoted and self.value.endswith("*") and self.value != "*"

    @property
    def exists(self) -> bool:
        """True for `field:*`."""
        return not self.quoted and self.value == "*"


@dataclass(frozen=True)
class Group:
    """Conditions joined by `and` or `or`."""

    joined_by: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Negation:
    """A condition turned round."""

    part: Node


Node = Term | Group | Negation


def parse(text: str) -> Node | None:
    """The tree of a query, None when it holds no condition."""
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            position += 1
            continue
        kind = match.lastgroup or "word"
        found.append((kind, match[kind], match.start(kind)))
        position = match.end()
    return found


def _unquote(text: str) -> str:
    mark = text[0]
    inner = text[1:-1] if len(text) > 1 and text.endswith(mark) else text[1:]
    return re.sub(r"\\(.)", r"\1", inner)


class _Parser:
    def __init__(self, tokens: list[tuple[str, str, int]]) -> None:
        self._tokens = tokens
        self._at = 0

    def whole(self) -> Node | None:
        parts: list[Node] = []
        while self._at < len(self._tokens):
            node = self._either()
            if node is None:
                self._at += 1
            else:
                parts.append(node)
        return _join("and", parts)

    def _peek(self, offset: int = 0) -> tuple[str, str]:
        if self._at + offset >= len(self._tokens):
            return ("end", "")
        kind, text, _ = self._tokens[self._at + offset]
        return (kind, text)

    def _either(self) -> Node | None:
        # OR binds tighter than the implied AND: `vendor:A OR vendor:B tag:x` needs the tag of both (recorded).
        groups: list[Node] = []
        while True:
            kind, text = self._peek()
            if kind in {"end", "close"}:
                break
            if kind == "word" and text in {"AND", "OR"}:
                self._at += 1
                continue
            first = self._single()
            if first is None:
                break
            options = [first]
            while self._peek() == ("word", "OR"):
                self._at += 1
                following = self._single()
                if following is None:
                    break
                options.append(following)
            joined = _join("or", options)
            if joined is not None:
                groups.append(joined)
        return _join("and", groups)

    def _single(self) -> Node | None:
        kind, text = self._peek()
        if kind == "open":
            self._at += 1
            inner = self._either()
            if self._peek()[0] == "close":
                self._at += 1
            return inner
        if kind == "word" and text == "NOT":
            self._at += 1
            part = self._single()
            return Negation(part) if part is not None else None
        if kind == "word" and text.startswith("-") and len(text) > 1:
            kind_, _, place = self._tokens[self._at]
            self._tokens[self._at] = (kind_, text[1:], place + 1)
            part = self._single()
            return Negation(part) if part is not None else None
        return self._term()

    def _term(self) -> Node | None:
        kind, text = self._peek()
        if kind in {"colon", "compare"}:
            self._at += 1
            return self._single()
        if kind == "quoted":
            self._at += 1
            return Term(None, ":", _unquote(text), True)
        if kind != "word":
            return None
        self._at += 1
        if self._peek()[0] != "colon":
            return Term(None, ":", text, False)
        self._at += 1
        comparator = ":"
        if self._peek()[0] == "compare":
            comparator = self._peek()[1]
            self._at += 1
        value_kind, value = self._peek()
        if value_kind not in {"word", "quoted"}:
            return Term(text, comparator, "", False)
        self._at += 1
        quoted = value_kind == "quoted"
        return Term(text, comparator, _unquote(value) if quoted else value, quoted)


def _join(how: str, parts: list[Node]) -> Node | None:
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.joined_by == how else [part]
    if not flat:
        return None
    return flat[0] if len(flat) == 1 else Group(how, tuple(flat))


def _is_range_of_time(node: Node, moment: Callable[[Term], str | None]) -> bool:
    return isinstance(node, Term) and node.comparator in _RANGES and moment(node) is not None


_RANGES = {">": "range_gt", ">=": "range_gte", "<": "range_lt", "<=": "range_lte"}


def shown(node: Node | None, moment: Callable[[Term], str | None] = lambda _: None) -> dict[str, Any] | None:
    """The tree as it stands in `extensions.search[].parsed`; `moment` reads a term that compares times.

    Ranges of time come first, and both kinds of less and greater read as inclusive (recorded on inventory items).
    """
    if node is None:
        return None
    if isinstance(node, Negation):
        return {"not": shown(node.part, moment)}
    if isinstance(node, Group):
        timed = [part for part in node.parts if node.joined_by == "and" and _is_range_of_time(part, moment)]
        others = [part for part in node.parts if part not in timed]
        return {node.joined_by: [shown(part, moment) for part in (*timed, *others)]}
    at = moment(node)
    if at is not None and node.comparator in _RANGES:
        return {"field": node.field, f"range_{'gte' if '>' in node.comparator else 'lte'}": at}
    if node.comparator in _RANGES:
        key = _RANGES[node.comparator]
    elif node.exists:
        key = "exists"
    else:
        key = "match_phrase" if node.quoted else "match_prefix" if node.prefix else "match_all"
    return {"field": node.field or "default", key: node.value.rstrip("*") if key == "match_prefix" else node.value}
