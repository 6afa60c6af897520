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
            _own(garden, given | {"validations": validations, "constraints": one.fields.get("constraints")})
            garden.mark(one)
            continue
        garden.ask(DEFINE, d=given | ({"validations": validations} if validations else {}))
        place = one.fields.get("pinnedPosition")
        garden.box.store.db.update("metafield_definitions", int(one.number), {"pinned_position": place})
        garden.mark(one)
    _plant_pins(garden, shown)


def _plant_pins(garden: Garden, shown: Shown) -> None:
    """The position of a new pin tells how many stood before it."""
    new = [one for one in shown.records.values() if one.kind == "MetafieldDefinition" and one.is_new]
    for owner_type in {str(one.fields.get("ownerType") or "PRODUCT") for one in new}:
        places = [one.fields.get("pinnedPosition") for one in new if one.fields.get("ownerType") in {owner_type, None}]
        lowest = min((place for place in places if isinstance(place, int)), default=1)
        sql = "SELECT COUNT(*) FROM metafield_definitions WHERE owner_type = ? AND pinned_position IS NOT NULL"
        for place in range(garden.box.store.db.value(sql, (owner_type,)) + 1, lowest):
            given = {"namespace": "seeded", "key": f"pin_{place}", "name": "Seeded pin", "ownerType": owner_type}
            garden.ask(DEFINE, d=given | {"type": TYPE, "pin": True})


def _own(garden: Garden, given: dict[str, Any]) -> None:
    """A definition in the platform's own namespace: no app can make one."""
    db = garden.box.store.db
    row = {"id": db.next_id("MetafieldDefinition"), "owner_type": given["ownerType"], "description": None}
    row |= {name: given[name] for name in ("namespace", "key", "name", "type")} | copied(given, "description")
    told = given["constraints"] if isinstance(given["constraints"], dict) else {}
    values = [one["value"] for one in told.get("values") or [] if isinstance(one, dict)]
    constraints = {"key": told["key"], "values": values} if told.get("key") else ""
    row |= {"validations": given["validations"], "constraints": constraints}
    row |= {"unique_values": 0, "admin_filterable": 0, "smart_collection": 0}
    row |= {"cart_to_order_copyable": 0, "standard_template": 10_000, "validation_status": "ALL_VALID"}
    access = {"admin": "PUBLIC_READ_WRITE", "storefront": "PUBLIC_READ", "customerAccount": "NONE"}
    db.insert("metafield_definitions", row | {"access": access, "pinned_position": None})


def plant_values(garden: Garden, shown: Shown) -> None:
    """Plant the metafields of owners that are there, and those whose digest a write named and that was taken."""
    owners = [one for one in shown.existing if one.kind != "MetafieldDefinition"]
    for owner in owners:
        for field in [*owner.list("metafields"), owner.record("metafield")]:
            if isinstance(field, Record) and not field.is_new and {"key", "value"} <= field.fields.keys():
                garden.expect("Metafield", [field])
                given = {"ownerId": owner.gid, "type": TYPE} | copied(field.fields, "namespace key value type")
                garden.ask(SET, m=[given])
                garden.mark(field)
    for definition in shown.of("MetafieldDefinition"):
        for field in definition.list("metafields"):
            _described(garden, definition, field)
    done: set[tuple[Any, ...]] = set()
    for entry in [entry for variables in shown.accepted for entry in variables.get("metafields") or []]:
        place = entry.get("ownerId"), entry.get("namespace"), entry.get("key")
        if entry.get("compareDigest") and place not in done:
            _compared(garden, entry)
        done.add(place)


def _described(garden: Garden, definition: Record, field: Any) -> None:
    """A metafield that its definition shows, with its owner."""
    owner = field.record("owner") if isinstance(field, Record) else None
    if owner is None or garden.has(field) or "value" not in field.fields:
        return
    garden.expect("Metafield", [field])
    given = {"ownerId": owner.gid} | copied(definition.fields, "namespace key") | copied(field.fields, "value type")
    garden.ask(SET, m=[given])
    garden.mark(field)


def _compared(garden: Garden, given: dict[str, Any]) -> None:
    value = {name: given[name] for name in ("ownerId", "namespace", "key", "type", "value") if given.get(name)}
    made = garden.ask(SET, m=[value])
    number = int(made["metafields"][0]["id"].rsplit("/", 1)[-1])
    garden.box.store.db.update("metafields", number, {"digest": given["compareDigest"]})
