"""Duplicate detection: published rules are looked at when a write asks for it.

Reference: webapi/manage-duplicate-detection-create-update, duplicaterule-entities. Off unless the call says
`MSCRM.SuppressDuplicateDetection: false`; only then does a hit refuse the write.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from typing import Any

from .context import Context
from .errors import error
from .http import Request, Response, json_response, no_content
from .logic.rules import Change, Rules
from .metadata.model import Column, Table
from .security import demand_named
from .store import Row
from .urls import Segment
from .values import encode
from .writes.rows import update_row

UNPUBLISHED, PUBLISHED = (0, 0), (1, 2)
EXACT, FIRST, LAST, SAME_DATE, SAME_TIME, LABEL, VALUE = range(7)
_TEXT = frozenset({"String", "Memo"})
_FITTING: dict[int, frozenset[str]] = {
    FIRST: _TEXT, LAST: _TEXT, SAME_DATE: frozenset({"DateTime"}), SAME_TIME: frozenset({"DateTime"}),
    LABEL: frozenset({"Picklist", "State", "Status"}), VALUE: frozenset({"Picklist", "State", "Status"})}


def wants_detection(request: Request) -> bool:
    """Whether a call switches detection on."""
    return (request.header("mscrm.suppressduplicatedetection") or "").lower() == "false"


def register(rules: Rules) -> None:
    """Check every write of a call that asked for it, and the rules themselves."""
    rules.on("before_create", "*", _check)
    rules.on("before_update", "*", _check)
    rules.on("before_create", "duplicaterule", _supported)
    rules.on("before_create", "duplicaterulecondition", _condition)
    rules.on("before_update", "duplicaterulecondition", _condition)
    rules.on("after_update", "duplicaterulecondition", _unpublished)


def _check(ctx: Context, change: Change) -> None:
    if not ctx.detect_duplicates:
        return
    table = ctx.table("duplicaterule")
    for rule in ctx.store.find(table, {"baseentityname": change.table.name, "statuscode": PUBLISHED[1]}):
        if _hit(ctx, rule, change):
            raise error("DuplicateRecordsFound", status=ctx.core.config.duplicate_status)


def _hit(ctx: Context, rule: Row, change: Change) -> bool:
    other = ctx.table(rule["matchingentityname"])
    conditions = ctx.store.find(ctx.table("duplicaterulecondition"), {"regardingobjectid": rule["duplicateruleid"]})
    if not any(c["baseattributename"] in change.values for c in conditions):
        return False
    where, params = [f'"{other.pk}" <> ?'], [change.row_id]
    for condition in conditions:
        test = _test(change, condition, other.columns[condition["matchingattributename"]], rule["iscasesensitive"])
        if test is None:
            return False
        where.append(test[0])
        params += test[1]
    if rule["excludeinactiverecords"] and "statecode" in other.columns:
        where.append("statecode = 0")
    return bool(ctx.store.query(f'SELECT 1 FROM "{other.name}" WHERE {" AND ".join(where)} LIMIT 1', params))


def _test(change: Change, condition: Row, column: Column, exact_case: bool) -> tuple[str, list[Any]] | None:
    """One condition as SQL; None when an empty value is no duplicate of another."""
    value: Any = change.final(condition["baseattributename"])
    name = f'"{column.name}"'
    if value is None or value == "":
        return None if condition["ignoreblankvalues"] else (f"{name} IS NULL", [])
    collation = " COLLATE BINARY" if exact_case and column.type in _TEXT else ""
    code, length = condition["operatorcode"], condition["operatorparam"] or 0
    if code == FIRST:
        return f"substr({name}, 1, {int(length)}) = ?{collation or ' COLLATE DATAVERSE'}", [value[:length]]
    if code == LAST:
        return f"substr({name}, -{int(length)}) = ?{collation or ' COLLATE DATAVERSE'}", [value[-length:]]
    if code == SAME_DATE:
        return f"substr({name}, 1, 10) = ?", [value[:10]]
    return f"{name} = ?{collation}", [encode(column.type, value)]


def _supported(ctx: Context, change: Change) -> None:
    change.values["statuscode"] = UNPUBLISHED[1]
    for name in (change.values.get("baseentityname"), change.values.get("matchingentityname")):
        table = ctx.registry.get(str(name))
        if table is None or (table.name not in SUPPORTED and not table.custom):
            raise error("DuplicateCheckNotSupportedOnEntity")


SUPPORTED = frozenset({"account", "contact", "product", "opportunity", "quote", "salesorder", "invoice"})


def _condition(ctx: Context, change: Change) -> None:
    rule = ctx.store.get(ctx.table("duplicaterule"), str(change.final("regardingobjectid"))) or {}
    pairs = (("baseentityname", "baseattributename"), ("matchingentityname", "matchingattributename"))
    for entity, attribute in pairs:
        table: Table | None = ctx.registry.get(rule.get(entity, ""))
        column = table.columns.get(str(change.final(attribute))) if table else None
        fitting = _FITTING.get(int(str(change.final("operatorcode") or 0)))
        if column is None or column.type == "Virtual" or (fitting is not None and column.type not in fitting):
            raise error("DuplicateDetectionNotSupportedOnAttributeType")
    if change.final("operatorcode") in (FIRST, LAST) and not change.final("operatorparam"):
        raise error("InvalidArgument", message="OperatorParam is needed for this operator.")


def _unpublished(ctx: Context, change: Change) -> None:
    """A changed rule must be published again."""
    _set(ctx, str(change.final("regardingobjectid")), UNPUBLISHED)


def _set(ctx: Context, rule_id: str, state: tuple[int, int]) -> None:
    update_row(ctx, ctx.table("duplicaterule"), rule_id, {"statecode": state[0], "statuscode": state[1]})


def publish(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """PublishDuplicateRule: a system job on the platform, done at once here; answers the job."""
    demand_named(ctx, "prvPublishDuplicateRule")
    with ctx.store.transaction():
        _set(ctx, row_id, PUBLISHED)
        jobs = ctx.table("asyncoperation")
        job: Row = {jobs.pk: ctx.core.ids.new(), "name": "Publish Duplicate Rule", "statecode": 3, "statuscode": 30,
                    "createdon": ctx.now(), "modifiedon": ctx.now()}
        ctx.store.insert(jobs, job)
    return json_response(200, {"@odata.context": f"{ctx.base_url}$metadata#asyncoperations/$entity",
                               jobs.pk: job[jobs.pk], "statuscode": 30})


def unpublish(ctx: Context, segment: Segment, request: Request) -> Response:
    """UnpublishDuplicateRule with `DuplicateRuleId`; 204."""
    demand_named(ctx, "prvPublishDuplicateRule")
    body = request.json()
    rule_id = body.get("DuplicateRuleId") if isinstance(body, dict) else None
    with ctx.store.transaction():
        _set(ctx, str(rule_id), UNPUBLISHED)
    return no_content()
