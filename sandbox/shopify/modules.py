"""Brings in every module that registers resolvers or mutations; a new module is one more line here."""

from __future__ import annotations

from importlib import import_module

MODULES = (
    "mutations.collection_products",
    "mutations.collections",
    "mutations.companies",
    "mutations.company_contacts",
    "mutations.company_locations",
    "mutations.company_roles",
    "mutations.customer_accounts",
    "mutations.customer_addresses",
    "mutations.customer_consent",
    "mutations.customer_set",
    "mutations.customers",
    "mutations.definition_ends",
    "mutations.definitions",
    "mutations.fulfilment_holds",
    "mutations.fulfilment_moves",
    "mutations.fulfilment_requests",
    "mutations.fulfilment_services",
    "mutations.fulfilment_states",
    "mutations.fulfilments",
    "mutations.identify",
    "mutations.inventory",
    "mutations.locations",
    "mutations.metafields",
    "mutations.operations",
    "mutations.options",
    "mutations.order_create",
    "mutations.product_set",
    "mutations.products",
    "mutations.publishing",
    "mutations.quantities",
    "mutations.stocking",
    "mutations.variants",
    "mutations.webhooks",
    "resolvers.buyers",
    "resolvers.collections",
    "resolvers.companies",
    "resolvers.company_locations",
    "resolvers.customers",
    "resolvers.definitions",
    "resolvers.fulfilment_lines",
    "resolvers.fulfilment_orders",
    "resolvers.fulfilments",
    "resolvers.inventory",
    "resolvers.jobs",
    "resolvers.locations",
    "resolvers.mailing_addresses",
    "resolvers.metafields",
    "resolvers.order_lines",
    "resolvers.order_money",
    "resolvers.order_people",
    "resolvers.order_shipping",
    "resolvers.order_taxes",
    "resolvers.order_transactions",
    "resolvers.orders",
    "resolvers.payment_terms_templates",
    "resolvers.products",
    "resolvers.publications",
    "resolvers.roots",
    "resolvers.variants",
)


def load() -> None:
    """Register all that is modelled; safe to call again."""
    for name in MODULES:
        import_module(f"sandbox.shopify.{name}")
