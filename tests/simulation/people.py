"""A merchant and a salesperson at work, and the book of what each of them wrote into the fields that both may write.

They use the public APIs, see what anybody sees, and are refused like anybody. Nothing here knows the app.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from sandbox.seed import SeedFailedError
from tests.simulation.chance import Chance
from tests.support.plant import Plant

SHOPIFY, CRM = "shopify", "crm"
MOST_RECORDS = 14
LIST = """
query { products(first: 50) { nodes { id title status variants(first: 10) { nodes { id legacyResourceId sku } } } } }
"""
VARIANTS = """
mutation($id: ID!, $variants: [ProductVariantsBulkInput!]!) {
  done: productVariantsBulkUpdate(productId: $id, variants: $variants) { userErrors { message } }
}
"""
PRODUCT = """
mutation($product: ProductUpdateInput!) { done: productUpdate(product: $product) { userErrors { message } } }
"""
REMOVE = "mutation($id: ID!) { done: productDelete(input: { id: $id }) { userErrors { message } } }"
DROP = """
mutation($id: ID!, $variants: [ID!]!) {
  done: productVariantsBulkDelete(productId: $id, variantsIds: $variants) { userErrors { message } }
}
"""


@dataclass(frozen=True)
class Entry:
    """One person's word on one field of one record."""

    by: str
    record: str
    field: str
    value: Any


@dataclass
class Book:
    """All that people wrote, in order, and the records whose counterpart somebody deleted."""

    entries: list[Entry] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    """(side, id) of records that a person deleted."""

    def note(self, by: str, record: str, **values: Any) -> None:
        """A person wrote these fields."""
        self.entries += [Entry(by, record, name, value) for name, value in values.items()]


class People:
    """Both of them. `act` makes one edit; which kinds this life has is drawn once."""

    def __init__(self, plant: Plant, chance: Chance) -> None:
        self._plant, self._chance = plant, chance
        self.book = Book()
        self._made = 0
        self._gone: set[str] = set()
        kinds: list[Callable[[], str]] = [
            self._sell,
            self._stock,
            self._reprice,
            self._number,
            self._amount,
            self._retitle,
            self._rename,
            self._part,
        ]
        rare = [self._remove, self._drop, self._delete, self._archive, self._retire, self._stock_known]
        self._kinds = [*kinds, *kinds, *(each for each in rare if chance.happens(0.5)), self._renumber]

    def act(self) -> None:
        """One edit by one of them; a refusal is their own affair."""
        kind = self._chance.among(self._kinds)
        try:
            told = kind()
        except SeedFailedError as error:
            told = f"refused: {str(error)[:80]}"
        if told:
            self._chance.note(f"person{kind.__name__} {told}")

    # -- the merchant -------------------------------------------------------------------------------------------

    def _sell(self) -> str:
        if self._made >= MOST_RECORDS:
            return ""
        count = self._chance.among((1, 1, 2, 3))
        sizes = [("S", "M", "L")[at] for at in range(count)]
        variants = tuple(SeedVariant(self._fresh("SKU"), self._price(), (size,)) for size in sizes)
        self._plant.merchant.create(
            SeedProduct(f"Thing {self._made}", "<p>Good.</p>", "ACTIVE", ("Size",), variants)
        )
        for node in self._variants():
            for variant in variants:
                if node["sku"] == variant.sku:
                    self.book.note(SHOPIFY, node["legacyResourceId"], number=variant.sku, price=variant.price)
        return variants[0].sku

    def _reprice(self) -> str:
        return self._edit_variant("price", lambda price: {"price": str(price)}, self._price())

    def _number(self) -> str:
        return self._edit_variant("number", lambda sku: {"inventoryItem": {"sku": sku}}, self._fresh("NEW"))

    def _edit_variant(self, name: str, change: Callable[[Any], Mapping[str, Any]], value: Any) -> str:
        variant = self._any(self._variants())
        if variant is None:
            return ""
        self._merchant(VARIANTS, id=variant["product"], variants=[{"id": variant["id"], **change(value)}])
        self.book.note(SHOPIFY, variant["legacyResourceId"], **{name: value})
        return f"{variant['legacyResourceId']} {value}"

    def _retitle(self) -> str:
        return self._edit_product({"title": f"Title {self._chance.below(10_000)}"})

    def _archive(self) -> str:
        return self._edit_product({"status": "ARCHIVED"})

    def _edit_product(self, change: Mapping[str, Any]) -> str:
        product = self._any(self._products())
        if product is None:
            return ""
        self._merchant(PRODUCT, product={"id": product["id"], **change})
        return f"{product['id'][-6:]} {change}"

    def _remove(self) -> str:
        product = self._any(self._products())
        if product is None:
            return ""
        self._merchant(REMOVE, id=product["id"])
        self.book.removed += [(SHOPIFY, node["legacyResourceId"]) for node in product["variants"]["nodes"]]
        return str(product["id"][-6:])

    def _drop(self) -> str:
        product = self._any([each for each in self._products() if len(each["variants"]["nodes"]) > 1])
        if product is None:
            return ""
        variant = self._any(product["variants"]["nodes"])
        self._merchant(DROP, id=product["id"], variants=[variant["id"]])
        self.book.removed.append((SHOPIFY, variant["legacyResourceId"]))
        return str(variant["legacyResourceId"])

    # -- the salesperson ----------------------------------------------------------------------------------------

    def _stock(self) -> str:
        return self._new_row(self._fresh("CRM")) if self._made < MOST_RECORDS else ""

    def _stock_known(self) -> str:
        """A product under a number that the shop sells already: it has to be adopted, or is refused as taken.

        Never under a number that the merchant gave to a variant later: the variant may have a product by then, and a
        second one of its number is a conflict that only people can settle, so both are parked, rightly. Nor under the
        number of a product that was deleted: its pair is at rest until a person relinks it.
        """
        known = [each for each in self._variants() if each["sku"].startswith("SKU") and each["sku"] not in self._gone]
        variant = self._any(known)
        return self._new_row(variant["sku"]) if variant is not None else ""

    def _new_row(self, number: str) -> str:
        price = self._price()
        self._plant.sales.create(CrmProduct(number, f"Row {number}", "Kept by sales.", price, "VP-1"))
        row = next(each for each in self._rows() if each["productnumber"] == number)
        self.book.note(CRM, row["productid"], number=number, price=price)
        return number

    def _amount(self) -> str:
        row = self._any([each for each in self._rows() if each["product_price_levels"]])
        if row is None:
            return ""
        price, item = self._amount_of(), row["product_price_levels"][0]["productpricelevelid"]
        self._plant.sales.send("PATCH", f"productpricelevels({item})", {"amount": price})
        self.book.note(CRM, row["productid"], price=price)
        return f"{row['productnumber']} {price}"

    def _renumber(self) -> str:
        number = self._fresh("NUM")
        told = self._edit_row({"productnumber": number})
        if told:
            self.book.note(CRM, told, number=number)
        return f"{told} {number}" if told else ""

    def _rename(self) -> str:
        return self._edit_row({"name": f"Name {self._chance.below(10_000)}"})

    def _part(self) -> str:
        return self._edit_row({"vendorpartnumber": f"VP-{self._chance.below(10_000)}"})

    def _edit_row(self, change: Mapping[str, Any]) -> str:
        row = self._any(self._rows())
        if row is None:
            return ""
        self._plant.sales.send("PATCH", f"products({row['productid']})", change)
        return str(row["productid"])

    def _retire(self) -> str:
        row = self._any(self._rows())
        if row is None:
            return ""
        for item in row["product_price_levels"]:
            self._plant.sales.send("DELETE", f"productpricelevels({item['productpricelevelid']})", {})
        self._plant.sales.send("PATCH", f"products({row['productid']})", {"statecode": 1, "statuscode": 2})
        return str(row["productid"])

    def _delete(self) -> str:
        row = self._any(self._rows())
        if row is None:
            return ""
        for item in row["product_price_levels"]:
            self._plant.sales.send("DELETE", f"productpricelevels({item['productpricelevelid']})", {})
        self._plant.sales.send("DELETE", f"products({row['productid']})", {})
        self._gone.add(row["productnumber"])
        self.book.removed.append((CRM, row["productid"]))
        return str(row["productid"])

    # -- what both see ------------------------------------------------------------------------------------------

    def _products(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self._plant.merchant.call(LIST)["products"]["nodes"]
        return [node for node in nodes if node["status"] != "ARCHIVED"]

    def _variants(self) -> list[dict[str, Any]]:
        return [
            {**variant, "product": product["id"]}
            for product in self._products()
            for variant in product["variants"]["nodes"]
        ]

    def _rows(self) -> list[dict[str, Any]]:
        url = (
            "products?$select=productid,productnumber&$filter=statecode eq 0"
            "&$expand=product_price_levels($select=productpricelevelid)"
        )
        rows: list[dict[str, Any]] = self._plant.sales.get(url)["value"]
        return rows

    def _merchant(self, text: str, **variables: Any) -> None:
        errors = self._plant.merchant.call(text, variables)["done"]["userErrors"]
        if errors:
            raise SeedFailedError(f"{errors}")

    def _any(self, options: list[Any]) -> Any:
        return self._chance.among(options) if options else None

    def _fresh(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}-{self._made:03d}"

    def _amount_of(self) -> Decimal:
        """CRM keeps four decimals, Shopify the two of its currency: a value that Shopify stores otherwise."""
        return self._price() + (Decimal("0.0025") if self._chance.happens(0.3) else 0)

    def _price(self) -> Decimal:
        return Decimal(self._chance.below(90_000) + 100) / 100
