"""The shop as REST shows it, and the bodies of app/*, shop/update and the compliance topics.

https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance. Ids are numbers here, global ids only where the
documentation shows them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local, number, utc
from sandbox.shopify.places.lookup import country_name
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def body(inside: Inside, _number: int = 0) -> Row:
    """The shop."""
    store, config = inside.store, inside.store.config
    owner = f"owner@{config.shop}"
    moment = local(store, int(store.setting("created_at") or 0))
    return {
        "id": number(store.setting("shop_id")),
        "name": config.shop_name,
        "email": owner,
        "domain": config.shop,
        "province": None,
        "country": config.country,
        "address1": None,
        "zip": None,
        "city": None,
        "source": None,
        "phone": None,
        "latitude": None,
        "longitude": None,
        "primary_locale": "en",
        "address2": None,
        "created_at": moment,
        "updated_at": moment,
        "country_code": config.country,
        "country_name": country_name(config.country) or config.country,
        "currency": config.currency,
        "customer_email": owner,
        "timezone": _zone(store),
        "iana_timezone": config.time_zone,
        "shop_owner": f"{config.shop_name} owner",
    } | _settings(store)


def _settings(store: Store) -> Row:
    config = store.config
    plain, coded = "{{amount}}", f"{{{{amount}}}} {config.currency}"
    return {
        "money_format": plain,
        "money_with_currency_format": coded,
        "weight_unit": "kg",
        "province_code": None,
        "taxes_included": False,
        "auto_configure_tax_inclusivity": None,
        "tax_shipping": False,
        "county_taxes": True,
        "plan_display_name": config.plan.title(),
        "plan_name": config.plan,
        "has_discounts": False,
        "has_gift_cards": False,
        "myshopify_domain": config.shop,
        "google_apps_domain": None,
        "google_apps_login_enabled": None,
        "money_in_emails_format": plain,
        "money_with_currency_in_emails_format": coded,
        "eligible_for_payments": True,
        "requires_extra_payments_agreement": False,
        "password_enabled": False,
        "has_storefront": True,
        "finances": True,
        "primary_location_id": store.db.value("SELECT MIN(id) FROM locations WHERE is_active = 1"),
        "checkout_api_supported": True,
        "multi_location_enabled": True,
        "setup_required": False,
        "pre_launch_enabled": False,
        "enabled_presentment_currencies": [config.currency],
        "marketing_sms_consent_enabled_at_checkout": False,
        "transactional_sms_disabled": False,
    }


def _zone(store: Store) -> str:
    zone = store.config.time_zone
    shift = datetime.fromtimestamp(store.clock.timestamp(), ZoneInfo(zone)).strftime("%z")
    return f"(GMT{shift[:3]}:{shift[3:]}) {zone.rsplit('/', 1)[-1].replace('_', ' ')}"


def scopes_update(store: Store, previous: tuple[str, ...], current: tuple[str, ...]) -> Row:
    """The body of app/scopes_update."""
    return {
        "id": number(store.setting("app_id")),
        "shop_id": store.setting("shop_id"),
        "previous": list(previous),
        "current": list(current),
        "updated_at": utc(store.clock.micros()),
    }


def redaction(store: Store) -> Row:
    """The body of shop/redact."""
    return {"shop_id": number(store.setting("shop_id")), "shop_domain": store.config.shop}


def about_customer(store: Store, customer: int, orders: str) -> Row:
    """What both compliance topics about a customer say; `orders` is the name of the list of orders."""
    row: dict[str, Any] = store.db.get("customers", customer) or {"email": None, "phone": None}
    found = store.db.all("SELECT id FROM orders WHERE customer_id = ? ORDER BY id", (customer,))
    who = {"id": customer, "email": row["email"], "phone": row["phone"]}
    return redaction(store) | {"customer": who, orders: [one["id"] for one in found]}
