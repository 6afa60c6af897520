"""Plants products with their options, variants, stock and inventory items, and collections that hold them."""

from __future__ import annotations

import uuid
from typing import Any

from sandbox.conformance.seeding.garden import Garden, NotPlanted, amount, copied, micros
from sandbox.conformance.seeding.records import Record, Shown

SET = """mutation($i: ProductSetInput!) { productSet(input: $i, synchronous: true) { product { id }
  userErrors { field message } } }"""
STOCK = """mutation($i: InventorySetQuantitiesInput!) {
  inventorySetQuantities(input: $i) @idempotent(key: "%s") { userErrors { field message } } }"""
COLLECTION = "mutation($i: CollectionInput!) { collectionCreate(input: $i) { userErrors { field message } } }"
OWN = "title handle descriptionHtml vendor productType tags status templateSuffix requiresSellingPlan giftCard"


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every product that was there before, whether shown itself or through a variant or an inventory item."""
    for product in shown.of("Product"):
        _product(garden, product, _variants_of(shown, product))
    for variant in shown.of("ProductVariant"):
        if not garden.has(variant):
            _product(garden, _parent(variant), [variant])
    for item in shown.of("InventoryItem"):
        if not garden.has(item):
            _item(garden, item)


def plant_stock(garden: Garden, shown: Shown) -> None:
    """Stock what an accepted write took to be there; only the first write at a place tells of the time before."""
    done: set[tuple[str, str]] = set()
    for given in [given for given in map(_input, shown.accepted) if given.get("name") in {"available", "on_hand"}]:
        for entry in given.get("quantities") or []:
            place = entry.get("inventoryItemId", ""), entry.get("locationId", "")
            before = entry.get("changeFromQuantity", entry.get("compareQuantity"))
            if before is not None and place not in done:
                kept = {"inventoryItemId": place[0], "locationId": place[1], "quantity": before}
                counted = {"name": given["name"], "reason": "correction"}
                garden.ask(STOCK % uuid.uuid4(), i=counted | {"quantities": [kept | {"changeFromQuantity": None}]})
            done.add(place)


def _input(variables: dict[str, Any]) -> dict[str, Any]:
    given = variables.get("input")
    return given if isinstance(given, dict) else {}


def plant_collections(garden: Garden, shown: Shown) -> None:
    """Plant every collection that was there before."""
    for one in shown.of("Collection"):
        garden.expect("Collection", [one])
        listed = [product for product in one.list("products") if isinstance(product, Record)]
        members = [product.gid for product in listed if not product.is_new]
        given = {"title": "Seeded collection"} | copied(one.fields, "title handle descriptionHtml sortOrder")
        garden.ask(COLLECTION, i=given | ({"products": members} if members else {}))
        garden.mark(one)


def _parent(variant: Record) -> Record:
    return variant.record("product") or Record("Product", "new", variant.step, "", 0, is_new=False)


def _variants_of(shown: Shown, product: Record) -> list[Record]:
    listed = [one for one in product.list("variants") if isinstance(one, Record) and not one.is_new]
    others = [one for one in shown.of("ProductVariant") if one.record("product") is product or one.above is product]
    return listed + [one for one in others if one not in listed]


def _item(garden: Garden, item: Record) -> None:
    variant = item.record("variant") or Record("ProductVariant", "new", item.step, "", 0, is_new=False)
    variant.fields.setdefault("inventoryItem", item)
    _product(garden, _parent(variant), [variant])


def _product(garden: Garden, product: Record, variants: list[Record]) -> None:
    given = {"title": "Seeded product"} | copied(product.fields, OWN)
    seo = product.fields.get("seo")
    if isinstance(seo, dict):
        given["seo"] = copied(seo, "title description")
    options = _options(product, variants)
    given["productOptions"] = [{"name": name, "values": [{"name": one} for one in ones]} for name, ones in options]
    rows = [_variant(one, options, place) for place, one in enumerate(variants)] or [_plain(options)]
    garden.expect("Product", [product])
    garden.expect("ProductVariant", variants)
    items = [one.record("inventoryItem") for one in variants]
    garden.expect("InventoryItem", items)
    _expect_options(garden, product)
    made = garden.ask(SET, i=given | {"variants": rows})
    if product.number == "new":
        product.number = made["product"]["id"].rsplit("/", 1)[-1]
    garden.mark(product, *variants, *items)
    garden.stamp("products", product, **_times(product))
    for variant, item in zip(variants, items, strict=True):
        _stock(garden, variant, item)


def _times(product: Record) -> dict[str, Any]:
    published = micros(product.fields.get("publishedAt"))
    return {} if published is None else {"published_at": published}


def _options(product: Record, variants: list[Record]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for option in product.list("options"):
        fields = option.fields if isinstance(option, Record) else option
        values = fields.get("values") or [_name(one) for one in fields.get("optionValues") or []]
        if fields.get("name") and values:
            found.append((fields["name"], list(values)))
    if found:
        return found
    chosen: dict[str, list[str]] = {}
    for place, variant in enumerate(variants):
        for name, value in _choices(variant, place, len(variants)):
            values = chosen.setdefault(name, [])
            if value not in values:
                values.append(value)
    return list(chosen.items()) or [("Title", ["Default Title"])]


def _name(value: Any) -> str:
    fields = value.fields if isinstance(value, Record) else value
    return str(fields.get("name"))


def _choices(variant: Record, place: int, count: int) -> list[tuple[str, str]]:
    selected = variant.fields.get("selectedOptions")
    if isinstance(selected, list) and selected:
        return [(one["name"], one["value"]) for one in selected]
    title = variant.fields.get("title") or (f"Seeded {place + 1}" if count > 1 else "Default Title")
    if title == "Default Title":
        return [("Title", title)]
    return [(f"Option{number or ''}", part) for number, part in enumerate(str(title).split(" / "))]


def _plain(options: list[tuple[str, list[str]]]) -> dict[str, Any]:
    return {"optionValues": [{"optionName": name, "name": values[0]} for name, values in options]}


def _variant(variant: Record, options: list[tuple[str, list[str]]], place: int) -> dict[str, Any]:
    chosen = dict(_choices(variant, place, 2 if len(options) > 1 or len(options[0][1]) > 1 else 1))
    values = [{"optionName": name, "name": chosen.get(name, ones[0])} for name, ones in options]
    fields = variant.fields
    given: dict[str, Any] = {"optionValues": values} | copied(
        fields, "barcode inventoryPolicy taxable taxCode requiresComponents showUnitPrice"
    )
    for name in ("price", "compareAtPrice"):
        if amount(fields.get(name)) is not None:
            given[name] = amount(fields[name])
    item = variant.record("inventoryItem")
    own = item.fields if item else {}
    inventory = copied(own, "tracked requiresShipping countryCodeOfOrigin provinceCodeOfOrigin harmonizedSystemCode")
    sku = fields.get("sku") or own.get("sku")
    return given | {"inventoryItem": inventory | ({"sku": sku} if sku else {})}


def _expect_options(garden: Garden, product: Record) -> None:
    options = [one for one in product.list("options") if isinstance(one, Record)]
    garden.expect("ProductOption", options)
    values = [value for one in options for value in one.list("optionValues") if isinstance(value, Record)]
    garden.expect("ProductOptionValue", values)


def _stock(garden: Garden, variant: Record, item: Record | None) -> None:
    row = garden.box.store.db.get("variants", int(variant.number)) if variant.number.isdigit() else None
    quantity = variant.fields.get("inventoryQuantity")
    if row is None or not quantity:
        return
    location = garden.box.store.db.value("SELECT id FROM locations ORDER BY id LIMIT 1")
    entry = {
        "inventoryItemId": f"gid://shopify/InventoryItem/{row['inventory_item_id']}",
        "locationId": f"gid://shopify/Location/{location}",
        "quantity": quantity,
        "changeFromQuantity": None,
    }
    if item is not None and item.fields.get("tracked") is False:
        return
    try:
        garden.ask(STOCK % uuid.uuid4(), i={"name": "available", "reason": "correction", "quantities": [entry]})
    except NotPlanted:
        return
