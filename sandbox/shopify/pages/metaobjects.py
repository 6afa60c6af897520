"""Metaobjects by their types; the value of each field can be changed as text.

Values are shown as they are stored, which for many types is JSON.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.pages import layout
from sandbox.shopify.pages.layout import facts, field, form, link, text, time
from sandbox.shopify.pages.reading import Visit

HEADS = ("Metaobject", "Handle", "Fields", "Updated")
TYPES = "{ metaobjectDefinitions(first: 50) { nodes { type name metaobjectsCount } } }"
OF_TYPE = """query($t: String!, $n: Int!) { metaobjects(type: $t, first: $n, sortKey: "updated_at", reverse: true) {
  nodes { id handle displayName updatedAt fields { key value } } } }"""
ONE = """query($id: ID!) { metaobject(id: $id) { id type handle displayName updatedAt fields { key type value } } }"""


def sections(visit: Visit) -> str:
    """A section per type."""
    kinds = visit.read(TYPES)["metaobjectDefinitions"]["nodes"]
    if not kinds:
        return layout.section("Metaobjects", "", "<p class=empty>There are no metaobject definitions.</p>")
    return "".join(_section(visit, kind) for kind in kinds)


def _section(visit: Visit, kind: dict[str, Any]) -> str:
    nodes = visit.read(OF_TYPE, t=kind["type"], n=visit.size)["metaobjects"]["nodes"]
    found = [
        layout.row(
            HEADS,
            (
                link(f"/metaobjects/{one['id'].rsplit('/', 1)[-1]}", one["displayName"]),
                text(one["handle"]),
                "<br>".join(f"{text(part['key'])}: {text(_short(part['value']))}" for part in one["fields"]),
                time(one["updatedAt"]),
            ),
        )
        for one in nodes
    ]
    note = f"{kind['type']}, {kind['metaobjectsCount']} in all"
    return layout.section(kind["name"], note, layout.table(HEADS, found, "There are none."))


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= 80 else value[:77] + "..."


def one(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of a metaobject."""
    found = visit.read(ONE, id=f"gid://shopify/Metaobject/{number}")["metaobject"]
    if found is None:
        return None
    known = facts(
        [
            ("Number", str(number)),
            ("Type", text(found["type"])),
            ("Handle", text(found["handle"])),
            ("Updated", time(found["updatedAt"])),
        ]
    )
    fields = "".join(field(f"{part['key']} ({part['type']})", part["key"], part["value"]) for part in found["fields"])
    edit = form(f"/edit/metaobject/{number}", fields, style="card")
    return found["displayName"], layout.section("Metaobject", "", known + edit)
