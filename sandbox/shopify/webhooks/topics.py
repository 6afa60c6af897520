"""Names of webhook topics: as headers have them, as the API's enumeration has them, and which are told at all.

Compliance topics are no members of the enumeration: an app names them in its own configuration only.
https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
"""

from __future__ import annotations

COMPLIANCE = frozenset({"customers/data_request", "customers/redact", "shop/redact"})


def member(topic: str) -> str:
    """The enumeration's name of a topic: `customer.tags_added` is CUSTOMER_TAGS_ADDED."""
    return topic.replace("/", "_").replace(".", "_").upper()
