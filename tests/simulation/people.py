"""A merchant and a salesperson at work: who edits what next. They see what anybody sees and are refused like anybody.

Nothing here knows the app.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.seed import SeedFailedError
from tests.simulation.chance import Chance
from tests.simulation.merchant import Merchant
from tests.simulation.office import FOCUS, Office
from tests.simulation.salesperson import Salesperson
from tests.support.plant import World

Kind = Callable[[], str]


class People:
    """Both of them. `act` makes one edit; which kinds this life has, and how they keep at a thing, is drawn once."""

    def __init__(self, world: World, chance: Chance, between: Callable[[], bool]) -> None:
        self._chance = chance
        self._office = Office(chance, between, focus=chance.among(FOCUS))
        self.book = self._office.book
        sales = Salesperson(world.sales, self._office)
        merchant = Merchant(world.merchant, self._office, sales.standing)
        self._merchant, self._sales = merchant, sales
        self._about: dict[str, tuple[Kind, Kind]] = {
            "price": (merchant.reprice, sales.amount),
            "number": (merchant.number, sales.renumber),
        }
        kinds: list[Kind] = [
            merchant.sell,
            sales.stock,
            merchant.reprice,
            merchant.number,
            sales.amount,
            merchant.retitle,
            sales.rename,
            sales.part,
        ]
        rare = [merchant.remove, merchant.drop, sales.delete, merchant.archive, sales.retire, self.stock_known]
        self._kinds = [*kinds, *kinds, *(each for each in rare if chance.happens(0.5)), sales.renumber]

    def act(self) -> None:
        """One edit by one of them."""
        about = self._about.get(self._office.topic[1])
        self._do(self._chance.among(about if about and self._chance.happens(self._office.focus) else self._kinds))

    def correct(self) -> None:
        """One of them comes back to the record that was edited last, whatever their temper."""
        focus, self._office.focus = self._office.focus, 1.0
        self._do(self._chance.among(self._about.get(self._office.topic[1]) or self._kinds))
        self._office.focus = focus

    def _do(self, kind: Kind) -> None:
        """A refusal is their own affair."""
        try:
            told = kind()
        except SeedFailedError as error:
            told = f"refused: {str(error)[:80]}"
        if told:
            self._chance.note(f"person {kind.__name__} {told}")

    def open_shop(self) -> None:
        """What there is before anything goes wrong."""
        makes = (self._merchant.sell, self._sales.stock)
        for make in (*makes, self._chance.among(makes)):
            self._chance.note(f"person {make.__name__} {make()}")

    def stock_known(self) -> str:
        """A product under a number that the shop sells already: it has to be adopted, or is refused as taken.

        Never under a number that the merchant gave to a variant later: the variant may have a product by then, and a
        second one of its number is a conflict that only people can settle, so both are parked, rightly. Nor under the
        number of a product that was deleted: its pair is at rest until a person relinks it.
        """
        known = [each["sku"] for each in self._merchant.variants() if each["sku"].startswith("SKU")]
        known = [sku for sku in known if sku not in self._office.gone]
        return self._sales.new_row(self._chance.among(known)) if known else ""
