"""Settings: read once, and every one that is missing or unreadable says where its value is found."""

from __future__ import annotations

import pytest

from shared import settings
from shared.errors import SettingMissing
from shared.flows import FLOWS
from shared.sync.flow import Mode

COMPLETE = {
    "SHOPIFY_SHOPS": "acme-shop.myshopify.com, second.myshopify.com",
    "SHOPIFY_TOKEN": "first",
    "SHOPIFY_TOKEN__SECOND": "second",
    "DATAVERSE_URL": "https://acme.crm.dynamics.com/",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}


def test_a_complete_environment_is_read() -> None:
    """Defaults fill what is not given, and a shop's own value wins over the common one."""
    read = settings.read(COMPLETE, flows=FLOWS)
    assert [(shop.key, shop.token) for shop in read.shops] == [("acmeshop", "first"), ("second", "second")]
    assert read.dataverse.url == "https://acme.crm.dynamics.com"
    assert read.timing.lease_s == 240
    assert set(read.modes.values()) == {Mode.OFF}


@pytest.mark.parametrize("name", ["SHOPIFY_SHOPS", "DATAVERSE_URL", "AzureWebJobsStorage"])
def test_what_is_missing_is_named(name: str) -> None:
    """A missing setting is refused by name, with the place where its value is found."""
    with pytest.raises(SettingMissing, match=name):
        settings.read({key: value for key, value in COMPLETE.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNC_LEASE_S", "soon"),
        ("SYNC_LEASE_S", "nan"),
        ("SYNC_LAG_S", "-1"),
        ("PRODUCT_PUBLISH", "yes"),
        ("PRODUCTS_CRM_TO_SHOPIFY_MODE", "maybe"),
        ("SHOPIFY_SHOPS", "www.acme.com"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_value(name: str, value: str) -> None:
    """A value of the wrong kind is refused, and the sentence shows it."""
    with pytest.raises(SettingMissing, match=value):
        settings.read({**COMPLETE, name: value}, flows=FLOWS)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SYNC_PERMITS", "0", "Setting SYNC_PERMITS is '0'; it has to be a whole number of 1 or more."),
        ("SYNC_OUTSTANDING", "0", "Setting SYNC_OUTSTANDING is '0'"),
        ("JOURNAL_DAYS", "0", "Setting JOURNAL_DAYS is '0'"),
        ("RUNS_DAYS", "0.5", "Setting RUNS_DAYS is '0.5'"),
        ("COMPARE_HOUR", "24", "Setting COMPARE_HOUR is '24'; it has to be a whole number from 0 to 23."),
        ("SHOPIFY_SHOPS", ",", "Setting SHOPIFY_SHOPS is ','; it has to name at least one shop"),
        ("DATAVERSE_TENANT_ID", "our-tenant", "Setting DATAVERSE_CLIENT_ID is missing: client id of that registration"),
        ("DATAVERSE_CLIENT_SECRET", "s", "Setting DATAVERSE_TENANT_ID is missing: tenant id of the app registration"),
        *(
            ("DATAVERSE_URL", url, f"Setting DATAVERSE_URL is '{url}'; it has to be https://")
            for url in ("acme.crm.dynamics.com", "http://acme.crm.dynamics.com", "https://a.example/main.aspx?id=1")
        ),
        (
            "SYNC_TIMEOUT_S",
            "600",
            "Setting SYNC_LEASE_S is 240; it has to be more than SYNC_TIMEOUT_S (600), or two workers may write one "
            "record.",
        ),
    ],
)
def test_a_value_that_cannot_work_is_refused_at_the_start(name: str, value: str, said: str) -> None:
    """Promise: a limit out of its range is named with what it has to be, before anything runs with it."""
    with pytest.raises(SettingMissing) as refused:
        settings.read({**COMPLETE, name: value}, flows=FLOWS)
    assert refused.value.sentence.startswith(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMPARE_HOUR", "0"),
        ("DATAVERSE_URL", "http://127.0.0.1:7072"),
        ("DATAVERSE_URL", "https://127.0.0.1:7072/"),
        ("SYNC_TIMEOUT_S", "239"),
    ],
)
def test_what_a_sandbox_and_the_edges_need_is_taken(name: str, value: str) -> None:
    """Promise: midnight, an address on this machine and a time-out just below the lease are no mistakes."""
    settings.read({**COMPLETE, name: value}, flows=FLOWS)


@pytest.mark.parametrize(
    ("given", "enough"),
    [
        ({"SHOPIFY_TOKEN__ACMESHOP": "a", "SHOPIFY_TOKEN__SECOND": "b"}, True),
        ({"SHOPIFY_TOKEN__ACMESHOP": "a", "SHOPIFY_CLIENT_ID": "c", "SHOPIFY_CLIENT_SECRET__SECOND": "d"}, True),
        ({"SHOPIFY_TOKEN__ACMESHOP": "a"}, False),
        ({"SHOPIFY_TOKEN__ACMESHOP": "a", "SHOPIFY_CLIENT_ID__SECOND": "c"}, False),
    ],
)
def test_every_shop_signs_in_with_its_own_or_the_common_values(given: dict[str, str], enough: bool) -> None:
    """Promise: the client id is called missing exactly where a shop has neither a token nor an id and its secret."""
    others = {name: value for name, value in COMPLETE.items() if not name.startswith("SHOPIFY_TOKEN")}
    sentences = " ".join(settings.missing({**others, **given}))
    assert ("SHOPIFY_CLIENT_ID" not in sentences) is enough


def test_a_registration_names_its_tenant() -> None:
    """Promise: what cannot be a tenant is refused before it becomes part of an address."""
    given = {"DATAVERSE_TENANT_ID": "our tenant", "DATAVERSE_CLIENT_ID": "c", "DATAVERSE_CLIENT_SECRET": "s"}
    with pytest.raises(SettingMissing, match="Setting DATAVERSE_TENANT_ID is 'our tenant'"):
        settings.read({**COMPLETE, **given}, flows=FLOWS)


def test_secrets_do_not_show() -> None:
    """Printing settings shows no token, secret or key."""
    secret = "very-secret-value"
    named = (
        "SHOPIFY_TOKEN",
        "SHOPIFY_CLIENT_SECRET",
        "DATAVERSE_TOKEN",
        "DATAVERSE_CLIENT_SECRET",
        "DATAVERSE_WEBHOOK_KEY",
        "AzureWebJobsStorage",
    )
    registration = {"DATAVERSE_TENANT_ID": "t", "DATAVERSE_CLIENT_ID": "c"}
    given = {**COMPLETE, **registration, **dict.fromkeys(named, secret)}
    assert secret not in repr(settings.read(given, flows=FLOWS))


@pytest.mark.parametrize("shop", ["www.acme.com", "https://acme.myshopify.com", "a.myshopify.com.", "x/.myshopify.com"])
def test_a_shop_is_named_by_its_canonical_domain(shop: str) -> None:
    """Webhooks and endpoints are told apart by it, so anything else is refused and not guessed at."""
    with pytest.raises(SettingMissing, match=r"name\.myshopify\.com"):
        settings.read({**COMPLETE, "SHOPIFY_SHOPS": shop}, flows=FLOWS)


def test_everything_missing_is_said_at_once() -> None:
    """Whoever starts from nothing gets the whole list, not one sentence at a time."""
    sentences = " ".join(settings.missing({}))
    assert all(name in sentences for name in ("SHOPIFY_SHOPS", "DATAVERSE_URL", "SHOPIFY_CLIENT_ID", "SECRET"))
    assert settings.missing(COMPLETE) == []


@pytest.mark.parametrize(
    ("given", "host", "address"),
    [
        ("", "", ""),
        ("", "acme.azurewebsites.net", "https://acme.azurewebsites.net"),
        ("https://hooks.acme.example/", "acme.azurewebsites.net", "https://hooks.acme.example"),
        ("", "localhost:7071", ""),
        ("http://127.0.0.1:7071", "", "http://127.0.0.1:7071"),
    ],
)
def test_webhooks_go_to_the_given_address_or_to_azures_own(given: str, host: str, address: str) -> None:
    """Promise: without a setting only the host name that Azure gives counts; a laptop's local host is no address."""
    assert settings.read({**COMPLETE, "WEBHOOKS_URL": given, "WEBSITE_HOSTNAME": host}).webhooks_url == address


@pytest.mark.parametrize("given", ["http://hooks.acme.example", "hooks.acme.example", "ftp://127.0.0.1"])
def test_webhooks_never_travel_in_the_clear(given: str) -> None:
    """Promise: an address without https is refused by name, except on this machine."""
    with pytest.raises(SettingMissing, match="WEBHOOKS_URL"):
        settings.read({**COMPLETE, "WEBHOOKS_URL": given})
