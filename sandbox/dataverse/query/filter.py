"""Compiles `$filter` and `$orderby` to SQL, with the joins that paths through lookups need.

The grammar is odata-query's; meaning is Dataverse's: text ignores case and accents, `ne` also finds nulls, types
must fit. Values always travel as parameters.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from odata_query import ast, exceptions
from odata_query.grammar import ODataLexer, ODataParser

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import bad_request, error, unknown_property
from sandbox.dataverse.metadata.model import Column, Link, Many, Table
from sandbox.dataverse.security import demand
from sandbox.dataverse.store import type_column
from sandbox.dataverse.values import WILDCARDS
from sandbox.dataverse.writes.convert import edm_type

from . import functions
from .literals import WORDS, bound, text_value
from .spans import SPANS

_OPERATORS = {ast.Eq: "=", ast.NotEq: "<>", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TEXT_CALLS = ("contains", "startswith", "endswith")


@lru_cache(maxsize=2048)
def parse(text: str) -> Any:
    """The syntax tree of a filter; 400 when it cannot be parsed."""
    try:
        return ODataParser().parse(ODataLexer().tokenize(text))
    except exceptions.ODataException as exc:
        raise bad_request(f"Syntax error in $filter '{text}': {exc}") from None


@dataclass(frozen=True)
class Ref:
    """A column as SQL."""

    sql: str
    column: Column
    table: Table


@dataclass
class Scope:
    """One table in the FROM clause: its alias, and the joins made from it."""

    table: Table
    alias: str
    variable: str | None = None
    joins: list[str] = field(default_factory=list)
    joined: dict[str, Scope] = field(default_factory=dict)


class Compiler:
    """Compiles expressions over one table; `joins` is then the text to put behind FROM."""

    def __init__(self, ctx: Context, table: Table, alias: str = "t0") -> None:
        self._ctx = ctx
        self._root = Scope(table, alias)
        self._inner: list[Scope] = []
        self._calls: list[functions.Call] = []
        self._count = 0
        self.params: list[Any] = []

    @property
    def joins(self) -> str:
        """The JOIN clauses the compiled expressions need."""
        return " ".join(self._root.joins)

    def where(self, text: str) -> str:
        """A filter as SQL; its parameters are appended to `params`."""
        rewritten, self._calls = functions.extract(text)
        return self._visit(parse(rewritten))

    def column(self, path: str) -> Ref:
        """A property path as SQL, for `$orderby` and functions."""
        return self._resolve(path.split("/"))

    # expressions ------------------------------------------------------------------------------------------

    def _visit(self, node: Any) -> str:
        if isinstance(node, ast.BoolOp):
            word = "AND" if isinstance(node.op, ast.And) else "OR"
            return f"({self._visit(node.left)} {word} {self._visit(node.right)})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return f"(NOT {self._visit(node.operand)})"
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.CollectionLambda):
            return self._lambda(node)
        if isinstance(node, ast.Identifier | ast.Attribute):
            ref = self._resolve(_path(node))
            if ref.column.type != "Boolean":
                raise bad_request("The $filter expression must evaluate to a single boolean value.")
            return f"{ref.sql} = 1"
        raise bad_request("The filter expression is not a condition.")

    def _compare(self, node: Any) -> str:
        if isinstance(node.comparator, ast.In):
            raise bad_request("The 'in' operator is not supported; use Microsoft.Dynamics.CRM.In.")
        operator = _OPERATORS[type(node.comparator)]
        left, right = node.left, node.right
        if not isinstance(left, ast.Identifier | ast.Attribute):
            left, right, operator = right, left, _FLIPPED[operator]
        if not isinstance(left, ast.Identifier | ast.Attribute):
            raise bad_request("A comparison needs a property on one side.")
        ref = self._resolve(_path(left))
        if isinstance(right, ast.Identifier | ast.Attribute):
            other = self._resolve(_path(right))
            if edm_type(ref.column) != edm_type(other.column):
                raise bad_request(
                    f"A binary operator with incompatible types was detected. Found operand types "
                    f"'{edm_type(ref.column)}' and '{edm_type(other.column)}' for operator kind '{WORDS[operator]}'.")
            return f"{ref.sql} {operator} {other.sql}"
        return self._with_value(ref, operator, right)

    def _with_value(self, ref: Ref, operator: str, node: Any) -> str:
        if isinstance(node, ast.Null):
            if operator not in ("=", "<>"):
                return "0"
            return f"{ref.sql} IS {'NOT ' if operator == '<>' else ''}NULL"
        value = bound(ref.column, node, operator)
        self.params.append(value)
        if operator == "<>":
            return f"({ref.sql} <> ? OR {ref.sql} IS NULL)"
        return f"{ref.sql} {operator} ?"

    def _call(self, node: Any) -> str:
        name = node.func.name
        if name == functions.PLACEHOLDER:
            return self._function(self._calls[int(node.args[0].val)])
        if name not in _TEXT_CALLS:
            raise bad_request(f"An unknown function with name '{name}' was found.")
        ref = self._resolve(_path(node.args[0]))
        if not isinstance(node.args[1], ast.String):
            raise bad_request(f"The function '{name}' needs a string.")
        return self._text(name, ref, node.args[1].val)

    def _text(self, name: str, ref: Ref, text: str) -> str:
        test = f"dv_{name}({ref.sql}, ?)"
        if name == "startswith" and text and not WILDCARDS & set(text):
            # The range lets an index help; the function decides.
            self.params.extend([text, text + "\U0010ffff", text])
            return f"({ref.sql} >= ? AND {ref.sql} <= ? AND {test})"
        self.params.append(text)
        return test

    def _lambda(self, node: Any) -> str:
        owner = _path(node.owner)
        scope, names = self._start(owner)
        scope = self._walk(scope, names[:-1])
        many = scope.table.many.get(names[-1]) or scope.table.links.get(names[-1])
        if many is None:
            raise unknown_property(names[-1], scope.table.name)
        other = self._ctx.table(many.table)
        demand(self._ctx, other, "Read")
        self._count += 1
        inner = Scope(other, f"c{self._count}", node.lambda_.identifier.name if node.lambda_ else None)
        self._inner.append(inner)
        condition = self._visit(node.lambda_.expression) if node.lambda_ else "1"
        self._inner.pop()
        link = _join(many, other, inner, scope)
        every = isinstance(node.operator, ast.All)
        test = f"NOT ({condition})" if every else condition
        source = f'"{other.name}" AS {inner.alias} {" ".join(inner.joins)}'
        return f"{'NOT ' if every else ''}EXISTS (SELECT 1 FROM {source} WHERE {link} AND {test})"

    # paths ------------------------------------------------------------------------------------------------

    def _start(self, names: list[str]) -> tuple[Scope, list[str]]:
        for scope in reversed(self._inner):
            if scope.variable == names[0]:
                return scope, names[1:]
        return self._root, names

    def _walk(self, scope: Scope, names: list[str]) -> Scope:
        for name in names:
            nav = scope.table.one.get(name)
            target = self._ctx.registry.get(nav.targets[0]) if nav and nav.targets else None
            if nav is None or target is None:
                raise unknown_property(name, scope.table.name)
            scope = self._join(scope, name, target)
        return scope

    def _join(self, scope: Scope, name: str, target: Table) -> Scope:
        if name in scope.joined:
            return scope.joined[name]
        demand(self._ctx, target, "Read")
        self._count += 1
        column = scope.table.columns[scope.table.one[name].column]
        joined = Scope(target, f"j{self._count}", joins=scope.joins)
        on = f'{joined.alias}."{target.pk}" = {scope.alias}."{column.name}"'
        if column.polymorphic:
            on += f" AND {scope.alias}.\"{type_column(column.name)}\" = '{target.name}'"
        scope.joins.append(f'LEFT JOIN "{target.name}" AS {joined.alias} ON {on}')
        scope.joined[name] = joined
        return joined

    def _resolve(self, names: list[str]) -> Ref:
        scope, names = self._start(names)
        scope = self._walk(scope, names[:-1])
        column = scope.table.by_wire.get(names[-1])
        if column is None or not column.read:
            raise unknown_property(names[-1], scope.table.name)
        return Ref(f'{scope.alias}."{column.name}"', column, scope.table)

    # functions --------------------------------------------------------------------------------------------

    def _function(self, call: functions.Call) -> str:
        ref = self.column(call.path)
        if call.name in ("In", "NotIn"):
            self.params.extend(text_value(ref.column, v) for v in call.values)
            return f"{ref.sql} {'NOT ' if call.name == 'NotIn' else ''}IN ({','.join('?' * len(call.values))})"
        if call.name in ("Between", "NotBetween"):
            if len(call.values) != 2:
                raise bad_request(f"The function '{call.name}' needs two values.")
            self.params.extend(text_value(ref.column, v) for v in call.values)
            return f"{ref.sql} {'NOT ' if call.name == 'NotBetween' else ''}BETWEEN ? AND ?"
        own = {"UserId": self._ctx.actor.user_id, "BusinessId": self._ctx.core.business_unit_id}
        name = call.name.removeprefix("Not").removeprefix("Equal")
        if call.name in (f"Equal{name}", f"NotEqual{name}") and name in own:
            self.params.append(own[name])
            return f"{ref.sql} {'<>' if call.name.startswith('Not') else '='} ?"
        return self._span(call, ref)

    def _span(self, call: functions.Call, ref: Ref) -> str:
        now = self._ctx.core.clock.now()
        if call.name in ("On", "OnOrAfter", "OnOrBefore"):
            first, last = functions.day_span(call.name, call.values)
        elif call.name in SPANS:
            first, last = SPANS[call.name](now, functions.whole(call))
        elif functions.NOT_MODELLED.search(call.name):
            raise error("UnExpected", status=501, message=f"The sandbox does not have the function {call.name} yet.")
        else:
            raise bad_request(f"An unknown function with name 'Microsoft.Dynamics.CRM.{call.name}' was found.")
        tests = []
        for moment, operator in ((first, ">="), (last, "<")):
            if moment is not None:
                tests.append(f"{ref.sql} {operator} ?")
                self.params.append(text_value(ref.column, moment.isoformat()))
        return f"({' AND '.join(tests)})"


def _join(many: Many | Link, other: Table, inner: Scope, outer: Scope) -> str:
    """What ties the rows of a collection to the outer row."""
    if isinstance(many, Link):
        pairs = f'SELECT "{many.theirs}" FROM "{many.intersect}" WHERE "{many.mine}" = {outer.alias}."{many.mine}"'
        return f'{inner.alias}."{other.pk}" IN ({pairs})'
    link = f'{inner.alias}."{many.column}" = {outer.alias}."{outer.table.pk}"'
    if other.columns[many.column].polymorphic:
        link += f" AND {inner.alias}.\"{type_column(many.column)}\" = '{outer.table.name}'"
    return link


def _path(node: Any) -> list[str]:
    if isinstance(node, ast.Identifier):
        return [node.name]
    if isinstance(node, ast.Attribute):
        return [*_path(node.owner), node.attr]
    raise bad_request("The filter expression is not a property path.")
