"""Plants metafield definitions and the metafields that owners are shown with or that a write relied on."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.garden import Garden, copied
from sandbox.conformance.seeding.records import Record, Shown

DEFINE = """mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
  userErrors { field message } } }"""
SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { metafields { id }
  userErrors { field message } } }"""
TYPE = "single_line_text_field"


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every metafield definition that was there before."""
    for place, one in enumerate(shown.of("MetafieldDefinition")):
        garden.expect("MetafieldDefinition", [one])
        kind = one.fields.get("type")
        given: dict[str, Any] = {"namespace": "seeded", "key": f"field_{place}", "name": "Seeded field"}
        given |= {"ownerType": "PRODUCT", "type": kind.get("name") if isinstance(kind, dict) else TYPE}
        given |= copied(one.fields, "namespace key name description ownerType")
        validations = [copied(rule, "name value") for rule in one.list("validations") if isinstance(rule, dict)]
        if given["namespace"] == "shopify":
            _own(garden, given)
            garden.mark(one)
            continue
        pin = {"pin": True} if one.fields.get("pinnedPosition") else {}
        garden.ask(DEFINE, d=given | pin | ({"validations": validations} if validations else {}))
        garden.mark(one)


def _own(garden: Garden, given: dict[str, Any]) -> None:
    """A definition in the platform's own namespace: no app can make one."""
    db = garden.box.store.db
    row = {"id": db.next_id("MetafieldDefinition"), "owner_type": given["ownerType"], "description": None}
    row |= {name: given[name] for name in ("namespace", "key", "name", "type")} | copied(given, "description")
    row |= {"validations": [], "unique_values": 0, "admin_filterable": 0, "smart_collection": 0, "constraints": ""}
    row |= {"cart_to_order_copyable": 0, "standard_template": 10_000, "validation_status": "ALL_VALID"}
    access = {"admin": "PUBLIC_READ_WRITE", "storefront": "PUBLIC_READ", "customerAccount": "NONE"}
    db.insert("metafield_definitions", row | {"access": access, "pinned_position": None})


def plant_values(garden: Garden, shown: Shown) -> None:
    """Plant the metafields of owners that are there, and those whose digest a write named and that was taken."""
    for owner in shown.existing:
        for field in [*owner.list("metafields"), owner.record("metafield")]:
            if isinstance(field, Record) and not field.is_new and {"key", "value"} <= field.fields.keys():
                garden.expect("Metafield", [field])
                given = {"ownerId": owner.gid, "type": TYPE} | copied(field.fields, "namespace key value type")
                garden.ask(SET, m=[given])
                garden.mark(field)
    done: set[tuple[Any, ...]] = set()
    for entry in [entry for variables in shown.accepted for entry in variables.get("metafields") or []]:
        place = entry.get("ownerId"), entry.get("namespace"), entry.get("key")
        if entry.get("compareDigest") and place not in done:
            _compared(garden, entry)
        done.add(place)


def _compared(garden: Garden, given: dict[str, Any]) -> None:
    value = {name: given[name] for name in ("ownerId", "namespace", "key", "type", "value") if given.get(name)}
    made = garden.ask(SET, m=[value])
    number = int(made["metafields"][0]["id"].rsplit("/", 1)[-1])
    garden.box.store.db.update("metafields", number, {"digest": given["compareDigest"]})
