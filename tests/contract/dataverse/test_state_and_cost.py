"""State kept between runs, the page, the program, and cost that grows with the answer only."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.dataverse.clock import SandboxClock
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create

from .conftest import START, Org


@pytest.mark.parametrize("file", [True, False])
def test_state_is_kept(make_org: Any, tmp_path: Path, file: bool) -> None:
    """Rows, custom columns, keys, tracking and versions survive a restart, and so they do in an image of memory."""
    # own rule: state kept between runs
    place = str(tmp_path / "a.db") if file else ":memory:"
    first = make_org(db=place)
    first.key("account", "new_Ext")
    first.track("product")
    row_id = first.create("accounts", {"name": "A", "new_ext": "1"})
    version = first.get(f"accounts({row_id})")["versionnumber"]
    link = first.get("accounts?$select=name", Prefer="odata.track-changes")["@odata.deltaLink"]
    image = b"" if file else first.sandbox.core.store.image()
    first.sandbox.close()
    second = make_org(db=place, image=image, clock=SandboxClock(START))
    assert second.get("accounts(new_ext='1')")["accountid"] == row_id
    other = second.create("accounts", {"name": "B"})
    assert other != row_id
    assert second.get(f"accounts({other})")["versionnumber"] > version
    assert [r["name"] for r in second.get(link, Prefer="odata.track-changes")["value"]] == ["B"]
    assert second.call("GET", "products", Prefer="odata.track-changes").status_code == 200


def test_a_copied_birth_is_a_birth(make_org: Any) -> None:
    """A database that was copied instead of born holds the same, and what is written later belongs to one only."""
    # own rule: the tests' organizations are copies
    born, copied = create(DataverseConfig(seed="test", clock=SandboxClock(START))), make_org()
    whole = [sorted(sandbox.core.store._db.iterdump()) for sandbox in (born, copied.sandbox)]
    born.close()
    assert whole[0] == whole[1]
    copied.key("account", "new_Ext")
    copied.create("accounts", {"name": "A", "new_ext": "1"})
    assert make_org().get("accounts")["value"] == []
    assert make_org(organization_name="other").get("organizations")["value"][0]["name"] == "other"


def test_birth_data(org: Org) -> None:
    """A fresh organization has currencies, a unit, a price list, users and a team."""
    # own assumption: docs/sandbox-dataverse.md
    assert {c["isocurrencycode"] for c in org.get("transactioncurrencies")["value"]} == {"EUR", "USD"}
    assert [p["name"] for p in org.get("pricelevels")["value"]] == ["Standard"]
    assert [u["name"] for u in org.get("uoms")["value"]] == ["Primary Unit"]
    assert len(org.get("systemusers")["value"]) == 3
    assert len(org.get("teams")["value"]) == 1


def form(org: Org, **fields: str) -> requests.Response:
    """Send one form of the page."""
    return org.session.post("https://org.example/", data=fields, allow_redirects=False)


def test_page_shows_and_edits(org: Org) -> None:
    """The page shows products with prices, and an edit moves version, modifier and tracking."""
    # own page
    product = org.product("P-<1>")
    item = org.price(product, 10)
    page = org.session.get("https://org.example/").text
    assert "P-&lt;1&gt;" in page
    assert 'value="10.0000"' in page
    assert form(org, table="productpricelevel", id=item, amount="12.5").status_code == 303
    row = org.get(f"productpricelevels({item})")
    assert (str(row["amount"]), row["_modifiedby_value"]) == ("12.5000", org.id_of("systemuser/salesperson"))
    assert form(org, table="product", id=product, name="New", statecode="0").status_code == 303
    assert (org.get(f"products({product})")["name"], org.get(f"products({product})")["statecode"]) == ("New", 0)


def test_page_keeps_the_rules(org: Org) -> None:
    """An edit the rules refuse shows the error and changes nothing."""
    # own page
    product = org.product()
    org.product("P-2")
    answer = form(org, table="product", id=product, productnumber="P-2")
    assert (answer.status_code, "0x80043B06" in answer.text) == (400, True)
    assert org.get(f"products({product})")["productnumber"] == "P-1"


def test_the_program(tmp_path: Path) -> None:
    """The program says where it listens, answers, and stops cleanly on SIGTERM."""
    # own entry point
    info = tmp_path / "info.json"
    started = subprocess.Popen([sys.executable, "-m", "sandbox.dataverse", "--port", "0", "--info", str(info),
                                "--db", str(tmp_path / "a.db"), "--token", "T"])
    try:
        for _ in range(100):
            if info.exists() and info.read_text():
                break
            time.sleep(0.1)
        told = json.loads(info.read_text())
        answer = requests.get(told["url"] + "/api/data/v9.2/WhoAmI", headers={"Authorization": "Bearer T"}, timeout=10)
        assert answer.status_code == 200
        assert set(told) == {"url", "token", "salesperson_token", "admin_token", "webhook_key"}
    finally:
        started.send_signal(signal.SIGTERM)
    assert started.wait(timeout=10) == 0


def fill(org: Org, start: int, end: int) -> None:
    """Put that many accounts in, past the Web API."""
    core = org.sandbox.core
    table = core.registry.tables["account"]
    with core.store.transaction():
        for number in range(start, end):
            row_id = f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}"
            core.store.insert(table, {
                "accountid": row_id, "name": f"Name {number}", "new_ext": str(number), "statecode": 0,
                "statuscode": 1, "primarycontactid": f"{number:08x}-0000-4000-8000-000000000000"})


def steps(org: Org, *calls: tuple[str, str, Any]) -> int:
    """How many steps SQLite's machine takes for the calls: cost without a clock."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    database = org.sandbox.core.store._db
    database.set_progress_handler(tick, 10)
    for method, path, body in calls:
        answer = org.call(method, path, body, Prefer="odata.maxpagesize=50")
        assert answer.status_code < 300, answer.text
    database.set_progress_handler(None, 0)
    return count


CALLS: tuple[tuple[str, str, Any], ...] = (
    ("PATCH", "accounts(new_ext='500')", {"fax": "1"}),
    ("GET", "accounts?$select=name", None),
    ("GET", "accounts?$select=name&$filter=name eq 'Name 500'", None),
    ("GET", "accounts?$select=name&$filter=startswith(name,'Name 0')", None),
    ("GET", "accounts?$select=name&$filter=_primarycontactid_value eq 000001f4-0000-4000-8000-000000000000", None),
    ("POST", "accounts", {"name": "N"}),
)


def test_cost_does_not_grow_with_the_table(org: Org) -> None:
    """An upsert by key, a page, a look-up and a create cost the same at 1,000 rows and at 20,000."""
    # own rule: cost grows with the answer
    org.key("account", "new_Ext")
    fill(org, 0, 1000)
    small = [steps(org, call) for call in CALLS]
    fill(org, 1000, 20000)
    assert [call for call, cost in zip(CALLS, small, strict=True) if steps(org, call) > cost * 1.3 + 2] == []


def test_cost_of_a_delta(org: Org) -> None:
    """A delta of one row costs the same whatever the table holds."""
    # own rule: the version number is indexed
    org.key("account", "new_Ext")
    costs = []
    for start, end in ((0, 1000), (1000, 20000)):
        fill(org, start, end)
        token = f"{org.sandbox.core.store.version}!03/01/2026 12:00:00"
        org.create("accounts", {"name": "A"})
        costs.append(steps(org, ("GET", f"accounts?$select=name&$deltatoken={token}", None)))
    assert costs[1] <= costs[0] * 1.3 + 2
