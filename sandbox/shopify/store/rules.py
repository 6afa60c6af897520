"""Rules of smart collections as conditions on products.

One condition serves both questions: which products a new rule set takes in, and whether one product belongs. Texts
compare without case; a price, weight or stock rule is met when one variant meets it.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.store.database import Row

Condition = tuple[str, list[Any]]
PRODUCT_TEXT = {"TITLE": "p.title", "TYPE": "p.product_type", "VENDOR": "p.vendor"}
VARIANT_NUMBER = {
    "VARIANT_PRICE": "CAST(v.price AS REAL)",
    "VARIANT_COMPARE_AT_PRICE": "CAST(v.compare_at_price AS REAL)",
    "VARIANT_INVENTORY": "(SELECT COALESCE(SUM(l.available), 0) FROM inventory_levels l "
    "WHERE l.item_id = v.inventory_item_id AND l.is_active = 1)",
    "VARIANT_WEIGHT": "(SELECT i.weight_value * CASE i.weight_unit WHEN 'GRAMS' THEN 0.001 WHEN 'POUNDS' THEN "
    "0.45359237 WHEN 'OUNCES' THEN 0.028349523125 ELSE 1 END FROM inventory_items i WHERE i.id = v.inventory_item_id)",
}
NUMBER_RELATIONS = {"EQUALS": "=", "NOT_EQUALS": "<>", "GREATER_THAN": ">", "LESS_THAN": "<"}
COLUMNS = frozenset([*PRODUCT_TEXT, *VARIANT_NUMBER, "VARIANT_TITLE", "TAG", "IS_PRICE_REDUCED"])


def condition(rule_set: Row) -> Condition:
    """The condition on `products p` that the rules of a set make together."""
    found = [_one(rule) for rule in rule_set["rules"]]
    joint = " OR " if rule_set["appliedDisjunctively"] else " AND "
    return joint.join(f"({text})" for text, _ in found), [value for _, values in found for value in values]


def _one(rule: Row) -> Condition:
    column, relation, wanted = rule["column"], rule["relation"], rule["condition"]
    if column in PRODUCT_TEXT:
        return _text(PRODUCT_TEXT[column], relation, wanted)
    if column == "TAG":
        text, values = _text("t.value", "EQUALS" if relation == "NOT_EQUALS" else relation, wanted)
        exists = f"EXISTS (SELECT 1 FROM json_each(p.tags) t WHERE {text})"  # noqa: S608 - parts are our own
        return (f"NOT {exists}" if relation == "NOT_EQUALS" else exists), values
    if column == "IS_PRICE_REDUCED":
        reduced = _variant("CAST(v.compare_at_price AS REAL) > CAST(v.price AS REAL)")
        return (reduced if relation == "IS_SET" else f"NOT {reduced}"), []
    if column == "VARIANT_TITLE":
        text, values = _text("v.title", relation, wanted)
        return _variant(text), values
    if relation in {"IS_SET", "IS_NOT_SET"}:
        exists = _variant(f"{VARIANT_NUMBER[column]} IS NOT NULL")
        return (exists if relation == "IS_SET" else f"NOT {exists}"), []
    return _variant(f"{VARIANT_NUMBER[column]} {NUMBER_RELATIONS[relation]} ?"), [float(wanted)]


def _variant(text: str) -> str:
    return f"EXISTS (SELECT 1 FROM variants v WHERE v.product_id = p.id AND {text})"  # noqa: S608 - parts are our own


def _text(column: str, relation: str, wanted: str) -> Condition:
    mark = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    patterns = {
        "EQUALS": mark,
        "NOT_EQUALS": mark,
        "STARTS_WITH": f"{mark}%",
        "ENDS_WITH": f"%{mark}",
        "CONTAINS": f"%{mark}%",
        "NOT_CONTAINS": f"%{mark}%",
    }
    negated = "NOT " if relation.startswith("NOT_") else ""
    return f"{column} {negated}LIKE ? ESCAPE '\\'", [patterns[relation]]
