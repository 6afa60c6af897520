"""What a schema says of one physical path, in words that both systems and the mapping check share.

Also for content that we add to records ourselves, which no vendor's schema knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a schema says of one physical path, in words both systems share.

    `type`: text, integer, decimal, boolean, date, datetime, choice, reference or object (an object has no value of its
    own: name one of its fields). `max_length` counts UTF-16 units; `precision` is decimal places. `options` are the
    permitted values as text: an option set's numbers, an enum's names. `is_list`: the value, or an object on the way
    to it, is a list. `required`: a create without it is refused. `inside`: the names of an object's fields.
    `states`: of a status reason, the state that each option belongs to. `targets`: the tables a reference may point to.
    """

    path: str
    type: str
    is_list: bool = False
    readable: bool = True
    creatable: bool = False
    updatable: bool = False
    max_length: int | None = None
    precision: int | None = None
    options: tuple[str, ...] = ()
    required: bool = False
    inside: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


Tree = Mapping[str, "str | Tree | Sequence[Tree]"]
"""What content that we make ourselves holds: a kind of value by its name, "[]" behind it for a list; an object as a
tree of its own, in brackets where it is a list of them."""


def kinds(**names: str) -> dict[str, str]:
    """A tree of plain values: kind=names, parted by blanks."""
    return {name: kind for kind, several in names.items() for name in several.split()}


def described(tree: Tree, path: str) -> FieldInfo | None:
    """What a tree says of a path of plain names; None where it has none."""
    here: object = tree
    listed = False
    for name in path.split("."):
        here = here[0] if isinstance(here, list) else here
        if not isinstance(here, Mapping) or name not in here:
            return None
        here = here[name]
        listed = listed or isinstance(here, list)
    if isinstance(here, str):
        return FieldInfo(path, here.removesuffix("[]"), is_list=listed or here.endswith("[]"))
    inner = here[0] if isinstance(here, list) else here
    return FieldInfo(path, "object", is_list=listed, inside=tuple(inner) if isinstance(inner, Mapping) else ())
