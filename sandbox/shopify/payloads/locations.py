"""Bodies of locations/*.

The country stands in a location's body by its code, not by its name as in addresses (documented).
"""

from __future__ import annotations

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads.rest import local
from sandbox.shopify.places.lookup import country_name, zone_name
from sandbox.shopify.store import locations
from sandbox.shopify.store.database import Row


def body(inside: Inside, number: int) -> Row | None:
    """A location of the shop."""
    row = locations.get(inside.store, number)
    if row is None:
        return None
    return {
        "id": number,
        "name": row["name"],
        "address1": row["address1"],
        "address2": row["address2"],
        "city": row["city"],
        "zip": row["zip"],
        "province": zone_name(row["country_code"], row["province_code"]),
        "country": row["country_code"],
        "phone": row["phone"],
        "created_at": local(inside.store, row["created_at"]),
        "updated_at": local(inside.store, row["updated_at"]),
        "country_code": row["country_code"],
        "country_name": country_name(row["country_code"]),
        "province_code": row["province_code"],
        "legacy": row["service_id"] is not None,
        "active": bool(row["is_active"]),
        "admin_graphql_api_id": gid.make("Location", number),
    }
