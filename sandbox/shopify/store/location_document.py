"""What the search index keeps of a location.

Rows in, a document out: no store.
"""

from __future__ import annotations

from sandbox.shopify import geography
from sandbox.shopify.search.index import Document
from sandbox.shopify.store.database import Row

ADDRESS = ("address1", "address2", "city", "zip")


def document(row: Row) -> Document:
    """The searchable words, keywords and numbers of a location row."""
    country = [name for name in (row.get("country_code"), geography.country(row.get("country_code"))) if name]
    code = row.get("province_code")
    province = [name for name in (code, geography.province(row.get("country_code"), code)) if name]
    return {
        "numbers": {
            "id": [row["id"]],
            "location_id": [row["id"]],
            "active": [row["is_active"]],
            "legacy": [int(row.get("service_id") is not None)],
            "created_at": [row["created_at"]],
        },
        "words": {"name": [row["name"]]}
        | {name: [row[name]] for name in ADDRESS if row.get(name)}
        | {"country": country, "province": province},
        "keywords": {},
        "default": ["name", *ADDRESS, "country", "province"],
    }
