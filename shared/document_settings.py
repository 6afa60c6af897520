"""The settings of the documents that become Shopify orders, read once for shared/settings.py. Holds no clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import settings_values as values
from shared.errors import SettingMissing
from shared.settings_list import TABLES

STOCK: Mapping[str, str] = {
    "bypass": "BYPASS",
    "decrement": "DECREMENT_IGNORING_POLICY",
    "obey": "DECREMENT_OBEYING_POLICY",
}
"""What orderCreate does about the stock of what is ordered."""


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """See shared/settings_list.py, where each of them stands by its name.

    `reasons`: per table the status reasons that are sent. `shop`: the one that gets documents; empty: the first.
    """

    tables: tuple[str, ...]
    reasons: Mapping[str, frozenset[int]]
    since: datetime | None
    shop: str
    route: str
    tax: str
    stock: str
    notify: bool
    unlinked: str
    fractions: str
    negative: str
    estimate: bool
    siblings: str
    cancel: str

    def digest(self) -> str:
        """What decides the fate of parked documents, as text."""
        reasons = [f"{table}={sorted(self.reasons[table])}" for table in self.tables]
        rest = (self.since, self.shop, self.route, self.unlinked, self.fractions, self.negative, self.estimate)
        return " ".join([*reasons, *map(str, rest), self.siblings, self.cancel, self.tax])


def read(env: Mapping[str, str], shops: Sequence[str]) -> DocumentSettings:
    """The settings, or SettingMissing with the name of the one that cannot be read."""
    return DocumentSettings(
        tables=_tables(env),
        reasons={table: _reasons(env, table) for table in TABLES},
        since=values.moment(env, "DOCUMENTS_SINCE"),
        shop=_shop(env, shops),
        route=values.choice(env, "DOCUMENT_ROUTE", ("draft", "order", "auto")),
        tax=values.choice(env, "DOCUMENT_TAX", ("shop", "line", "order")),
        stock=STOCK[values.choice(env, "DOCUMENT_STOCK", tuple(STOCK))],
        notify=values.truth(env, "DOCUMENT_NOTIFY"),
        unlinked=values.choice(env, "DOCUMENT_UNLINKED", ("wait", "line", "park")),
        fractions=values.choice(env, "DOCUMENT_FRACTIONS", ("park", "line")),
        negative=values.choice(env, "DOCUMENT_NEGATIVE", ("park", "discount")),
        estimate=values.truth(env, "DOCUMENT_ESTIMATE"),
        siblings=values.choice(env, "SIBLINGS", ("send", "park")),
        cancel=values.choice(env, "DOCUMENT_CANCEL", ("cancel", "park")),
    )


def _tables(env: Mapping[str, str]) -> tuple[str, ...]:
    wanted = values.listed(values.text(env, "DOCUMENTS"))
    unknown = [name for name in wanted if name not in TABLES]
    if unknown or not wanted:
        sentence = f"Setting DOCUMENTS is '{', '.join(wanted)}'; it has to name some of: {', '.join(TABLES)}."
        raise SettingMissing(sentence, facts={"setting": "DOCUMENTS"})
    return tuple(table for table in TABLES if table in wanted)


def _reasons(env: Mapping[str, str], table: str) -> frozenset[int]:
    name = f"DOCUMENT_{table.upper()}_REASONS"
    given = values.listed(values.text(env, name))
    if not given or not all(each.isdecimal() for each in given):
        sentence = f"Setting {name} is '{','.join(given)}'; it has to be numbers of status reasons (statuscode)."
        raise SettingMissing(sentence, facts={"setting": name})
    return frozenset(map(int, given))


def _shop(env: Mapping[str, str], shops: Sequence[str]) -> str:
    wanted = values.text(env, "DOCUMENTS_SHOP").lower() or shops[0]
    if wanted not in shops:
        sentence = f"Setting DOCUMENTS_SHOP is '{wanted}'; it has to be one of SHOPIFY_SHOPS: {', '.join(shops)}."
        raise SettingMissing(sentence, facts={"setting": "DOCUMENTS_SHOP"})
    return wanted
