"""Reads system query options, nested ones inside `$expand` included.

Names are checked against nothing here; the options the Web API refuses are refused here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sandbox.dataverse.errors import DataverseError, bad_request, error
from sandbox.dataverse.urls import split_outside

MAX_EXPANDS = 15
SUPPORTED = frozenset({
    "$select", "$filter", "$expand", "$orderby", "$top", "$count", "$skiptoken", "$deltatoken", "$apply"})
NOT_YET = frozenset({"fetchXml", "savedQuery", "userQuery"})
ALIASED = frozenset({"$filter", "$apply"})
_ALIAS = re.compile(r"@[A-Za-z_]\w*")


@dataclass
class Options:
    """Parsed query options."""

    select: list[str] | None = None
    filter: str | None = None
    expand: list[Expand] = field(default_factory=list)
    orderby: list[tuple[str, bool]] = field(default_factory=list)
    top: int | None = None
    count: bool = False
    skiptoken: str | None = None
    deltatoken: str | None = None
    apply: str | None = None
    named: frozenset[str] = frozenset()


@dataclass
class Expand:
    """One item of `$expand`."""

    nav: str
    options: Options
    ref: bool = False
    text: str = ""


def parse_options(raw: dict[str, str]) -> Options:
    """Query options of a request; 400 for `$skip` and friends, 501 for what the sandbox lacks."""
    for name in raw:
        if name.startswith("$") and name not in SUPPORTED:
            raise bad_request(f"The query parameter {name} is not supported.")
        if name in NOT_YET:
            raise error("UnExpected", status=501, message=f"The sandbox does not have {name} yet.")
    aliases = {name: value for name, value in raw.items() if name.startswith("@")}
    return build({n: substitute(v, aliases) if n in ALIASED else v for n, v in raw.items()})


def substitute(text: str, aliases: dict[str, str]) -> str:
    """Put the values of parameter aliases in, outside quotes."""
    if not aliases or "@" not in text:
        return text
    parts = re.split(r"('(?:[^']|'')*')", text)
    for at in range(0, len(parts), 2):
        parts[at] = _ALIAS.sub(lambda m: aliases.get(m.group(0), m.group(0)), parts[at])
    return "".join(parts)


def build(raw: dict[str, str]) -> Options:
    """Options from name and text."""
    options = Options(named=frozenset(raw))
    if "$select" in raw:
        names = [n.strip() for n in raw["$select"].split(",") if n.strip()]
        options.select = None if "*" in names or not names else names
    options.filter = raw.get("$filter") or None
    options.expand = parse_expand(raw.get("$expand", ""))
    options.orderby = [_order(item) for item in split_outside(raw.get("$orderby", ""), ",") if item.strip()]
    if "$top" in raw:
        options.top = _whole(raw["$top"])
    options.count = raw.get("$count", "").lower() == "true"
    options.skiptoken = raw.get("$skiptoken")
    options.deltatoken = raw.get("$deltatoken")
    options.apply = raw.get("$apply")
    return options


def _whole(text: str) -> int:
    if not text.isdigit():
        raise bad_request(f"Invalid value '{text}' for $top query option found. The $top query option requires a "
                          "non-negative integer value.")
    return int(text)


def _order(item: str) -> tuple[str, bool]:
    path, _, direction = item.strip().partition(" ")
    direction = direction.strip().lower()
    if direction not in ("", "asc", "desc"):
        raise syntax(item)
    return path, direction == "desc"


def syntax(text: str) -> DataverseError:
    """The error for an option that cannot be parsed."""
    return bad_request(f"Syntax error at position 0 in '{text}'.")


def parse_expand(text: str) -> list[Expand]:
    """The items of `$expand`; at most fifteen."""
    items = [_expand_item(part.strip()) for part in split_outside(text, ",") if part.strip()]
    if sum(count_expands(item) for item in items) > MAX_EXPANDS:
        raise bad_request(f"The number of $expand items exceeds the limit of {MAX_EXPANDS}.")
    return items


def count_expands(item: Expand) -> int:
    """How many expands an item stands for, nested ones included."""
    return 1 + sum(count_expands(inner) for inner in item.options.expand)


def _expand_item(part: str) -> Expand:
    name, _, inside = part.partition("(")
    if inside and not inside.endswith(")"):
        raise syntax(part)
    ref = name.endswith("/$ref")
    nested: dict[str, str] = {}
    for option in split_outside(inside[:-1], ";"):
        if not option.strip():
            continue
        key, equals, value = option.strip().partition("=")
        if not equals or key not in SUPPORTED:
            raise syntax(part)
        nested[key] = value
    return Expand(name.removesuffix("/$ref"), build(nested), ref, part)
