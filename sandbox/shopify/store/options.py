"""Options and option values of products in the store.

Every product has at least one option; one without options of its own has "Title" with "Default Title".
"""

from __future__ import annotations

from sandbox.shopify.store import variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def of_product(store: Store, product: int) -> list[Row]:
    """The options of a product by position."""
    return store.db.all("SELECT * FROM options WHERE product_id = ? ORDER BY position, id", (product,))


def values_of(store: Store, option: int) -> list[Row]:
    """The values of an option by position."""
    return store.db.all("SELECT * FROM option_values WHERE option_id = ? ORDER BY position, id", (option,))


def add(store: Store, product: int, name: str, values: list[str]) -> Row:
    """Append an option with its values."""
    position = store.db.value("SELECT COALESCE(MAX(position), 0) + 1 FROM options WHERE product_id = ?", (product,))
    row = {"id": store.db.next_id("ProductOption"), "product_id": product, "name": name, "position": position}
    store.db.insert("options", row)
    for value in values:
        value_number(store, row["id"], value)
    return row


def value_number(store: Store, option: int, name: str) -> int:
    """The number of an option's value of that name, made when it is new."""
    row = store.db.one("SELECT id FROM option_values WHERE option_id = ? AND name = ?", (option, name))
    if row is not None:
        return int(row["id"])
    sql = "SELECT COALESCE(MAX(position), 0) + 1 FROM option_values WHERE option_id = ?"
    number = store.db.next_id("ProductOptionValue")
    place = store.db.value(sql, (option,))
    store.db.insert("option_values", {"id": number, "option_id": option, "name": name, "position": place})
    return number


def delete(store: Store, option: int) -> None:
    """Remove an option with its values."""
    store.db.run("DELETE FROM option_values WHERE option_id = ?", (option,))
    store.db.run("DELETE FROM options WHERE id = ?", (option,))


def used_values(store: Store, product: int) -> set[int]:
    """The numbers of all option values that a variant of the product has."""
    return {choice for row in variants.of_product(store, product) for choice in variants.choices_of(row)}


def drop_unused(store: Store, product: int) -> None:
    """Remove the option values that no variant has any more."""
    used = used_values(store, product)
    for option in of_product(store, product):
        for value in values_of(store, option["id"]):
            if value["id"] not in used:
                store.db.run("DELETE FROM option_values WHERE id = ?", (value["id"],))


def is_default(store: Store, rows: list[Row]) -> bool:
    """True when these are the options of a product that has none of its own."""
    if len(rows) != 1 or rows[0]["name"] != variants.DEFAULT_OPTION:
        return False
    values = values_of(store, rows[0]["id"])
    return [value["name"] for value in values] == [variants.DEFAULT_VALUE]


def retitle(store: Store, product: int) -> None:
    """Write the titles of all variants anew after names of values changed."""
    for row in variants.of_product(store, product):
        title = variants.title_of(store, variants.choices_of(row))
        if title != row["title"]:
            store.db.update("variants", row["id"], {"title": title, "updated_at": store.now()})


def reorder(store: Store, product: int, order: list[int], values: dict[int, list[int]]) -> None:
    """Put options and their values in order, those left out behind; variants follow the order of their values."""
    rest = [row["id"] for row in of_product(store, product) if row["id"] not in order]
    whole = [*order, *rest]
    for position, option in enumerate(whole, 1):
        store.db.update("options", option, {"position": position})
    for option, chosen in values.items():
        behind = [row["id"] for row in values_of(store, option) if row["id"] not in chosen]
        for position, value in enumerate([*chosen, *behind], 1):
            store.db.update("option_values", value, {"position": position})
    _arrange(store, product, whole)


def _arrange(store: Store, product: int, order: list[int]) -> None:
    place: dict[int, tuple[int, int]] = {}
    for column, option in enumerate(order):
        for rank, value in enumerate(values_of(store, option)):
            place[value["id"]] = (column, rank)
    ranked = []
    for row in variants.of_product(store, product):
        chosen = sorted(variants.choices_of(row), key=lambda choice: place[choice][0])
        store.db.update("variants", row["id"], {"choices": chosen})
        ranked.append(([place[choice][1] for choice in chosen], row["id"]))
    variants.reorder(store, [number for _, number in sorted(ranked)])
