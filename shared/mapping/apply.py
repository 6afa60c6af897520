"""A record's wanted values by the rules: pure, and the same for a poll, a webhook, a replay and a dry run.

For well-shaped content the only error is MappingFailed, which names the field and the expression and never a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from shared.errors import MappingFailed
from shared.mapping.expressions import Expression, ExpressionFailed
from shared.mapping.functions import kind
from shared.mapping.paths import HEADER, known
from shared.mapping.rules import FieldRule, LineMatchRule, LinesRule, MatchRule, Rules
from shared.mapping.text import cuts, last_cut, legible, truncate, units
from shared.records import Content

Reference = tuple[str, str]
"""Kind and source id of a record that another one refers to."""
Constants = Mapping[str, Any]
References = Mapping[Reference, str]


class Keep(Enum):
    """What a field wants where it wants nothing: the target stays as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class WantedLine:
    """One line: its group, its id on the source side, its fields' wanted values, and the line itself as it was read.

    `keys`: the values that may find its row, by field, in their order; blank ones are left out.
    """

    group: str
    id: str
    values: Mapping[str, Any]
    content: Content
    keys: Mapping[str, str] = field(default_factory=dict)


def wanted(rules: Rules, content: Content, *, constants: Constants, references: References) -> dict[str, Any]:
    """Each field's wanted value or KEEP, by the field's name. None, "" and [] are one blank: None.

    `constants` are resolved by the flow; `references` give the counterpart's id of each reference that has a pair.
    """
    return {rule.name: _value(rule, content, constants, references) for rule in rules.fields}


def wanted_lines(
    rules: Rules, content: Content, *, constants: Constants, references: References
) -> tuple[WantedLine, ...]:
    """The record's lines, group by group and in their order; a doubled or empty line id of a group fails."""
    found: dict[tuple[str, str], WantedLine] = {}
    for group in rules.lines:
        name = f"lines.{group.name}.id"
        for line in _line_contents(group, content):
            line_id = _id_text(_computed(name, group.id, line))
            if line_id is None or (group.name, line_id) in found:
                reason = "a line's id is empty" if line_id is None else "two lines share an id"
                raise _failed(name, group.id.text, reason)
            values = {rule.name: _value(rule, line, constants, references) for rule in group.fields}
            keys = dict(_keys(group.matches, values))
            found[group.name, line_id] = WantedLine(group.name, line_id, values, line, keys)
    return tuple(found.values())


def cut_fields(
    rules: Rules, content: Content, *, constants: Constants, references: References
) -> dict[str, tuple[int, int]]:
    """The fields whose text is cut for this record, by the names that outcomes give them: its length, and to what.

    Computes everything once more: for records of which `text.cuts` says that something was lost.
    """
    found: dict[str, tuple[int, int]] = {}
    for rule in rules.fields:
        found.update(_cut(rule.name, rule, content, constants, references))
    for group in rules.lines:
        for line in _line_contents(group, content):
            name = f"lines.{group.name}[{_id_text(_computed(group.name, group.id, line))}]"
            for rule in group.fields:
                found.update(_cut(f"{name}.{rule.name}", rule, line, constants, references))
    return found


def _cut(
    name: str, rule: FieldRule, content: Content, constants: Constants, known: References
) -> Iterator[tuple[str, tuple[int, int]]]:
    before = cuts()
    _value(rule, content, constants, known)
    if cuts() != before:
        yield name, last_cut()


def skip_reason(rules: Rules, content: Content, *, partly: bool = False) -> str | None:
    """Why this record is left alone; None where it is not. `partly`: filters that read what is not there are silent."""
    for index, rule in enumerate(rules.skips):
        if partly and not all(known(content, path) for path in rule.when.reads):
            continue
        if _holds(f"skip.{index}", rule.when, content):
            return rule.reason
    return None


def _holds(name: str, when: Expression, content: Content) -> bool:
    try:
        return when.true(content)
    except ExpressionFailed as error:
        raise _failed(name, when.text, str(error)) from None


def match_keys(rules: Rules, content: Content, values: Mapping[str, Any]) -> dict[str, str]:
    """The values that may find an unpaired record's counterpart, trimmed, by field, in their order; blank ones not."""
    found: dict[str, str] = {}
    for index, match in enumerate(rules.matches):
        if match.when is not None and not _holds(f"match.{index}", match.when, content):
            continue
        found.update(_keys([match], values))
    return found


def _keys(matches: Iterable[MatchRule | LineMatchRule], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field and value of each match whose field has one; in small letters where case does not count."""
    for match in matches:
        value = values.get(match.field, KEEP)
        key = None if value is KEEP else _id_text(value)
        if key is not None:
            yield match.field, key.casefold() if match.ignore_case else key


def references(rules: Rules, content: Content) -> set[Reference]:
    """Every record that this one refers to, lines included."""
    return {(pair_kind, found) for pair_kind, found, _ in _references(rules, content)}


def missing(rules: Rules, content: Content, known: References) -> set[Reference]:
    """The references that have no pair and no fallback: without them the record cannot be mapped."""
    return {
        (pair_kind, found)
        for pair_kind, found, fallback in _references(rules, content)
        if not fallback and (pair_kind, found) not in known
    }


def _references(rules: Rules, content: Content) -> Iterator[tuple[str, str, bool]]:
    groups = [(rules.fields, [content])]
    for lines in rules.lines:
        if any(rule.mapped.pair for rule in lines.fields):
            groups.append((lines.fields, _line_contents(lines, content)))
    for fields, contents in groups:
        for rule in fields:
            pair = rule.mapped.pair
            if pair is None or rule.expression is None:
                continue
            for one in contents:
                found = _id_text(_computed(rule.name, rule.expression, one))
                if found is not None:
                    yield pair.kind, found, pair.fallback is not None


def _line_contents(group: LinesRule, content: Content) -> list[Content]:
    """Each line as its expressions see it, with the record around it as `header`."""
    name = f"lines.{group.name}.from"
    items = _computed(name, group.items, content)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise _failed(name, group.items.text, f"a list of objects is needed, not {kind(items)}")
    return [{**item, HEADER: content} for item in items]


def _value(rule: FieldRule, content: Content, constants: Constants, known: References) -> Any:
    mapped = rule.mapped
    if rule.expression is None:
        value = mapped.value if mapped.constant is None else _constant(rule, mapped.constant, constants)
    else:
        value = _computed(rule.name, rule.expression, content)
        if mapped.pair is not None:
            value = _counterpart(rule, value, constants, known)
        elif mapped.values is not None:
            value = _translated(rule, value, mapped.values)
    value = _legible(value)
    if mapped.length is not None:
        value = _fitting(rule, value, mapped.length)
    return _empty(rule) if _blank(value) else value


def _fitting(rule: FieldRule, value: Any, length: int) -> Any:
    """A text that is too long for its column, cut or refused."""
    if isinstance(value, list):
        return [_fitting(rule, one, length) for one in value]
    if not isinstance(value, str) or units(value) <= length:
        return value
    if rule.mapped.too_long == "park":
        raise _failed(rule.name, rule.text, f"it has {units(value)} characters, and length is {length}")
    return truncate(value, length)


def _legible(value: Any) -> Any:
    if isinstance(value, str):
        return legible(value)
    return [_legible(one) for one in value] if isinstance(value, list) else value


def _blank(value: Any) -> bool:
    return value is None or value == "" or value == []


def _empty(rule: FieldRule) -> Any:
    if rule.mapped.required:
        raise _failed(rule.name, rule.text, "it is required and has no value")
    return KEEP if rule.mapped.blank == "keep" else None


def _translated(rule: FieldRule, value: Any, table: Mapping[str, Any]) -> Any:
    """The table's value. An empty one is looked up under ""; not there, it is kept with other = "keep", else blank."""
    if _blank(value) and "" not in table:
        return KEEP if rule.mapped.other == "keep" else None
    key = "" if _blank(value) else _table_key(value)
    if key is None:
        raise _failed(rule.name, rule.text, f"values translates one value, not {kind(value)}")
    if key in table:
        return table[key]
    other = rule.mapped.other
    if other == "park":
        raise _failed(rule.name, rule.text, f"{kind(value)} is not in its values table; add it, or set other")
    return {"keep": KEEP, "blank": None}.get(other, other) if isinstance(other, str) else other


def _table_key(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
    return str(value) if isinstance(value, str | int) else None


def _counterpart(rule: FieldRule, value: Any, constants: Constants, known: References) -> Any:
    pair = rule.mapped.pair
    found = _id_text(value)
    if pair is not None and found is not None and (pair.kind, found) in known:
        return known[pair.kind, found]
    if pair is not None and pair.fallback is not None:
        return _constant(rule, pair.fallback, constants)
    if found is None:
        return None
    raise _failed(rule.name, rule.text, "the record it refers to has no pair, and the field has no fallback")


def _constant(rule: FieldRule, name: str, constants: Constants) -> Any:
    if name not in constants:
        raise _failed(rule.name, rule.text, f"the constant {name} is not known to this flow")
    return constants[name]


def _computed(name: str, expression: Expression, content: Content) -> Any:
    try:
        return expression.evaluate(content)
    except ExpressionFailed as error:
        raise _failed(name, expression.text, str(error)) from None


def _id_text(value: Any) -> str | None:
    """An id or key as text, trimmed; None where it is blank or no single value."""
    if value is None or isinstance(value, bool | list | Mapping):
        return None
    return str(value).strip() or None


def _failed(name: str, text: str, reason: str) -> MappingFailed:
    return MappingFailed(
        f"The field {name} cannot be computed from {text!r}: {reason}.",
        facts={"field": name, "expression": text, "reason": reason},
    )
