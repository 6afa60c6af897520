"""The product: its number, units, currency and life cycle (draft, active, under revision, retired).

Reference: the product life cycle pages and the web service error codes listed with them. Which plain columns the
platform refuses to change while a product is active could not be established: that set is a setting.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error

from .product_family import keep_version, retire_children, revise_children
from .rules import Change, Rules

ACTIVE, RETIRED, DRAFT, REVISION = 0, 1, 2, 3
FAMILY, BUNDLE = 2, 3
PERCENT_METHODS = frozenset({2, 3, 4, 5, 6})
# (from, to): the error a refused transition answers; allowed ones are missing.
REFUSED: dict[tuple[int, int], str] = {
    (ACTIVE, ACTIVE): "ProductFromActiveToActiveState",
    (ACTIVE, DRAFT): "ProductFromActiveToDraftState",
    (DRAFT, DRAFT): "ProductFromDraftToDraftState",
    (DRAFT, RETIRED): "ProductFromDraftToRetiredState",
    (DRAFT, REVISION): "ProductFromDraftToRevisedState",
    (RETIRED, RETIRED): "ProductFromRetiredToRetiredState",
    (RETIRED, DRAFT): "ProductFromRetiredToDraftState",
    (RETIRED, REVISION): "ProductFromDraftToRevisedState",
    (REVISION, DRAFT): "CannotSetPublishRetiredProductsToDraft",
    (REVISION, REVISION): "RecordCanOnlyBeRevisedFromActiveState",
}
_STATE_COLUMNS = frozenset({"statecode", "statuscode"})


def register(rules: Rules) -> None:
    """Hook the rules in."""
    rules.on("before_create", "product", start)
    rules.on("before_create", "product", check_product)
    rules.on("before_update", "product", check_edit)
    rules.on("before_update", "product", check_transition)
    rules.on("before_update", "product", check_product)
    rules.on("after_update", "product", carry_number)
    rules.on("after_update", "product", keep_version)
    rules.on("after_update", "product", revise_children)
    for moment in ("before_create", "before_update"):
        rules.on(moment, "product", check_parent)


def start(ctx: Context, change: Change) -> None:
    """A new product is a draft, unless the organization creates parentless products active."""
    active = ctx.core.organization()["createproductswithoutparentinactivestate"]
    parentless = change.values.get("parentproductid") is None
    state = ACTIVE if active and parentless and change.values.get("productstructure", 1) != FAMILY else DRAFT
    change.values["statecode"] = state
    if change.values.get("statuscode") != (1 if state == ACTIVE else 0):
        change.values.pop("statuscode", None)


def check_parent(ctx: Context, change: Change) -> None:
    """Only a family that is a draft or active may be a parent."""
    parent_id = change.final("parentproductid")
    if parent_id is None or not change.moves("parentproductid"):
        return
    parent = ctx.store.get(change.table, str(parent_id), ["productid", "productstructure", "statecode"])
    if parent is None or parent["productstructure"] != FAMILY:
        raise error("CannotSetProductAsParent")
    if parent["statecode"] not in (ACTIVE, DRAFT):
        raise error("CanOnlySetActiveOrDraftProductFamilyAsParent")


def check_product(ctx: Context, change: Change) -> None:
    """Number present and unique, default unit within its schedule."""
    number = change.final("productnumber")
    if number is None or not str(number).strip():
        raise error("ProductNoProductNumber")
    if change.moves("productnumber"):
        found = ctx.store.find(change.table, {"productnumber": number}, ["productid"])
        if any(row["productid"] != change.row_id for row in found):
            raise error("ProductProductNumberExists")
    if change.moves("defaultuomid") or change.moves("defaultuomscheduleid"):
        _check_unit(ctx, change)
    if change.before is not None and change.moves("transactioncurrencyid"):
        _check_currency_change(ctx, change)


def _check_unit(ctx: Context, change: Change) -> None:
    unit_id, schedule_id = change.final("defaultuomid"), change.final("defaultuomscheduleid")
    if unit_id is None:
        return
    unit = ctx.store.get(ctx.table("uom"), str(unit_id), ["uomid", "uomscheduleid"])
    if unit is None:
        raise error("ProductInvalidUnit")
    if schedule_id is None:
        change.values["defaultuomscheduleid"] = unit["uomscheduleid"]
    elif unit["uomscheduleid"] != schedule_id:
        raise error("UnitNotInSchedule")


def _check_currency_change(ctx: Context, change: Change) -> None:
    items = ctx.store.find(ctx.table("productpricelevel"), {"productid": change.row_id}, ["pricingmethodcode"])
    if any(item["pricingmethodcode"] in PERCENT_METHODS for item in items):
        raise error("CannotUpdateProductCurrency")


def check_edit(ctx: Context, change: Change) -> None:
    """A retired product is read-only; an active one refuses the columns the setting names."""
    state = change.before["statecode"] if change.before else DRAFT
    edited = set(change.sent) - _STATE_COLUMNS
    if state == RETIRED and edited:
        raise error("CannotUpdateBecauseItIsReadOnly")
    if state == ACTIVE and any(c in ctx.core.config.product_draft_only and change.moves(c) for c in edited):
        raise error("ProductCanOnlyBeUpdatedInDraft")


def check_transition(ctx: Context, change: Change) -> None:
    """Refuse the transitions the life cycle does not have."""
    if "statecode" not in change.values or change.before is None:
        return
    old, new = change.before["statecode"], change.values["statecode"]
    refused = REFUSED.get((old, new))
    if refused:
        raise error(refused)
    if new == RETIRED:
        _check_retire(ctx, change)
    elif new == ACTIVE:
        _check_publish(ctx, change)


def _check_retire(ctx: Context, change: Change) -> None:
    if ctx.store.find(ctx.table("productpricelevel"), {"productid": change.row_id}, ["productid"], limit=1):
        raise error("CannotRetireProduct")
    if change.before and change.before["productstructure"] == FAMILY:
        retire_children(ctx, change)


def _check_publish(ctx: Context, change: Change) -> None:
    parent_id = change.final("parentproductid")
    before = change.before or {}
    if before.get("statecode") == RETIRED and (parent_id is not None or before["productstructure"] in (FAMILY, BUNDLE)):
        raise error("CannotActivateRecord")
    if parent_id is None:
        return
    parent = ctx.store.get(change.table, str(parent_id), ["productid", "statecode"])
    if parent is not None and parent["statecode"] != ACTIVE:
        raise error("CannotPublishChildOfNonActiveProductFamily")


def carry_number(ctx: Context, change: Change) -> None:
    """The items of a product repeat its number; they follow without becoming changed rows themselves."""
    if change.moves("productnumber"):
        ctx.store.query(
            'UPDATE "productpricelevel" SET productnumber = ? WHERE productid = ?',
            (change.values["productnumber"], change.row_id))
