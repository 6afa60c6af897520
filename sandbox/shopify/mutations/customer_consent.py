"""The mutations that change marketing consent by e-mail, SMS and WhatsApp.

A refused one answers with the customer as it stands (recorded); consent by e-mail of a customer without e-mail is
taken and changes nothing (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.consent_input import EMAIL, SMS, WHATSAPP, Channel
from sandbox.shopify.resolvers.customers import source
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row

registry.inputs("CustomerEmailMarketingConsentUpdateInput", "customerId emailMarketingConsent")
registry.inputs("CustomerSmsMarketingConsentUpdateInput", "customerId smsMarketingConsent")
registry.inputs("CustomerWhatsAppMarketingConsentUpdateInput", "customerId whatsAppMarketingConsent")


@registry.mutation("customerEmailMarketingConsentUpdate", "input", "customer userErrors")
def _email(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    EMAIL.state(given["emailMarketingConsent"])
    row = customers.get(call.store, gid.number(given["customerId"], "Customer"))
    if row is None:
        raise refuse(["input", "customerId"], "Customer not found", "INVALID")
    return _change(call, row, EMAIL, given)


@registry.mutation("customerSmsMarketingConsentUpdate", "input", "customer userErrors")
def _sms(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _by_phone(call, SMS, args["input"])


@registry.mutation("customerWhatsAppMarketingConsentUpdate", "input", "customer userErrors")
def _whatsapp(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _by_phone(call, WHATSAPP, args["input"])


def _by_phone(call: Call, channel: Channel, given: Row) -> Row:
    channel.state(given[channel.field])
    row = customers.get(call.store, gid.number(given["customerId"], "Customer"))
    if row is None:
        raise refuse(None, "Customer not found")
    if not row["phone"]:
        path = ["input", channel.field]
        raise UserErrors([user_error(path, channel.missing, "INVALID")], customer=source(row))
    return _change(call, row, channel, given)


def _change(call: Call, row: Row, channel: Channel, given: Row) -> Row:
    consent = given[channel.field]
    problem = channel.problem(call, consent, ["input", channel.field], True)
    if problem:
        raise UserErrors([problem], customer=source(row))
    call.target("Customer", row["id"])
    if row[channel.needs]:
        customers.change(call.store, row["id"], channel.columns(call, consent))
        if channel is EMAIL:
            call.store.event("customers_email_marketing_consent/update", row["id"])
        if channel is SMS:
            call.store.event("customers_marketing_consent/update", row["id"])
        customers.reindex(call.store, row["id"])
    return {"customer": source(customers.get(call.store, row["id"])), "userErrors": []}
