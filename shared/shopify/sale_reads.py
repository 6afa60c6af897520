"""Reading orders that stand for documents of CRM: by id, by change, and by the document's id that they carry.

The mark is a metafield of type id, so one order at most carries it and it is found at once. A draft order's way to its
order is longer: draft orders are found by their tag, in the search that runs behind and among the newest of all, which
is of this moment; a completed one names its order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.fields import FieldInfo
from shared.records import Record
from shared.shopify import sale_content
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.graph import any_of, number
from shared.shopify.roots import Root, RootReads, Windows
from shared.shopify.sale_paths import WRITABLE, updatable
from shared.shopify.sale_terms import Terms
from shared.shopify.selection import metafield_path

ROOT = Root("Order", "orders", {"name": "name"})
NAMESPACE, KEY, LINES_KEY, DRAFT_KEY = "dynamics", "document_id", "document_lines", "document"
MARK, LINE_MAP = metafield_path(NAMESPACE, KEY), metafield_path(NAMESPACE, LINES_KEY)
NEWEST = 100
_DRAFT = "id status tags order { id } totalPriceSet { presentmentMoney { amount } }"


@dataclass(frozen=True, slots=True)
class SaleOptions:
    """How sales are made: see shared/document_settings.py for what each means. `stock` in Shopify's word."""

    route: str = "draft"
    stock: str = "BYPASS"
    notify: bool = False
    tax: str = "shop"
    windows: Windows | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft order that carries a document's tag: its GID, and the id of the order it became."""

    gid: str
    order: str | None
    total: str


def tag(source_id: str) -> str:
    """The tag of a document's draft order and order: 40 characters, the most a draft order's tag may have."""
    return f"crm-{source_id}"


class SaleReads(RootReads):
    """What the `Entity` of kind "documents" reads in Shopify."""

    def __init__(self, client: ShopifyClient, paths: Iterable[str], options: SaleOptions) -> None:
        plain = [path for path in paths if path.partition(".")[0] != "sale"]
        self.options = options
        self.terms = Terms(client)
        super().__init__(client, ROOT, [*plain, MARK, *sale_content.paths(LINE_MAP)], options.windows)

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema, or shared/shopify/sale_content.py, says of a path."""
        if path.partition(".")[0] == "sale":
            return sale_content.describe(path)
        info = super().describe(path)
        if info is None:
            return None
        return replace(info, creatable=path in WRITABLE or _own(path), updatable=updatable(path) or _own(path))

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """Orders by the document they were made from; those that a draft became and that carry no mark yet too."""
        found: dict[str, str] = {}
        wanted = list(dict.fromkeys(source_ids))
        for start in range(0, len(wanted), NEWEST):
            part = wanted[start : start + NEWEST]
            declared = ", ".join(f"$o{place}: OrderIdentifierInput!" for place in range(len(part)))
            fields = " ".join(
                f"o{place}: orderByIdentifier(identifier: $o{place}) {{ id }}" for place in range(len(part))
            )
            custom = [{"customId": {"namespace": NAMESPACE, "key": KEY, "value": each}} for each in part]
            variables = {f"o{place}": each for place, each in enumerate(custom)}
            document = Document("OrdersMarked", f"query OrdersMarked({declared}) {{ {fields} }}")
            data = self.client.execute(document, variables).data
            found |= {each: number(data[f"o{n}"]["id"]) for n, each in enumerate(part) if data[f"o{n}"]}
        drafts = self.drafts([each for each in wanted if each not in found])
        found |= {key: each.order for key, all_of in drafts.items() for each in all_of if each.order}
        reading = self.read(sorted(set(found.values()))) if found else None
        return {key: reading.records[order] for key, order in found.items() if reading and order in reading.records}

    def drafts(self, source_ids: Sequence[str]) -> dict[str, list[Draft]]:
        """The draft orders of those documents, the completed first; all there are, unless a hundred came since."""
        if not source_ids:
            return {}
        tags = {tag(each): each for each in source_ids}
        found: dict[str, dict[str, Draft]] = {}
        for query in any_of("tag", list(tags)):
            text = (
                f"query DraftsSought($query: String!) {{ "
                f"tagged: draftOrders(first: 250, query: $query) {{ nodes {{ {_DRAFT} }} }} "
                f"newest: draftOrders(first: {NEWEST}, sortKey: ID, reverse: true) {{ nodes {{ {_DRAFT} }} }} }}"
            )
            data = self.client.execute(Document("DraftsSought", text), {"query": query}).data
            for node in (*data["tagged"]["nodes"], *data["newest"]["nodes"]):
                for mark in tags.keys() & set(node["tags"]):
                    found.setdefault(tags[mark], {})[str(node["id"])] = draft_of(node)
        return {key: sorted(all_of.values(), key=lambda each: not each.order) for key, all_of in found.items()}

    def _record(self, node: Mapping[str, Any]) -> Record:
        record = super()._record(node)
        marks = record.content["metafields"]
        owners = marks[f"{NAMESPACE}.{LINES_KEY}"] or {}
        content = {**record.content, "sale": sale_content.sale_of(record.content, owners)}
        return replace(record, content=content, marker=marks[f"{NAMESPACE}.{KEY}"] or None)


def draft_of(node: Mapping[str, Any]) -> Draft:
    """A draft order as it was answered."""
    order = node["order"]
    return Draft(
        str(node["id"]), number(order["id"]) if order else None, node["totalPriceSet"]["presentmentMoney"]["amount"]
    )


def _own(path: str) -> bool:
    return path.startswith("metafields.")
