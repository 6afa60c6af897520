"""What an administrator does in Power Apps: columns and lookups of his own."""

from __future__ import annotations

from typing import Any

from sandbox.seed import Crm
from shared.dataverse.definitions import CAST, label
from tests.support.plant import CRM_URL, World


def admin(world: World) -> Crm:
    """Somebody with Power Apps."""
    made = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    world.mount(made._session, world.crm.wsgi)
    return made


def buyer() -> dict[str, Any]:
    """The lookup as Power Apps makes it."""
    return {
        "@odata.type": f"{CAST}OneToManyRelationshipMetadata",
        "SchemaName": "new_account_salesorder_buyer",
        "ReferencedEntity": "account",
        "ReferencingEntity": "salesorder",
        "Lookup": {
            "@odata.type": f"{CAST}LookupAttributeMetadata",
            "SchemaName": "new_buyer",
            "DisplayName": label("Buyer"),
        },
    }
