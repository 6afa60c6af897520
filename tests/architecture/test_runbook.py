"""What the documents have an operator type exists, and what they have him see is what the code says."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from ops.cli import cli
from shared import errors

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")] + sorted((ROOT / "docs").glob("*.md"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
NUMBERS = {"N": "5"}
PROGRAM = typer.main.get_command(cli)


def commands(text: str) -> list[str]:
    """Every command line of the product that stands in code, inline or on lines of its own."""
    inline = re.findall(r"`(python -m ops [^`]+)`", text)
    blocks = re.findall(r"^(?:\$ )?(python -m ops .+)$", text, re.MULTILINE)
    return list(dict.fromkeys(re.split("   | > ", each)[0].strip() for each in (*inline, *blocks)))


def parse(line: str) -> None:
    """Parse it as the program would, down to the last option; nothing is run."""
    words = [NUMBERS.get(word, word) for word in shlex.split(re.sub(r"[…\[\]]|\|", " ", line))[3:]]
    command: Any = PROGRAM
    parent: Any = None
    while hasattr(command, "resolve_command"):
        parent = command.make_context(command.name or "ops", words, parent=parent, resilient_parsing=False)
        left = [*getattr(parent, "_protected_args", ()), *parent.args]
        _, command, words = command.resolve_command(parent, left)
    command.make_context(command.name, words, parent=parent).close()


LINES = sorted({line for page in PAGES for line in commands(page.read_text("utf-8"))})


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which the files that the pages speak of exist."""
    for name in ("FILE", "person.txt", "plan.jsonl", "local.settings.json"):
        (tmp_path / name).touch()
    (tmp_path / "DIR").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("line", LINES)
def test_every_command_in_the_documents_parses(line: str) -> None:
    """Promise: whoever copies a command from a page is not told that there is no such thing."""
    parse(line)


@pytest.mark.parametrize("words", ["pears list", "pairs show", "runs --latest 5", "pairs list --state gone"])
def test_a_command_that_does_not_exist_is_found(words: str) -> None:
    """Promise: the test above can fail: a wrong name, a missing argument, an unknown option."""
    with pytest.raises(Exception, match=r"No such|Missing|not one of"):
        parse(f"python -m ops {words}")


def rows(heading: str, text: str = OPERATIONS) -> list[list[str]]:
    """The cells of the tables below a heading."""
    section = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in cells]


def test_every_symptom_names_what_the_code_says() -> None:
    """Promise: an alert or an error that a symptom is about exists under that name, and every row says what to do."""
    code = "".join(path.read_text("utf-8") for path in (ROOT / "shared").rglob("*.py"))
    found = rows("By symptom")
    assert len(found) > 20
    for symptom, _, remedy in found[1:]:
        assert remedy, symptom
        for name in re.findall(r"`(\w+)`", symptom):
            assert name in vars(errors) or f'"{name}"' in code or name in ("ALERT_EMAIL", "health"), name


def test_every_alert_has_a_symptom() -> None:
    """Promise: whoever is woken by an alert finds its name among the symptoms."""
    first = (row[1] if row[0] in ("error", "warning") else row[0] for row in rows("Alerts"))
    kinds = {name for cell in first for name in re.findall(r"`(\w+)`", cell)}
    told = " ".join(row[0] for row in rows("By symptom"))
    good = {"resumed", "cleared", "alert"}  # they say that something is over
    assert {kind for kind in kinds - good if f"`{kind}`" not in told} == set()
    assert {"standstill", "lag", "queue", "webhooks", "paused", "api_version"} <= kinds


def test_every_error_is_in_a_table_with_its_remedy() -> None:
    """Promise: of each error's class there is a row that says what one can do."""
    told = {name for row in rows("Errors: three families, three actions") for name in re.findall(r"`(\w+)`", row[0])}
    kinds = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}
    known = {name for name, kind in kinds.items() if issubclass(kind, errors.SyncError)}
    assert known - told == {"SyncError", "TokenExpired"}
