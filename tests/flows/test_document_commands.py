"""The command line on documents: plan, explain, pairs and the check of both mapping files, over real records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.flows.conftest import OpenPapers
from tests.support.commands import commands
from tests.support.papers import BACK, OUTWARD, Papers, text


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], selling: OpenPapers) -> Any:
    """A world, and what a command says in it."""
    papers = selling(DOCUMENTS="opportunity,salesorder,invoice")
    run = commands(papers, monkeypatch)

    def say(*arguments: str) -> tuple[Papers, Any]:
        capsys.readouterr()
        run("--json", *arguments)
        told = capsys.readouterr()
        assert told.out, (arguments, told.err)
        return papers, json.loads(told.out)

    return say


def test_both_mapping_files_are_sound(said: Any) -> None:
    """Promise: `mapping check` finds nothing in the shipped files of the documents' flows."""
    for flow in (OUTWARD, BACK):
        _, answer = said("mapping", "check", flow)
        assert answer["findings"] == []


def test_a_plan_sells_nothing_and_explains(said: Any) -> None:
    """Promise: `plan` reports the order that would be made, with its lines, and makes none; `sync` makes that one."""
    papers, _ = said("runs")
    document = papers.sold(text("Tea", 10, 2))
    _, answer = said("plan", OUTWARD, "--id", document)
    assert answer["flows"][0]["totals"]["create"] == 1, answer["flows"][0]
    assert (papers.made(), papers.drafts()) == ([], [])
    said("sync", OUTWARD, "--id", document)
    order = papers.equals(document)
    _, told = said("explain", OUTWARD, document)
    assert document in json.dumps(told)
    _, pairs = said("pairs", "show", order["legacyResourceId"])
    assert document in json.dumps(pairs)
