"""A world whose shop holds every recorded order, and what does not add up in each of them.

An order that shows other totals than its parts come to is given them to show: the app must see what was recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from sandbox.shopify.money import Bag
from sandbox.shopify.store import orders
from sandbox.shopify.store.order_book import Book
from tests.contract.recorded_orders import recordings
from tests.contract.recorded_orders.loading import Loader
from tests.contract.recorded_orders.recordings import TOTALS, Order, Recording
from tests.support.orders import Trade
from tests.support.till import CREATE

GUESTS = "Guests"
SHIPPED = Path(__file__).resolve().parents[3] / "mappings"
SKIPS_TESTS = '[[skip]]\nwhen = "test"\nreason = "It is a test order."\n'
Sums = tuple[Decimal, Decimal]


class Recorded:
    """The world, the recordings by name, their orders, and by order the totals that its parts do not come to."""

    def __init__(self, trade: Trade) -> None:
        self.trade = trade
        self.side = "shop"
        self.by_name = {one.name: one for one in recordings.recordings()}
        self.loader = Loader(trade.shopify.store)
        self.numbers: dict[str, str] = {}
        self.differences: dict[str, dict[str, Sums]] = {}
        trade.row("accounts", name=GUESTS)
        dollar = {"currencyname": "Canadian Dollar", "isocurrencycode": "CAD", "currencysymbol": "$"}
        trade.row("transactioncurrencies", **dollar, currencyprecision=2, exchangerate=1.5)
        with trade.shopify.store.db.transaction():
            self.loader.stock(line for one in self.by_name.values() for line in one.order.get("line_items", ()))
        for name, one in self.by_name.items():
            self._load(name, one)

    def _load(self, name: str, one: Recording) -> None:
        store = self.trade.shopify.store
        if one.given is not None:
            made = self.trade.done(CREATE, o=dict(one.given))["order"]["legacyResourceId"]
            self.numbers[name] = str(made)
        else:
            with store.db.transaction():
                self.numbers[name] = str(self.loader.put(one.order))
                store.publish()
        book = Book(store, int(self.numbers[name]))
        self.differences[name] = _differences(book, one.order)
        if self.differences[name]:
            with store.db.transaction():
                orders.state(store, book.number, _stated(book, one.order))

    def contradicts(self, name: str) -> bool:
        """Whether the total or tax that a recording states, as things stand, is not what its parts come to."""
        old = "current_total_price" not in _named(self.by_name[name].order)
        standing = {"total_price", "total_tax"} if old else {"current_total_price", "current_total_tax"}
        return bool(standing & self.differences[name].keys())


def _named(order: Order) -> set[str]:
    """The totals that a recording has."""
    return {name for name in TOTALS if recordings.bag(order, name)}


def _differences(book: Book, order: Order) -> dict[str, Sums]:
    """Each total that the recording states and its parts do not come to: both, in the shop's currency."""
    pairs = {name: (recordings.bag(order, name), getattr(book, ours)) for name, (_, ours) in TOTALS.items()}
    wrong = {name: (Bag.of(*told), sums) for name, (told, sums) in pairs.items() if told and Bag.of(*told) != sums}
    return {name: (told.shop, sums.shop) for name, (told, sums) in wrong.items()}


def _stated(book: Book, order: Order) -> dict[str, Bag]:
    """All totals of a recording, by the book's names.

    One from before there were current totals: what it was as ordered, less what its refunds took.
    """
    told = {ours: recordings.bag(order, name) for name, (_, ours) in TOTALS.items()}
    stated = {ours: Bag.of(*amounts) for ours, amounts in told.items() if amounts}
    for before, now in PAIRS.items():
        if before in stated:
            stated.setdefault(now, stated[before] - getattr(book, before) + getattr(book, now))
    return stated


PAIRS: Mapping[str, str] = {
    "total": "current_total",
    "subtotal": "current_subtotal",
    "tax_total": "current_tax",
    "discounts_total": "current_discounts",
}


def letting_tests_through(folder: Path) -> str:
    """The shipped mapping files but for the entry that skips test orders: all captures of orderCreate are such."""
    for path in filter(Path.is_file, SHIPPED.iterdir()):
        text = path.read_text()
        if path.name == "orders_shopify_to_crm.toml":
            assert SKIPS_TESTS in text
            text = text.replace(SKIPS_TESTS, "")
        (folder / path.name).write_text(text)
    return str(folder)
