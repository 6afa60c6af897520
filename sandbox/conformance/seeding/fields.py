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
        pin = {"pin": True} if one.fields.get("pinnedPosition") else {}
        garden.ask(DEFINE, d=given | pin | ({"validations": validations} if validations else {}))
        garden.mark(one)


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
