"""The fields of a product's input: which are honoured, what is refused, how they become columns.

Shared by the mutations that create, update or set a product; it writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.shopify import registry, text
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.store import products
from sandbox.shopify.store.database import Row

LIMIT = 255
TAGS_LIMIT = 250
COMMON = (
    "title handle descriptionHtml vendor productType status tags templateSuffix giftCardTemplateSuffix seo "
    "requiresSellingPlan metafields category"
)
registry.inputs("ProductCreateInput", f"{COMMON} giftCard productOptions claimOwnership collectionsToJoin")
registry.inputs("ProductUpdateInput", f"{COMMON} id collectionsToJoin collectionsToLeave")
registry.inputs("ProductSetInput", f"{COMMON} id giftCard productOptions variants claimOwnership collections files")
JOIN = "claimOwnership collectionsToJoin collectionsToLeave"
registry.inputs("ProductInput", f"{COMMON} id giftCard productOptions {JOIN}")
registry.inputs("ProductClaimOwnershipInput", "bundles")
registry.inputs("FileSetInput", "id alt contentType filename originalSource")
registry.inputs("ProductDeleteInput", "id")
registry.inputs("SEOInput", "title description")
registry.inputs("MetafieldInput", "id namespace key type value")
registry.inputs("OptionCreateInput", "name position values")
registry.inputs("OptionValueCreateInput", "name")
registry.inputs("OptionSetInput", "id name position values")
registry.inputs("OptionValueSetInput", "id name")

PLAIN = {
    "title": "title",
    "descriptionHtml": "description_html",
    "vendor": "vendor",
    "productType": "product_type",
    "status": "status",
    "templateSuffix": "template_suffix",
    "giftCardTemplateSuffix": "gift_card_template_suffix",
}


@dataclass(frozen=True)
class Wording:
    """How a mutation words the errors of lengths: `root` is the path all but the title are reported under."""

    root: list[str] | None = None
    titled: bool = True

    def path(self, name: str) -> list[str]:
        """Where an error of that field is reported."""
        return list(self.root) if self.root else [name]


CREATE_OR_UPDATE = Wording()
SET = Wording(root=["input"], titled=False)


def columns(given: Row) -> Row:
    """The columns that an input changes; what it leaves out stays."""
    found: Row = {column: given[name] for name, column in PLAIN.items() if name in given}
    found |= {name: "" for name in ("description_html", "vendor", "product_type") if found.get(name, "") is None}
    if found.get("status", "") is None:
        del found["status"]
    if "tags" in given:
        found["tags"] = products.sort_tags(given["tags"] or [])
    seo = given.get("seo")
    if seo:
        found |= {f"seo_{name}": value for name, value in seo.items()}
    for name, column in (("giftCard", "is_gift_card"), ("requiresSellingPlan", "requires_selling_plan")):
        if name in given:
            found[column] = int(bool(given[name]))
    if "title" in found:
        found["title"] = (found["title"] or "").strip()
    return found


def refuse_category(given: Row) -> None:
    """No taxonomy node is known here, so every category is an unknown one: refused as Shopify refuses those."""
    if given.get("category"):
        raise FieldFailed("Invalid product_taxonomy_node_id", "INVALID_PRODUCT_TAXONOMY_NODE_ID")


def check(given: Row, creating: bool, wording: Wording, **payload: Any) -> None:
    """Refuse blank titles and texts that are too long."""
    if (creating or "title" in given) and not (given.get("title") or "").strip():
        path = ["input", "title"] if wording.root else ["title"]
        raise refuse(path, "Title can't be blank", None, **payload)
    errors: list[Row] = []
    title_too_long = len(given.get("title") or "") > LIMIT
    if title_too_long:
        errors.append(_title_error(wording))
    derived = creating and title_too_long and wording.root and not given.get("handle")
    if derived or len(given.get("handle") or "") > LIMIT:
        errors.append(_too_long(wording, "handle", "Handle"))
    if len(given.get("vendor") or "") > LIMIT:
        errors.append(_too_long(wording, "vendor", "Vendor"))
    if len(given.get("productType") or "") > LIMIT:
        errors.append(_too_long(wording, "productType", "Product type"))
        errors.append(_too_long(wording, "customProductType", "Custom product type"))
    if errors:
        raise UserErrors(errors, **payload)
    tags = products.sort_tags(given.get("tags") or [])
    if len(tags) > TAGS_LIMIT or any(len(tag) > LIMIT for tag in tags):
        raise refuse(wording.path("tags"), "Product tags is invalid", None, **payload)


def _title_error(wording: Wording) -> Row:
    if wording.titled:
        return user_error(["title"], f"Title is too long (maximum is {LIMIT} characters)")
    return user_error(["input", "title"], f"is too long (maximum is {LIMIT} characters)")


def _too_long(wording: Wording, name: str, label: str) -> Row:
    return user_error(wording.path(name), f"{label} is too long (maximum is {LIMIT} characters)")


def handle(call: Call, given: Row, title: str, owner: int | None, **payload: Any) -> str:
    """The handle an input leads to; one asked for that is in use is refused, a derived one is counted on."""
    asked = given.get("handle")
    wanted = text.handle(asked) if asked else ""
    if asked and asked.strip() and wanted:
        taken = products.by_handle(call.store, wanted)
        if taken is not None and taken["id"] != owner:
            message = f"Handle '{asked}' already in use. Please provide a new handle."
            raise refuse(["input", "handle"], message, None, **payload)
        return wanted
    if asked and asked.strip():
        return products.free_handle(call.store, "product", owner)
    return products.free_handle(call.store, text.handle(title)[:LIMIT], owner)
