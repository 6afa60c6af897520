"""orderCreate: an order that was placed elsewhere, with all it was made of.

Its money is what the input says: nothing is priced, taxed or discounted here that was not asked for.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.mutations import order_amounts, order_checks, order_people_input
from sandbox.shopify.mutations import order_lines_input as parts
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.resolvers.order_source import by_number
from sandbox.shopify.store import mail, order_stock, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.orders import NewOrder
from sandbox.shopify.store.products import sort_tags

CLAMPED_SINCE = "2026-07"

registry.inputs(
    "OrderCreateOrderInput",
    "billingAddress buyerAcceptsMarketing closedAt companyLocationId currency customAttributes customer customerId "
    "discountCode email financialStatus fulfillment fulfillmentStatus lineItems metafields name note phone poNumber "
    "presentmentCurrency processedAt referringSite shippingAddress shippingLines sourceIdentifier sourceName sourceUrl "
    "tags taxLines taxesIncluded test transactions",
)
registry.inputs("OrderCreateOptionsInput", "inventoryBehaviour sendReceipt sendFulfillmentReceipt")
registry.inputs("OrderCreateCustomAttributeInput", "key value")
registry.inputs(
    "OrderCreateOrderTransactionInput",
    "amountSet authorizationCode gateway giftCardId kind locationId processedAt receiptJson status test",
)
registry.inputs("OrderCreateFulfillmentInput", "locationId notifyCustomer shipmentStatus originAddress")
registry.inputs("OrderCreateFulfillmentInput", "trackingCompany trackingNumber trackingNumbers")


@registry.mutation("orderCreate", "order options", "order userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given, options = args["order"], args.get("options") or {}
    errors = [*parts.problems(call, given), *order_checks.problems(call, given)]
    processed = _processed(call, given)
    people = order_people_input.read(call, given)
    if errors:
        raise UserErrors(errors)
    pair = order_amounts.currencies(given, call.store.config.currency)
    new = _parts(call, given, pair)
    new.columns = _columns(call, given, people, pair) | {"processed_at": processed}
    new.columns["customer_id"] = order_people_input.write(call, people)
    number = orders.create(call.store, new)
    order_stock.claim(call.store, number, options.get("inventoryBehaviour") or "BYPASS")
    _ship(call, number, given)
    put_all(call, "Order", number, given.get("metafields") or [])
    orders.reindex(call.store, number)
    call.target("Order", number)
    _tell(call, number, options, bool(given.get("fulfillment")))
    return {"order": by_number(call, number), "userErrors": []}


def _tell(call: Call, number: int, options: Row, shipped: bool) -> None:
    row: Row = orders.get(call.store, number) or {}
    if options.get("sendReceipt"):
        mail.tell(call.store, "order confirmation", "Order", row)
    if options.get("sendFulfillmentReceipt") and shipped:
        mail.tell(call.store, "shipping confirmation", "Order", row)


def _processed(call: Call, given: Row) -> int:
    now = call.store.now()
    if not given.get("processedAt"):
        return now
    moment = parse_micros(given["processedAt"])
    if moment <= now:
        return moment
    if call.api_version < CLAMPED_SINCE:
        raise refuse(["order", "processedAt"], "Processed at cannot be in the future", "PROCESSED_AT_INVALID")
    return now


def _parts(call: Call, given: Row, pair: Pair) -> NewOrder:
    lines = [parts.line(call, one) for one in given["lineItems"]]
    shipped = [parts.shipping(one, pair) for one in given.get("shippingLines") or []]
    discount = parts.discount(given.get("discountCode"), lines, shipped, pair)
    nets = [row["price"] * row["quantity"] for row in lines]
    for target, place, amount in (discount or {}).get("shares", []):
        if target == "line":
            nets[place] = nets[place] - amount
    _tax(given, lines, nets, pair)
    payments = [_payment(call, one) for one in given.get("transactions") or []]
    return NewOrder(lines=lines, shipping=shipped, discounts=[discount] if discount else [], transactions=payments)


def _tax(given: Row, lines: list[Row], nets: list[Bag], pair: Pair) -> None:
    if given.get("taxLines"):
        for row, found in zip(lines, parts.spread_taxes(given["taxLines"], lines, nets, pair), strict=True):
            row["taxes"] = found
        return
    for row, one, net in zip(lines, given["lineItems"], nets, strict=True):
        row["taxes"] = parts.taxes(one.get("taxLines"), net, pair)


def _payment(call: Call, given: Row) -> Row:
    moment = parse_micros(given["processedAt"]) if given.get("processedAt") else call.store.now()
    return parts.transaction(given, moment)


def _columns(call: Call, given: Row, people: order_people_input.People, pair: Pair) -> Row:
    app = str(call.store.setting("app_id")).rsplit("/", 1)[-1]
    attributes = given.get("customAttributes") or []
    row: Row = {
        "email": people.email,
        "currency": pair.shop,
        "presentment_currency": pair.presentment,
        "billing_address": people.billing,
        "shipping_address": people.shipping,
        "taxes_included": int(bool(given.get("taxesIncluded"))),
        "test": int(bool(given.get("test"))),
        "accepts_marketing": int(bool(given.get("buyerAcceptsMarketing"))),
        "tags": sort_tags(given.get("tags") or []),
        "custom_attributes": [{"key": one["key"], "value": one["value"]} for one in attributes],
        "company_location_id": gid.number(given.get("companyLocationId"), "CompanyLocation"),
        "given_financial_status": given.get("financialStatus"),
        "given_fulfillment_status": given.get("fulfillmentStatus"),
        "source_name": given.get("sourceName") or app,
        "app_name": call.actor.name,
        "closed_at": parse_micros(given["closedAt"]) if given.get("closedAt") else None,
    }
    row |= {column: given.get(name) for name, column in PLAIN.items()}
    return row | ({"name": given["name"]} if given.get("name") else {})


PLAIN = {
    "phone": "phone",
    "note": "note",
    "poNumber": "po_number",
    "sourceIdentifier": "source_identifier",
    "sourceUrl": "source_url",
    "referringSite": "referring_site",
}


def _ship(call: Call, number: int, given: Row) -> None:
    if given.get("fulfillment") or given.get("fulfillmentStatus"):
        shipment = {"status": given.get("fulfillmentStatus"), "fulfillment": given.get("fulfillment")}
        for hook in HOOKS.shipped:
            hook(call.store, number, shipment)
