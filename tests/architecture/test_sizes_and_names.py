"""The budgets and names that keep the project readable: sizes of files and functions, module names, query files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("shared", "ops", "sandbox", "tests")
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
FILE_LINES, FUNCTION_LINES, PRODUCT_LINES = 300, 40, 24_600


def modules(*folders: str) -> Iterator[Path]:
    """All Python files of those folders, and the app's own."""
    yield ROOT / "function_app.py"
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_every_file_stays_readable() -> None:
    """Promise: no file passes 300 lines, no function 40, and no module is called utils."""
    assert [problem for path in modules(*FOLDERS) for problem in _unreadable(path)] == []


def _unreadable(path: Path) -> Iterator[str]:
    text, name = path.read_text(), path.relative_to(ROOT)
    if len(text.splitlines()) > FILE_LINES:
        yield f"{name} has {len(text.splitlines())} lines"
    if path.stem in BANNED:
        yield f"{name} says nothing by its name"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{name}: {node.name} has {length} lines"


def test_every_module_says_what_it_is_for() -> None:
    """Promise: every module with code in it begins with a docstring."""
    trees = {path: ast.parse(path.read_text()) for path in modules("shared", "ops", "sandbox")}
    silent = [path for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
    assert [str(path.relative_to(ROOT)) for path in silent] == []


def test_every_test_states_its_promise() -> None:
    """Promise: a test without a sentence does not get in."""
    silent = [
        f"{path.relative_to(ROOT)}::{node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_the_product_stays_small() -> None:
    """Promise: shared/ and ops/ together stay below the ceiling of docs/decisions/0004, in lines of code."""
    assert sum(code_lines(path) for path in modules("shared", "ops")) <= PRODUCT_LINES


def code_lines(path: Path) -> int:
    """Lines that hold code: no docstring, no comment, no blank line."""
    text = path.read_text()
    prose = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    code = enumerate(text.splitlines(), start=1)
    return sum(1 for number, line in code if number not in prose and line.strip() and not line.strip().startswith("#"))


@pytest.mark.parametrize("path", sorted((ROOT / "shared").rglob("*.graphql")), ids=lambda path: path.name)
def test_a_query_takes_variables_and_states_its_cost(path: Path) -> None:
    """Promise: no query is assembled by text substitution, and each says on line 1 what it costs."""
    text = path.read_text()
    assert "cost" in text.splitlines()[0].lower()
    assert "{{" not in text
    assert "%s" not in text


def test_no_log_holds_a_vendors_words() -> None:
    """Promise: of an error `in_log` is logged: its sentence may quote a record, and no search knows every name."""
    calls = [
        (path.name, ast.unparse(node))
        for path in sorted((ROOT / "shared").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0] in ("log", "_log", "logger")
    ]
    assert len(calls) > 10
    assert [call for call in calls if any(word in call[1] for word in (".sentence", "str(error", "exc_info"))] == []


def test_function_app_is_only_triggers() -> None:
    """Promise: function_app.py stays under 150 lines and imports nothing but the app's actions, flows and log guard."""
    text = (ROOT / "function_app.py").read_text()
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)}
    assert len(text.splitlines()) <= 150
    assert imported <= {"__future__", "shared", "shared.flows", "shared.sync.flow", "shared.telemetry"}
