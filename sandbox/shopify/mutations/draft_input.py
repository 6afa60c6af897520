"""What DraftOrderInput says, checked and turned into columns of a draft order.

Errors that name a field come first and all at once; the others come one at a time and name none (recorded). An update
reports its fields under "input", a creation does not.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.shopify import contact_points, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.money import Pair
from sandbox.shopify.mutations import draft_lines_input as parts
from sandbox.shopify.mutations import payment_terms
from sandbox.shopify.mutations.address_input import AddressInput, whole
from sandbox.shopify.mutations.draft_people import buyer
from sandbox.shopify.store import payment_terms as terms_of
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.products import sort_tags

TAG_LIMIT = 40
registry.inputs(
    "DraftOrderInput",
    "acceptAutomaticDiscounts allowDiscountCodesInCheckout appliedDiscount billingAddress customAttributes customerId "
    "discountCodes email lineItems metafields note paymentTerms phone poNumber presentmentCurrencyCode "
    "purchasingEntity reserveInventoryUntil sessionToken shippingAddress shippingLine sourceName tags taxExempt "
    "useCustomerDefaultAddress visibleToCustomer",
)
registry.inputs("AttributeInput", "key value")
registry.inputs("ShippingLineInput", "price priceWithCurrency title")
PLAIN = {"note": "note", "poNumber": "po_number", "phone": "phone", "sourceName": "source_name"}
FLAGS = {
    "taxExempt": ("tax_exempt", 0),
    "visibleToCustomer": ("visible_to_customer", 1),
    "allowDiscountCodesInCheckout": ("allow_discount_codes", 0),
    "acceptAutomaticDiscounts": ("accept_automatic", 0),
}


def check(call: Call, given: Row, root: list[str], creating: bool) -> None:
    """Refuse what Shopify refuses, in its order."""
    errors = _email(given, root) + _tags(given, root)
    errors += parts.discount_errors(given.get("appliedDiscount"), [*root, "appliedDiscount"])
    lines = given.get("lineItems")
    for place, line in enumerate(lines or []):
        errors += parts.line_errors(line, [*root, "lineItems", str(place)])
    for name in ("billingAddress", "shippingAddress"):
        if given.get(name):
            errors += AddressInput(call, given[name], [*root, name]).errors
    if errors:
        raise UserErrors(errors)
    if not lines and (creating or lines is not None):
        raise refuse(None, "Add at least 1 product")
    for line in lines or []:
        parts.check_line(call, line)
    _check_terms(given)
    until = given.get("reserveInventoryUntil")
    if until and parse_micros(until) < call.store.now():
        raise refuse(None, "Reserve until can't be in the past")


def _email(given: Row, root: list[str]) -> list[Row]:
    text = contact_points.email(given.get("email"))
    if text is None or contact_points.email_is_valid(text):
        return []
    return [user_error([*root, "email"], "Email is invalid")]


def _tags(given: Row, root: list[str]) -> list[Row]:
    message = f"Title Tag exceeds the maximum length of {TAG_LIMIT} characters"
    return [
        user_error([*root, "tags", str(place)], message)
        for place, tag in enumerate(given.get("tags") or [])
        if len(tag.strip()) > TAG_LIMIT
    ]


def _check_terms(given: Row) -> None:
    terms = given.get("paymentTerms")
    if terms is None:
        return
    if not terms.get("paymentTermsTemplateId"):
        raise refuse(None, "Payment terms template id can not be empty.")
    payment_terms.values(terms, None)


def put_terms(call: Call, given: Row, number: int) -> None:
    """Give a draft order the terms that its input names, or none."""
    if "paymentTerms" not in given:
        return
    if given["paymentTerms"] is None:
        terms_of.remove(call.store, "DraftOrder", number)
    else:
        terms_of.put(call.store, "DraftOrder", number, payment_terms.values(given["paymentTerms"], None))


def columns(call: Call, given: Row, standing: Row | None, saving: bool = True) -> Row:
    """The columns that an input sets; what it leaves out stays, or has its default in a new draft order."""
    found = _currencies(call, given, standing)
    pair = Pair(found["currency"], found["presentment_currency"])
    found |= {column: given[name] for name, column in PLAIN.items() if name in given}
    for name, (column, default) in FLAGS.items():
        if given.get(name) is not None or standing is None:
            value = given.get(name)
            found[column] = int(default if value is None else value)
    found |= _lists(given, standing)
    found |= buyer(call, given, standing, saving)
    for name, column in (("billingAddress", "billing_address"), ("shippingAddress", "shipping_address")):
        if name in given:
            found[column] = whole(AddressInput(call, given[name], []).columns) if given[name] else None
    if "appliedDiscount" in given:
        found["discount"] = parts.discount(given["appliedDiscount"])
    if "shippingLine" in given:
        found["shipping"] = _shipping(given["shippingLine"], pair, Decimal(found["rate"]))
    if "reserveInventoryUntil" in given:
        until = given["reserveInventoryUntil"]
        found["reserve_until"] = parse_micros(until) if until else None
    return found


def _lists(given: Row, standing: Row | None) -> Row:
    found: Row = {}
    if standing is None or "tags" in given:
        found["tags"] = sort_tags(given.get("tags") or [])
    if standing is None or "customAttributes" in given:
        found["custom_attributes"] = parts.attributes(given.get("customAttributes"))
    if standing is None or "discountCodes" in given:
        found["discount_codes"] = given.get("discountCodes") or []
    return found


def _currencies(call: Call, given: Row, standing: Row | None) -> Row:
    shop = call.store.config.currency
    kept = standing["presentment_currency"] if standing else shop
    wanted = given.get("presentmentCurrencyCode") or kept
    return {"currency": shop, "presentment_currency": wanted, "rate": rate(call, wanted)}


def rate(call: Call, currency: str) -> str:
    """What one unit of the shop's currency is worth in another."""
    found = "1" if currency == call.store.config.currency else call.store.config.exchange_rates.get(currency)
    if found is None:
        raise registry.not_built(f"a draft order in {currency}, for which the shop has no exchange rate")
    return found


def _shipping(given: Row | None, pair: Pair, worth: Decimal) -> Row | None:
    if given is None:
        return None
    price = parts.price(given.get("price"), given.get("priceWithCurrency"), pair, worth)
    return {"title": given.get("title") or "Custom", "price": price.write()}


def lines(call: Call, given: Row, money: Row) -> list[Row]:
    """The lines of an input as rows, priced in the currencies of the draft order."""
    pair, worth = Pair(money["currency"], money["presentment_currency"]), Decimal(money["rate"])
    return [parts.line(call, one, pair, worth) for one in given.get("lineItems") or []]


def blank(call: Call) -> Row:
    """A draft order that nothing was said of, for what is only calculated."""
    now = call.store.now()
    names = ("email", "phone", "note", "po_number", "billing_address", "shipping_address", "discount", "shipping")
    none: Row = dict.fromkeys((*names, "reserve_until", "source_name", "order_id", "invoice_sent_at", "completed_at"))
    return none | {"id": 0, "number": 0, "status": "OPEN", "created_at": now, "updated_at": now}
