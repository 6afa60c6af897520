"""Plants draft orders as they are shown; one that is only copied from, as its copy is shown."""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.garden import Garden, amount, copied, micros
from sandbox.conformance.seeding.records import Record, Shown

CREATE = """mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) { draftOrder { id }
  userErrors { field message } } }"""
TOTALS = ("totalPriceSet", "subtotalPriceSet")
TIMES = {"completedAt": "completed_at", "invoiceSentAt": "invoice_sent_at"}
ADDRESS = "firstName lastName company address1 address2 city provinceCode zip phone"


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every draft order that was there before, oldest first."""
    for one in sorted(shown.of("DraftOrder"), key=lambda record: int(record.number)):
        pattern = one if one.fields else _copy(shown, one)
        lines = [part for part in pattern.list("lineItems") if isinstance(part, Record | dict)]
        garden.expect("DraftOrder", [one])
        if pattern is one:
            garden.expect("DraftOrderLineItem", [part for part in lines if isinstance(part, Record)])
        garden.ask(CREATE, i=_input(pattern, lines))
        garden.mark(one)
        _stamp(garden, one)


def _copy(shown: Shown, one: Record) -> Record:
    made = [other for other in shown.records.values() if other.kind == "DraftOrder" and other.is_new]
    return next((other for other in made if other.step == one.step), one)


def _input(one: Record, lines: list[Any]) -> dict[str, Any]:
    given: dict[str, Any] = copied(one.fields, "email phone poNumber tags taxExempt customAttributes")
    if one.fields.get("note2"):
        given["note"] = one.fields["note2"]
    customer = one.record("customer")
    if customer is not None:
        given["purchasingEntity"] = {"customerId": customer.gid}
    for name in ("billingAddress", "shippingAddress"):
        if isinstance(one.fields.get(name), dict):
            given[name] = _address(one.fields[name])
    shipping = one.fields.get("shippingLine")
    if isinstance(shipping, dict):
        given["shippingLine"] = copied(shipping, "title") | {"price": amount(shipping.get("originalPriceSet")) or "0"}
    discount = one.fields.get("appliedDiscount")
    if isinstance(discount, dict) and "valueType" in discount and "value" in discount:
        given["appliedDiscount"] = copied(discount, "title description value valueType")
    whole = amount(one.text(*TOTALS)) or "10.00"
    plain = {"title": "Seeded item", "quantity": 1, "originalUnitPrice": whole}
    return given | {"lineItems": _lines(one, lines) or [plain]}


def _lines(one: Record, lines: list[Any]) -> list[dict[str, Any]]:
    rows = []
    whole = amount(one.text("subtotalPriceSet", "totalPriceSet"))
    counts = [(part.fields if isinstance(part, Record) else part).get("quantity") for part in lines]
    bearer = counts.index(1) if 1 in counts else 0
    for place, part in enumerate(lines):
        fields = part.fields if isinstance(part, Record) else part
        price = amount(fields.get("originalUnitPriceSet"))
        row = {"title": "Seeded item", "quantity": 1} | copied(fields, "title quantity sku requiresShipping taxable")
        variant = fields.get("variant")
        if isinstance(variant, Record):
            row["variantId"] = variant.gid
        # Without prices of lines a single unit bears the whole total.
        if price is None and whole is not None and place == bearer:
            price = str(float(whole) / row["quantity"])
        rows.append(row | {"originalUnitPrice": price or "0", **copied(fields, "customAttributes")})
    return rows


def _address(shown: dict[str, Any]) -> dict[str, str]:
    country = shown.get("countryCodeV2") or shown.get("countryCode")
    return copied(shown, ADDRESS) | ({"countryCode": country} if country else {})


def _stamp(garden: Garden, one: Record) -> None:
    times = {name: column for name, column in TIMES.items() if one.fields.get(name)}
    columns: dict[str, Any] = {column: micros(one.fields[name]) for name, column in times.items()}
    if one.fields.get("name"):
        columns["number"] = int("".join(filter(str.isdigit, one.fields["name"])) or 0)
    if one.fields.get("status"):
        columns["status"] = one.fields["status"]
    order = one.record("order")
    if order is not None and garden.has(order):
        columns["order_id"] = int(order.number)
    garden.stamp("draft_orders", one, **columns)
