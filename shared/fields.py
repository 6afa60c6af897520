"""What a schema says of one physical path, in words that both systems and the mapping check share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a schema says of one physical path, in words both systems share.

    `type`: text, integer, decimal, boolean, date, datetime, choice, reference or object (an object has no value of its
    own: name one of its fields). `max_length` counts UTF-16 units; `precision` is decimal places. `options` are the
    permitted values as text: an option set's numbers, an enum's names. `is_list`: the value, or an object on the way
    to it, is a list. `required`: a create without it is refused.
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
