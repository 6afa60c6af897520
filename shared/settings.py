"""The only module that reads the environment: one frozen Settings value, built once, handed to everybody else.

Every setting, its default and where to find its value stands in shared/settings_list.py. A missing or unreadable one
raises SettingMissing with a sentence that says where to get it. Holds no clients.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from shared import document_settings
from shared import settings_values as values
from shared.errors import SettingMissing
from shared.importing import OrdersWhen
from shared.mapping.tables import FLOW as TABLES
from shared.mapping.tables import STEM, name_of, stem_of
from shared.settings_list import SETTINGS
from shared.sync.flow import Flow, Mode, Timing


@dataclass(frozen=True, slots=True)
class ShopifySettings:
    """How one shop is reached."""

    shop: str
    endpoint: str
    api_version: str
    client_id: str
    client_secret: str = field(repr=False)
    old_client_secret: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def key(self) -> str:
        """The shop's short name, fit for a column name: acme.myshopify.com → acme."""
        return re.sub(r"[^a-z0-9]", "", self.shop.split(".", 1)[0].lower())


@dataclass(frozen=True, slots=True)
class Principal:
    """The app registration that signs in to Dataverse, where the settings name one; else every text is empty."""

    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataverseSettings:
    """How the CRM environment is reached, and what new rows get there."""

    url: str
    token: str = field(repr=False)
    webhook_key: str = field(repr=False)
    old_webhook_key: str = field(repr=False)
    price_list: str
    unit_group: str
    unit: str
    team: str
    guest_account: str


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """The app's storage account: a connection string (local) or an account name (identity)."""

    connection_string: str = field(repr=False)
    account_name: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What housekeeping raises an alert for."""

    poll_min: float
    lag_s: float
    queue: float


class Modes(dict[str, Mode]):
    """Each flow's mode; a table that is not carried is off."""

    def __missing__(self, name: str) -> Mode:
        if stem_of(name):
            return Mode.OFF
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the app was told."""

    shops: tuple[ShopifySettings, ...]
    dataverse: DataverseSettings
    principal: Principal
    storage: StorageSettings
    webhooks_url: str
    """Where webhooks are sent; empty: they are off, and timers find the changes."""
    mappings: Path
    timing: Timing
    modes: Mapping[str, Mode]
    tables: tuple[str, ...]
    """The files in mappings/tables/ that are carried."""
    publish: bool
    reactivate: bool
    recreate: bool
    anonymise: bool
    order_currency: str
    orders_since: datetime | None
    orders_when: OrdersWhen
    orders_wait_days: int
    orders_reopen: bool
    documents: document_settings.DocumentSettings
    overlap_s: float
    lag_s: float
    outstanding: int
    permits: int
    limits: Limits
    compare_hour: int
    journal_days: int
    runs_days: int

    def orders_digest(self) -> str:
        """What of the settings decides what becomes of an order."""
        return f"{self.orders_when} {self.orders_wait_days} {self.orders_reopen}"


def read(environment: Mapping[str, str] | None = None, *, flows: tuple[Flow, ...] = ()) -> Settings:
    """The settings of this process. Raises SettingMissing naming the setting and where its value is found."""
    env = os.environ if environment is None else environment
    shops, tables = _shops(env), _tables(env)
    return Settings(
        shops=shops,
        dataverse=_dataverse(env),
        principal=Principal(*values.registration(env)),
        storage=_storage(env),
        webhooks_url=_webhooks_url(env),
        mappings=Path(values.text(env, "MAPPINGS_DIR")),
        timing=_timing(env),
        modes=_modes(env, flows, tables),
        tables=tables,
        publish=values.truth(env, "PRODUCT_PUBLISH"),
        reactivate=values.truth(env, "CUSTOMER_REACTIVATE"),
        recreate=values.truth(env, "CUSTOMER_RECREATE"),
        anonymise=values.truth(env, "CUSTOMER_ANONYMISE"),
        order_currency=values.choice(env, "ORDER_CURRENCY", ("shop", "presentment")),
        orders_since=values.moment(env, "ORDERS_SINCE"),
        orders_when=OrdersWhen(values.choice(env, "ORDERS_WHEN", tuple(OrdersWhen))),
        orders_wait_days=values.whole(env, "ORDERS_WAIT_DAYS"),
        orders_reopen=values.truth(env, "ORDERS_REOPEN"),
        documents=document_settings.read(env, [shop.shop for shop in shops]),
        overlap_s=values.number(env, "SYNC_OVERLAP_S"),
        lag_s=values.number(env, "SYNC_LAG_S"),
        outstanding=values.whole(env, "SYNC_OUTSTANDING"),
        permits=values.whole(env, "SYNC_PERMITS"),
        limits=Limits(*(values.number(env, f"ALERT_{name}") for name in ("POLL_MIN", "LAG_S", "QUEUE"))),
        compare_hour=values.whole(env, "COMPARE_HOUR", least=0, most=23),
        journal_days=values.whole(env, "JOURNAL_DAYS"),
        runs_days=values.whole(env, "RUNS_DAYS"),
    )


def missing(environment: Mapping[str, str] | None = None) -> list[str]:
    """The sentences for every setting without which nothing runs: `doctor` and `make run LIVE=1` print them all."""
    env = os.environ if environment is None else environment
    needed = [known for known in SETTINGS if known.default is None]
    sentences = [values.absent(known) for known in needed if not env.get(known.name, "").strip()]
    if not all(_can_sign_in(env, shop) for shop in values.listed(env.get("SHOPIFY_SHOPS", "")) or [""]):
        sentences.append(values.absent(values.KNOWN["SHOPIFY_CLIENT_ID"]))
        sentences.append(values.absent(values.KNOWN["SHOPIFY_CLIENT_SECRET"]))
    return sentences


def _can_sign_in(env: Mapping[str, str], shop: str) -> bool:
    """Whether a shop, or every shop (""), has a token, or a client id and its secret."""
    names = ("TOKEN", "CLIENT_ID", "CLIENT_SECRET")
    token, client_id, secret = (values.text(env, f"SHOPIFY_{name}", shop) for name in names)
    return bool(token or (client_id and secret))


def _tables(env: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(values.listed(values.text(env, "TABLES"))))
    wrong = next((name for name in names if not STEM.fullmatch(name)), None)
    if wrong is not None:
        sentence = f"Setting TABLES names '{wrong}'; it has to name files of mappings/tables/, without .toml."
        raise SettingMissing(sentence, facts={"setting": "TABLES"})
    return names


def _modes(env: Mapping[str, str], flows: tuple[Flow, ...], tables: tuple[str, ...]) -> Modes:
    """The flows', and the tables', which is their flow's."""
    modes = Modes({flow.name: _mode(env, flow) for flow in flows})
    if TABLES in modes:
        modes.update({name_of(table): modes[TABLES] for table in tables})
    return modes


def _mode(env: Mapping[str, str], flow: Flow) -> Mode:
    text = (env.get(f"{flow.setting}_MODE") or Mode.OFF.value).strip().lower()
    if text not in {mode.value for mode in Mode}:
        raise SettingMissing(f"Setting {flow.setting}_MODE is '{text}'; it has to be off, plan or on.")
    return Mode(text)


def _shops(env: Mapping[str, str]) -> tuple[ShopifySettings, ...]:
    text = values.text(env, "SHOPIFY_SHOPS")
    if not values.listed(text):
        sentence = f"Setting SHOPIFY_SHOPS is '{text}'; it has to name at least one shop (name.myshopify.com)."
        raise SettingMissing(sentence, facts={"setting": "SHOPIFY_SHOPS"})
    return tuple(_shop(env, shop) for shop in values.listed(text))


def _shop(env: Mapping[str, str], shop: str) -> ShopifySettings:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*\.myshopify\.com", shop):
        raise SettingMissing(f"'{shop}' in SHOPIFY_SHOPS is not a canonical domain: it has to be name.myshopify.com.")
    endpoint = values.text(env, "SHOPIFY_ENDPOINT", shop)
    return ShopifySettings(
        shop=shop,
        endpoint=endpoint or f"https://{shop}",
        api_version=values.text(env, "SHOPIFY_API_VERSION", shop),
        client_id=values.text(env, "SHOPIFY_CLIENT_ID", shop),
        client_secret=values.text(env, "SHOPIFY_CLIENT_SECRET", shop),
        old_client_secret=values.text(env, "SHOPIFY_OLD_CLIENT_SECRET", shop),
        token=values.text(env, "SHOPIFY_TOKEN", shop),
    )


def _dataverse(env: Mapping[str, str]) -> DataverseSettings:
    url = values.text(env, "DATAVERSE_URL").rstrip("/")
    if not re.fullmatch(r"(https://[A-Za-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:\d+)?", url):
        sentence = f"Setting DATAVERSE_URL is '{url}'; it has to be https:// and a host alone (ORG.crm.dynamics.com)."
        raise SettingMissing(sentence, facts={"setting": "DATAVERSE_URL"})
    return DataverseSettings(
        url=url,
        token=values.text(env, "DATAVERSE_TOKEN"),
        webhook_key=values.text(env, "DATAVERSE_WEBHOOK_KEY"),
        old_webhook_key=values.text(env, "DATAVERSE_OLD_WEBHOOK_KEY"),
        price_list=values.text(env, "CRM_PRICE_LIST"),
        unit_group=values.text(env, "CRM_UNIT_GROUP"),
        unit=values.text(env, "CRM_UNIT"),
        team=values.text(env, "CRM_TEAM"),
        guest_account=values.text(env, "CRM_GUEST_ACCOUNT"),
    )


def _storage(env: Mapping[str, str]) -> StorageSettings:
    connection = env.get("AzureWebJobsStorage", "").strip()
    account = env.get("AzureWebJobsStorage__accountName", "").strip()
    if not connection and not account:
        raise SettingMissing(
            "Setting AzureWebJobsStorage (a connection string) or AzureWebJobsStorage__accountName is missing: "
            "Azure portal, your storage account, Access keys or Overview.",
            facts={"setting": "AzureWebJobsStorage"},
        )
    return StorageSettings(connection, account)


def _webhooks_url(env: Mapping[str, str]) -> str:
    """The given address, or the one that Azure gives the app (WEBSITE_HOSTNAME; Core Tools name localhost there)."""
    url = values.text(env, "WEBHOOKS_URL").rstrip("/")
    host = env.get("WEBSITE_HOSTNAME", "").strip()
    if not url and host and not host.startswith(("localhost", "127.")):
        url = f"https://{host}"
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1")
    if url and not url.startswith("https://") and not (url.startswith("http://") and local):
        sentence = f"Setting WEBHOOKS_URL is '{url}'; it has to begin with https:// (Shopify takes no other address)."
        raise SettingMissing(sentence, facts={"setting": "WEBHOOKS_URL"})
    return url


def _timing(env: Mapping[str, str]) -> Timing:
    timeout_s, lease_s = values.number(env, "SYNC_TIMEOUT_S"), values.number(env, "SYNC_LEASE_S")
    if lease_s <= timeout_s:
        sentence = (
            f"Setting SYNC_LEASE_S is {lease_s:g}; it has to be more than SYNC_TIMEOUT_S ({timeout_s:g}), "
            "or two workers may write one record."
        )
        raise SettingMissing(sentence, facts={"setting": "SYNC_LEASE_S"})
    return Timing(
        timeout_s=timeout_s,
        lease_s=lease_s,
        content_age_s=values.number(env, "SYNC_CONTENT_AGE_S"),
        retry_age_s=values.number(env, "SYNC_RETRY_AGE_S"),
        worker_s=values.number(env, "SYNC_WORKER_S"),
    )
