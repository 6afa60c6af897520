"""Which fields `query:` knows for each kind of record, and how each is compared.

The names are Shopify's documented filters; one that is documented but not modelled is refused by name.
"""

from __future__ import annotations

WORDS, KEYWORD, TIME, NUMBER, IDENTIFIER, BOOLEAN = "words", "keyword", "time", "number", "id", "boolean"

KNOWN: dict[str, dict[str, str]] = {
    "Product": {
        "id": IDENTIFIER,
        "variant_id": IDENTIFIER,
        "title": WORDS,
        "variant_title": WORDS,
        "sku": WORDS,
        "barcode": WORDS,
        "handle": KEYWORD,
        "vendor": KEYWORD,
        "product_type": KEYWORD,
        "status": KEYWORD,
        "tag": KEYWORD,
        "tag_not": KEYWORD,
        "gift_card": BOOLEAN,
        "has_only_default_variant": BOOLEAN,
        "tracks_inventory": BOOLEAN,
        "is_price_reduced": BOOLEAN,
        "out_of_stock_somewhere": BOOLEAN,
        "inventory_total": NUMBER,
        "created_at": TIME,
        "updated_at": TIME,
        "published_at": TIME,
    },
    "ProductVariant": {
        "id": IDENTIFIER,
        "product_id": IDENTIFIER,
        "product_ids": IDENTIFIER,
        "title": WORDS,
        "sku": WORDS,
        "barcode": WORDS,
        "option1": KEYWORD,
        "option2": KEYWORD,
        "option3": KEYWORD,
        "vendor": KEYWORD,
        "product_type": KEYWORD,
        "product_status": KEYWORD,
        "tag": KEYWORD,
        "tag_not": KEYWORD,
        "gift_card": BOOLEAN,
        "taxable": BOOLEAN,
        "requires_components": BOOLEAN,
        "inventory_quantity": NUMBER,
        "updated_at": TIME,
    },
    "Customer": {
        "id": IDENTIFIER,
        "email": WORDS,
        "first_name": WORDS,
        "last_name": WORDS,
        "phone": KEYWORD,
        "state": KEYWORD,
        "country": KEYWORD,
        "tag": KEYWORD,
        "tag_not": KEYWORD,
        "accepts_marketing": BOOLEAN,
        "created_at": TIME,
        "customer_date": TIME,
        "updated_at": TIME,
    },
    "InventoryItem": {"id": IDENTIFIER, "sku": WORDS, "created_at": TIME, "updated_at": TIME},
    "Location": {
        "id": IDENTIFIER,
        "location_id": IDENTIFIER,
        "name": WORDS,
        "address1": WORDS,
        "address2": WORDS,
        "city": WORDS,
        "zip": WORDS,
        "country": WORDS,
        "province": WORDS,
        "active": BOOLEAN,
        "legacy": BOOLEAN,
        "created_at": TIME,
    },
}

DOCUMENTED: dict[str, frozenset[str]] = {
    "Product": frozenset(
        [
            "bundles",
            "category_id",
            "collection_id",
            "combined_listing_role",
            "delivery_profile_id",
            "error_feedback",
            "has_only_composites",
            "has_variant_with_components",
            "product_configuration_owner",
            "product_publication_status",
            "publication_ids",
            "publishable_status",
            "published_status",
        ]
    ),
    "ProductVariant": frozenset(
        [
            "collection",
            "delivery_profile_id",
            "exclude_composite",
            "exclude_variants_with_components",
            "location_id",
            "managed",
            "managed_by",
            "product_publication_status",
            "publishable_status",
            "published_status",
        ]
    ),
    "Customer": frozenset(["last_abandoned_order_date", "order_date", "orders_count", "total_spent"]),
    "InventoryItem": frozenset(),
    "Location": frozenset(["geolocated", "pickup_in_store"]),
}
