"""One field as `explain` shows it: what both sides hold, what is wanted and why, what was agreed on, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.show import Answer
from shared.mapping.apply import KEEP
from shared.mapping.paths import get
from shared.mapping.rules import FieldRule
from shared.records import Content, Pair, Side
from shared.sync.digest import digest

ON_CREATE = "set on creation only"


def view(
    rule: FieldRule, reads: Mapping[str, Any], wanted: Any, target: Content | None, source_base: str, target_base: str
) -> Answer:
    """The field without its decision. `reads`: the values that its expression sees, by their paths in it."""
    return {
        "field": rule.name,
        "reads": dict(reads),
        "expression": rule.text,
        "wanted": None if wanted is KEEP else wanted,
        "leaves": wanted is KEEP,
        "to": rule.to,
        "actual": get(target, rule.to) if target is not None else None,
        "source_base": source_base,
        "target_base": target_base,
        "owner": rule.owner,
        "two_way": rule.two_way,
    }


def base(pair: Pair | None, side: Side, now: Mapping[str, str]) -> str:
    """What became of the agreed value: equal, moved or none; empty where nothing is read."""
    known = pair.bases.get(side, {}) if pair else {}
    states = {"none" if path not in known else "equal" if known[path] == at else "moved" for path, at in now.items()}
    return next((state for state in ("moved", "none", "equal") if state in states), "")


def digests_of(target: Content | None, path: str) -> dict[str, str]:
    """The digest of what the target holds at a path; nothing, where there is no target."""
    return {path: digest(get(target, path))} if target is not None else {}


def cut(decision: str, lengths: tuple[int, int] | None) -> str:
    """A decision, with what is lost of a text that is too long."""
    return f"{decision}; cut from {lengths[0]} to {lengths[1]} characters" if lengths else decision
