"""The sandbox's code holds rules, nothing of single recordings."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import evidence

ROOT = Path(__file__).resolve().parents[3]
CASES = evidence.SHOPIFY / "cases.jsonl.gz"
CODE = ROOT / "sandbox" / "shopify"
PLAIN = re.compile(r"0+|10+|9+|1?2?3?4?5?6?7?8?9?0?")
"""Numbers that anybody writes: round ones, nines, digits in order."""


def numbers(text: str) -> Iterator[str]:
    """Every number of eight digits and more, however it is grouped."""
    for found in re.finditer(r"(?<![\w.])\d[\d_]{7,}(?![\w.])", text):
        yield found.group().replace("_", "")


@pytest.fixture(scope="module")
def recorded() -> str:
    """All recorded cases as one text; the folder is not on every machine."""
    if not CASES.is_file():
        pytest.skip("the recorded cases are not on this machine")
    return gzip.decompress(CASES.read_bytes()).decode()


def test_no_recorded_id_stands_in_the_code(recorded: str) -> None:
    """A number that a recorded store gave out would tie a rule, or an id, to one case."""
    known = set(re.findall(r"(?<!\d)\d{8,}(?!\d)", recorded))
    found = [
        f"{path.relative_to(ROOT)}: {number}"
        for path in sorted(CODE.rglob("*.py"))
        for number in numbers(path.read_text())
        if number in known and not PLAIN.fullmatch(number)
    ]
    assert found == []


def test_no_case_is_named_in_the_code(recorded: str) -> None:
    """Only the replayer's list of contradictions names cases; the sandbox knows none."""
    names = {json.loads(line)["name"].rpartition("/")[2] for line in recorded.splitlines()}
    code = {path: path.read_text() for path in CODE.rglob("*.py")}
    long = [name for name in names if len(name) > 20]
    assert [f"{path.relative_to(ROOT)}: {name}" for path, text in code.items() for name in long if name in text] == []
