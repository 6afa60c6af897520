"""The schema files and the error table agree with the collected real data, where that is present."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sandbox.dataverse.errors import CODES
from sandbox.dataverse.metadata.load import SCHEMA
from tests.support import evidence

REAL = evidence.DATAVERSE
present = pytest.mark.skipif(not REAL.exists(), reason="the collected Dataverse schema data is not on this machine")
TABLES = sorted(p.stem for p in (SCHEMA / "sales").glob("*.json"))
UNLISTED = ("0x80060888", "0x80048d19")


def _real() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((REAL / "sales_schema.json").read_text(encoding="utf-8"))
    return loaded


@present
def test_all_tables_of_the_sales_schema_are_there() -> None:
    """The sandbox has exactly the tables of the collected sales schema."""
    # reference c.: 23 tables merged from CDM, MS Docs, bcgov and rnwood
    assert sorted(_real()) == TABLES


@present
@pytest.mark.parametrize("name", TABLES)
def test_columns_agree_with_the_real_schema(name: str) -> None:
    """Every column of the table has the real type, limits, flags, options and targets."""
    # reference c.: sales_schema.json
    real = _real()[name]
    ours = json.loads((SCHEMA / "sales" / f"{name}.json").read_text(encoding="utf-8"))
    assert sorted(ours["columns"]) == sorted(real["columns"])
    for column, facts in real["columns"].items():
        mine = ours["columns"][column]
        assert mine["type"] == facts["type"], column
        assert mine.get("required", "None") == (facts.get("required") or "None"), column
        for flag in ("create", "update"):
            assert mine.get(flag, True) == facts.get(flag, True), (column, flag)
        for limit in ("maxlength", "precision", "precisionSource", "targets"):
            assert mine.get(limit) == facts.get(limit), (column, limit)
        for limit in ("min", "max"):
            assert mine.get(limit) == (str(facts[limit]) if limit in facts else None), (column, limit)
        options = [[o["value"], o["label"], *([o["state"]] if "state" in o else [])] for o in facts.get("options", [])]
        assert mine.get("options", []) == options, column


@present
@pytest.mark.parametrize("name", TABLES)
def test_navigation_properties_agree_with_the_real_schema(name: str) -> None:
    """Every single-valued navigation property has the real name, column and target."""
    # reference c.: names from real $metadata
    real = {n: [v["attribute"], v["target"]] for n, v in _real()[name]["nav_single"].items() if v.get("attribute")}
    ours = json.loads((SCHEMA / "sales" / f"{name}.json").read_text(encoding="utf-8"))
    assert ours["one"] == real


@present
def test_every_error_code_has_its_real_name() -> None:
    """Every code the sandbox raises stands in Microsoft's list under the same name."""
    # reference a.8: 3,407 codes with names
    real = {e["name"]: e["hex"].lower() for e in json.loads((REAL / "error_codes.json").read_text(encoding="utf-8"))}
    assert {n: c.lower() for n, (c, _, _) in CODES.items()} == {n: real[n] for n in CODES}
    assert not {c for c, _, _ in CODES.values()} & set(UNLISTED)


def test_codes_are_written_in_one_place() -> None:
    """No module but the two error tables writes an error code."""
    # own rule: otherwise the comparison with Microsoft's list proves nothing
    literal = re.compile(r"[\"']0x80[0-9A-Fa-f]{6}")
    modules = [p for p in SCHEMA.parent.rglob("*.py") if p.name not in ("errors.py", "sales_codes.py")]
    assert len(modules) > 40
    assert [p.name for p in modules if literal.search(p.read_text(encoding="utf-8"))] == []
