"""`doctor`: for each thing that is broken, the one line that says it, with its fix, and exit code 1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import Crm
from shared.errors import Unavailable
from shared.records import Message, Origin
from shared.state.store import State
from tests.contract.ops.conftest import IN, OUT, Desk
from tests.support.plant import CRM_URL, SHOP, OneClock

SHOPIFY, VERSION = f"shopify {SHOP}", f"api version {SHOP}"
PRODUCT = "EntityDefinitions(LogicalName='product')"
Break = Callable[[Desk], None]


def setting(name: str, value: str) -> Break:
    """A setting of the command line is another."""
    return lambda desk: desk.environment.update({name: value})


def granted(*scopes: str) -> Break:
    """The shop granted the app these scopes only."""

    def grant(desk: Desk) -> None:
        desk.plant.shopify.tokens.granted = scopes

    return grant


def taken(*privileges: str) -> Break:
    """The app's role in CRM lacks something."""
    return lambda desk: desk.plant.crm.take_privileges("app", *privileges)


def administered(method: str, url: str, values: Any = None) -> Break:
    """An administrator of CRM changes something; `{organization}` and `{euro}` stand for those rows."""

    def change(desk: Desk) -> None:
        admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
        desk.plant.mount(admin._session, desk.plant.crm.wsgi)
        rows = {"organization": desk.plant.crm.id_of("organization"), "euro": desk.plant.crm.id_of("currency/EUR")}
        admin.send(method, url.format(**rows), values or {})

    return change


def prices_in_dollars(desk: Desk) -> None:
    """The price list that the settings name is in another currency."""
    dollar = f"/transactioncurrencies({desk.plant.crm.id_of('currency/USD')})"
    desk.plant.sales.send("POST", "pricelevels", {"name": "Dollars", "transactioncurrencyid@odata.bind": dollar})
    desk.environment["CRM_PRICE_LIST"] = "Dollars"


def key_failed(desk: Desk) -> None:
    """The index of our key could not be built."""
    (key,) = desk.plant.crm.core.registry.tables["product"].keys.values()
    key.status = "Failed"


def untracked(desk: Desk) -> None:
    """Somebody switched change tracking off."""
    desk.plant.crm.core.registry.tables["productpricelevel"].change_tracking = False


def skewed(desk: Desk) -> None:
    """This machine's clock goes ahead of everybody else's."""

    class Ahead(OneClock):
        def now(self) -> Any:
            return super().now().replace(hour=(super().now().hour + 1) % 24)

    desk.plant.clock = Ahead(desk.plant.shopify.clock)


def crowded(desk: Desk) -> None:
    """More messages wait than may."""
    desk.environment["ALERT_QUEUE"] = "1"
    for _ in range(2):
        desk.plant.app.state.queues.send(Message(OUT, SHOP, Origin.RETRY, ids=("x",)))


def alerted(desk: Desk) -> None:
    """Something that Shopify asked for waits for a person."""
    desk.plant.app.state.alerts.settle({("notice", "customers/redact 7"): "The role lacks prvWriteAccount."})


def paused(desk: Desk) -> None:
    """A person paused a flow."""
    desk("pause", OUT, "--reason", "month end")


def silent(desk: Desk) -> None:
    """The timer has not run for hours."""
    desk.plant.app.state.notes.put(f"poll {IN}", {"at": desk.plant.clock.now()})
    desk.plant.clock.advance(7200)


def parked(desk: Desk) -> None:
    """Two variants have one number."""
    desk("sync", IN)


def old_orders(desk: Desk) -> None:
    """Orders from years ago are wanted, and the shop granted those of two months."""
    desk.environment |= {"ORDERS_SHOPIFY_TO_CRM_MODE": "plan", "ORDERS_SINCE": "2020-01-01"}
    tokens = desk.plant.shopify.tokens
    tokens.granted = tuple(scope for scope in tokens.granted if scope != "read_all_orders")


def webhooks_missing(desk: Desk) -> None:
    """The app has an address, and nobody was told of it."""
    desk.environment["WEBHOOKS_URL"] = "https://functions.example"


BROKEN: dict[str, tuple[Break, str, str]] = {
    "crm token": (setting("DATAVERSE_TOKEN", "wrong"), "crm", "refused"),
    "crm user": (taken("prvReadProduct"), "crm", "prvReadProduct"),
    "crm rights": (taken("prvWriteProduct"), "crm rights", "lacks prvWriteProduct. Give its role"),
    "shopify token": (setting("SHOPIFY_TOKEN", "shpat_wrong0123456789"), SHOPIFY, "refused"),
    "scope": (granted("read_products"), SHOPIFY, "Scopes are missing: write_products. Grant them"),
    "scope of old orders": (
        old_orders, SHOPIFY, "Scopes are missing: read_all_orders",
    ),
    "currency of prices": (prices_in_dollars, SHOPIFY, "sells in EUR, the price list of CRM_PRICE_LIST is in USD"),
    "price list": (setting("CRM_PRICE_LIST", "Nobody's"), SHOPIFY, "Nobody's"),
    "clock": (skewed, "clocks", "3600 s ahead of Dataverse's"),
    "API version": (setting("SHOPIFY_API_VERSION", "2025-10"), VERSION, "until 2026-10-01 and may end it then"),
    "column": (
        administered("DELETE", f"{PRODUCT}/Attributes(LogicalName='new_shopifytitle')"),
        "crm", "Not set up yet: column product.new_shopifytitle. Run: python -m ops setup",
    ),
    "key": (key_failed, "crm", "new_shopifyvariantid_acme is not active (Failed): clear the doubles"),
    "tracking": (untracked, "crm", "Change tracking is off for productpricelevel; `python -m ops setup`"),
    "discounts": (
        administered(
            "PATCH", "organizations({organization})", {"discountcalculationmethod": 1, "pricingdecimalprecision": 2}
        ),
        "crm", "raise its pricing decimal precision to 4",
    ),
    "precision": (
        administered("PATCH", "organizations({organization})", {"pricingdecimalprecision": 1}),
        "crm", "Prices are kept with 1 decimals: raise",
    ),
    "pricing": (
        administered("PATCH", "organizations({organization})", {"oobpricecalculationenabled": False}),
        "crm", "System pricing is off",
    ),
    "queue": (crowded, "queues", f"2 messages wait for {OUT}: see whether its workers run"),
    "alert": (alerted, "alerts", "notice of customers/redact 7: The role lacks prvWriteAccount."),
    "pause": (paused, OUT, f"python -m ops resume {OUT}"),
    "timer": (silent, IN, "has not finished a poll since 2026-11-23 12:02 UTC. See whether the app runs"),
    "parked": (parked, IN, f"2 records are parked. See: python -m ops parked list {IN}"),
    "webhooks of CRM": (webhooks_missing, "webhooks crm", "Run: python -m ops setup"),
    "webhooks of the shop": (webhooks_missing, f"webhooks {SHOP}", "Run: python -m ops setup"),
}  # fmt: skip


def wrong(desk: Desk) -> dict[str, list[str]]:
    """What `doctor` finds wrong: sentences by area."""
    found: dict[str, list[str]] = {}
    for each in desk.json("doctor", code=1)["findings"]:
        if not each["fine"]:
            found.setdefault(each["area"], []).append(each["sentence"])
    return found


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_said_in_its_line(desk: Desk, name: str) -> None:
    """Promise: each of these, broken alone, is one line with its fix under its own name, and doctor ends in 1."""
    assert desk("doctor").code == 0
    act, area, sentence = BROKEN[name]
    act(desk)
    said = wrong(desk)
    assert any(sentence in each for each in said.get(area, ())), said


def test_a_mapping_that_a_system_no_longer_fits_is_said(desk: Desk, tmp_path: Path) -> None:
    """A field that does not exist is named with the command that shows where; a broken file with its line."""
    desk.remapped(tmp_path / "a", IN, 'to = "description"', 'to = "descripton"')
    (sentence,) = wrong(desk)[IN]
    assert "what crm does not have: descripton. See: python -m ops mapping check" in sentence
    desk.remapped(tmp_path / "b", IN, 'kind = "variants"', "kind = ")
    assert any("line" in each for each in wrong(desk)[IN])


def test_a_mapping_that_changed_since_everything_was_listed_is_said(synced: Desk, tmp_path: Path) -> None:
    """Records that do not change keep what they have: the line names the command that brings all into line."""
    synced("parked", "discard", IN, "--all", "--yes")
    assert synced("doctor").code == 0
    synced.remapped(tmp_path / "m", IN, 'from = "product.title"', 'from = "upper(product.title)"')
    assert any(f"python -m ops sync {IN} --all" in each for each in wrong(synced)[IN])


def test_storage_that_does_not_answer_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its line says so, and everything else is examined all the same."""

    def down(state: State, flows: Any) -> None:
        raise Unavailable("The storage account does not answer.")

    monkeypatch.setattr(State, "ensure", down)
    assert wrong(desk) == {"storage": ["The storage account does not answer."]}


def test_a_missing_setting_ends_in_two_with_all_that_are_missing(desk: Desk) -> None:
    """Without what is needed to ask anybody, every missing setting is named at once."""
    for name in ("DATAVERSE_URL", "SHOPIFY_CLIENT_ID"):
        desk.environment[name] = ""
    said = desk("doctor")
    assert (said.code, "DATAVERSE_URL" in said.err, "SHOPIFY_CLIENT_ID" in said.err) == (2, True, True)


def test_flows_that_are_off_ask_for_nothing(desk: Desk) -> None:
    """Scopes and rights are those of the flows in use; while every flow is off, those of all."""
    granted("write_products")(desk)
    taken("prvCreateOrder")(desk)
    assert desk("doctor").code == 0
    for flow in (IN, OUT):
        desk.environment[f"{flow.upper()}_MODE"] = "off"
    said = wrong(desk)
    assert "read_orders" in said[SHOPIFY][0]
    assert "prvCreateOrder" in said["crm rights"][0]


def test_one_line_for_each_area_also_where_all_is_well(desk: Desk) -> None:
    """Promise: whoever reads it sees what was examined: modes, versions with their ends, last runs."""
    lines = {each["area"]: each["sentence"] for each in desk.json("doctor")["findings"]}
    assert lines["settings"] == f"complete; shops: {SHOP}; on: {OUT}, {IN}"
    assert lines[VERSION] == "2026-10, served until 2027-10-01 at least"
    assert lines[IN] == "mode on; its mapping can be used; never ran; nothing is parked"
    assert {"storage", "queues", "alerts", "crm", "crm rights", "clocks", SHOPIFY, "webhooks"} < set(lines)
