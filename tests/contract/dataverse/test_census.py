"""The suite counted: statements with their sources, and vendor codes that answers really brought."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from sandbox.dataverse.errors import CODES

from .conftest import RAISED

FOLDER = Path(__file__).parent
WANTED_STATEMENTS, WANTED_CODES = 250, 60


def statements() -> list[tuple[str, ast.FunctionDef, list[str]]]:
    """Every test function of the suite with the lines of its text."""
    found = []
    for path in sorted(FOLDER.glob("test_*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.parse("\n".join(lines)).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append((path.name, node, lines[node.lineno - 1:node.end_lineno]))
    return found


def test_every_test_states_one_thing_and_its_source() -> None:
    """Each test function is one statement with a sentence and a source; there are at least 250."""
    # own rule: one function counts once, whatever its parameters; the source is a comment right below the sentence
    found = statements()
    lacking = [f"{name}:{node.lineno} {node.name}" for name, node, lines in found
               if not (ast.get_docstring(node) or "").endswith(".") or not any(
                   line.strip().startswith("# ") for line in lines)]
    assert lacking == []
    assert len(found) >= WANTED_STATEMENTS


def test_sixty_codes_are_raised(request: pytest.FixtureRequest) -> None:
    """At least sixty different vendor codes came in answers to this session's tests, each known by name."""
    # own rule: counted in answers, not in the text of tests; runs last
    ran = {Path(item.path).name for item in request.session.items}
    wanted = {path.name for path in FOLDER.glob("test_*.py")} - {"test_foreign_client.py"}
    missing = sorted(wanted - ran)
    if missing:
        pytest.skip(f"the census needs the whole suite; not collected: {', '.join(missing[:3])} …")
    known = {code.lower() for code, _, _ in CODES.values()} | {"0x80060888", "0x80048d19"}
    assert known >= RAISED
    assert len(RAISED) >= WANTED_CODES
