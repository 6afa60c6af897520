"""Housekeeping looks after the webhooks, doctor names what is wrong with them, and where none are wanted it is said."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from sandbox.shopify.webhooks.engine import RETRIES_S
from shared import app as actions
from shared import install
from shared.doctor import doctor
from shared.errors import AuthFailed
from shared.telemetry import metered
from tests.contract.app.hooked import IN, OUT, Hooked
from tests.support.plant import ENVIRONMENT, SHOP

LAMP = SeedProduct("Lamp", "", "ACTIVE", ("Size",), (SeedVariant("LAMP-S", Decimal("20.00"), ("S",)),))
PRICE = """
mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } }
}
"""
REMOVE = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { userErrors { message } } }"
HOUR_S = 3600


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooked]:
    """A world that was set up, subscriptions included, and looked at once."""
    made = Hooked(monkeypatch)
    with made.shopify:
        actions.housekeeping()
        yield made
    made.crm.close()


def later(plant: Hooked, seconds: float = HOUR_S) -> None:
    """Time goes on, and housekeeping comes by."""
    plant.clock.advance(seconds)
    actions.housekeeping()


def alerts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """The alerts about webhooks that were told: kind and target."""
    told = [record.__dict__ for record in caplog.records if record.getMessage() == "alert"]
    return [(each["alert"], each["target"]) for each in told if "webhooks" in (each["alert"], each.get("cleared"))]


def reprice(plant: Hooked, price: str) -> None:
    """The merchant changes the lamp's price."""
    (variant,) = plant.variants("LAMP-S")
    plant.merchant.call(PRICE, {"p": variant["product"]["id"], "v": [{"id": variant["id"], "price": price}]})


def price(plant: Hooked) -> Decimal:
    """The lamp's price in CRM."""
    (item,) = plant.product(CrmProduct("LAMP-S", "", "", Decimal(0)))["product_price_levels"]
    return Decimal(str(item["amount"]))


def test_what_shopify_removed_is_put_back_and_the_sweep_brings_what_was_missed(plant: Hooked) -> None:
    """Promise: a subscription that ended by failures is made again within the hour; meanwhile the timer finds all."""
    plant.merchant.create(LAMP)
    plant.deliver()
    plant.work()
    plant.down = True
    reprice(plant, "21.00")
    for seconds in (0, *RETRIES_S):
        plant.clock.advance(seconds)
        plant.deliver()
    assert len(plant.subscriptions()) == 3
    plant.down = False
    reprice(plant, "22.00")
    assert [flow for flow, _, _ in plant.deliver() if flow == IN] == []
    plant.clock.advance(120)
    actions.tick(IN)
    plant.work()
    assert price(plant) == Decimal("22.00")
    later(plant)
    assert len(plant.subscriptions()) == 4
    reprice(plant, "23.00")
    plant.deliver()
    plant.work()
    assert price(plant) == Decimal("23.00")


def test_looking_costs_nothing_more_than_once_an_hour(plant: Hooked) -> None:
    """Promise: within the hour housekeeping asks neither system; after it, CRM thrice and the shop once."""
    with metered() as usage:
        for _ in range(5):
            later(plant, HOUR_S / 6)
    assert usage.calls == 0
    with metered() as usage:
        later(plant, HOUR_S / 6)
    assert usage.calls == 4  # one for the row of the price list, which no process keeps for longer than ten minutes


def test_what_the_app_may_not_mend_is_told_once_and_its_end_once(
    plant: Hooked, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise: the app's own user may not register steps: one alert, however long it lasts, and one when it is over."""
    caplog.set_level(logging.WARNING)
    step = plant.rows("sdkmessageprocessingsteps")[0]["sdkmessageprocessingstepid"]
    plant.change("DELETE", f"sdkmessageprocessingsteps({step})")
    plant.as_app(REMOVE, id=plant.subscriptions()[0]["id"])
    for _ in range(3):
        later(plant)
    assert alerts(caplog) == [("webhooks", "crm")]
    assert len(plant.subscriptions()) == 4
    why = plant.app.state.alerts.open()["webhooks", "crm"]
    assert "prvCreateSdkMessageProcessingStep" in why
    assert "python -m ops setup" in why
    assert [step.done for step in plant.subscribe()] == [True] * 2  # the step, and the image that went with it
    later(plant)
    assert alerts(caplog) == [("webhooks", "crm"), ("cleared", "crm")]
    assert plant.app.state.switches.all() == {}


def test_an_app_that_may_not_even_look_says_which_right_it_needs(plant: Hooked) -> None:
    """Promise: without the right to read endpoints housekeeping names it and goes on; so does setup, and ends."""
    for actor in ("app", "admin"):
        plant.crm.take_privileges(actor, "prvReadServiceEndpoint")
    later(plant)
    assert "prvReadServiceEndpoint" in plant.app.state.alerts.open()["webhooks", "crm"]
    with pytest.raises(AuthFailed, match="system administrator"):
        plant.subscribe()


def test_a_system_that_does_not_answer_is_no_alert(plant: Hooked, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: trouble that passes is left to the next look; nothing is told of it and nothing raised."""
    plant.crm.core.faults.add("server_error", status=503, count=100)
    later(plant)
    assert "webhooks not seen" in caplog.messages
    assert alerts(caplog) == []


def test_doctor_names_what_is_missing(plant: Hooked) -> None:
    """Promise: each missing or wrong webhook is a finding with its fix, and a world that is set up has none."""
    assert [finding for finding in doctor(plant.app) if not finding.fine] == []
    plant.as_app(REMOVE, id=plant.subscriptions()[0]["id"])
    endpoint = plant.rows("serviceendpoints")[0]["serviceendpointid"]
    plant.change("PATCH", f"serviceendpoints({endpoint})", {"url": "https://x.example"})
    wrong = {finding.area: finding.sentence for finding in doctor(plant.app) if not finding.fine}
    assert set(wrong) == {"webhooks crm", f"webhooks {SHOP}"}
    assert all(sentence.endswith("Run: python -m ops setup") for sentence in wrong.values())


@pytest.mark.parametrize(
    ("setting", "area"), [("SHOPIFY_CLIENT_SECRET", f"webhooks {SHOP}"), ("DATAVERSE_WEBHOOK_KEY", "webhooks crm")]
)
def test_without_a_secret_nothing_is_subscribed(plant: Hooked, setting: str, area: str) -> None:
    """Promise: webhooks that could not be told from forged ones are not asked for; the missing setting is named."""
    app = plant.admin(**{setting: "", "SHOPIFY_TOKEN": plant.shopify.config.token})
    (step,) = [step for step in install.subscribe(app) if step.needed]
    assert (step.name, step.failed) == ("webhooks", True)
    (finding,) = [each for each in doctor(app) if each.area == area]
    assert setting in finding.sentence


def test_where_no_address_is_known_nothing_is_asked_and_nothing_removed(plant: Hooked) -> None:
    """Promise: on a laptop, where WEBHOOKS_URL is empty, setup and doctor say that webhooks are off and touch none."""
    app = plant.wired({**ENVIRONMENT, "DATAVERSE_TOKEN": "admin-token"})
    before = plant.subscriptions()
    with metered() as usage:
        (step,) = install.subscribe(app)
    assert (step.needed, usage.calls) == (False, 0)
    assert step.name.startswith("off: WEBHOOKS_URL is empty")
    (finding,) = [each for each in doctor(app) if each.area == "webhooks"]
    assert (finding.fine, finding.sentence) == (True, step.name)
    plant.app = app
    later(plant)
    assert plant.subscriptions() == before
    assert OUT in str(plant.rows("serviceendpoints"))
