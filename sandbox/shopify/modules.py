"""Brings in every module that registers resolvers or mutations; a new area is one more line here."""

from __future__ import annotations


def load() -> None:
    """Register all that is modelled; safe to call again."""
    import sandbox.shopify.mutations.customer_accounts
    import sandbox.shopify.mutations.customer_addresses
    import sandbox.shopify.mutations.customer_consent
    import sandbox.shopify.mutations.customer_set
    import sandbox.shopify.mutations.customers
    import sandbox.shopify.mutations.definition_ends
    import sandbox.shopify.mutations.definitions
    import sandbox.shopify.mutations.fulfilment_services
    import sandbox.shopify.mutations.identify
    import sandbox.shopify.mutations.inventory
    import sandbox.shopify.mutations.locations
    import sandbox.shopify.mutations.metafields
    import sandbox.shopify.mutations.operations
    import sandbox.shopify.mutations.options
    import sandbox.shopify.mutations.product_set
    import sandbox.shopify.mutations.products
    import sandbox.shopify.mutations.quantities
    import sandbox.shopify.mutations.stocking
    import sandbox.shopify.mutations.variants
    import sandbox.shopify.mutations.webhooks
    import sandbox.shopify.resolvers.buyers
    import sandbox.shopify.resolvers.customers
    import sandbox.shopify.resolvers.definitions
    import sandbox.shopify.resolvers.inventory
    import sandbox.shopify.resolvers.jobs
    import sandbox.shopify.resolvers.locations
    import sandbox.shopify.resolvers.mailing_addresses
    import sandbox.shopify.resolvers.metafields
    import sandbox.shopify.resolvers.products
    import sandbox.shopify.resolvers.roots
    import sandbox.shopify.resolvers.variants  # noqa: F401 - imported for what they register
