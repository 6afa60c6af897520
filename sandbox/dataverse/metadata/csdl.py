"""`$metadata` as CSDL XML and the service document.

Namespace Microsoft.Dynamics.CRM, alias mscrm, as the platform writes it.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from sandbox.dataverse.context import Context
from sandbox.dataverse.writes.bulk import messages
from sandbox.dataverse.writes.convert import edm_type

from .model import Table
from .operations import imports, types_and_operations
from .registry import Registry


def service_document(ctx: Context) -> dict[str, Any]:
    """The list of entity sets."""
    sets = sorted(t.entity_set for t in ctx.registry)
    return {"@odata.context": f"{ctx.base_url}$metadata",
            "value": [{"name": s, "kind": "EntitySet", "url": s} for s in sets]}


def csdl(registry: Registry) -> str:
    """The whole model as CSDL."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
        '<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
        '<EntityType Name="crmbaseentity" Abstract="true"/>']
    tables = sorted(registry, key=lambda t: t.name)
    for table in tables:
        lines += _entity_type(registry, table)
    lines += types_and_operations({table.name: messages(table) for table in tables})
    lines.append('<EntityContainer Name="System">')
    for table in tables:
        lines.append(f"<EntitySet Name={quoteattr(table.entity_set)} EntityType={_crm(table.name)}>")
        for nav in table.one.values():
            target = registry.get(nav.targets[0]) if nav.targets else None
            if target is not None:
                path, end = quoteattr(nav.name), quoteattr(target.entity_set)
                lines.append(f"<NavigationPropertyBinding Path={path} Target={end}/>")
        lines.append("</EntitySet>")
    lines += imports()
    lines += ["</EntityContainer></Schema>", "</edmx:DataServices></edmx:Edmx>"]
    return "\n".join(lines)


def _crm(name: str) -> str:
    return quoteattr(f"mscrm.{name}")


def _entity_type(registry: Registry, table: Table) -> list[str]:
    lines = [
        f'<EntityType Name={quoteattr(table.name)} BaseType="mscrm.crmbaseentity">',
        f"<Key><PropertyRef Name={quoteattr(table.pk)}/></Key>"]
    for column in table.columns.values():
        if column.read:
            lines.append(f"<Property Name={quoteattr(column.wire)} Type={quoteattr(edm_type(column))}/>")
    for nav in table.one.values():
        if nav.targets and registry.get(nav.targets[0]):
            kind = "mscrm.crmbaseentity" if len(nav.targets) > 1 else f"mscrm.{nav.targets[0]}"
            column = table.columns[nav.column]
            lines.append(
                f'<NavigationProperty Name={quoteattr(nav.name)} Type={quoteattr(kind)} Nullable="true">'
                f'<ReferentialConstraint Property={quoteattr(column.wire)} '
                f'ReferencedProperty={quoteattr(registry.tables[nav.targets[0]].pk)}/></NavigationProperty>')
    for many in (*table.many.values(), *table.links.values()):
        lines.append(
            f"<NavigationProperty Name={quoteattr(many.name)} Type={quoteattr(f'Collection(mscrm.{many.table})')}/>")
    lines.append("</EntityType>")
    return lines
