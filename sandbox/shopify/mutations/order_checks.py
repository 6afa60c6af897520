"""What orderCreate refuses besides its lines and people: records that are not there, amounts below nothing.

The codes are the schema's; where no recording gives the wording it follows the recorded one of lines and customers.
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.mutations import order_amounts
from sandbox.shopify.store import locations
from sandbox.shopify.store.database import Row

# Handles that belong to no service of their own: the merchant's, and that of gift cards.
OWN_SERVICES = {"manual", "gift_card"}


def problems(call: Call, given: Row) -> list[Row]:
    """What is wrong with what an order names, and with its prices."""
    return [*_places(call, given), *_services(call, given), *_prices(given)]


def _places(call: Call, given: Row) -> list[Row]:
    named = [(["order", "fulfillment", "locationId"], (given.get("fulfillment") or {}).get("locationId"))]
    for place, payment in enumerate(given.get("transactions") or []):
        named.append((["order", "transactions", str(place), "locationId"], payment.get("locationId")))
    errors = [
        user_error(path, "Location does not exist", "INVALID")
        for path, identifier in named
        if identifier and locations.get(call.store, gid.number(identifier, "Location")) is None
    ]
    company = given.get("companyLocationId")
    if company and call.db.get("company_locations", gid.number(company, "CompanyLocation")) is None:
        errors.append(user_error(["order", "companyLocationId"], "Company location does not exist", "INVALID"))
    return errors


def _services(call: Call, given: Row) -> list[Row]:
    known = OWN_SERVICES | {row["handle"] for row in call.db.all("SELECT handle FROM fulfillment_services")}
    return [
        user_error(
            ["order", "lineItems", str(place), "fulfillmentService"],
            "Fulfillment service is invalid",
            "FULFILLMENT_SERVICE_INVALID",
        )
        for place, line in enumerate(given.get("lineItems") or [])
        if line.get("fulfillmentService") and line["fulfillmentService"] not in known
    ]


def _prices(given: Row) -> list[Row]:
    shipped = given.get("shippingLines") or []
    errors = []
    for name, label, rows in (
        ("lineItems", "Line items", given.get("lineItems") or []),
        ("shippingLines", "Shipping lines", shipped),
    ):
        if any(order_amounts.read(row.get("priceSet")).shop < 0 for row in rows):
            message = f"{label} Price must be greater than or equal to 0"
            errors.append(user_error(["order", name], message, "INVALID"))
    if any(not row["title"].strip() for row in shipped):
        errors.append(user_error(["order", "shippingLines"], "Shipping lines Title can't be blank", "INVALID"))
    return errors
