"""Whether an expression gives a list or one value, where what it gives is a piece of content unchanged.

Goes by the syntax tree and by which paths the schema calls lists; runs nothing. Doubt is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.mapping.paths import Segments, join_path
from shared.mapping.reads import BY_ELEMENT

IsList = Callable[[str], bool]
"""Whether a path, or something on the way to it, is a list."""
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Value:
    """A piece of content: where it stands, and how many lists are around it."""

    path: Segments = ()
    lists: int = 0

    def element(self) -> _Value:
        return replace(self, lists=max(self.lists - 1, 0))


def gives_list(tree: Node, is_list: IsList) -> bool | None:
    """Whether the result is a list; None where that cannot be told."""
    found = _Shapes(is_list).visit(tree, _Value())
    return None if found is None else found.lists > 0


def first_list(segments: Segments, is_list: IsList) -> int:
    """How many of a path's names lead to its first list; all of them where none of it is known to be one."""
    lengths = range(1, len(segments) + 1)
    return next((length for length in lengths if is_list(join_path(segments[:length]))), len(segments))


class _Shapes:
    def __init__(self, is_list: IsList) -> None:
        self._is_list = is_list

    def visit(self, node: Node, current: _Value | None) -> _Value | None:
        if current is None:
            return None
        method = getattr(self, f"_{node['type']}", None)
        found: _Value | None = method(node, current) if method else None
        return found

    def _field(self, node: Node, current: _Value) -> _Value:
        path = (*current.path, node["value"])
        begins = self._is_list(join_path(path)) and not (current.path and self._is_list(join_path(current.path)))
        return _Value(path, max(current.lists, int(begins)))

    def _current(self, node: Node, current: _Value) -> _Value:
        return current

    _identity = _slice = _current

    def _index(self, node: Node, current: _Value) -> _Value:
        return current.element()

    def _subexpression(self, node: Node, current: _Value | None) -> _Value | None:
        for child in node["children"]:
            current = self.visit(child, current)
        return current

    _pipe = _index_expression = _subexpression

    def _projection(self, node: Node, current: _Value) -> _Value | None:
        base, each = node["children"][:2]
        return self._each(self.visit(base, current), each)

    _filter_projection = _value_projection = _projection

    def _each(self, base: _Value | None, each: Node) -> _Value | None:
        found = self.visit(each, base and base.element())
        return found and replace(found, lists=found.lists + 1)

    def _flatten(self, node: Node, current: _Value) -> _Value | None:
        found = self.visit(node["children"][0], current)
        return found and replace(found, lists=max(found.lists - 1, 1))

    def _and_expression(self, node: Node, current: _Value) -> _Value | None:
        return self.visit(node["children"][1], current)

    def _or_expression(self, node: Node, current: _Value) -> _Value | None:
        """One or the other; a literal stands in for what the content would be."""
        found = {self.visit(child, current) for child in node["children"] if child["type"] != "literal"}
        return found.pop() if len(found) == 1 else None

    def _function_expression(self, node: Node, current: _Value) -> _Value | None:
        name, arguments = node["value"], node["children"]
        if name in ("not_null", "default"):
            return self._or_expression(node, current)
        if name == "map":
            return self._each(self.visit(arguments[1], current), arguments[0]["children"][0])
        found = self.visit(arguments[0], current)
        if name in ("reverse", "sort_by"):
            return found
        if name in BY_ELEMENT:
            return found and found.element()
        return found and replace(found, lists=max(found.lists, 1)) if name == "to_array" else None
