"""From an answer back to content in which the mapping's paths resolve literally, with exact types.

Decimal and Money become Decimal, 64-bit numbers strings, metafields their values under "namespace.key".
Lists cut off by a page's end are read on; content is never silently short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from shared.shopify.schema import Schema
from shared.shopify.selection import Part, Selection

Continue = Callable[[str, Part, Part, str], Mapping[str, Any] | None]
"""(owner's id, owner, connection, cursor) → the next page of that connection; None when its owner is gone."""

_DECIMALS = frozenset({"Decimal", "Money", "Float"})
_LONGS = frozenset({"UnsignedInt64", "BigInt"})
_TEXT_METAFIELDS = ("_text_field", "_reference", "url", "color", "date", "date_time", "id", "language")


def shape(selection: Selection, schema: Schema, raw: Mapping[str, Any], more: Continue) -> dict[str, Any]:
    """One record's content. `more` reads on where a list in it did not fit on its page."""
    return _Shaper(schema, more).object(selection.root, raw)


class _Shaper:
    def __init__(self, schema: Schema, more: Continue) -> None:
        self._schema = schema
        self._more = more

    def object(self, part: Part, raw: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._part(part, child, raw) for key, child in part.parts.items()}

    def _part(self, owner: Part, part: Part, raw: Mapping[str, Any]) -> Any:
        if part.condition:
            return self.object(part, raw) if self._is(raw, owner, part.condition) else None
        if not part.call:
            return self.object(part, raw)
        value = raw.get(part.answer)
        if part.metafield:
            return metafield_value(value)
        if part.connection and isinstance(value, Mapping):
            value = self._whole(owner, part, raw, value)
        return self._value(part, value)

    def _value(self, part: Part, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [self._value(part, item) for item in value]
        if part.parts:
            return self.object(part, value)
        return _leaf(part.type_name, value)

    def _is(self, raw: Mapping[str, Any], owner: Part, condition: str) -> bool:
        marker = owner.parts["__typename"].answer
        return raw.get(marker) in self._schema.possible(condition)

    def _whole(self, owner: Part, part: Part, raw: Mapping[str, Any], page: Mapping[str, Any]) -> Mapping[str, Any]:
        """The connection with all its pages joined."""
        whole = {key: list(value) for key, value in page.items() if isinstance(value, list)}
        while page["pageInfo"]["hasNextPage"]:
            owner_id = str(raw[owner.parts["id"].answer])
            following = self._more(owner_id, owner, part, str(page["pageInfo"]["endCursor"]))
            if following is None:
                break
            page = following
            for key, values in whole.items():
                values.extend(page[key])
        return whole


def _leaf(type_name: str, value: Any) -> Any:
    if type_name in _DECIMALS:
        return Decimal(value)
    return str(value) if type_name in _LONGS else value


def metafield_value(raw: Mapping[str, Any] | None) -> Any:
    """A metafield's value by its type: int, Decimal, bool or str; JSON, lists and compound types as parsed."""
    if raw is None:
        return None
    kind, value = str(raw["type"]), str(raw["value"])
    if kind == "number_integer":
        return int(value)
    if kind == "number_decimal":
        return Decimal(value)
    if kind == "boolean":
        return value == "true"
    if not kind.startswith("list.") and kind.endswith(_TEXT_METAFIELDS):
        return value
    return raw["jsonValue"]
