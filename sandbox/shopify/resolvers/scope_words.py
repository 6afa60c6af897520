"""What the API says of each access scope, as far as it was recorded.

Facts only; which scopes a token has is known elsewhere.
"""

from __future__ import annotations

DESCRIPTIONS = {
    "read_assigned_fulfillment_orders": "Read assigned fulfillment",
    "read_customers": "Read customer details and customer groups",
    "read_draft_orders": "Read draft orders",
    "read_fulfillments": "Read fulfillment services",
    "read_inventory": "Read inventory",
    "read_locations": "Read locations",
    "read_merchant_managed_fulfillment_orders": "Read fulfillment for merchant-managed locations",
    "read_metaobject_definitions": "Read metaobject definitions",
    "read_metaobjects": "Read metaobjects",
    "read_orders": "Read orders, transactions, and fulfillments",
    "read_products": "Read products, variants, and collections",
    "read_publications": "Read publications",
    "read_returns": "Read access for returns",
    "read_third_party_fulfillment_orders": "Read fulfillment assigned to fulfillment services",
    "write_assigned_fulfillment_orders": "Modify assigned fulfillment",
    "write_customers": "Modify customer details and customer groups",
    "write_draft_orders": "Modify draft orders",
    "write_fulfillments": "Modify fulfillment services",
    "write_inventory": "Modify inventory",
    "write_locations": "Modify locations",
    "write_merchant_managed_fulfillment_orders": "Action fulfillment for merchant-managed locations",
    "write_metaobject_definitions": "Write metaobject definitions",
    "write_metaobjects": "Write metaobjects",
    "write_orders": "Modify orders, transactions, and fulfillments",
    "write_products": "Modify products, variants, and collections",
    "write_publications": "Modify publications",
    "write_third_party_fulfillment_orders": "Modify fulfillment assigned to fulfillment services",
}
