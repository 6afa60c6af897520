"""Reading Shopify product variants as records: what changed, listing, by ids, by value, by marker.

A variant's content is the variant as the Admin API returns it with its parent under `product`; metafields under
`metafields."namespace.key"`. Changes are found through products (variants have no search by time that sorts), so
a deleted variant is not seen by a poll: its product names only what is left. Deletes come from webhooks
(`products/delete`), from `members` after `products/update`, and from the full listing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.records import Changes, Item, Reading, Record, Side
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.documents import document
from shared.shopify.graph import MOST_POINTS, PAGE, Reader, any_of, follow, gid, moment, nodes, number, search
from shared.shopify.polling import Window, fresh, window
from shared.shopify.selection import Selection, metafield_path, split
from shared.shopify.variant_paths import describe

_PARENT = "product."
_FINDABLE = {"sku": "sku", "barcode": "barcode", "title": "title"}


@dataclass(frozen=True, slots=True)
class VariantOptions:
    """How variants are read: the marker's metafield, and the windows of a poll (docs: defaults)."""

    namespace: str = "dynamics"
    key: str = "product_id"
    overlap_s: float = 300.0
    lag_s: float = 60.0
    products: int = 50
    variants: int = 33  # 33 cost as much as 21: the price steps up at 34


class VariantReads:
    """What the `Entity` of kind "variants" reads; see shared/sync/ports.py for what each method promises."""

    side = Side.SHOPIFY
    tables: Sequence[str] = ("products",)

    def __init__(self, client: ShopifyClient, paths: Iterable[str], options: VariantOptions | None = None) -> None:
        self.client = client
        self.options = options or VariantOptions()
        self._marker = f"{self.options.namespace}.{self.options.key}"
        wanted = {*paths, "legacyResourceId", "id", "updatedAt", "product.id", "product.legacyResourceId"}
        wanted |= {"product.updatedAt", metafield_path(self.options.namespace, self.options.key)}
        self._whole = Selection(client.schema, "ProductVariant", wanted)
        inner = {path for path in wanted if not _is_parents(path)}
        outer = {path.removeprefix(_PARENT) for path in wanted - inner}
        self._variant = Reader(client, Selection(client.schema, "ProductVariant", inner))
        self._product = Reader(client, Selection(client.schema, "Product", outer))

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""
        return self._whole.digest

    type_name = "ProductVariant"
    searchable: Collection[str] = _FINDABLE.keys()
    """The paths that `find` takes."""

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema and the write table say of a path, for the mapping check; None where it does not exist."""
        return describe(self._whole, path)

    def start_token(self, table: str) -> str:
        """A token for now, by Shopify's clock; one call."""
        return Window(self.client.execute(self._document("shop"), {}).read_at).token()

    def changes(self, table: str, token: str) -> Changes:
        """One page of variants whose product changed; ONE call when nothing did.

        A product's whole set of variants is given out, each with the later of both `updatedAt`. Products already
        given out under the same `updatedAt` are left out; those younger than the lag wait for the next poll.
        """
        start = window(token)
        variables = {
            "query": start.search(self.options.overlap_s),
            "after": start.cursor or None,
            "first": self.options.products,
            "variants": self.options.variants,
        }
        answer = self.client.execute(self._document("products_changed", both=True), variables)
        bounds = self.options
        found = fresh(start, answer.data["products"], answer.at, overlap_s=bounds.overlap_s, lag_s=bounds.lag_s)
        items = tuple(Item(record.id, record) for node in found.nodes for record in self._members(node))
        return Changes(items, answer.read_at, found.token, found.more)

    def listing(self, after: str) -> Changes:
        """250 variants in id order, with content."""
        variables = {"first": PAGE, "after": after or None}
        answer = self.client.execute(self._document("variants_listed", both=True), variables)
        page = answer.data["productVariants"]
        items = tuple(Item(record.id, record) for record in map(self.record, page["nodes"]))
        info = page["pageInfo"]
        return Changes(items, answer.read_at, info["endCursor"] or after, bool(info["hasNextPage"]))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """The variants those products have now, with content; a deleted product has none."""
        records: dict[str, Record] = {}
        read_at: datetime | None = None
        asked = self._document("products_read", both=True)
        names = [gid("Product", product) for product in dict.fromkeys(ids)]
        size = {"size": self.options.products, "variants": self.options.variants}
        for at, answered in nodes(self.client, asked, names, **size):
            read_at = read_at or at
            records |= {record.id: record for node in answered if node for record in self._members(node)}
        items = tuple(Item(record.id, record) for record in records.values())
        return Changes(items, read_at or self.client.now())

    def siblings(self, products: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Per product id the ids of its variants; deleted products are missing."""
        found: dict[str, Sequence[str]] = {}
        names = [gid("Product", product) for product in dict.fromkeys(products)]
        for _, answered in nodes(self.client, document("product_members"), names):
            for node in answered:
                if node:
                    found[number(node["id"])] = [str(v["legacyResourceId"]) for v in self._ids(node)]
        return found

    def read(self, ids: Sequence[str]) -> Reading:
        """Those variants live, 250 a call; `read_at` is that of the first call."""
        records: dict[str, Record] = {}
        read_at: datetime | None = None
        names = [gid("ProductVariant", variant) for variant in dict.fromkeys(ids)]
        for at, answered in nodes(self.client, self._document("variants_read", both=True), names):
            read_at = read_at or at
            records |= {record.id: record for record in (self.record(node) for node in answered if node)}
        return Reading(read_at or self.client.now(), records)

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Variants whose sku, barcode or title equals each value exactly (`fold`: but for case); blank finds nothing.

        Shopify's search ignores case and runs behind its writes, by two minutes at worst; `marked` does not. So what it
        does not know is looked for among the newest variants, too: one call more, where anything was not found.
        """
        if path not in _FINDABLE:
            raise SchemaMismatch(f"Variants cannot be searched by {path!r}, only by {', '.join(_FINDABLE)}.")
        found: dict[str, dict[str, Record]] = {value: {} for value in values}
        asked = self._document("variants_found", both=True)
        for query in any_of(_FINDABLE[path], values):
            self._sort(found, path, search(self.client, asked, "productVariants", {"query": query}), fold=fold)
        if any(value.strip() and not records for value, records in found.items()):
            newest = self.client.execute(self._document("variants_newest", both=True), {"first": PAGE})
            self._sort(found, path, newest.data["productVariants"]["nodes"], fold=fold)
        return {value: list(records.values()) for value, records in found.items()}

    def _sort(
        self, found: Mapping[str, dict[str, Record]], path: str, answered: Iterable[Mapping[str, Any]], *, fold: bool
    ) -> None:
        """Put what was answered under the values that it has."""
        for node in answered:
            record = self.record(node)
            value = record.content.get(path, node.get(path))
            value = value.casefold() if fold and isinstance(value, str) else value
            if value in found:
                found[value].setdefault(record.id, record)

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """Variants by the CRM id in their marker, read by custom id: the answer is of this moment, not of an index."""
        return self.taken(source_ids)[0]

    def taken(self, source_ids: Sequence[str]) -> tuple[Mapping[str, Record], Mapping[str, str]]:
        """The variants and the products (their ids) that carry those CRM ids in their markers."""
        variants: dict[str, Record] = {}
        products: dict[str, str] = {}
        known = list(dict.fromkeys(source_ids))
        size = max(1, min(100, MOST_POINTS // self.client.cost(*self._marker_query(("",)))))
        for start in range(0, len(known), size):
            chunk = known[start : start + size]
            data = self.client.execute(*self._marker_query(chunk)).data
            for position, source_id in enumerate(chunk):
                if data[f"v{position}"]:
                    variants[source_id] = self.record(data[f"v{position}"])
                if data[f"p{position}"]:
                    products[source_id] = number(data[f"p{position}"]["id"])
        return variants, products

    def new_id(self, source_id: str, generation: int) -> str | None:
        """None: Shopify chooses ids."""
        return None

    def record(self, node: Mapping[str, Any]) -> Record:
        """One answered variant with its `product` as a record."""
        return self._record(node, self._product.shape(node["product"]))

    def fragments(self) -> tuple[str, str]:
        """The generated fragments VariantFields and ProductFields."""
        return (
            self._variant.selection.fragment("VariantFields"),
            self._product.selection.fragment("ProductFields"),
        )

    def _record(self, node: Mapping[str, Any], product: Mapping[str, Any]) -> Record:
        content = {**self._variant.shape(node), "product": product}
        modified_at = max(moment(content["updatedAt"]), moment(product["updatedAt"]))
        marker = content["metafields"][self._marker]
        return Record(content["legacyResourceId"], content, modified_at, marker=marker or None)

    def _members(self, node: Mapping[str, Any]) -> Iterator[Record]:
        """A changed product's variants, the rest of a long list fetched by the product's id."""
        product = self._product.shape(node)
        more = self._document("product_variants")

        def fetch(cursor: str) -> Mapping[str, Any] | None:
            answer = self.client.execute(more, {"id": node["id"], "first": PAGE, "after": cursor})
            owner = answer.data["node"]
            return owner["variants"] if owner else None

        for variant in follow(node["variants"], fetch, more.name):
            yield self._record(variant, product)

    def _ids(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        more = document("product_members_continued")

        def fetch(cursor: str) -> Mapping[str, Any] | None:
            owner = self.client.execute(more, {"id": node["id"], "after": cursor}).data["node"]
            return owner["variants"] if owner else None

        return follow(node["variants"], fetch, more.name)

    def _marker_query(self, source_ids: Sequence[str]) -> tuple[Document, Mapping[str, Any]]:
        """One look-up per id under aliases, of the variant and of the product that a create marks."""
        fields = "{ ...VariantFields product { ...ProductFields } }"
        declared, asked, variables = [], [], {}
        for n, source_id in enumerate(source_ids):
            marker = {"namespace": self.options.namespace, "key": self.options.key, "value": source_id}
            variables[f"i{n}"] = variables[f"j{n}"] = {"customId": marker}
            declared.append(f"$i{n}: ProductVariantIdentifierInput!, $j{n}: ProductIdentifierInput!")
            asked.append(f"v{n}: productVariantByIdentifier(identifier: $i{n}) {fields}")
            asked.append(f"p{n}: productByIdentifier(identifier: $j{n}) {{ id }}")
        text = f"query VariantsMarked({', '.join(declared)}) {{\n" + "\n".join(asked) + "\n}"
        return Document("VariantsMarked", "\n".join((text, *self.fragments()))), variables

    def _document(self, name: str, *, both: bool = False) -> Document:
        if name == "shop":
            return document(name)
        return document(name, *(self.fragments() if both else self.fragments()[:1]))


def _is_parents(path: str) -> bool:
    names = split(path)
    return names[0] == "product" and len(names) > 1
