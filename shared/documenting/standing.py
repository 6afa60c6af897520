"""How a document stands among those of its deal: what was sent for them, and what a person has to decide.

Knows the state by what it is asked for (`Known`). Must never write to a system.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from shared.errors import Ambiguous
from shared.flows.documents.deal import Deals, Node, Sold


@dataclass(frozen=True, slots=True)
class Known:
    """What the state says: `sent`: which of those ids have, or had, a Shopify order; `elsewhere`: which have one in
    another shop; `parked`: which a person has to see to; `within`: for which of them another document was sent, and
    which; `foreign`: which of those orders came from one; `variants`: the variants of products; `coming`: which of
    those products are about to get one. `keep` remembers what `within` is asked for later. `cancelled`, which Shopify
    says: whose order is cancelled."""

    sent: Callable[[Sequence[str]], Sold]
    cancelled: Callable[[Sequence[str]], frozenset[str]]
    elsewhere: Callable[[Sequence[str]], frozenset[str]]
    parked: Callable[[Sequence[str]], Collection[str]]
    within: Callable[[Sequence[str]], Mapping[str, str]]
    keep: Callable[[Mapping[str, str]], None]
    foreign: Callable[[Sequence[str]], frozenset[str]]
    variants: Callable[[Sequence[str]], Mapping[str, str]]
    coming: Callable[[Sequence[str]], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The deals of a page, and what the state says of their documents (see Known). `counting`: those whose order is
    there and not cancelled."""

    deals: Deals
    sent: Sold
    elsewhere: frozenset[str]
    foreign: frozenset[str]
    parked: frozenset[str]
    within: Mapping[str, str]
    counting: frozenset[str]


def standing(known: Known, nodes: Mapping[str, Node], ids: Sequence[str]) -> Standing:
    """How the deals of those documents stand; what was sent for others of them is remembered, or looked up."""
    every = sorted(nodes)
    sent, elsewhere = known.sent(every), known.elsewhere(every)
    deals = Deals(nodes.values(), sent.living | elsewhere)
    foreign = known.foreign([each.id for each in nodes.values() if each.table == "salesorder"])
    others = {each for key in ids for each in deals.sendable(deals.of(key)) if each != key} - deals.sent
    parked = frozenset(known.parked(sorted(others))) if others else frozenset()
    loose = [key for key in ids if key not in deals.sent and nodes[key].sendable]
    within = known.within(loose) if loose else {}
    known.keep({key: called(deals, other) for key in ids if (other := deals.sent_for(key))})
    return Standing(deals, sent, elsewhere, foreign, parked, within, _counting(known, deals, ids))


def _counting(known: Known, deals: Deals, ids: Sequence[str]) -> frozenset[str]:
    """Documents whose orders stand in Shopify: where a deal has two, those that are not cancelled."""
    of_deals = [[each for each in deals.of(key).members if each in deals.sent] for key in ids]
    doubled = {each for members in of_deals if len(members) > 1 for each in members}
    return deals.sent - known.cancelled(sorted(doubled)) if doubled else deals.sent


def refuse(document: str, stand: Standing, *, there: Callable[[str], bool], siblings: str) -> None:
    """What a person has to decide about the other documents of its deal: raises Ambiguous.

    `there`: whether CRM has a document, as it is called; `siblings`: the setting.
    """
    deals, deal = stand.deals, stand.deals.of(document)
    if twice := deal.sold_twice(document, stand.counting):
        sentence = (
            f"Its deal stands in Shopify twice: for {called(deals, twice)}, and for this. Cancel or delete one of "
            "the two orders there; then `parked retry`."
        )
        raise Ambiguous(sentence, facts={"other": twice})
    if before := deal.sold_before(document, stand.sent):
        sentence = (
            f"Its deal was sent for {called(deals, before)}, whose link rests: the order was deleted in Shopify, "
            "unlinked, or its person erased. To send this one, take what joins the two documents in CRM away, then "
            "`parked retry`; if the sale is off, cancel this one in CRM."
        )
        raise Ambiguous(sentence, facts={"before": before})
    if document in stand.sent.living:
        return
    gone = stand.within.get(document, "")
    if gone and gone.rpartition(" ")[2] not in deals.nodes and not there(gone):
        sentence = (
            f"It was made from {gone}, for which an order was sent to Shopify, and which CRM does not have any "
            "more. If that order stands, discard this; if it does not, make a new document in CRM."
        )
        raise Ambiguous(sentence, facts={"other": gone})
    if deal.elder and siblings == "park":
        elder = called(deals, deal.elder)
        sentence = (
            f"It was made from the same document as {elder}. Both are sales of their own where SIBLINGS is send; "
            "else cancel one of the two."
        )
        raise Ambiguous(sentence, facts={"sibling": deal.elder})


def called(deals: Deals, document: str) -> str:
    """How another document of a deal is called in reasons."""
    if not document:
        return ""
    node = deals.nodes.get(document)
    return f"{node.table} {document}" if node else document
