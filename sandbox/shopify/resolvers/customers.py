"""What the API tells of customers: their own fields, consent, lists and counts.

Reads only. Display name, flags and consent objects are computed here, never stored.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import contact_points, gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.durations import in_words
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store import customers, metafields
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("c.id"),
    "RELEVANCE": Order("c.id"),
    "NAME": Order("c.sort_name", nocase=True),
    "CREATED_AT": Order("c.created_at", time=True),
    "UPDATED_AT": Order("c.updated_at", time=True),
}
KIND = Kind("Customer", "c.*", "customers c", "c.id", ORDERS, "c.updated_at")
LIST_ARGUMENTS = f"{registry.CONNECTION_ARGUMENTS} query sortKey"

registry.keys("Customer", "firstName lastName email phone note locale state multipassIdentifier")
registry.keys("CustomerEmailAddress", "emailAddress validFormat")
registry.keys("CustomerEmailAddress", "marketingState marketingOptInLevel marketingUpdatedAt sourceLocation")
registry.keys("CustomerPhoneNumber", "phoneNumber marketingState marketingOptInLevel marketingUpdatedAt")
registry.keys("CustomerPhoneNumber", "marketingCollectedFrom sourceLocation smsMarketingConsent")
registry.keys("CustomerPhoneNumber", "whatsAppMarketingConsent")
for _channel in ("Email", "Sms"):
    registry.keys(
        f"Customer{_channel}MarketingConsentState", "marketingState marketingOptInLevel consentUpdatedAt sourceLocation"
    )
registry.keys("CustomerSmsMarketingConsentState", "consentCollectedFrom")
for _channel in ("Sms", "WhatsApp"):
    registry.keys(f"Customer{_channel}MarketingConsent", "state optInLevel updatedAt collectedFrom sourceLocation")
registry.inputs("CustomerIdentifierInput", "id emailAddress phoneNumber customId")
registry.inputs("UniqueMetafieldValueInput", "namespace key value")
registry.keys("CustomerMergeable", "isMergeable reason errorFields mergeInProgress")


def source(row: Row | None) -> Row | None:
    """A customer row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Customer"}


@registry.field("QueryRoot", "customers", LIST_ARGUMENTS)
def _customers(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    if args.get("sortKey") not in {None, *ORDERS}:
        raise registry.not_built(f"the sort key {args['sortKey']} of QueryRoot.customers")
    return lists.connection(call, KIND, args)


@registry.field("QueryRoot", "customersCount", "query limit")
def _customers_count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "customer", "id")
def _customer(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("Customer")
def _node(call: Call, identifier: str) -> Row | None:
    return source(customers.get(call.store, gid.number(identifier, "Customer")))


@registry.field("QueryRoot", "customerByIdentifier", "identifier")
def _by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(identified(call, args["identifier"], {"emailAddress": "email", "phoneNumber": "phone"}))


def identified(call: Call, wanted: Row, names: dict[str, str]) -> Row | None:
    """The customer that an identifier means; `names` says how the input calls e-mail and phone."""
    given = {names.get(key, key): value for key, value in wanted.items() if value is not None}
    if "id" in given:
        return customers.get(call.store, gid.number(given["id"], "Customer"))
    if "email" in given:
        email = contact_points.email(given["email"])
        return customers.by_email(call.store, email) if email else None
    if "phone" in given:
        phone = contact_points.phone(given["phone"], call.store.config.country)
        return customers.by_phone(call.store, phone) if phone else None
    return customers.get(call.store, _by_custom_id(call, given["customId"]))


def _by_custom_id(call: Call, custom: Row) -> int | None:
    namespace = namespace_of(call, custom.get("namespace"))
    definition = metafields.definition(call.store, "CUSTOMER", namespace, custom["key"])
    if definition is None or definition["type"] != "id":
        text = "Metafield definition of type 'id' is required when using custom ids."
        raise FieldFailed(text, "NOT_FOUND")
    return metafields.holder(call.store, "Customer", namespace, custom["key"], custom["value"])


@registry.field("Customer", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Customer", row["id"])


@registry.field("Customer", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("Customer", "displayName")
def _display_name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return customers.display_name(row)


for _name, _column in (("tags", "tags"), ("taxExemptions", "tax_exemptions")):
    registry.field("Customer", _name)(lambda row, _call, _args, column=_column: json.loads(row[column]))  # type: ignore[misc]
for _name, _column in (
    ("taxExempt", "tax_exempt"),
    ("verifiedEmail", "verified_email"),
    ("dataSaleOptOut", "data_sale_opt_out"),
):
    registry.field("Customer", _name)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]
for _name, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
    registry.field("Customer", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("Customer", "validEmailAddress")
def _valid_email(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["email"]) and contact_points.email_is_valid(row["email"])


@registry.field("Customer", "lifetimeDuration")
def _lifetime(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return in_words(call.store.clock.micros() - row["created_at"])


@registry.field("Customer", "productSubscriberStatus")
def _subscriber(_row: Row, _call: Call, _args: dict[str, Any]) -> str:
    # No subscription contract is modelled, so nobody ever had one.
    return "NEVER_SUBSCRIBED"


@registry.field("Customer", "hasTimelineComment")
def _timeline(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Comments are written by staff in the admin, which the sandbox has not.
    return False


def _location(call: Call, number: int | None) -> Row | None:
    return None if number is None else registry.NODES["Location"](call, gid.make("Location", number))


def _consent(row: Row, call: Call, channel: str) -> Row:
    moment = row[f"{channel}_at"]
    return {
        "state": row[f"{channel}_state"],
        "level": row[f"{channel}_level"],
        "at": iso(moment),
        # Consent given over the API is collected from "other" sources (recorded).
        "from": None if moment is None else "OTHER",
        "location": _location(call, row[f"{channel}_location"]),
    }


@registry.field("Customer", "defaultEmailAddress")
def _email_address(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    if not row["email"]:
        return None
    return email_address(row, call)


def email_address(row: Row, call: Call) -> Row:
    """The e-mail address of a customer with its consent."""
    consent = _consent(row, call, "email")
    shown = {"emailAddress": row["email"], "validFormat": contact_points.email_is_valid(row["email"])}
    return shown | _marketing(consent)


def phone_number(row: Row, call: Call) -> Row:
    """The telephone number of a customer with its consents."""
    consent = _consent(row, call, "sms")
    shown = {"phoneNumber": row["phone"], "marketingCollectedFrom": consent["from"]} | _marketing(consent)
    sms = _channel_consent(consent) | {"state": _CHANNEL_STATES.get(consent["state"], consent["state"])}
    return shown | {
        "smsMarketingConsent": sms,
        "whatsAppMarketingConsent": _channel_consent(_consent(row, call, "whatsapp")),
    }


_CHANNEL_STATES = {"NOT_SUBSCRIBED": "NEVER_SUBSCRIBED"}


def _marketing(consent: Row) -> Row:
    return {
        "marketingState": consent["state"],
        "marketingOptInLevel": consent["level"],
        "marketingUpdatedAt": consent["at"],
        "sourceLocation": consent["location"],
    }


def _channel_consent(consent: Row) -> Row:
    return {
        "state": consent["state"],
        "optInLevel": consent["level"],
        "updatedAt": consent["at"],
        "collectedFrom": consent["from"],
        "sourceLocation": consent["location"],
    }


@registry.field("Customer", "defaultPhoneNumber")
def _phone_number(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return phone_number(row, call) if row["phone"] else None


@registry.field("Customer", "emailMarketingConsent")
def _email_consent(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return _consent_state(_consent(row, call, "email")) if row["email"] else None


@registry.field("Customer", "smsMarketingConsent")
def _sms_consent(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return _consent_state(_consent(row, call, "sms")) if row["phone"] else None


def _consent_state(consent: Row) -> Row:
    return {
        "marketingState": consent["state"],
        "marketingOptInLevel": consent["level"],
        "consentUpdatedAt": consent["at"],
        "consentCollectedFrom": consent["from"],
        "sourceLocation": consent["location"],
    }
