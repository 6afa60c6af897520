"""`$filter` over metadata objects, which live in memory and not in SQL.

Only what metadata queries use: comparisons, and, or, not, and paths into managed properties.
"""

from __future__ import annotations

import re
from typing import Any

from odata_query import ast

from sandbox.dataverse.errors import bad_request
from sandbox.dataverse.query.filter import parse

_ENUM = re.compile(r"Microsoft\.Dynamics\.CRM\.\w+('(?:[^']|'')*')")


def matches(body: dict[str, Any], text: str) -> bool:
    """Whether the object fits the filter."""
    return bool(_evaluate(body, parse(_ENUM.sub(r"\1", text))))


def _evaluate(body: dict[str, Any], node: Any) -> bool:
    if isinstance(node, ast.BoolOp):
        left, right = _evaluate(body, node.left), _evaluate(body, node.right)
        return (left and right) if isinstance(node.op, ast.And) else (left or right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _evaluate(body, node.operand)
    if isinstance(node, ast.Compare) and isinstance(node.comparator, ast.Eq | ast.NotEq):
        equal = _value(body, node.left) == _value(body, node.right)
        return equal if isinstance(node.comparator, ast.Eq) else not equal
    raise bad_request("Only eq, ne, and, or, not can filter metadata.")


def _value(body: dict[str, Any], node: Any) -> Any:
    if isinstance(node, ast.Identifier):
        if node.name not in body:
            raise bad_request(f"Could not find a property named '{node.name}'.")
        return body[node.name]
    if isinstance(node, ast.Attribute):
        owner = _value(body, node.owner)
        return owner.get(node.attr) if isinstance(owner, dict) else None
    if isinstance(node, ast.Null):
        return None
    if isinstance(node, ast.Boolean):
        return node.val.lower() == "true"
    return int(node.val) if isinstance(node, ast.Integer) else node.val
