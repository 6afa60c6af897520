"""Pairs made again from the marks that both systems carry, after the state was lost.

First who belongs to whom: every record with a mark, side by side, and what it names. Then what both sides agree on:
where a flow would write nothing, what both hold is agreed on; where it would, nothing is, and the flow decides by its
owners when it runs. Two that claim one record are laid to rest and told, never guessed. Must never write to a system,
nor touch a pair that the state has already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from shared.errors import Busy, SyncError
from shared.records import Changes, Pair, PairState, Record, Side
from shared.sync.flow import Flow
from shared.sync.ports import Clock, CrossRefs, Entity

REBUILT = "rebuilt"
"""Stands where the digest of the mapping that a pair was settled under does: nothing was decided on it yet."""
GENERATIONS = 10
"""How often a row may have been made anew and still be known as made by us."""
GONE = "its counterpart does not exist any more"
TWICE = "another record carries the same mark"
APART = "its counterpart carries the mark of another record"
KNOWN = "the state has one of the two in another pair"
ERASED = "it was erased"
_COUNTED = {GONE: "gone", ERASED: "erased"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a mark says: which two belong together. `marked`: the side that carries it."""

    shopify_id: str
    crm_id: str
    marked: Side


@dataclass(frozen=True, slots=True)
class Doubt:
    """A link that was not made, and why."""

    link: Link
    why: str


@dataclass
class Found:
    """What the marks of one kind said: counts by word, and the links in doubt."""

    counts: Counter[str] = field(default_factory=Counter)
    doubts: list[Doubt] = field(default_factory=list)


@dataclass(frozen=True)
class Marks:
    """The marks of one kind in one shop. `sides` give records with their marks and nothing else.

    `flows`: the names of the kind's flows; `chosen`: see Beside; `erased`: customers that must not come back.
    """

    shop: str
    flow: Flow
    flows: Sequence[str]
    sides: Mapping[Side, Entity]
    crossrefs: CrossRefs
    clock: Clock
    chosen: str = ""
    erased: frozenset[str] = frozenset()

    def pairs(self, tell: Callable[[Found], None]) -> Found:
        """Make a pair of every mark, page by page; harmless to repeat."""
        found = Found()
        for side in Side:
            for page in _pages(self.sides[side]):
                self._page(side, page, found)
                tell(found)
        return found

    def _page(self, side: Side, page: Changes, found: Found) -> None:
        marked = [item.record for item in page.items if item.record is not None and item.record.marker]
        if not marked:
            return
        found.counts["marks"] += len(marked)
        there = self.sides[side.other].read(sorted({str(record.marker) for record in marked})).records
        links = [(_link(side, record), self._doubt(record, there)) for record in marked]
        self._store(links, found)

    def _doubt(self, record: Record, there: Mapping[str, Record]) -> str:
        """What speaks against a mark, as far as the two records tell."""
        counterpart = there.get(str(record.marker))
        if counterpart is None:
            return GONE
        return APART if counterpart.marker not in (None, "", record.id) else ""

    def _store(self, links: Sequence[tuple[Link, str]], found: Found) -> None:
        known = {
            side: self.crossrefs.load(
                self.shop, self.flow.kind, side, [_id(link, side) for link, _ in links], table=self.flow.crm_table
            )
            for side in Side
        }
        uses = Counter(_id(link, side) for link, _ in links for side in Side)
        new: dict[str, Pair] = {}
        for link, doubt in links:
            mine, theirs = known[Side.SHOPIFY].get(link.shopify_id), known[Side.CRM].get(link.crm_id)
            if mine is not None and mine.crm_id == link.crm_id:
                found.counts["known"] += 1
                again = mine.state is PairState.TOMBSTONE and not self._was_erased(link)
                self._tell(link, doubt or (TWICE if again else ""), [mine], found) if is_ours(mine) else None
                continue
            others = [pair for pair in (mine, theirs) if pair is not None]
            doubt = doubt or self._contradicted(link, others, uses)
            if mine is None:
                new.setdefault(link.shopify_id, self._pair(link, doubt))
            self._tell(link, doubt, others, found)
        for result in self.crossrefs.complete([*new.values()]) if new else ():
            if isinstance(result, SyncError) and not isinstance(result, Busy):
                raise result
            found.counts["busy"] += isinstance(result, Busy)
            found.counts["paired"] += isinstance(result, Pair) and result.state is PairState.PAIRED

    def _contradicted(self, link: Link, others: Sequence[Pair], uses: Mapping[str, int]) -> str:
        """What speaks against a mark, as far as other marks and the state tell."""
        if uses[link.shopify_id] > 1 or uses[link.crm_id] > 1 or any(map(is_ours, others)):
            return TWICE
        stands = any(pair.shopify_id == link.shopify_id or pair.state is not PairState.TOMBSTONE for pair in others)
        return KNOWN if stands else ERASED if self._was_erased(link) else ""

    def _tell(self, link: Link, doubt: str, others: Sequence[Pair], found: Found) -> None:
        """Count it; what this run had paired before it met the other claim is laid to rest."""
        if doubt in (TWICE, APART, KNOWN):
            found.doubts.append(Doubt(link, doubt))
            self.crossrefs.save([replace(pair, state=PairState.TOMBSTONE) for pair in others if is_rebuilt(pair)])
        if doubt:
            found.counts[_COUNTED.get(doubt, "contested")] += 1

    def _was_erased(self, link: Link) -> bool:
        return link.shopify_id in self.erased

    def _pair(self, link: Link, doubt: str) -> Pair:
        return Pair(
            self.shop,
            self.flow.kind,
            born=link.marked.other,
            state=PairState.TOMBSTONE if doubt else PairState.PAIRED,
            crm_table=self.flow.crm_table,
            shopify_id=link.shopify_id,
            crm_id=link.crm_id,
            mappings=dict.fromkeys(self.flows, REBUILT),
            generation=self._generation(link),
            paired_at=self.clock.now(),
            chosen=self.chosen,
        )

    def _generation(self, link: Link) -> int:
        made = (self.sides[Side.CRM].new_id(link.shopify_id, each) for each in range(GENERATIONS))
        return next((number for number, crm_id in enumerate(made) if crm_id == link.crm_id), 0)


def is_ours(pair: Pair) -> bool:
    """Whether this pair comes from a mark, and not everything of it was settled by a flow yet."""
    return REBUILT in pair.mappings.values()


def is_rebuilt(pair: Pair) -> bool:
    """Whether it is one that counts."""
    return pair.state is PairState.PAIRED and is_ours(pair)


def _pages(entity: Entity) -> Iterator[Changes]:
    token, more = "", True
    while more:
        page = entity.listing(token)
        yield page
        token, more = page.token, page.more


def _link(side: Side, record: Record) -> Link:
    ids = {side: record.id, side.other: str(record.marker)}
    return Link(ids[Side.SHOPIFY], ids[Side.CRM].lower(), side)


def _id(link: Link, side: Side) -> str:
    return link.shopify_id if side is Side.SHOPIFY else link.crm_id
