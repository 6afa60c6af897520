"""The chapter "Before a flow is switched on" of docs/operations.md, walked through from beginning to end."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.ops.conftest import IN, MAPPINGS, OUT, Desk
from tests.contract.ops.worlds import sent

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


def told() -> list[str]:
    """The commands of the chapter in its order."""
    page = PAGE.read_text("utf-8")
    chapter = page[page.index("## Before a flow is switched on") : page.index("## Webhooks")]
    steps = chapter[chapter.index("\n1. ") :]
    return [found.group(1) for found in re.finditer(r"`python -m ops ([^`]+)`", steps)]


def test_the_chapter_can_be_walked_through_as_it_stands(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: setup, doctor, match, plan, apply, in the order of the page, from all flows off to a flow in step."""
    monkeypatch.chdir(tmp_path)
    desk.environment["MAPPINGS_DIR"] = str(shutil.copytree(MAPPINGS, tmp_path / "mappings"))  # `setup` keeps one more
    for flow in (IN, OUT):
        desk.environment[f"{flow.upper()}_MODE"] = "off"

    def run(line: str) -> int:
        desk.environment["DATAVERSE_TOKEN"] = "admin-token" if line.startswith("setup") else "app-token"
        return desk(*line.replace("FLOW", IN).split()).code

    walk: dict[str, Callable[[str], int]] = {
        "setup --dry-run": lambda line: run(line) or run("setup"),
        "doctor": run,
        "match FLOW --out match.csv": run,
        "plan FLOW --out plan.jsonl": run,
        "apply plan.jsonl": run,
    }
    commands = told()
    assert commands == list(walk)
    before = sent(desk)
    ended = {line: walk[line](line) for line in commands[:-1]}
    assert ended == {**dict.fromkeys(commands[:2], 0), **dict.fromkeys(commands[2:-1], 1)}  # the twins are ambiguous
    assert sent(desk) == before
    desk.environment["PRODUCTS_SHOPIFY_TO_CRM_MODE"] = "plan"
    plan = tmp_path / "plan.jsonl"
    lines = [json.loads(line) for line in plan.read_text().splitlines()]
    plan.write_text("".join(json.dumps(line) + "\n" for line in lines if line["verdict"] == "create"))
    assert walk[commands[-1]](commands[-1]) == 0
    assert desk.product("LAMP-M")
    desk.environment["PRODUCTS_SHOPIFY_TO_CRM_MODE"] = "on"
    desk.later()
    (one,) = desk.json("sync", IN, code=1)["flows"]
    assert (one["created"], one["updated"], one["parked"]) == (0, 1, 2)
