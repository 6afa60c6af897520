"""JMESPath expressions, compiled once: what they compute and which paths they read.

No float ever enters: numbers in expressions are parsed as Decimal. No language of our own is added; see functions.py
for the extra functions. Errors here are about the text a person wrote; the loader adds file and line.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jmespath.exceptions import IncompleteExpressionError, JMESPathError
from jmespath.lexer import Lexer, LexerError
from jmespath.parser import ParsedResult, Parser
from jmespath.visitor import Options, TreeInterpreter

from shared.mapping.functions import FUNCTION_NAMES, FunctionFailed, MappingFunctions, arity_problem, is_zone, kind
from shared.mapping.paths import Segments, join_path
from shared.mapping.paths import get as get
from shared.mapping.paths import split_path as split_path
from shared.mapping.reads import BY_ELEMENT, reads


class _Interpreter(TreeInterpreter):
    """The library's interpreter, except that an object's fields come in the order of their names."""

    def visit_value_projection(self, node: Any, value: Any) -> list[Any] | None:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, Mapping):
            return None
        results = (self.visit(node["children"][1], base[name]) for name in sorted(base))
        return [result for result in results if result is not None]


_INTERPRETER = _Interpreter(Options(custom_functions=MappingFunctions()))
_QUOTING = "texts stand in 'single quotes', numbers, true, false and null between `backticks`"
_CLOSING = "close every parenthesis, bracket and quote that it opens, and end it with a value"
_WORDS = frozenset({"true", "false", "null"})


class ExpressionInvalid(ValueError):
    """An expression that cannot be compiled: what is wrong, the fix, and at which of its characters."""

    def __init__(self, what: str, fix: str, offset: int = 0) -> None:
        super().__init__(f"{what}: {fix}")
        self.what = what
        self.fix = fix
        self.offset = offset


class ExpressionFailed(ValueError):
    """An expression that cannot be computed for a record: the reason, without any of the record's values."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression. `reads` are canonical physical paths in the order of their first use.

    `origin` is the path its result is taken from, where that is content unchanged; `names` are the path's segments
    where the expression is nothing but a path, as most are.
    """

    text: str
    tree: Mapping[str, Any]
    reads: tuple[str, ...]
    origin: str | None = None
    names: Segments = ()

    def evaluate(self, content: Mapping[str, Any]) -> Any:
        """The result for one record: text, int, Decimal, bool, None, or lists and objects of them.

        Raises ExpressionFailed and nothing else for well-shaped content.
        """
        try:
            if self.names:
                return exact(_field_at(content, self.names))
            return exact(_INTERPRETER.visit(self.tree, content))  # type: ignore[arg-type] # the stub wants its own TypedDict
        except ExpressionFailed:
            raise
        except FunctionFailed as error:
            raise ExpressionFailed(str(error)) from None
        except JMESPathError as error:
            raise ExpressionFailed(f"a function was given values it cannot take ({type(error).__name__})") from None
        except TypeError:
            raise ExpressionFailed("a number and a text were compared or searched; convert one of them") from None
        except (ArithmeticError, ValueError, AttributeError, LookupError, RecursionError) as error:
            raise ExpressionFailed(f"it cannot be computed for these values ({type(error).__name__})") from None

    def true(self, content: Mapping[str, Any]) -> bool:
        """Whether the result counts as true in JMESPath: not null, false, or an empty text, list or object."""
        result = self.evaluate(content)
        return not (result is None or result is False or result in ("", [], {}))


def _field_at(content: Any, names: Segments) -> Any:
    """What JMESPath gives for names joined by dots: a list on the way has no fields, so it gives null."""
    for name in names:
        if not isinstance(content, Mapping):
            return None
        content = content.get(name)
    return content


def _only_names(tree: Mapping[str, Any]) -> bool:
    return all(node["type"] in {"field", "subexpression"} for node in _nodes(tree))


def exact(value: Any) -> Any:
    """The same value without floats; a float that is not a finite number fails."""
    if isinstance(value, float):
        number = Decimal(repr(value))
        if not number.is_finite():
            raise ExpressionFailed(f"the result is not a finite {kind(number)}")
        return number
    if isinstance(value, list):
        return [exact(member) for member in value]
    if isinstance(value, Mapping):
        return {name: exact(member) for name, member in value.items()}
    return value


class _ExactLexer(Lexer):
    """Literals are JSON with exact numbers; anything else between backticks is refused, not guessed to be text."""

    def _consume_literal(self) -> dict[str, object]:
        start = self._position  # type: ignore[attr-defined] # the stub leaves out what a subclass needs
        lexeme = self._consume_until("`").replace("\\`", "`")  # type: ignore[attr-defined]
        try:
            value = json.loads(lexeme, parse_float=Decimal, parse_constant=_refuse)
        except ValueError:
            raise LexerError(start, lexeme, f"{lexeme!r} between backticks is not JSON") from None
        return {"type": "literal", "value": value, "start": start, "end": start + len(lexeme)}


def _refuse(word: str) -> None:
    raise ValueError(word)


class _ExactParser(Parser):
    """The library's parser over our lexer. It is not shared with others: its cache would hold trees with floats."""

    _CACHE: dict[str, ParsedResult] = {}  # noqa: RUF012 # the library's class-level cache, kept apart from its own

    def _parse(self, expression: str) -> ParsedResult:
        self.tokenizer = _ExactLexer().tokenize(expression)
        self._tokens: list[Any] = list(self.tokenizer)
        self._index = 0
        tree = self._expression(binding_power=0)  # type: ignore[attr-defined] # not in the stub
        if self._tokens[self._index]["type"] != "eof":
            token = self._tokens[self._index]
            raise LexerError(token["start"], token["value"], f"{token['value']!r} was not expected there")
        return ParsedResult(expression, tree)


def compiled(text: str) -> Expression:
    """Compile an expression. Raises ExpressionInvalid with what is wrong and the fix."""
    try:
        tree = _ExactParser().parse(text).parsed
    except JMESPathError as error:
        position = getattr(error, "lex_position", None)
        raise ExpressionInvalid(_syntax(text, error), _repair(error), position or 0) from None
    except RecursionError:
        raise ExpressionInvalid("the expression is nested too deeply", "split it into several fields") from None
    for node in _nodes({"type": "pipe", "children": [tree]}):
        try:
            _check_node(node)
        except ExpressionInvalid as error:
            raise ExpressionInvalid(error.what, error.fix, offset_of(text, [str(node.get("value"))]) or 0) from None
    paths, origin = reads(tree)
    if () in paths:
        raise ExpressionInvalid("it reads the whole record", "name the fields that it needs")
    names = origin if origin is not None and _only_names(tree) else ()
    return Expression(text, tree, tuple(map(join_path, paths)), join_path(origin) if origin else None, names)


def offset_of(text: str, names: Sequence[str]) -> int | None:
    """At which character of an expression these names stand, joined by dots; None where they do not."""
    tokens = [token for token in _ExactLexer().tokenize(text) if token["type"] != "eof"]
    for start in range(len(tokens)):
        found = tokens[start : start + 2 * len(names) - 1]
        named = [token["value"] for token in found[::2] if token["type"].endswith("quoted_identifier")]
        if named == list(names) and all(token["type"] == "dot" for token in found[1::2]):
            return int(found[0]["start"])
    return None


def origin_of(tree: Mapping[str, Any]) -> str | None:
    """The path a part of an expression is taken from, where that is content unchanged."""
    _, origin = reads(tree)
    return join_path(origin) if origin else None


def _syntax(text: str, error: JMESPathError) -> str:
    if not text.strip():
        return "the expression is empty"
    position = getattr(error, "lex_position", None)
    where = f" at character {position + 1}" if isinstance(position, int) else ""
    if isinstance(error, IncompleteExpressionError):
        return "it is not JMESPath: it ends where more is needed"
    detail = getattr(error, "message", "") or "something is missing or too much"
    return f"it is not JMESPath{where}: {detail}"


def _repair(error: JMESPathError) -> str:
    """What is most likely to help."""
    return _CLOSING if isinstance(error, IncompleteExpressionError) else _QUOTING


def _nodes(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in node.get("children", ()) if isinstance(child, Mapping))


def _check_node(node: Mapping[str, Any]) -> None:
    """What can be known to be wrong before any record: unknown functions, wrong numbers of values, bare words."""
    if node["type"] == "field" and node["value"] in _WORDS:
        word = node["value"]
        raise ExpressionInvalid(f"{word} is read as the name of a field", f"write `{word}` in backticks")
    if node["type"] == "subexpression" and node["children"][0]["type"] == "not_expression":
        raise ExpressionInvalid("! belongs to the first name alone, and what is behind the dot is null", "write !(a.b)")
    name = node["value"] if node["type"] == "function_expression" else ""
    _check_expressions(name, node)
    if not name:
        return
    if name not in FUNCTION_NAMES:
        raise ExpressionInvalid(f"there is no function {name}()", _meant(name))
    problem = arity_problem(name, len(node["children"]))
    if problem:
        raise ExpressionInvalid(problem, "docs/mapping.md shows each function with an example")
    for zone in node["children"][1:] if name == "date" else ():
        if isinstance(zone.get("value"), str) and zone["type"] == "literal" and not is_zone(zone["value"]):
            raise ExpressionInvalid(f"there is no time zone {zone['value']!r}", "write its name like 'Europe/Berlin'")


def _check_expressions(name: str, node: Mapping[str, Any]) -> None:
    """`&expression` stands only where a function takes one, and there it must stand."""
    expected = BY_ELEMENT.get(name)
    for index, child in enumerate(node.get("children", ())):
        is_one = isinstance(child, Mapping) and child["type"] == "expref"
        if is_one and index != expected:
            raise ExpressionInvalid("& stands where no function takes an expression", "leave out the &")
        if index == expected and not is_one:
            place = "first" if index == 0 else "second"
            raise ExpressionInvalid(f"{name}() takes an expression as its {place} value", "write & in front of it")


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name, FUNCTION_NAMES, n=1, cutoff=0.75)
    return f"did you mean {close[0]}()?" if close else "docs/mapping.md lists the functions"
