"""Which physical paths an expression reads, found by walking its syntax tree instead of running it.

Sound: a value outside the paths found here never changes the result. What is read from a vendor is built from them,
so a path missed here would be a field silently absent. Lists are transparent, as in shared/mapping/paths.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.mapping.paths import Segments

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of an intermediate value: the content paths it may be, and the named parts it was built with."""

    paths: tuple[Segments, ...] = ()
    parts: Mapping[str, Shape] = field(default_factory=dict)
    members: tuple[Shape, ...] = ()

    def joined(self, other: Shape) -> Shape:
        """A value that is one or the other."""
        parts = dict(self.parts)
        for name, shape in other.parts.items():
            parts[name] = parts[name].joined(shape) if name in parts else shape
        paths = self.paths + tuple(path for path in other.paths if path not in self.paths)
        return Shape(paths, parts, self.members + other.members)

    def at(self, name: str) -> Shape:
        """The field `name` of the value."""
        found = Shape(tuple((*path, name) for path in self.paths))
        if name in self.parts:
            found = found.joined(self.parts[name])
        return found

    def element(self) -> Shape:
        """An element of the value, where it is a list; lists of content are transparent."""
        found = Shape(self.paths, self.parts)
        for member in self.members:
            found = found.joined(member)
        return found


def reads(tree: Node) -> tuple[tuple[Segments, ...], Segments | None]:
    """Every path the expression's result depends on, in the order of their first use.

    A path is given where its value is used. Where only its presence matters (`a && b`, the list of a filter), a read
    inside it is enough; without one the path itself is given. `()` stands for the whole record.
    Second: the path the result was taken from, where it is a piece of content unchanged (filtered lists included).
    """
    walk = _Walk()
    shape = walk.visit(tree, Shape(paths=((),)))
    walk.use(shape)
    unchanged = len(shape.paths) == 1 and not shape.parts and not shape.members
    return walk.found(), shape.paths[0] if unchanged else None


class _Walk:
    def __init__(self) -> None:
        self._used: dict[Segments, bool] = {}
        """path → True where its value is used, False where only its presence is."""

    def found(self) -> tuple[Segments, ...]:
        return tuple(path for path, value_used in self._used.items() if value_used or not self._read_inside(path))

    def _read_inside(self, path: Segments) -> bool:
        return path == () or any(len(other) > len(path) and other[: len(path)] == path for other in self._used)

    def use(self, shape: Shape) -> None:
        """The value itself, with all it was built from, matters."""
        for path in shape.paths:
            self._used[path] = True
        for inner in (*shape.parts.values(), *shape.members):
            self.use(inner)

    def touch(self, shape: Shape) -> None:
        """Only whether there is something, or how many, matters."""
        for path in shape.paths:
            self._used.setdefault(path, False)
        for inner in (*shape.parts.values(), *shape.members):
            self.touch(inner)

    def visit(self, node: Node, current: Shape) -> Shape:
        method = getattr(self, f"_{node['type']}")
        shape: Shape = method(node, current)
        return shape

    def _field(self, node: Node, current: Shape) -> Shape:
        return current.at(node["value"])

    def _current(self, node: Node, current: Shape) -> Shape:
        return current

    _identity = _current

    def _literal(self, node: Node, current: Shape) -> Shape:
        return Shape()

    def _subexpression(self, node: Node, current: Shape) -> Shape:
        for child in node["children"]:
            current = self.visit(child, current)
        return current

    _pipe = _index_expression = _subexpression

    def _index(self, node: Node, current: Shape) -> Shape:
        return current.element()

    _slice = _current

    def _projection(self, node: Node, current: Shape) -> Shape:
        base, each = node["children"]
        return self._each(self.visit(base, current), each)

    def _each(self, base: Shape, each: Node) -> Shape:
        """A list with the result of `each` for every element."""
        self.touch(base)
        result = self.visit(each, base.element())
        if not result.parts and not result.members:
            return Shape(result.paths)
        return Shape(result.paths, members=(Shape(parts=result.parts, members=result.members),))

    def _flatten(self, node: Node, current: Shape) -> Shape:
        flat = self.visit(node["children"][0], current).element()
        return Shape(flat.paths, flat.parts, (*flat.members, flat)) if flat.parts or flat.members else flat

    def _filter_projection(self, node: Node, current: Shape) -> Shape:
        base, each, condition = node["children"]
        shape = self.visit(base, current)
        self.touch(self.visit(condition, shape.element()))
        return self._each(shape, each)

    def _value_projection(self, node: Node, current: Shape) -> Shape:
        base, each = node["children"]
        shape = self.visit(base, current)
        self.use(shape)  # every field of an object: nothing less than all of it
        return self._each(shape, each)

    def _multi_select_list(self, node: Node, current: Shape) -> Shape:
        self.touch(current)
        return Shape(members=tuple(self.visit(child, current) for child in node["children"]))

    def _multi_select_dict(self, node: Node, current: Shape) -> Shape:
        self.touch(current)
        return Shape(parts={child["value"]: self.visit(child, current) for child in node["children"]})

    def _key_val_pair(self, node: Node, current: Shape) -> Shape:
        return self.visit(node["children"][0], current)

    def _or_expression(self, node: Node, current: Shape) -> Shape:
        left = self.visit(node["children"][0], current)
        self.touch(left)
        return left.joined(self.visit(node["children"][1], current))

    def _and_expression(self, node: Node, current: Shape) -> Shape:
        """The left side comes out only where it is empty, and then its presence says which empty value it is."""
        self.touch(self.visit(node["children"][0], current))
        return self.visit(node["children"][1], current)

    def _not_expression(self, node: Node, current: Shape) -> Shape:
        self.touch(self.visit(node["children"][0], current))
        return Shape()

    def _comparator(self, node: Node, current: Shape) -> Shape:
        with_null = any(child["type"] == "literal" and child["value"] is None for child in node["children"])
        for child in node["children"]:
            (self.touch if with_null else self.use)(self.visit(child, current))
        return Shape()

    def _function_expression(self, node: Node, current: Shape) -> Shape:
        name, arguments = node["value"], node["children"]
        if name in BY_ELEMENT:
            return self._by_element(name, arguments, current)
        shapes = [self.visit(argument, current) for argument in arguments]
        if name in _GIVES_ARGUMENT:
            return self._one_of(shapes)
        for shape in shapes:
            (self.touch if name == "length" else self.use)(shape)
        return Shape()

    def _one_of(self, shapes: list[Shape]) -> Shape:
        result = Shape()
        for shape in shapes:
            self.touch(shape)
            result = result.joined(shape)
        return Shape(result.paths, result.parts, (*result.members, result))

    def _by_element(self, name: str, arguments: list[Node], current: Shape) -> Shape:
        place = BY_ELEMENT[name]
        base = self.visit(arguments[1 - place], current)
        self.touch(base)
        each = arguments[place]["children"][0]
        if name == "map":
            return self._each(base, each)
        self.use(self.visit(each, base.element()))
        return base.joined(base.element())


BY_ELEMENT = {"map": 0, "sort_by": 1, "min_by": 1, "max_by": 1}
"""Functions that take an expression for each element of a list, and which of their values it is."""
_GIVES_ARGUMENT = frozenset({"not_null", "default", "to_array", "reverse", "merge"})
