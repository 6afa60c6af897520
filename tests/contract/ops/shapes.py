"""Holds what a command printed to the shape that docs/commands.md shows for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests.unit.ops.command_shapes import EXAMPLES

NULLABLE = {"pair", "parked", "other_mapping"}


def hold(arguments: Sequence[str], printed: Any) -> None:
    """The JSON of this command line has exactly the keys and kinds of values that are documented."""
    words = [word for word in arguments if word in {name.split()[0] for name in EXAMPLES}]
    name = words[0] if words[0] in EXAMPLES else " ".join(arguments[arguments.index(words[0]) :][:2])
    alike(EXAMPLES[name].shape, printed, name)


def alike(shape: Any, printed: Any, at: str) -> None:
    """Compare a documented shape with a value, all the way down."""
    if isinstance(shape, dict):
        assert isinstance(printed, dict), at
        (first, *_) = shape
        if first.startswith("<"):
            for key, value in printed.items():
                alike(shape[first], value, f"{at}.{key}")
            return
        assert set(printed) == set(shape), f"{at}: {set(printed) ^ set(shape)}"
        for key, inner in shape.items():
            if not (key in NULLABLE and printed[key] is None):
                alike(inner, printed[key], f"{at}.{key}")
    elif isinstance(shape, list):
        assert isinstance(printed, list), at
        for number, value in enumerate(printed):
            alike(shape[0], value, f"{at}[{number}]")
    else:
        assert fits(shape, printed), f"{at}: {printed!r} is not {shape!r}"


def fits(word: str, value: Any) -> bool:
    """Whether one value is what the word says."""
    kind = word.partition(":")[0]
    if kind == "any value":
        return True
    if kind.endswith(" or null"):
        return value is None or fits(kind.removesuffix(" or null"), value)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "true or false":
        return isinstance(value, bool)
    if kind == "time":
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    if kind == "text":
        return isinstance(value, str)
    words = re.sub(r" \([^)]*\)", "", kind).replace(" or ", ", ").split(", ")
    return value in words or (value == "" and "empty" in words)
