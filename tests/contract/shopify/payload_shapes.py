"""The shape of a JSON body, the tables of shapes, and what differs between two of them.

A shape is the set of paths with the kinds of value seen there. Values never matter; a null tells no kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("shapes")
_HERE = Path(__file__).resolve().parents[3]
# The recorded payloads lie beside the repository, or beside the folder of its worktrees.
RECORDED = next(
    (folder for folder in (_HERE.parent / "shared/data", _HERE.parent.parent / "shared/data") if folder.is_dir()),
    _HERE.parent / "shared/data",
) / "shopify/payloads"
Shape = dict[str, set[str]]
OPTIONAL: set[str] = set()


def shape(value: Any) -> Shape:
    """Every path of a body and the kinds of its values."""
    found: Shape = {}
    for path, kind in _walk(value, ""):
        found.setdefault(path, set()).add(kind)
    return found


def _walk(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        money = _money(value)
        if path:
            yield path, money or "object"
        if not money:
            for name, inner in value.items():
                yield from _walk(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield path, "list"
        for inner in value:
            yield from _walk(inner, f"{path}[]")
    else:
        yield path, "null" if value is None else type(value).__name__


def _money(value: dict[str, Any]) -> str | None:
    if set(value) != {"shop_money", "presentment_money"}:
        return None
    inner = {tuple(sorted(part)) for part in value.values() if isinstance(part, dict)}
    texts = all(isinstance(text, str) for part in value.values() for text in part.values())
    names = {("amount", "currency_code"): "money", ("amount", "currency"): "unsettled"}
    return names.get(inner.pop()) if len(inner) == 1 and texts else None


@lru_cache
def table(name: str) -> dict[str, str]:
    """The lines of a table by path, with the tables it names put in."""
    found: dict[str, str] = {}
    for line in (TABLES / f"{name}.txt").read_text().splitlines():
        path, kind = line.rsplit(" ", 1)
        if kind.endswith("~"):
            kind = kind[:-1]
            OPTIONAL.add(path)
        if path.endswith("[]"):
            found[path[:-2]] = "list"
        if kind.startswith("@"):
            inner = kind[1:].removesuffix("?")
            found[path] = "object?" if kind.endswith("?") else "object"
            found |= {f"{path}.{under}": of for under, of in table(inner).items()}
        else:
            found[path] = kind
    return found


def against_table(body: Any, name: str) -> list[str]:
    """What of a body is not as its table says, and what the table has and the body has not."""
    ours, wanted = shape(body), table(name)
    lines = []
    for path, kinds in ours.items():
        kind = wanted.get(path)
        if kind is None:
            if not _inside_any(path, wanted):
                lines.append(f"{path}: not in the table")
        elif kind != "any":
            allowed = {kind.removesuffix("?")} | ({"null"} if kind.endswith("?") else set())
            lines += [f"{path}: {one} instead of {kind}" for one in sorted(kinds - allowed)]
    absent = [path for path in wanted if path not in ours and _parent_filled(path, ours)]
    lines += [f"{path}: missing" for path in absent if not path.endswith(tuple(OPTIONAL))]
    return sorted(lines)


def against_recorded(body: Any, recorded: Any) -> list[str]:
    """Fields that one side alone has, and fields of another kind, where both have what they stand in."""
    ours, theirs = shape(body), shape(recorded)
    lines = [f"missing {path}" for path in theirs if path not in ours and _parent_filled(path, ours)]
    lines += [f"extra {path}" for path in ours if path not in theirs and _parent_filled(path, theirs)]
    for path in ours.keys() & theirs.keys():
        left, right = ours[path] - {"null"}, theirs[path] - {"null"}
        # A whole amount may be written as an integer in a recording that somebody retyped.
        if left and right and not left & right and (left, right) != ({"float"}, {"int"}):
            lines.append(f"kind {path}: {'/'.join(sorted(left))} instead of {'/'.join(sorted(right))}")
    return sorted(lines)


def _parent_filled(path: str, found: Shape) -> bool:
    """Whether what a field stands in was there, so that the field itself could have been."""
    if path.endswith("[]"):
        return False
    parent = path.rpartition(".")[0]
    return not parent or "object" in found.get(parent, set())


def _inside_any(path: str, wanted: dict[str, str]) -> bool:
    parts = path.split(".")
    parents = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return any(wanted.get(one) == "any" or wanted.get(one.removesuffix("[]")) == "any" for one in parents)
