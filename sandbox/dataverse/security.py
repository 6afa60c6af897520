"""Privileges: who may create, read, write, delete, bind, customize; 403 with the missing one named.

Reference: security-roles-privileges, privileges by message and entity. Access levels are not modelled: a privilege
counts for the whole organization. The app's role has no customizing, so that a setup run as the wrong user fails here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import error
from .metadata.describe import metadata_id

if TYPE_CHECKING:
    from .context import Context
    from .metadata.model import Table

VERBS = ("Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share")
# Tables without privileges of their own, and those whose privileges have another name than the table.
_NAMES = {
    "salesorder": "Order", "salesorderdetail": "Order", "quote": "Quote", "quotedetail": "Quote",
    "invoice": "Invoice", "invoicedetail": "Invoice", "opportunity": "Opportunity",
    "opportunityproduct": "Opportunity", "pricelevel": "Product", "productpricelevel": "Product",
    "discount": "Product", "discounttype": "Product", "uom": "Product", "uomschedule": "Product",
    "dynamicproperty": "Product", "product": "Product", "transactioncurrency": "TransactionCurrency",
    "task": "Activity", "orderclose": "Activity", "opportunityclose": "Activity", "quoteclose": "Activity",
    "customeraddress": "Account", "systemuser": "User", "asyncoperation": "AsyncOperation"}
_ADMINISTERED = ("User", "Team", "Role", "BusinessUnit", "Organization", "ServiceEndpoint", "SdkMessageProcessingStep",
                 "SdkMessageProcessingStepImage", "DuplicateRule", "DuplicateRuleCondition", "Publisher", "Solution")
CUSTOMIZING = frozenset({
    *(f"prv{verb}{name}" for verb in ("Create", "Write", "Delete") for name in (
        "Entity", "Attribute", "EntityKey", "Relationship", "OptionSet")),
    *(f"prv{verb}{name}" for verb in ("Create", "Write", "Delete") for name in _ADMINISTERED),
    "prvPublishCustomization", "prvPublishDuplicateRule", "prvActOnBehalfOfAnotherUser", "prvBypassCustomPlugins",
    "prvBypassCustomBusinessLogic"})


def privilege(table: Table, verb: str) -> str:
    """The name of a table's privilege."""
    if table.custom:
        return f"prv{verb}{table.schema}"
    return f"prv{verb}{_NAMES.get(table.name, table.schema)}"


@dataclass
class Security:
    """Which privileges each user lacks; an administrator lacks none."""

    lacking: dict[str, set[str]] = field(default_factory=dict)

    def employ(self, user_id: str, administrator: bool) -> None:
        """Give a user the administrator's role, or that of someone who works with records only."""
        self.lacking[user_id] = set() if administrator else set(CUSTOMIZING)

    def take(self, user_id: str, names: Iterable[str]) -> None:
        """Take single privileges away."""
        self.lacking.setdefault(user_id, set(CUSTOMIZING)).update(names)

    def give(self, user_id: str, names: Iterable[str]) -> None:
        """Give single privileges."""
        self.lacking.setdefault(user_id, set(CUSTOMIZING)).difference_update(names)

    def lacks(self, user_id: str, name: str) -> bool:
        """Whether the user lacks a privilege; a user without a role of his own works with records only."""
        return name in self.lacking.get(user_id, CUSTOMIZING)


def demand(ctx: Context, table: Table, *verbs: str) -> None:
    """403 0x80040220 unless the caller may do all this with rows of the table."""
    for verb in verbs:
        demand_named(ctx, privilege(table, verb), table)


def demand_named(ctx: Context, name: str, table: Table | None = None) -> None:
    """403 0x80040220 unless the caller, and the user he acts for, hold the privilege."""
    for user_id in dict.fromkeys((ctx.actor.user_id, ctx.caller_id or ctx.actor.user_id)):
        if ctx.core.security.lacks(user_id, name):
            raise error("PrivilegeDenied", _message(ctx, user_id, name, table))


def _message(ctx: Context, user_id: str, name: str, table: Table | None) -> str:
    user = ctx.store.get(ctx.table("systemuser"), user_id, ["accessmode"]) or {}
    held = len(VERBS) * len(ctx.registry.tables) - len(ctx.core.security.lacking.get(user_id, CUSTOMIZING))
    where = f" on OTC={table.object_type_code} for entity '{table.name}'" if table else ""
    return (f"Principal user (Id={user_id}, type=8, roleCount=1, privilegeCount={held}, "
            f"accessMode={user.get('accessmode') or 0}), is missing {name} privilege "
            f"(Id={metadata_id('privilege', name)}){where}. context.Caller={ctx.caller_id or ctx.actor.user_id}")
