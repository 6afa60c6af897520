"""`$apply`: filter, groupby and aggregate as one grouped SQL statement.

Reference: webapi/query/aggregate-data. Only what that page documents is answered; the rest of the aggregation
standard is refused, and so is a collection of more than 50,000 rows.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import bad_request, error
from sandbox.dataverse.metadata.model import Column
from sandbox.dataverse.urls import split_outside
from sandbox.dataverse.values import EXACT_TYPES, unpack

from .filter import Compiler, Ref
from .options import Options
from .shape import FORMATTED, option_label, shown_time

MAX_RECORDS = 50_000
MAX_GROUPS = 5_000
_STEP = re.compile(r"^(filter|groupby|aggregate)\((.*)\)$", re.DOTALL)
_AGGREGATE = re.compile(r"^([\w/]+)\s+with\s+(\w+)\s+as\s+(\w+)$")
_COUNT = re.compile(r"^\$count\s+as\s+(\w+)$")
_METHODS = {"sum": "dv_sum", "average": "dv_average", "min": "MIN", "max": "MAX"}
_NUMBERS = EXACT_TYPES | {"Integer", "BigInt", "Double"}
AVERAGED_MONEY_DIGITS = 9


@dataclass(frozen=True)
class Output:
    """One property of the answer: its name, its SQL, and the column it comes from."""

    name: str
    sql: str
    column: Column | None
    method: str = ""


@dataclass
class Plan:
    """What a `$apply` stands for."""

    where: list[str]
    groups: list[Output]
    aggregates: list[Output]


def run_apply(ctx: Context, table_name: str, options: Options) -> dict[str, Any]:
    """The body of an aggregated answer."""
    table = ctx.table(table_name)
    alone = options.named & {"$select", "$expand", "$filter", "$count", "$skiptoken", "$deltatoken"}
    if alone:
        raise error("UnExpected", status=501, message=f"The sandbox does not have {sorted(alone)[0]} beside $apply.")
    compiler = Compiler(ctx, table)
    plan = _plan(ctx, compiler, options.apply or "")
    order = _order(plan, options)
    source = f'"{table.name}" AS t0 {compiler.joins}'
    condition = f" WHERE {' AND '.join(plan.where)}" if plan.where else ""
    counted = f"SELECT COUNT(*) FROM (SELECT 1 FROM {source}{condition} LIMIT {MAX_RECORDS + 1})"
    rows_read = int(ctx.store.query(counted, compiler.params)[0][0])
    if rows_read > MAX_RECORDS:
        raise error("AggregateQueryRecordLimitExceeded")
    outputs = [*plan.groups, *plan.aggregates]
    grouped = f" GROUP BY {', '.join(g.sql for g in plan.groups)}" if plan.groups else ""
    limit = min(options.top if options.top is not None else MAX_GROUPS, MAX_GROUPS)
    sql = (f"SELECT {', '.join(o.sql for o in outputs)} FROM {source}{condition}{grouped}{order} LIMIT {limit + 1}")
    raw = ctx.store.query(sql, compiler.params)
    if options.top is None and len(raw) > MAX_GROUPS:
        raise error("UnExpected", status=501, message="The sandbox does not page more than 5,000 groups of $apply.")
    ctx.rows_read += rows_read
    value = [_object(ctx, outputs, row) for row in raw[:limit]]
    return {"@odata.context": f"{ctx.base_url}$metadata#{table.entity_set}", "value": value}


def _plan(ctx: Context, compiler: Compiler, text: str) -> Plan:
    plan = Plan([], [], [])
    for at, step in enumerate(steps := split_outside(text, "/")):
        match = _STEP.match(step.strip())
        if match is None:
            raise bad_request(f"The transformation '{step.strip()}' in $apply is not supported.")
        kind, inside = match.groups()
        if kind == "filter":
            plan.where.append(compiler.where(inside))
        elif at != len(steps) - 1:
            raise bad_request(f"Nothing can follow '{kind}' in $apply.")
        elif kind == "groupby":
            _group(ctx, compiler, plan, inside)
        else:
            plan.aggregates = _aggregates(compiler, inside)
    if not plan.groups and not plan.aggregates:
        raise bad_request("$apply needs groupby or aggregate.")
    return plan


def _group(ctx: Context, compiler: Compiler, plan: Plan, inside: str) -> None:
    parts = [p.strip() for p in split_outside(inside, ",")]
    if not (parts[0].startswith("(") and parts[0].endswith(")")) or len(parts) > 2:
        raise bad_request(f"Syntax error in 'groupby({inside})'.")
    for path in parts[0][1:-1].split(","):
        ref = compiler.column(path.strip())
        if ref.column.type == "DateTime":
            raise bad_request("groupby with datetime values is not supported.")
        plan.groups.append(Output(_group_name(path.strip(), ref), ref.sql, ref.column))
    if len(parts) == 2:
        match = _STEP.match(parts[1])
        if match is None or match.group(1) != "aggregate":
            raise bad_request(f"The transformation '{parts[1]}' inside groupby is not supported.")
        plan.aggregates = _aggregates(compiler, match.group(2))


def _group_name(path: str, ref: Ref) -> str:
    """A column of a related row is named by its table, as the page's samples show."""
    return f"{ref.table.name}_{ref.column.name}" if "/" in path else ref.column.wire


def _aggregates(compiler: Compiler, inside: str) -> list[Output]:
    return [_aggregate(compiler, part.strip()) for part in split_outside(inside, ",")]


def _aggregate(compiler: Compiler, text: str) -> Output:
    count = _COUNT.match(text)
    if count:
        return Output(count.group(1), "COUNT(*)", None, "count")
    match = _AGGREGATE.match(text)
    if match is None:
        raise bad_request(f"Syntax error in 'aggregate({text})'.")
    path, method, alias = match.groups()
    if method not in _METHODS:
        raise bad_request(f"The aggregation method '{method}' is not supported.")
    ref = compiler.column(_in_base_currency(compiler, path))
    if method in ("sum", "average") and ref.column.type not in _NUMBERS:
        raise bad_request(f"The column '{path}' cannot be aggregated with '{method}'.")
    kind = f", '{ref.column.type}'" if method in ("sum", "average") else ""
    return Output(alias, f"{_METHODS[method]}({ref.sql}{kind})", ref.column, method)


def _in_base_currency(compiler: Compiler, path: str) -> str:
    """Money of several currencies is aggregated in the organization's own."""
    ref = compiler.column(path)
    twin = f"{ref.column.name}_base"
    return f"{path}_base" if ref.column.type == "Money" and twin in ref.table.columns else path


def _order(plan: Plan, options: Options) -> str:
    names = {g.name: g.sql for g in plan.groups}
    parts = []
    for path, descending in options.orderby:
        if path not in names:
            raise bad_request("The query node SingleValueOpenPropertyAccess is not supported.")
        parts.append(f"{names[path]}{' DESC' if descending else ''}")
    parts += [sql for sql in names.values() if sql not in parts]
    return f" ORDER BY {', '.join(parts)}" if parts else ""


def _object(ctx: Context, outputs: list[Output], row: tuple[Any, ...]) -> dict[str, Any]:
    """One group; empty values are left out, as the page's samples show."""
    out: dict[str, Any] = {}
    for output, raw in zip(outputs, row, strict=True):
        if raw is None:
            continue
        value = _value(output, raw)
        if ctx.prefer.annotates(FORMATTED):
            shown = _shown(ctx, output, value)
            if shown is not None:
                out[f"{output.name}@{FORMATTED}"] = shown
        out[output.name] = value
    return out


def _value(output: Output, raw: Any) -> Any:
    column = output.column
    if column is None:
        return raw
    if column.type in EXACT_TYPES:
        return unpack(raw).quantize(Decimal(1).scaleb(-AVERAGED_MONEY_DIGITS))
    return bool(raw) if column.type == "Boolean" else raw


def _shown(ctx: Context, output: Output, value: Any) -> str | None:
    column = output.column
    if column is None:
        return f"{value:,}"
    if column.options:
        return option_label(column, value)
    if column.type == "Money":
        organization = ctx.core.organization()
        return f"{organization['basecurrencysymbol']}{value:,.{organization['basecurrencyprecision']}f}"
    if column.type == "DateTime" and not column.date_only:
        return shown_time(value)
    return f"{value:,}" if column.type == "Integer" else None
