"""The guide and the schema for editors say what the code does."""

from __future__ import annotations

import json
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from shared.mapping.expressions import compiled
from shared.mapping.functions import FUNCTION_NAMES
from shared.mapping.load import load, parse
from shared.mapping.model import Deleted, FieldModel, LinesModel, MappingModel, Match, PairRef, Place, Skip
from shared.mapping.problems import keys_of
from shared.mapping.schema import schema_text

REPOSITORY = Path(__file__).parents[3]
GUIDE = (REPOSITORY / "docs" / "mapping.md").read_text(encoding="utf-8")
MAPPINGS = sorted((REPOSITORY / "mappings").glob("*.toml"))
EXAMPLES = [line.split("->") for line in GUIDE.splitlines() if re.search(r"\S\s+->\s+\S", line)]
HEAD = 'flow = "products_shopify_to_crm"\nkind = "x"\n[source]\ntype = "X"\n[target]\ntable = "x"\n'


def blocks(language: str) -> list[str]:
    """The guide's code blocks of one language."""
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("model", [MappingModel, Place, Match, Skip, Deleted, PairRef, FieldModel, LinesModel])
def test_every_key_is_explained(model: type[MappingModel]) -> None:
    """A key that the guide does not mention in code is a key nobody finds."""
    unnamed = [key for key in keys_of(model) if not re.search(rf"`{key}`|\b{key} = ", GUIDE)]
    assert unnamed == []


def test_every_function_has_an_example() -> None:
    """A function without an example in the guide does not exist for its users."""
    shown = {re.match(r"\w+", text.strip())[0] for text, _ in EXAMPLES if re.match(r"\w+\(", text.strip())}  # type: ignore[index]
    assert shown == FUNCTION_NAMES


@pytest.mark.parametrize(("text", "result"), EXAMPLES, ids=[text.strip() for text, _ in EXAMPLES])
def test_the_examples_are_true(text: str, result: str) -> None:
    """Each example gives what stands beside it."""
    record = json.loads(blocks("json")[0])
    assert compiled(text.strip()).evaluate(record) == json.loads(result, parse_float=Decimal)


@pytest.mark.parametrize("block", blocks("toml"))
def test_the_files_in_the_guide_are_good(block: str) -> None:
    """Each piece of a file that the guide shows is accepted as it stands."""
    if "description = false" in block:
        assert tomllib.loads(block)["fields"]["description"] is False
        return
    if "[source]" in block:
        parse(block)
    else:
        direction = "from_crm" if "products_crm_to_shopify" in block else ""
        parse((HEAD if "[fields" in block else HEAD + "[fields.a]\nvalue = 1\nto = 'a'\n") + block, file=direction)


@pytest.mark.parametrize("path", MAPPINGS, ids=[path.stem for path in MAPPINGS])
def test_editors_know_our_files(path: Path) -> None:
    """Each mapping file names the schema on its first line, and is itself accepted."""
    assert path.read_text(encoding="utf-8").startswith("#:schema ./mapping.schema.json\n")
    assert load(path.parent, path.stem).model.flow == path.stem


def test_the_schema_is_current() -> None:
    """The stored schema is made from the model; `python -m shared.mapping.schema` prints the current one."""
    stored = (REPOSITORY / "mappings" / "mapping.schema.json").read_text(encoding="utf-8")
    assert stored == schema_text()


def test_the_schema_describes_every_key() -> None:
    """An editor shows a sentence for each key, and refuses keys that do not exist."""
    schema = json.loads(schema_text())
    for name, table in {**schema["$defs"], "file": schema}.items():
        assert table["additionalProperties"] is False, name
        assert all(key.get("description") for key in table["properties"].values()), name
    assert "null" not in schema_text()
