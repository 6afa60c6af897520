"""Bicep templates as plain data, read with tree-sitter: what a test asserts of them. Understands what infra/ uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tree_sitter
import tree_sitter_bicep

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_LITERALS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True)
class Expression:
    """What is no literal, as it stands in the file."""

    text: str


@dataclass(frozen=True)
class Template:
    """One file: resources by symbolic name (type, body), modules, variables, and parameters with their defaults."""

    resources: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    modules: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """The bodies of all resources of that type, whatever the version."""
        return [body for kind, body in self.resources.values() if kind.partition("@")[0] == name]


def parse(text: str) -> Template:
    """A template; raises ValueError where it is none."""
    root = _PARSER.parse(text.encode()).root_node
    if root.has_error:
        raise ValueError("this is no Bicep")
    template = Template()
    for node in root.named_children:
        _declaration(node, template)
    return template


def _declaration(node: Any, template: Template) -> None:
    names = [child for child in node.named_children if child.type == "identifier"]
    if node.type in ("resource_declaration", "module_declaration"):
        kind = _value(next(child for child in node.named_children if child.type == "string"))
        found = template.resources if node.type == "resource_declaration" else template.modules
        found[_text(names[0])] = (str(kind), next(_objects(node), {}))
    elif node.type == "variable_declaration":
        template.variables[_text(names[0])] = _value(node.named_children[-1])
    elif node.type == "parameter_declaration":
        last = node.named_children[-1]
        default = None if last.type in ("identifier", "type", "primitive_type") else _value(last)
        template.parameters[_text(names[0])] = default


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    """The object that a declaration, its condition or its loop ends in."""
    for child in node.named_children:
        if child.type == "object":
            yield _value(child)
        elif child.type not in ("string", "identifier"):
            yield from _objects(child)


def _value(node: Any) -> Any:
    if node.type == "object":
        return dict(_property(child) for child in node.named_children if child.type == "object_property")
    if node.type == "array":
        return [_value(child) for child in node.named_children if child.type != "comment"]
    text = _text(node)
    parts = node.named_children
    if node.type == "string" and all(child.type in ("string_content", "escape_sequence") for child in parts):
        return "".join(map(_text, parts))
    if node.type in ("number", "integer_literal") or text.isdigit():
        return int(text)
    return _LITERALS.get(text, Expression(text))


def _property(node: Any) -> tuple[str, Any]:
    name, value = node.named_children[0], node.named_children[-1]
    return _text(name).strip("'"), _value(value)


def _text(node: Any) -> str:
    return str(node.text.decode())
