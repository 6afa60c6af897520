"""Shopify's Admin schema as a table: which fields, arguments, inputs and types exist in one API version.

The table (admin_VERSION.json.gz, 124 KB, see LICENSE-shopify.txt) loads in 20 ms and is kept; a graphql-core schema of
the same content needs 650 ms, so graphql-core sees it only in tests. It never says anything about a particular shop.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from shared.errors import SettingMissing

DEFAULT_VERSION = "2026-10"


@dataclass(frozen=True, slots=True)
class Field:
    """One field or input field: its type as SDL writes it, and its arguments (name → type and default)."""

    name: str
    type: str
    args: Mapping[str, str]

    @property
    def type_name(self) -> str:
        """The bare name of the type."""
        return bare(self.type)

    @property
    def is_list(self) -> bool:
        """Whether the answer is a list."""
        return self.type.startswith("[")

    @property
    def required_args(self) -> tuple[str, ...]:
        """Arguments without which Shopify refuses the query."""
        return tuple(name for name, kind in self.args.items() if kind.endswith("!"))


class Schema:
    """One version's table. Lookups return None for what does not exist; nothing raises."""

    def __init__(self, version: str, table: Mapping[str, Any]) -> None:
        self.version = version
        self.query_type: str = table["query"]
        self.mutation_type: str = table["mutation"]
        self.directives: Mapping[str, Any] = table["directives"]
        self._types: Mapping[str, Mapping[str, Any]] = table["types"]

    def __contains__(self, type_name: str) -> bool:
        return type_name in self._types

    def types(self) -> Iterator[str]:
        """All type names."""
        return iter(self._types)

    def entry(self, type_name: str) -> Mapping[str, Any]:
        """A type's raw row (see extract.py); empty where there is none."""
        return self._types.get(type_name, {})

    def is_leaf(self, type_name: str) -> bool:
        """Whether a field of this type takes no selection."""
        return self.entry(type_name).get("k") in ("S", "E")

    def is_abstract(self, type_name: str) -> bool:
        """Whether a field of this type may answer several types (interface or union)."""
        return self.entry(type_name).get("k") in ("I", "U")

    def field(self, type_name: str, name: str) -> Field | None:
        """A field of an object or interface."""
        if name == "__typename" and type_name in self:
            return Field(name, "String!", {})
        found = self.entry(type_name).get("f", {}).get(name)
        if found is None:
            return None
        return Field(name, found, {}) if isinstance(found, str) else Field(name, found[0], found[1])

    def input(self, type_name: str, name: str) -> Field | None:
        """A field of an input object."""
        found = self.entry(type_name).get("i", {}).get(name)
        return None if found is None else Field(name, found, {})

    def possible(self, type_name: str) -> Sequence[str]:
        """The object types an abstract type may answer; the type itself where it is not abstract."""
        return self.entry(type_name).get("p") or (type_name,)

    def suggest(self, type_name: str, name: str, of: str = "") -> str:
        """The end of a sentence about a field that does not exist: ", did you mean X?", or "." when nothing is near.

        `of`: how the names of the types end whose fields may be meant.
        """
        names = [*self.entry(type_name).get("f", ()), *self.entry(type_name).get("i", ())]
        kinds = ((each, self.field(type_name, each)) for each in names) if of else ()
        known = [each for each, found in kinds if found and found.type_name.endswith(of)] if of else names
        near = get_close_matches(name, known, n=1)
        return f", did you mean {near[0]!r}?" if near else "."


def bare(type_text: str) -> str:
    """`[String!]! = []` → `String`."""
    return type_text.partition(" ")[0].strip("[]!")


@cache
def load(version: str = DEFAULT_VERSION) -> Schema:
    """The table of an API version, read once per process. Raises SettingMissing for a version that is not shipped."""
    name = f"admin_{version}.json.gz"
    source = files(__package__) / name
    if not source.is_file():
        raise SettingMissing(
            f"There is no schema table for Shopify API version {version!r}: use {DEFAULT_VERSION}, or make one with "
            "python -m shared.shopify.schema.extract.",
            facts={"version": version},
        )
    return Schema(version, json.loads(gzip.decompress(source.read_bytes())))
