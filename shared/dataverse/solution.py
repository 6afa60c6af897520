"""The one solution that all we add to an organization is put into, so that it can be seen, moved and taken away whole.

Columns, keys, tables, endpoints and steps land in it by a header of the calls that make them. Its publisher has the
prefix that our names begin with. Looks first; never changes a solution or publisher that exists.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/compose-http-requests-handle-errors and the
table references of solution and publisher.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client

SOLUTION = "ShopifySync"
TITLE = "Shopify sync"
PREFIX, OPTION_PREFIX = "new", 10_000
HEADER = "MSCRM.SolutionUniqueName"


def headers(solution: str) -> Mapping[str, str]:
    """What puts the result of a call into the solution; nothing where there is none."""
    return {HEADER: solution} if solution else {}


def exists(client: Client, solution: str) -> bool:
    """Whether the organization has it."""
    return _found(client, "solutions", "solutionid", solution) is not None


def create(client: Client, solution: str) -> None:
    """Make it, and its publisher where that is missing too."""
    named = {"uniquename": solution, "friendlyname": TITLE}
    publisher = _found(client, "publishers", "publisherid", solution)
    if publisher is None:
        prefixes = {"customizationprefix": PREFIX, "customizationoptionvalueprefix": OPTION_PREFIX}
        client.send("POST", "publishers", {**named, **prefixes}, name=f"create publisher {solution}")
        publisher = _found(client, "publishers", "publisherid", solution)
    made_by = {"publisherid@odata.bind": f"/{odata.row('publishers', str(publisher))}"}
    client.send("POST", "solutions", {**named, "version": "1.0.0.0", **made_by}, name=f"create solution {solution}")


def _found(client: Client, entity_set: str, column: str, name: str) -> str | None:
    options = {"$select": column, "$filter": f"uniquename eq {odata.quoted(name)}"}
    rows: list[Mapping[str, Any]] = client.get(odata.query(entity_set, options), name=f"look for {name}").data["value"]
    return str(rows[0][column]) if rows else None
