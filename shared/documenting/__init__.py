"""What is added to CRM documents before they are mapped: one form of all three tables, made for Shopify.

`content["document"]` says first whether the document is sent at all (`from_shopify`, `elsewhere`, `before_start`,
`waits`, `empty`, `sent_as`), and for those that are: lines, amounts, buyer, addresses, currency. A page costs a few
calls to CRM, and one to Shopify for buyers that nobody linked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse.documents import LINES, TABLE
from shared.documenting.buyers import Buyer, Buyers, address
from shared.documenting.companies import Companies
from shared.documenting.goods import Named
from shared.documenting.links import Links
from shared.documenting.standing import Known, Standing, called, refuse, standing
from shared.errors import Conflict, Invalid, NotYet, SyncError
from shared.flows.documents.lines import Choices, Lines, estimated, lines_of
from shared.flows.documents.money import money_of
from shared.flows.documents.states import state_of
from shared.records import Content, Record
from shared.sync.flow import Begun, Incomplete

FLAGS = ("from_shopify", "elsewhere", "before_start", "waits", "empty")
_ABSENT = dict.fromkeys(
    [
        "number",
        "currency",
        "total",
        "tax",
        "freight",
        "discount",
        "subtotal",
        "customer",
        "email",
        "phone",
        "paid",
        "lines",
        "billing",
        "shipping",
        "note",
        "terms",
        "due",
        "purchaser",
    ]
)
_VARIANTS = "variants"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the settings say about documents; `here`: whether this shop gets any."""

    here: bool
    lines: Choices
    unlinked: str
    siblings: str
    cancel: str


@dataclass(frozen=True, slots=True)
class Documenting:
    """Completes documents of one shop. Not for several threads at once."""

    links: Links
    buyers: Buyers
    companies: Companies
    named: Named
    known: Known
    wishes: Wishes

    def __call__(self, records: Sequence[Record], begun: Sequence[Begun]) -> list[Record | Incomplete]:
        """Each document completed, or as far as it could be and why no further; nothing was chosen for any."""
        rows = {each.id: _rows(each) for each in records}
        nodes = self.links.nodes(records, rows)
        stand = standing(self.known, nodes, [each.id for each in records])
        flags = {each.id: self._flags(each, stand) for each in records}
        going = [each for each in records if not _skipped(flags[each.id])]
        page = self._page(going, rows)
        return [self._one(each, rows[each.id], flags[each.id], stand, page) for each in records]

    def _page(self, going: Sequence[Record], rows: Mapping[str, Sequence[Content]]) -> _Page:
        products = {str(row["productid"]) for each in going for row in rows[each.id] if row.get("productid")}
        variants = self.known.variants(sorted(products))
        unlinked = sorted(products - variants.keys())
        coming = self.known.coming(unlinked) if unlinked and self.wishes.unlinked == "wait" else frozenset()
        contents = [each.content for each in going]
        found = self.companies.of(contents, self.buyers.of(contents))
        buyers = dict(zip((each.id for each in going), found, strict=True))
        return _Page(buyers, self.named.goods(sorted(products)) if products else {}, variants, coming)

    def _flags(self, record: Record, stand: Standing) -> dict[str, Any]:
        row, rules, deals = record.content, self.links.sent, stand.deals
        table, deal = str(row[TABLE]), deals.of(record.id)
        state, paired = state_of(table, row, rules.reasons), record.id in stand.sent.living
        native = deals.foreign(deal) or any(each in stand.foreign for each in (*deal.members, *deal.above))
        empty = rules.empty(table, row, bool(_rows(record)))
        return {
            "from_shopify": native,
            "elsewhere": record.id in stand.elsewhere or not (self.wishes.here or paired),
            "before_start": not paired and rules.early(table, row),
            "waits": not paired and not state.due,
            "empty": not paired and empty,
            "sent_as": called(deals, deals.sent_as(record.id, deal, stand.sent.rested, stand.parked)),
            "cancelled": state.cancelled,
            "deal": deal.members,
        }

    def _one(
        self,
        record: Record,
        rows: Sequence[Content],
        flags: dict[str, Any],
        stand: Standing,
        page: _Page,
    ) -> Record | Incomplete:
        told = replace(record, content={**record.content, "document": {**_ABSENT, **flags}})
        if _skipped(flags):
            return told
        try:
            refuse(record.id, stand, there=self.links.there, siblings=self.wishes.siblings)
            self._refuse_state(record, paired=record.id in stand.sent.living)
            made = self._made(record, rows, page)
        except SyncError as error:
            known = {**record.content, "document": flags}
            return Incomplete(replace(record, content=known), error)
        return replace(record, content={**record.content, "document": {**_ABSENT, **flags, **made}})

    def _refuse_state(self, record: Record, *, paired: bool) -> None:
        """What a person has to decide about a document that was sent and is in another state now."""
        state = state_of(str(record.content[TABLE]), record.content, self.links.sent.reasons)
        if paired and state.cancelled and self.wishes.cancel == "park":
            sentence = "It was cancelled in CRM and stands in Shopify. Cancel the order there, or discard this."
            raise Conflict(sentence, facts={"table": state.table})
        if paired and state.left:
            sentence = (
                f"It was sent, and its status reason is {state.reason} now, which is not sent. Cancel the Shopify "
                "order, or bring the document back into a state that is sent."
            )
            raise Conflict(sentence, facts={"table": state.table, "reason": state.reason})

    def _made(self, record: Record, rows: Sequence[Content], page: _Page) -> dict[str, Any]:
        content, buyer = record.content, page.buyers[record.id]
        state = state_of(str(content[TABLE]), content, self.links.sent.reasons)
        currency = self.named.currency(content["transactioncurrencyid"])
        lines, estimate = self._lines(content, rows, currency, page.goods)
        money = money_of(content, lines, estimate=estimate)
        return {
            "number": content.get("ordernumber") or content.get("invoicenumber") or content.get("name"),
            "currency": currency,
            **money,
            "discount": money["discount"],
            "customer": buyer.customer,
            "purchaser": buyer.purchaser,
            "email": buyer.email,
            "phone": buyer.phone,
            "paid": state.paid,
            "note": content.get("description"),
            "terms": _text(content.get("paymenttermscode")),
            "due": _text(content.get("duedate")),
            "lines": [self._with_variant(line, page) for line in lines.rows],
            "billing": address(content, "billto", buyer),
            "shipping": address(content, "shipto", buyer),
        }

    def _lines(self, content: Content, rows: Sequence[Content], currency: str, goods: Any) -> tuple[Lines, bool]:
        counted = content[TABLE] != "opportunity" or content.get("isrevenuesystemcalculated") is not False
        if rows and counted:
            return lines_of(rows, currency, goods, self.wishes.lines), False
        if not content.get("estimatedvalue"):
            raise Invalid("It has no lines any more: cancel it in CRM, or give it lines.")
        return estimated(content["estimatedvalue"], str(content.get("name") or "Opportunity"), currency), True

    def _with_variant(self, line: Mapping[str, Any], page: _Page) -> dict[str, Any]:
        product = line["product"]
        variant = page.variants.get(product) if product else None
        if product and variant is None:
            self._unlinked(line, page)
        return {**line, "variant": variant}

    def _unlinked(self, line: Mapping[str, Any], page: _Page) -> None:
        """A product that the shop does not have: waited for, sent as it is, or a person's to decide."""
        if self.wishes.unlinked == "line":
            return
        facts = {"line": line["id"], "waits_for": [(_VARIANTS, str(line["product"]))]}
        if line["product"] in page.coming:
            raise NotYet(f"Its product {line['sku'] or line['title']} is on its way to Shopify.", facts=facts)
        sentence = (
            f"Its product {line['sku'] or line['title']} is not in Shopify. Send it (products_crm_to_shopify), link it "
            "by `pairs relink`, or let DOCUMENT_UNLINKED be line."
        )
        raise Invalid(sentence, facts=facts)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a page of documents refers to."""

    buyers: Mapping[str, Buyer]
    goods: Mapping[str, Any]
    variants: Mapping[str, str]
    coming: frozenset[str]


def _rows(record: Record) -> Sequence[Content]:
    found: Sequence[Content] = record.content[LINES[str(record.content[TABLE])].name] or ()
    return found


def _skipped(flags: Mapping[str, Any]) -> bool:
    return any(flags[name] for name in (*FLAGS, "sent_as"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
