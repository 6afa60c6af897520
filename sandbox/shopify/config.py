"""What can be chosen about a sandboxed store: identity, plan, tokens, switches.

Only plain values: no behaviour, no environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA_FOLDER = REPOSITORY / "node_modules" / "@shopify" / "dev-mcp" / "dist" / "data"

# Bucket sizes by plan: 2000/100 and 20000/1000 were observed, the others follow the same factor of 20.
PLANS: dict[str, tuple[float, float]] = {
    "basic": (2000.0, 100.0),
    "standard": (2000.0, 100.0),
    "advanced": (4000.0, 200.0),
    "plus": (20000.0, 1000.0),
    "enterprise": (40000.0, 2000.0),
}

DEFAULT_SCOPES = (
    "read_products",
    "write_products",
    "read_inventory",
    "write_inventory",
    "read_locations",
    "write_locations",
    "read_publications",
    "write_publications",
    "read_orders",
    "write_orders",
    "read_all_orders",
    "read_draft_orders",
    "write_draft_orders",
    "read_customers",
    "write_customers",
    "read_content",
    "read_customer_merge",
    "write_customer_merge",
    "write_customer_data_erasure",
    "write_privacy_settings",
    "read_payment_terms",
    "write_payment_terms",
    "read_companies",
    "write_companies",
    "read_merchant_managed_fulfillment_orders",
    "write_merchant_managed_fulfillment_orders",
    "read_assigned_fulfillment_orders",
    "write_assigned_fulfillment_orders",
    "read_third_party_fulfillment_orders",
    "write_third_party_fulfillment_orders",
    "read_fulfillments",
    "write_fulfillments",
    "read_returns",
    "read_metaobjects",
    "write_metaobjects",
    "read_metaobject_definitions",
    "write_metaobject_definitions",
    "read_order_edits",
    "write_order_edits",
    "write_returns",
    "read_customer_merge",
    "write_customer_merge",
    "read_payment_terms",
    "write_payment_terms",
    "read_discounts",
    "write_discounts",
    "read_files",
    "write_files",
    "read_shipping",
    "write_shipping",
    "read_inventory_transfers",
    "write_inventory_transfers",
    "read_inventory_shipments",
    "write_inventory_shipments",
    "read_gift_cards",
    "write_gift_cards",
    "read_gift_card_transactions",
    "write_gift_card_transactions",
)


@dataclass(frozen=True)
class ShopifyConfig:
    """Everything a sandbox is started with; `db` is a file or ":memory:", times are in seconds.

    `webhook_threads` are the deliveries at a time to one address; `webhook_ca_file` is the authority whose receivers
    are trusted, none: any certificate will do; `local_webhooks` lets subscriptions name http on loopback, which the
    real store refuses; `temporary` says that nobody will open the file again; `image` is what another store's database
    held, for a store in memory that goes on from there.
    """

    shop: str = "acme.myshopify.com"
    shop_name: str = "Acme"
    currency: str = "EUR"
    time_zone: str = "Europe/Berlin"
    country: str = "DE"
    plan: str = "standard"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - a fake secret of a local program
    token: str = "shpat_sandbox_app"  # noqa: S105 - a fake token of a local program
    merchant_token: str = "shpat_sandbox_merchant"  # noqa: S105 - a fake token of a local program
    scopes: tuple[str, ...] = DEFAULT_SCOPES
    token_lifetime_s: float = 86399.0
    db: str = ":memory:"
    image: bytes = field(default=b"", repr=False)
    api_version: str = "2026-10"
    schema_folder: Path = SCHEMA_FOLDER
    index_lag_s: float = 0.0
    bulk_delay_s: float = 1.0
    locations: tuple[str, ...] = ("Shop location",)
    first_ids: dict[str, int] = field(default_factory=dict)
    # What one unit of the shop's currency is worth in another, for draft orders in the buyer's currency.
    exchange_rates: dict[str, str] = field(default_factory=dict)
    webhook_threads: int = 2
    webhook_ca_file: str | None = None
    local_webhooks: bool = False
    temporary: bool = False
    max_operations: int = 200
    development_store: bool = False
