"""Which topics are told, and who builds the body of each: one module per kind of record.

A topic without a builder cannot be subscribed to; nothing is ever sent with an empty or made-up body.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads import (
    bulk,
    collections,
    companies,
    drafts,
    fulfilment_orders,
    fulfilments,
    inventory,
    locations,
    orders,
    people,
    products,
    refunds,
    shop,
)
from sandbox.shopify.store.database import Row
from sandbox.shopify.webhooks.topics import member

Builder = Callable[[Inside, int], Row | None]


def _number(_inside: Inside, number: int) -> Row:
    """All that is told of most records that are gone."""
    return {"id": number}


def _told_with_its_body(_inside: Inside, _number: int) -> None:
    """Its body says what no record keeps, so it comes with the event."""
    return


BUILDERS: dict[str, Builder] = {
    "products/create": products.body,
    "products/update": products.body,
    "products/delete": _number,
    "collections/create": collections.body,
    "collections/update": collections.body,
    "collections/delete": collections.ended,
    "inventory_items/create": inventory.item,
    "inventory_items/update": inventory.item,
    "inventory_items/delete": inventory.item_ended,
    "inventory_levels/connect": inventory.level,
    "inventory_levels/update": inventory.level,
    "inventory_levels/disconnect": inventory.level_ended,
    "locations/create": locations.body,
    "locations/update": locations.body,
    "locations/activate": locations.body,
    "locations/deactivate": locations.body,
    "locations/delete": _number,
    "customers/create": people.body,
    "customers/update": people.body,
    "customers/enable": people.body,
    "customers/disable": people.body,
    "customers/delete": people.ended,
    "customers_email_marketing_consent/update": people.email_consent,
    "customers_marketing_consent/update": people.sms_consent,
    "companies/create": companies.company,
    "companies/update": companies.company,
    "companies/delete": companies.company,
    "company_contacts/create": companies.contact,
    "company_contacts/update": companies.contact,
    "company_contacts/delete": companies.contact,
    "company_locations/create": companies.location,
    "company_locations/update": companies.location,
    "company_locations/delete": companies.location,
    "company_contact_roles/assign": companies.role,
    "company_contact_roles/revoke": companies.role,
    "customers/merge": _told_with_its_body,
    "customer.tags_added": _told_with_its_body,
    "customer.tags_removed": _told_with_its_body,
    "orders/create": orders.body,
    "orders/updated": orders.body,
    "orders/paid": orders.body,
    "orders/cancelled": orders.body,
    "orders/fulfilled": orders.body,
    "orders/partially_fulfilled": orders.body,
    "orders/edited": orders.edited,
    "orders/delete": _number,
    "order_transactions/create": refunds.payment,
    "refunds/create": refunds.body,
    "fulfillments/create": fulfilments.body,
    "fulfillments/update": fulfilments.body,
    "fulfillment_events/create": fulfilment_orders.event,
    "fulfillment_holds/added": fulfilment_orders.hold,
    "fulfillment_holds/released": fulfilment_orders.hold,
    "fulfillment_orders/order_routing_complete": fulfilment_orders.state,
    "fulfillment_orders/hold_released": fulfilment_orders.state,
    "fulfillment_orders/rescheduled": fulfilment_orders.rescheduled,
    "fulfillment_orders/fulfillment_request_accepted": fulfilment_orders.answered,
    "fulfillment_orders/fulfillment_request_rejected": fulfilment_orders.answered,
    "fulfillment_orders/cancellation_request_accepted": fulfilment_orders.answered,
    "fulfillment_orders/cancellation_request_rejected": fulfilment_orders.answered,
    "draft_orders/create": drafts.body,
    "draft_orders/update": drafts.body,
    "draft_orders/delete": _number,
    "bulk_operations/finish": bulk.body,
    "app/uninstalled": shop.body,
    "app/scopes_update": _told_with_its_body,
    "shop/update": shop.body,
}
# What these tell is the record as it was, so their bodies are built when the event is noted, before the row goes.
BEFORE_THE_END = frozenset(
    {"companies/delete", "company_contacts/delete", "company_locations/delete", "company_contact_roles/revoke"}
    | {"fulfillment_holds/released"}
)
MEMBERS = {member(topic): topic for topic in BUILDERS}


def build(inside: Inside, topic: str, number: int) -> Row | None:
    """The body of a topic for a record as it is now; None when the record is gone before the event was told."""
    return BUILDERS[topic](inside, number) if topic in BUILDERS else None
