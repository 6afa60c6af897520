"""Which name was probably meant, and which part of a path is the wrong one.

Guesses only; what it says stands behind "did you mean".
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Protocol

from shared.fields import FieldInfo
from shared.mapping.paths import HEADER, join_path, split_path


class Names(Protocol):
    """What a schema says of its paths, and the names that a path may begin with."""

    @property
    def names(self) -> Sequence[str]:
        """The paths that a mapping is most likely to mean: names a path may begin with, and some longer ones."""

    def describe(self, path: str) -> FieldInfo | None:
        """The field at a canonical path; None where there is none."""


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that is most like the word, whatever its case; None where none is."""
    names = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), names, n=1, cutoff=cutoff)
    return names[close[0]] if close else None


def hint(word: str, known: Iterable[str], otherwise: str = "known are") -> str:
    """What to do about an unknown word: take the nearest known one, or one of all."""
    names = sorted(known)
    close = nearest(word, names)
    return f"did you mean {close}?" if close else f"{otherwise} {', '.join(names) or 'none'}"


def wrong_part(schema: Names, path: str) -> int:
    """Which of a path's names is the first that does not exist."""
    parts = split_path(path)
    unknown = (at for at in range(len(parts)) if schema.describe(join_path(parts[: at + 1])) is None)
    return next(unknown, len(parts) - 1)


def meant(schema: Names, path: str) -> str | None:
    """The path that was probably meant, as it would be written for the record as a whole."""
    parts = split_path(path)
    at = wrong_part(schema, path)
    around = schema.describe(join_path(parts[:at])) if at else None
    known = around.inside if around else schema.names
    ending = [name for name in known if not at and name.endswith(f".{parts[0]}")]
    close = nearest(parts[at], known) if not ending else ending[0]
    if close is None:
        return nearest(path, schema.names, 0.7)
    fixed = (*parts[:at], *split_path(close), *parts[at + 1 :])
    return join_path(fixed if schema.describe(join_path(fixed)) else fixed[: len(fixed) - len(parts) + at + 1])


def of_the_record(schema: Names, path: str, listed: str) -> str | None:
    """What a line's path has to be called, where it is a field of the record around the line: `header.name`."""
    inner = split_path(path)[len(split_path(listed)) :]
    if not inner or schema.describe(join_path(inner)) is None:
        return None
    return join_path((HEADER, *inner))
