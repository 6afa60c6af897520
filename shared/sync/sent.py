"""What a claim says of the writes under it: the digests that were sent, per side and path, while nobody has an answer.

A value found on a side is somebody's edit only if it is neither what was agreed on nor what such a write put there.
A claim that is taken over keeps what the earlier one sent: either write may have landed. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.records import Pair, PairState, Side
from shared.sync.digest import digest

IN_DOUBT = frozenset({PairState.INTENT, PairState.WRITING})
"""States in which a write may be on its way, or may have happened without our knowing."""

CREATE = "+"
"""Stands where a path does: the record itself was sent."""

KEPT = 4
"""Digests kept per path: more lost writes than that in a row are not told apart."""


def sending(before: Pair | None, side: Side, values: Mapping[str, Any], *, create: bool) -> dict[str, str]:
    """A claim's `planned` for this write: key 'side path', the digests sent there in their order, comma separated."""
    planned = dict(before.planned) if before is not None and before.state in IN_DOUBT else {}
    new = {path: digest(value) for path, value in values.items()} | ({CREATE: CREATE} if create else {})
    return appended(planned, {f"{side.value} {path}": sent for path, sent in new.items()})


def appended(before: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The digests on their way, the newest last, with those that are sent now."""
    both = dict(before)
    for key, sent in new.items():
        earlier = [each for each in both.get(key, "").split(",") if each and each != sent]
        both[key] = ",".join([*earlier, sent][-KEPT:])
    return both


def sent_to(pair: Pair | None, side: Side) -> dict[str, tuple[str, ...]]:
    """What was sent to that side without an answer, by either flow: path → digests, the newest last."""
    if pair is None or pair.state not in IN_DOUBT:
        return {}
    prefix = f"{side.value} "
    found = {key.removeprefix(prefix): sent for key, sent in pair.planned.items() if key.startswith(prefix)}
    return {path: tuple(sent.split(",")) for path, sent in found.items()}


def made_by_us(pair: Pair) -> bool:
    """Whether an intent is one of a create, not of an adoption: its record then holds what we sent, or later edits."""
    return pair.state is PairState.INTENT and any(CREATE in sent_to(pair, side) for side in Side)
