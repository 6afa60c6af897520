"""Products and their variants: title, status, SKU and price can be changed in the list itself.

The forms of a product and of each variant are apart, because they are different calls of the API.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.pages import layout
from sandbox.shopify.pages.layout import choice, facts, field, form, link, pill, text, time
from sandbox.shopify.pages.reading import Visit

STATUSES = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")
HEADS = ("Product", "Status", "Stock#", "Updated")
SHOWN_VARIANTS = 10
ROW = """legacyResourceId title handle status vendor updatedAt totalInventory variantsCount { count }
  variants(first: %d) { nodes { legacyResourceId title sku price inventoryQuantity } }"""
LIST = (
    """query($n: Int!, $after: String, $q: String) { productsCount { count }
  products(first: $n, after: $after, query: $q, sortKey: UPDATED_AT, reverse: true) {
    pageInfo { hasNextPage endCursor } nodes { """
    + ROW % SHOWN_VARIANTS
    + " } } }"
)
ONE = (
    "query($id: ID!) { product(id: $id) { "
    + ROW % 100
    + " productType tags createdAt metafields(first: 50) { nodes { namespace key type value } } } }"
)


def rows(products: list[dict[str, Any]]) -> str:
    """The rows of a table of products, each followed by its variants."""
    return "".join(_rows(product) for product in products)


def _rows(product: dict[str, Any]) -> str:
    number = product["legacyResourceId"]
    title = field("Title", "title", product["title"], hidden=True)
    fields = title + choice("Status", "status", product["status"], STATUSES, hidden=True)
    name = f"{link(f'/products/{number}', product['handle'])} <small>{text(product['vendor'])}</small>"
    cells = (
        form(f"/edit/product/{number}", fields) + name,
        pill(product["status"]),
        text(product["totalInventory"]),
        time(product["updatedAt"]),
    )
    variants = product["variants"]["nodes"]
    more = product["variantsCount"]["count"] - len(variants)
    parts = [layout.wide(HEADS, variant(one)) for one in variants]
    if more > 0:
        parts.append(layout.wide(HEADS, link(f"/products/{number}", f"and {more} more variants")))
    parts[-1:] = [part.replace('class="part"', 'class="part last"') for part in parts[-1:]]
    return layout.row(HEADS, cells, "whole" if parts else "") + "".join(parts)


def variant(row: dict[str, Any]) -> str:
    """The form of a variant."""
    number, name = row["legacyResourceId"], row["title"]
    stock = f"<small>{text(row['inventoryQuantity'])} in stock</small>"
    fields = field("SKU", "sku", row["sku"]) + field("Price", "price", row["price"], "narrow")
    return form(f"/edit/variant/{number}", f"<output>{text(name)}</output>{fields}{stock}")


def listing(visit: Visit) -> tuple[str, dict[str, Any], str]:
    """The table, what the query said of the page, and how many there are."""
    data = visit.list(LIST)
    found = data["products"]
    body = layout.table(HEADS, [rows(found["nodes"])], "There are no products.")
    return body, found["pageInfo"], f"{data['productsCount']['count']} in all, the last changed first"


def one(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of a product; None when there is none."""
    product = visit.read(ONE, id=f"gid://shopify/Product/{number}")["product"]
    if product is None:
        return None
    known = facts(
        [
            ("Number", str(number)),
            ("Handle", text(product["handle"])),
            ("Vendor", text(product["vendor"])),
            ("Type", text(product["productType"])),
            ("Tags", text(", ".join(product["tags"]))),
            ("Created", time(product["createdAt"])),
            ("Updated", time(product["updatedAt"])),
        ]
    )
    fields = field("Title", "title", product["title"]) + choice("Status", "status", product["status"], STATUSES)
    edit = form(f"/edit/product/{number}", fields, style="card")
    variants = "".join(variant(row) for row in product["variants"]["nodes"])
    body = layout.section("Product", "", known + edit) + layout.section("Variants", "", variants)
    return product["title"], body + metafields(product["metafields"]["nodes"])


def metafields(nodes: list[dict[str, Any]]) -> str:
    """A table of a record's metafields."""
    heads = ("Namespace and key", "Type", "Value")
    found = [
        layout.row(heads, (text(f"{one['namespace']}.{one['key']}"), text(one["type"]), text(one["value"])))
        for one in nodes
    ]
    return layout.section("Metafields", "", layout.table(heads, found, "There are no metafields."))
