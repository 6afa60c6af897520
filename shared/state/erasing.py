"""Erasure of a person from what the state holds: pages, verdicts, parked rows, digests and keys of pairs.

Lines are emptied, not removed, so queued pointers and offsets stay good; whoever meets an emptied item, or the pair of
one, reads it live. Queues hold ids only. Must never store or tell whom it erased, nor change a verdict.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from shared.records import Pair, PairState, Side
from shared.state import exact, keys
from shared.state.journal import LEVEL, OUTCOMES, PAGES
from shared.state.parked import ERASED
from shared.state.store import State

REPEAT_S = 900
"""After so long, longer than any worker runs, it is due again: what one had read before may have been stored after."""
SHORT, COMMON = 4, 7
"""A shorter word is found whole only; one below the second may be a part of any other word, and is bounded."""
_FIELD = re.compile(r"[a-z_][\w.-]*", re.ASCII)
"""How fields, columns and metafields are spelled: what keys are, as long as they are no data themselves."""
_QUOTED = re.compile(r'"(?:gid://shopify/\w+/)?([^"\\]*(?:\\.[^"\\]*)*)"')


@dataclass(frozen=True)
class Person:
    """Whom to erase: ids of their records per kind, of either side, and words: e-mail, phone, names, addresses.

    Words are found whatever their case and wherever they stand in a value, phone numbers by their last nine digits;
    those of fewer than four letters as whole words only. One of four to six letters, which may be a part of any other
    word (Mark, Price), stands alone, with one more letter (Marks), with words and initials of the same person (mprice),
    or in an e-mail address.
    """

    ids: Mapping[str, Collection[str]]
    words: Collection[str]


class Words:
    """What a person is called, to be looked for in JSON."""

    def __init__(self, words: Iterable[str]) -> None:
        texts = list(dict.fromkeys(_plain(word) for word in words if word.strip()))
        common = [text for text in texts if re.fullmatch(f"[a-z]{{{SHORT},{COMMON - 1}}}", text)]
        self._anywhere = [_word(text) for text in texts]
        self._bounded = [_word(text) for text in texts if text not in common] + ([_bounded(common)] if common else [])

    def within(self, line: str) -> bool:
        """Whether a stored line names the person: in a value, or in a key that is data."""
        return self._perhaps(line) and any(map(self.said_in, _said(json.loads(line))))

    def said_in(self, text: str) -> bool:
        """Whether a text does. What is fast to find is looked for first."""
        told = json.dumps(text).lower()
        return self._perhaps(told) and any(word.search(told) for word in self._bounded)

    def _perhaps(self, line: str) -> bool:
        lower = line.lower()
        return any(word.search(lower) for word in self._anywhere)


@dataclass
class Erased:
    """How many pages, outcomes of runs, rows and pairs named the person.

    `busy`: pairs and rows that were being written just then, left to a repeat.
    """

    pages: int = 0
    outcomes: int = 0
    parked: int = 0
    pairs: int = 0
    busy: int = 0

    def count(self, what: str, emptied: Iterable[bool | None]) -> None:
        """Each that was emptied, and each that was left; None: it did not name the person."""
        for done in emptied:
            name = what if done else "busy"
            setattr(self, name, getattr(self, name) + (done is not None))


def erase(
    state: State, shop: str, flows: Iterable[str], person: Person, now: datetime, tell: Callable[[str], None]
) -> Erased:
    """Empty everything of one shop that names the person. Harmless to repeat; a repeat finishes what a crash left.

    Pairs come first: whoever read the person before and has not claimed yet is thrown back to a live read. Of lines
    ids are kept, as of pairs, or rows that are ours would be nobody's.
    """
    done = Erased()
    words = Words(person.words)
    ids = {each for wanted in person.ids.values() for each in wanted}
    for kind, wanted in person.ids.items():
        pairs = list(_pairs(state, shop, kind, wanted, words))
        own = {each for pair in pairs for each in (pair.shopify_id, pair.crm_id) if each}
        ids.update(own)
        _strip(state, pairs, now, done)
        held = {each for pair in pairs if _held(pair, now) for each in (pair.shopify_id, pair.crm_id)}
        state.lines.strip(shop, kind, {*wanted, *own} - held)

    def named(line: str) -> bool:
        return not ids.isdisjoint(_QUOTED.findall(line)) or words.within(line)

    for flow in flows:
        done.count("parked", state.parked.erase(shop, flow, named))
    for container, name, blank in ((PAGES, "pages", _blank_item), (OUTCOMES, "outcomes", _blank_verdict)):
        for blob in state.blobs.list(f"{container}/{keys.encode(shop)}/"):
            done.count(name, [_edit(state, blob.name, partial(_without, named, blank))])
            tell(f"{done.pages} pages and the outcomes of {done.outcomes} runs named the person")
    return done


def _edit(state: State, name: str, edited: Callable[[bytes], bytes | None]) -> bool | None:
    """Whether it was emptied. A blob that nobody can read goes: nobody can say that it does not name the person."""
    try:
        return state.blobs.edit(name, edited) or None
    except (OSError, EOFError, zlib.error, ValueError):
        state.blobs.delete(name)
        return True


def _said(content: Any) -> Iterator[str]:
    """The texts of a stored line: values, and keys that name no field. A verdict's changes begin with such names."""
    if isinstance(content, dict) and "verdict" in content and isinstance(content.get("changes"), list):
        yield from _texts({**content, "changes": list(map(_unnamed, content["changes"]))})
    else:
        yield from _texts(content)


def _unnamed(change: Any) -> Any:
    named = isinstance(change, list) and change and isinstance(change[0], str) and _FIELD.fullmatch(change[0])
    return change[1:] if named else change


def _texts(value: Any, *, own: bool = False) -> Iterator[str]:
    """`own`: below a metafield, whose value is the merchant's, with keys of his own."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if own or not _FIELD.fullmatch(key):
                yield key
            yield from _texts(inner, own=own or "." in key or key == "jsonValue")
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, own=own)
    elif value is not None:
        yield str(value)


def _pairs(state: State, shop: str, kind: str, ids: Collection[str], words: Words) -> Iterator[Pair]:
    """The pairs of those ids, whichever side's they are, and intents that claim one of the words."""
    refs, crm_ids = state.crossrefs, [each for each in ids if not each.isdigit()]
    loaded = [*refs.load(shop, kind, Side.SHOPIFY, list(ids)).values()]
    loaded += [pair for pairs in refs.sharing(shop, kind, crm_ids).values() for pair in pairs]
    loaded += [pair for pair in refs.claiming(shop, kind) if words.said_in(pair.natural_key or "")]
    return iter({pair.version: pair for pair in loaded}.values())


def _held(pair: Pair, now: datetime) -> bool:
    return pair.lease_until is not None and pair.lease_until > now


def _strip(state: State, pairs: Iterable[Pair], now: datetime, done: Erased) -> None:
    """Take digests, natural key and its claim away. A living pair is in doubt then: both sides are read live next."""
    changed = []
    for pair in pairs:
        if _held(pair, now):
            done.busy += 1
        elif pair.bases or pair.planned or pair.flips or pair.natural_key:
            bare = replace(pair, natural_key=None, bases={}, planned={}, flips={})
            doubt = replace(bare, state=PairState.WRITING, lease_until=now)
            changed.append(doubt if pair.state is PairState.PAIRED else bare)
    done.count("pairs", (isinstance(result, Pair) for result in state.crossrefs.begin(changed)))


def _without(named: Callable[[str], bool], blank: Callable[[str], str], data: bytes) -> bytes | None:
    """A blob whose lines that name the person are emptied, or None where none does; one line in memory at a time."""

    def emptied(line: str) -> str:
        return f"{blank(line)}\n" if named(line) else line

    if all(emptied(line) == line for line in _lines(data)):
        return None
    kept = io.BytesIO()
    with gzip.GzipFile(fileobj=kept, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
        packed.writelines(emptied(line).encode("ascii") for line in _lines(data))
    return kept.getvalue()


def _lines(data: bytes) -> Iterator[str]:
    with gzip.open(io.BytesIO(data), "rt", encoding="ascii", newline="\n") as lines:
        yield from lines


def _blank_item(line: str) -> str:
    """An item without its content; the page's own line holds none."""
    content = exact.loads(line)
    return exact.dumps([*content[:2], None]) if isinstance(content, list) else line.rstrip("\n")


def _blank_verdict(line: str) -> str:
    """A verdict without values and sentences."""
    content = exact.loads(line)
    if not isinstance(content, dict):
        raise ValueError("this is no verdict")
    error = content.get("error") and {**content["error"], "sentence": ERASED, "facts": {}}
    return exact.dumps({**content, "reason": ERASED, "changes": [], "error": error})


def _plain(word: str) -> str:
    return " ".join(unicodedata.normalize("NFC", word).lower().split())


def _bounded(words: Collection[str]) -> re.Pattern[str]:
    """The pattern of all words of a person that may be parts of others, in a lower-case line of JSON."""
    word, own = "(?:{})".format("|".join(words)), "(?:{}|[{}])".format("|".join(words), "".join({e[0] for e in words}))
    alone = rf"(?:(?<![a-z])|(?<=\\[nrtbf])|(?<=\\u[0-9a-f]{{4}})){own}{{0,2}}{word}{own}{{0,2}}[a-z]?(?![a-z])"
    return re.compile(rf"{alone}|{word}{word}|{word}[\w.%+-]*@|@[\w.-]*{word}")


def _word(text: str) -> re.Pattern[str]:
    """The pattern of a word in a lower-case line of JSON, where what is not ASCII stands as an escape.

    Short words are found as whole words only. What has to stand before one is looked at behind its first character,
    because `re` looks fast for a pattern that begins with a plain one.
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) >= 7 and not re.search(r"[^\d\s().+/-]", text):
        return re.compile(r"[\s().+/-]*".join(digits[-9:]) + r"(?!\d)")
    first, *others = map(_character, text)
    if len(text) >= SHORT or not text.isascii():
        return re.compile(first + "".join(others))
    begins = rf"(?:(?<![0-9a-z]{first})|(?<=\\[nrtbf]{first})|(?<=\\u[0-9a-f]{{4}}{first}))"
    return re.compile(first + begins + "".join(others) + "(?![0-9a-z])")


def _character(one: str) -> str:
    if one == " ":
        return r"(?:\s|\\[nrt]|\\u00a0)+"
    if one.isascii():
        return re.escape(json.dumps(one)[1:-1])
    forms = [unicodedata.normalize(form, each) for form in ("NFC", "NFD") for each in (one, one.upper())]
    return "(?:" + "|".join(sorted({re.escape(json.dumps(form)[1:-1].lower()) for form in forms})) + ")"
