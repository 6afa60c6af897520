"""People as contacts of companies, where the state knows them: to be found by their customer's id, and left alone.

A company's lines of people have their customers' ids. Who was laid to rest as a customer (Shopify asked to erase him)
is taken out of every company before it is mapped, so that nothing of his is written again. Asks the state only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from shared.kinds.companies import CONTACTS, MAIN, PEOPLE
from shared.lines import LinePair
from shared.mapping.paths import within
from shared.records import Pair, PairState, Record, Side
from shared.state.store import State
from shared.sync.flow import Begun
from shared.sync.line_plan import name_of
from shared.sync.ports import Clock
from shared.sync.reading import held

COMPANIES, CUSTOMERS = "companies", "customers"
LOOKED_FOR = timedelta(hours=1)
"""How long after a change of a company the row of its main contact is looked for."""


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's line of a company: the company's pair (None: it has none any more), and the line."""

    company: str
    pair: Pair | None
    line: LinePair

    @property
    def name(self) -> str:
        """What outcomes and errors call the line."""
        return name_of(self.line.group, self.line.id)

    @property
    def called(self) -> tuple[str, str]:
        """How verdicts and errors begin that speak of the line."""
        return f"{self.name}.", f"{self.name}:"


def memberships(state: State, shop: str, customer: str) -> Iterator[Membership]:
    """Where a customer is known as a person of a company."""
    for company, line in state.lines.named(shop, COMPANIES, customer):
        pair = state.crossrefs.load(shop, COMPANIES, Side.SHOPIFY, [company]).get(company)
        yield Membership(company, pair, line)


def forget(state: State, shop: str, found: Membership, now: datetime) -> None:
    """Leave nothing but ids of the line, and no digest over its company's people. Raises Busy while that is written."""
    pair = found.pair
    busy = held(pair, now) if pair is not None else None
    if busy is not None:
        raise busy
    state.lines.strip_one(shop, COMPANIES, found.company, found.line)
    if pair is not None:
        kept = {side: {path: text for path, text in known.items() if not _of_people(path)}
                for side, known in pair.bases.items()}  # fmt: skip
        result = state.crossrefs.save([replace(pair, bases=kept, planned={}, flips={})])[0]
        if not isinstance(result, Pair):
            raise result


def _of_people(path: str) -> bool:
    return within(path, CONTACTS.name) or within(path, PEOPLE)


@dataclass(frozen=True, slots=True)
class Living:
    """Completes companies: takes the people out who were laid to rest as customers, and names the main contact's row.

    `content["crm"]["main_contact"]` is the id of that contact in CRM; None until the contact is there.
    """

    state: State
    shop: str
    flow: str
    clock: Clock

    def __call__(self, records: Sequence[Record], begun: Sequence[Begun]) -> Sequence[Record]:
        """Each company so; nothing is chosen for companies, and they wait for nothing."""
        ids = {each for record in records for each in map(_customer, _people(record.content))}
        found = self.state.crossrefs.load(self.shop, CUSTOMERS, Side.SHOPIFY, sorted(ids)) if ids else {}
        gone = {each for each, pair in found.items() if pair.state is PairState.TOMBSTONE}
        living = [_without(record, gone) for record in records] if gone else records
        mains = self._mains({record.id: main for record in living if (main := _main(record.content))})
        return [_with_main(record, mains.get(record.id)) for record in living]

    def _mains(self, asked: Mapping[str, str]) -> Mapping[str, str]:
        """The contact's row of each company (with the customer that its main contact is), where it is known."""
        pairs = self.state.crossrefs.load(self.shop, COMPANIES, Side.SHOPIFY, sorted(asked)) if asked else {}
        lines = self.state.lines.load(list(pairs.values())) if pairs else []
        known = zip(pairs, lines, strict=True)
        return {company: line.row for company, found in known if (line := found.get((PEOPLE, asked[company])))}

    def remind(self, records: Sequence[Record]) -> None:
        """Have the companies read again whose main contact was made just now: his row is known from here on.

        Not for ever: a mapping that makes no contacts of people never has one.
        """
        nameless = [record.id for record in records if _main(record.content) and not _named(record.content)]
        pairs = self.state.crossrefs.load(self.shop, COMPANIES, Side.SHOPIFY, nameless) if nameless else {}
        now = self.clock.now()
        left = {each: now for each, pair in pairs.items() if now - pair.read_at.get(Side.SHOPIFY, now) < LOOKED_FOR}
        if left:
            self.state.due.put(self.shop, self.flow, left)


def _main(content: Mapping[str, Any]) -> str | None:
    """The customer who is the main contact, if he is among the company's people."""
    main = content.get(MAIN)
    if not main or _customer(main) not in map(_customer, _people(content)):
        return None
    return _customer(main)


def _named(content: Mapping[str, Any]) -> bool:
    return bool((content.get("crm") or {}).get("main_contact"))


def _with_main(record: Record, row: str | None) -> Record:
    return replace(record, content={**record.content, "crm": {"main_contact": row}})


def _people(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    people: Sequence[Mapping[str, Any]] = content[PEOPLE]["nodes"]
    return people


def _customer(person: Mapping[str, Any]) -> str:
    return str(person["customer"]["legacyResourceId"])


def _without(record: Record, gone: set[str]) -> Record:
    left = [person for person in _people(record.content) if _customer(person) not in gone]
    people = {**record.content[PEOPLE], "nodes": left}
    return replace(record, content={**record.content, PEOPLE: people})
