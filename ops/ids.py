"""Flows and ids as people name them: a GID, a number, a GUID in any case, turned into the id a flow's source uses.

Refuses what cannot be an id of that side, and says which kind of id is wanted. Asks nobody.
"""

from __future__ import annotations

import re
from typing import Annotated

import typer

from ops.session import refuse
from shared.dataverse.odata import guid, is_guid
from shared.records import Side

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="The flow's name.")]
OneFlow = Annotated[str, typer.Argument(metavar="FLOW", help="Only this flow.")]
Flows = Annotated[list[str] | None, typer.Argument(metavar="FLOW", help="These flows; none: all.")]
RecordId = Annotated[str, typer.Argument(metavar="ID", help="The source record's id: GID, number or GUID.")]
RecordIds = Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Only this record; repeatable.")]
First = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N records that the source lists.")]

_GID = re.compile(r"gid://shopify/(\w+)/([0-9]+)")
_NUMBER = re.compile(r"[0-9]+")
_ENCODED = re.compile(r"[\w.-]+~[\w.~-]*|[\w-]*(?:\.[0-9A-F]{2}[\w-]*)+", re.ASCII)
"""A table's row without a number of its own: {parent}~{key}, or the encoded end of a GID."""
_WANTED = {Side.SHOPIFY: "a number or a GID of Shopify", Side.CRM: "a GUID of Dataverse"}


def parse(text: str) -> tuple[Side, str]:
    """Whose id this is, and the id as the state holds it."""
    bare = text.strip()
    if (match := _GID.fullmatch(bare)) or _NUMBER.fullmatch(bare):
        return Side.SHOPIFY, str(int(match.group(2) if match else bare))
    if _ENCODED.fullmatch(bare):
        return Side.SHOPIFY, bare
    if not is_guid(bare.strip("{}").lower()):
        refuse(f"'{text}' is no id: give a number, a GID (gid://shopify/…) or a GUID.")
    return Side.CRM, guid(bare)


def of_side(text: str, side: Side, record_type: str = "") -> str:
    """The id, which has to be one of that side; a GID has to name the type of record that the flow is about."""
    found, identifier = parse(text)
    if found is not side:
        refuse(f"'{text}' is not {_WANTED[side]}: this side's records are in {side.value}.")
    match = _GID.fullmatch(text.strip())
    if match and record_type and match.group(1) != record_type:
        refuse(f"'{text}' is a {match.group(1)}; this flow's records are of type {record_type}.")
    return identifier
