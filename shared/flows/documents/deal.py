"""Which documents are one sale: an opportunity, the first order made from it, the first invoice made from that.

A second order of one opportunity, or a second invoice of one order, is a sale of its own (a sibling), unless the first
one was cancelled before anything was sent for it: then the second is issued in its place. Of one sale one document is
sent: the one that stands in Shopify already, else the earliest in the deal that is due. Where one of them was sent and
its link rests, only a person knows whether the sale is to be made again. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Node:
    """One document as the deal sees it. `parent`: what it was made from (""): nothing that is known.

    `sendable`: it is due, of a table that is sent, and has something to send. `foreign`: it came from Shopify.
    `cancelled`: in CRM.
    """

    id: str
    table: str
    parent: str
    created: datetime
    sendable: bool = False
    foreign: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Sold:
    """Which documents have a Shopify order, or are about to; and which had one, whose links rest (`rested`): the order
    was deleted, they were unlinked, or the person was erased."""

    living: frozenset[str]
    rested: frozenset[str]


@dataclass(frozen=True, slots=True)
class Deal:
    """A document among the others: `members` of its sale from the first on, itself included; `above` all it was made
    from; `elder`: of those made from the same document the first, where that is another one."""

    members: tuple[str, ...]
    above: tuple[str, ...]
    elder: str = ""

    def sold_twice(self, document: str, standing: Collection[str]) -> str:
        """The earlier document of the same sale that stands in Shopify as well as this one; empty where none does."""
        first = next((each for each in self.members if each in standing), document)
        return "" if first == document or document not in standing else first

    def sold_before(self, document: str, sent: Sold) -> str:
        """The document of the same sale that was sent and whose link rests, where none has an order; else empty."""
        if any(each in sent.living for each in self.members):
            return ""
        return next((each for each in self.members if each in sent.rested and each != document), "")


class Deals:
    """All documents that are known of some deals, and who was made from whom. `sent`: those that stand in Shopify."""

    def __init__(self, nodes: Iterable[Node], sent: Collection[str] = ()) -> None:
        self.nodes: Mapping[str, Node] = {node.id: node for node in nodes}
        self.sent = frozenset(sent)
        self._first: dict[str, Node] = {}
        for node in sorted(self.nodes.values(), key=lambda each: (each.created, each.id)):
            if node.parent and self._goes_first(node, self._first.get(node.parent)):
                self._first[node.parent] = node

    def _goes_first(self, node: Node, before: Node | None) -> bool:
        """Whether it is the document that its parent became: the earliest, or issued anew for one that was cancelled.

        One that was sent beside what it was made from was a sale of its own, and stays one.
        """
        if before is None:
            return True
        aside = node.id in self.sent and any(each in self.sent for each in self._above(node.id))
        return self._void(before) and not self._void(node) and not aside

    def _void(self, node: Node) -> bool:
        return node.cancelled and node.id not in self.sent

    def of(self, document: str) -> Deal:
        """The deal of one of them."""
        above = tuple(self._above(document))
        up = [document]
        for parent in above:
            if self._first[parent].id != up[-1]:
                break
            up.append(parent)
        down: list[str] = []
        last = document
        while last in self._first and self._first[last].id not in (*up, *down):
            last = self._first[last].id
            down.append(last)
        parent = self.nodes[document].parent
        first = self._first[parent].id if parent else document
        return Deal((*reversed(up), *down), above, "" if first == document else first)

    def _above(self, document: str) -> Iterator[str]:
        seen = {document}
        parent = self.nodes[document].parent
        while parent and parent not in seen:
            seen.add(parent)
            yield parent
            parent = self.nodes[parent].parent if parent in self.nodes else ""

    def foreign(self, deal: Deal) -> bool:
        """Whether the deal came from Shopify: then nothing that was made from it goes back."""
        return any(self.nodes[each].foreign for each in (*deal.members, *deal.above) if each in self.nodes)

    def sent_as(self, document: str, deal: Deal, rested: Collection[str] = (), parked: Collection[str] = ()) -> str:
        """The other document that stands, or will stand, in Shopify for this one; empty where it is sent itself.

        `rested`: see Sold. `parked`: those that a person has to see to first; nobody waits for them, unless the sale as
        a whole is his to decide.
        """
        passed = () if any(each in rested for each in deal.members) else parked
        others = [each for each in deal.members if each != document]
        standing = next((each for each in others if each in self.sent), "")
        if standing or document in self.sent:
            return "" if document in self.sent else standing
        able = (each for each in self.sendable(deal) if each not in rested)
        chosen = next((each for each in able if each == document or each not in passed), document)
        return "" if chosen == document else chosen

    def sent_for(self, document: str) -> str:
        """The other document of its sale that stands in Shopify, where it does not itself; empty where none does."""
        others = self.of(document).members if document not in self.sent else ()
        return next((each for each in others if each in self.sent), "")

    def sendable(self, deal: Deal) -> Iterator[str]:
        """The documents of a sale that would be sent, were each alone, the earliest first."""
        return (each for each in deal.members if each in self.nodes and self.nodes[each].sendable)
