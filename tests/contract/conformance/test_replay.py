"""The replayer notices: whatever leaf of a recorded answer is altered, the case no longer passes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from sandbox.conformance import compare
from sandbox.conformance.__main__ import main
from sandbox.conformance.bindings import Bindings
from sandbox.conformance.cases import Case, Step
from sandbox.conformance.replay import replay
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import create

CREATE = """
mutation Make($product: ProductCreateInput!) {
  productCreate(product: $product) {
    product { id title handle createdAt updatedAt vendor tags isGiftCard legacyResourceId
      variants(first: 2) { nodes { id price sku } pageInfo { hasNextPage endCursor } } }
    userErrors { field message }
  }
}"""
READ = """query Read($id: ID!, $query: String) {
  product(id: $id) { id title createdAt variants(first: 1) { edges { cursor node { id product { id } } } } }
  products(first: 5, query: $query) { nodes { id title } }
  gone: product(id: "gid://shopify/Product/77777777777") { id }
}"""
BAD = "\nquery Bad { products { nope } }"
UNSIZED = "\nquery Unsized { products { nodes { id } } }"


def _recorded(shop: str = "other-shop.myshopify.com", first: int = 555000111222) -> Case:
    """A conversation with another store: other ids, another year, another name."""
    config = ShopifyConfig(shop=shop, shop_name=shop.split(".")[0], first_ids={"Product": first})
    steps: list[Step] = []
    with create(config, Clock(datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC))) as box:

        def send(query: str, variables: dict[str, Any]) -> dict[str, Any]:
            body = {"query": query, "variables": variables}
            headers = {"X-Shopify-Access-Token": config.token}
            answer = Client(box.wsgi).post("/admin/api/2026-04/graphql.json", json=body, headers=headers).json
            steps.append(Step(query, variables, json.loads(json.dumps(answer))))
            box.clock.advance(3)
            return dict(answer)

        made = send(CREATE, {"product": {"title": "Lamp", "tags": ["blue", "new"]}})["data"]["productCreate"]["product"]
        number = made["id"].rsplit("/", 1)[-1]
        send(READ, {"id": made["id"], "query": f"id:{number} nofield:1"})
        send(BAD, {})
        send(UNSIZED, {})
    return Case("own", "2026-04", "products", f"shops/{shop}/x", frozenset(), tuple(steps))


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from _leaves(item, (*path, key))
    if not isinstance(value, dict | list):
        yield path, value


def _altered(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value, None]
    if isinstance(value, int | float):
        return [value + 1, None]
    if value is None:
        return ["something", 0]
    return [f"{value}x", None]


def _with(case: Case, step: int, path: tuple[str | int, ...], value: Any) -> Case:
    steps = copy.deepcopy(case.steps)
    place: Any = steps[step].expected
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return Case(case.name, case.version, case.area, case.source, case.flags, steps)


def test_passes_another_store() -> None:
    """The same behaviour on a store with other ids, times and words passes."""
    assert replay(_recorded()).problem is None


def _first_difference(case: Case, own: list[dict[str, Any]]) -> str | None:
    bindings = Bindings()
    for step, answer in zip(case.steps, own, strict=True):
        bindings.note_sent(step.query, step.variables)
        found = compare.answers(step.expected, answer, bindings)
        if found is not None:
            return str(found)
    return None


def test_notices_every_leaf() -> None:
    """No leaf of the recorded answers outside the cost can be another or null without being noticed."""
    case = _recorded()
    own = [step.expected for step in _recorded(first=777000111222).steps]
    assert _first_difference(case, own) is None
    unnoticed = []
    for number, step in enumerate(case.steps):
        for path, value in _leaves(step.expected):
            if path[:2] == ("extensions", "cost"):
                continue
            for other in _altered(value):
                if _first_difference(_with(case, number, path, other), own) is None:
                    unnoticed.append((number, path, other))
    assert unnoticed == []


def test_notices_missing_and_extra_keys() -> None:
    """An answer with one key more or less than recorded is another answer."""
    case = _recorded()
    payload = ("data", "productCreate", "product")
    more = _with(case, 0, (*payload, "extra"), None)
    assert "extra" in str(replay(more).problem)
    less = copy.deepcopy(case)
    del less.steps[0].expected["data"]["productCreate"]["product"]["vendor"]
    assert "vendor" in str(replay(less).problem)


@pytest.mark.parametrize("path", [("product", "id"), ("product", "variants", "edges", 0, "node", "product", "id")])
def test_notices_a_wrong_record(path: tuple[str | int, ...]) -> None:
    """An id that was another record's before is noticed wherever it stands."""
    wrong = _with(_recorded(), 1, ("data", *path), "gid://shopify/Product/555000999999")
    assert replay(wrong).problem is not None


def test_notices_two_records_become_one() -> None:
    """Two recorded ids must not be answered by one."""
    wrong = _with(_recorded(), 0, ("data", "productCreate", "product", "legacyResourceId"), "555000999999")
    assert "legacyResourceId" in str(replay(wrong).problem)


def test_notices_disorder_of_times() -> None:
    """A time that came after another in the recording must not come before it, whatever the years are."""
    recorded = {"data": {"made": "2025-02-03T04:05:06Z", "changed": "2025-02-03T04:05:09Z"}}
    later = {"data": {"made": "2026-11-02T12:00:00Z", "changed": "2026-11-02T12:00:01Z"}}
    early = {"data": {"made": "2026-11-02T12:00:02Z", "changed": "2026-11-02T12:00:01Z"}}
    assert compare.answers(recorded, later, Bindings()) is None
    assert str(compare.answers(recorded, early, Bindings())).startswith("data.changed")


def test_command_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints a line per case, the count last, and leaves with 0 although one failed."""
    case = _recorded()
    broken = _with(case, 2, ("errors", 0, "message"), "Something else")
    lines = [_line("first", case), _line("second", broken)]
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines))
    assert main(["shopify", str(file), "--core"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "pass first"
    assert printed[1].startswith("FAIL second: step 3 of 4: errors[0].message: expected \"Something else\"")
    assert printed[-1] == "passed 1 of 2"
    main(["shopify", str(file), "--name", "first", "--stateful"])
    assert capsys.readouterr().out.splitlines()[-1] == "passed 0 of 0"


def _line(name: str, case: Case) -> str:
    steps = [{"query": one.query, "variables": one.variables, "expected": one.expected} for one in case.steps]
    flags = {"self_contained": True, "in_scope": True, "valid_in_2026_10": True}
    record = {"name": name, "version": case.version, "area": case.area, "source": case.source, "steps": steps}
    return json.dumps(record | flags)
