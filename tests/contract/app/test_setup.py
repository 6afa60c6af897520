"""`setup` on two bare systems: all in one solution, done once, and finished by the next run wherever it broke off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.seed import Crm
from shared import install
from shared.transport import Request, Transport
from shared.wiring import App
from tests.support.plant import CRM_URL, ENVIRONMENT, Born, World

OURS = "solutioncomponents?$filter=solutionid/uniquename eq 'ShopifySync'"
TYPES = {1: "table", 2: "column", 10: "relationship", 14: "key", 92: "step", 93: "image", 95: "endpoint"}


@pytest.fixture
def bare() -> Iterator[World]:
    """Two systems that nobody set up."""
    world = World(Born())
    yield world
    world.close()


def administrator(world: World, **environment: str) -> App:
    """The app as a system administrator runs it, with webhooks."""
    own = {"DATAVERSE_TOKEN": "admin-token", "WEBHOOKS_URL": "https://functions.example"}
    return world.wired({**ENVIRONMENT, **own, **environment})


def components(world: World) -> dict[str, int]:
    """What is in our solution, by what it is."""
    admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    world.mount(admin._session, world.crm.wsgi)
    found = [TYPES[row["componenttype"]] for row in admin.get(OURS)["value"]]
    return {kind: found.count(kind) for kind in TYPES.values()}


def test_everything_is_made_in_one_solution_and_once(bare: World) -> None:
    """Promise: every column, key, table, relationship, endpoint, step and image that setup makes is in it, named."""
    steps = list(install.set_up(administrator(bare)))
    assert [step.name for step in steps if step.failed] == []
    made = [step.name.split()[0] for step in steps if step.side == "crm" and step.done and step.needed]
    held = components(bare)
    assert (held["column"], held["key"]) == (made.count("column"), made.count("key"))
    assert held["endpoint"] + held["step"] == made.count("webhook")
    assert held["image"] == made.count("parent")
    parents = {table.relation for table in install.wanted(administrator(bare)).tables}
    assert (held["relationship"], steps[0].name) == (len(parents), "solution ShopifySync")
    assert [step.name for step in install.set_up(administrator(bare)) if step.needed] == []
    assert components(bare) == held


class Killed(BaseException):
    """The process ends here."""


def killing(call: Callable[..., Any], struck: list[str]) -> Callable[..., Any]:
    """A process ends right after the first of its calls that changes something new."""

    def once(transport: Transport, request: Request, offered: Any) -> Any:
        said = f"{request.name} {request.json or request.body or ''}"
        answer = call(transport, request, offered)
        reads = request.method == "GET" or request.url == "$batch" or "oauth" in request.url
        if not reads and said not in struck and ("graphql" not in request.url or "mutation" in said):
            struck.append(said)
            raise Killed
        return answer

    return once


def test_setup_that_is_killed_after_each_of_its_calls_is_finished_by_the_next(
    bare: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: each run that dies has brought it one call further, and the last leaves what one run leaves."""
    struck: list[str] = []
    for _ in range(200):
        with monkeypatch.context() as patched:
            patched.setattr(Transport, "_exchange", killing(Transport._exchange, struck))
            try:
                steps = list(install.set_up(administrator(bare)))
                break
            except Killed:
                bare.clock.advance(60)
    assert [step.name for step in steps if step.needed] == []
    assert len(struck) == len(set(struck)) > 50
    other = World(Born())
    list(install.set_up(administrator(other)))
    assert components(bare) == components(other)
    other.close()


def test_what_only_its_owner_may_mend_is_named_and_the_rest_done(bare: World) -> None:
    """Scopes, currencies and settings of the organization that do not fit are steps that failed, each with its fix."""
    bare.shopify.tokens.granted = ("write_products", "write_metaobjects")
    admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    bare.mount(admin._session, bare.crm.wsgi)
    organization = bare.crm.id_of("organization")
    admin.send("PATCH", f"organizations({organization})", {"oobpricecalculationenabled": False})
    app = administrator(bare, WEBHOOKS_URL="", ORDERS_SHOPIFY_TO_CRM_MODE="plan", ORDERS_SINCE="2026-11-20")
    failed = {step.name: step.detail for step in install.set_up(app) if step.failed}
    assert set(failed) == {"settings of the organization", "scopes and currency"}
    assert "System pricing is off" in failed["settings of the organization"]
    assert "Scopes are missing: read_orders" in failed["scopes and currency"]
    assert components(bare)["column"] > 30
