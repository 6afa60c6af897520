"""The only module that reads the environment: one frozen Settings value, built once, handed to everybody else.

Every setting, its default and where to find its value stands in SETTINGS below; docs/settings.md is checked against
it. A missing or unreadable one raises SettingMissing with a sentence that says where to get it. Holds no clients.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shared.errors import SettingMissing
from shared.sync.flow import Flow, Mode, Timing


@dataclass(frozen=True, slots=True)
class Known:
    """One setting: its name, its default (None: it has to be given) and what it is."""

    name: str
    default: str | None
    about: str


SETTINGS: tuple[Known, ...] = (
    Known(
        "SHOPIFY_SHOPS",
        None,
        "canonical shop domains, comma separated: Shopify admin, Settings, Domains (*.myshopify.com)",
    ),
    Known("SHOPIFY_CLIENT_ID", "", "client id of your app: dev.shopify.com, your app, Settings"),
    Known("SHOPIFY_CLIENT_SECRET", "", "client secret of your app, also the key of its webhooks: same page"),
    Known("SHOPIFY_OLD_CLIENT_SECRET", "", "the secret before a rotation, accepted for webhooks while both are in use"),
    Known("SHOPIFY_TOKEN", "", "Admin API token of a legacy custom app (shpat_…); instead of client id and secret"),
    Known("SHOPIFY_ENDPOINT", "", "base URL when it is not https://{shop}: a sandbox"),
    Known("SHOPIFY_API_VERSION", "2026-10", "Admin API version; queries are tested against this one"),
    Known(
        "DATAVERSE_URL", None, "address of your environment: Power Platform admin centre, Environments, Environment URL"
    ),
    Known("DATAVERSE_TOKEN", "", "a fixed bearer token, for a sandbox only; else azure-identity signs in"),
    Known("DATAVERSE_WEBHOOK_KEY", "", "the value of the x-api-key header that the Dataverse webhooks send"),
    Known("DATAVERSE_OLD_WEBHOOK_KEY", "", "the key before a rotation"),
    Known(
        "WEBHOOKS_URL",
        "",
        "public address of the app that webhooks are sent to (https://…); empty: in Azure its own, elsewhere none are "
        "wanted",
    ),
    Known("CRM_PRICE_LIST", "", "name of the price list that prices are read from and written to; empty: the only one"),
    Known("CRM_UNIT_GROUP", "Default Unit", "name of the unit group of new products"),
    Known("CRM_UNIT", "Primary Unit", "name of the default unit of new products"),
    Known("CRM_TEAM", "", "name of the team that owns new rows; empty: the app's own user"),
    Known("PRODUCT_PUBLISH", "true", "publish new CRM products (Dataverse refuses drafts on order lines)"),
    Known("MAPPINGS_DIR", "mappings", "folder of the mapping files"),
    Known("SYNC_TIMEOUT_S", "60", "longest wait for one answer, seconds"),
    Known("SYNC_LEASE_S", "240", "how long a claim on a pair lasts, seconds; at least time-out + 120 unless a test"),
    Known("SYNC_OVERLAP_S", "300", "how far a poll reaches back behind its cursor, seconds"),
    Known("SYNC_LAG_S", "60", "how long a change must have settled before a poll takes it, seconds"),
    Known("SYNC_CONTENT_AGE_S", "300", "content older than this is read again before it is applied, seconds"),
    Known("SYNC_RETRY_AGE_S", "86400", "how long a record is retried before it is parked, seconds"),
    Known("SYNC_WORKER_S", "240", "how long one worker run may take before it hands on, seconds"),
    Known("SYNC_OUTSTANDING", "20", "pages of one flow that may wait on its queues"),
    Known("SYNC_PERMITS", "8", "workers that may write to one system at a time, over all instances"),
    Known("ALERT_POLL_MIN", "60", "minutes without a finished poll before an alert; more than your longest schedule"),
    Known("ALERT_LAG_S", "900", "seconds that a change may wait on the live queue before an alert"),
    Known("ALERT_QUEUE", "500", "messages that may wait for a flow; above, three growths in a row raise an alert"),
    Known("COMPARE_HOUR", "2", "hour of the day, UTC, from which the nightly comparison of ids begins"),
    Known("JOURNAL_DAYS", "30", "days that pages and outcomes are kept"),
    Known("RUNS_DAYS", "90", "days that run rows are kept"),
)
_KNOWN = {known.name: known for known in SETTINGS}


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


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the app was told."""

    shops: tuple[ShopifySettings, ...]
    dataverse: DataverseSettings
    storage: StorageSettings
    webhooks_url: str
    """Where webhooks are sent; empty: they are off, and timers find the changes."""
    mappings: Path
    timing: Timing
    modes: Mapping[str, Mode]
    publish: bool
    overlap_s: float
    lag_s: float
    outstanding: int
    permits: int
    limits: Limits
    compare_hour: int
    journal_days: int
    runs_days: int


def read(environment: Mapping[str, str] | None = None, *, flows: tuple[Flow, ...] = ()) -> Settings:
    """The settings of this process. Raises SettingMissing naming the setting and where its value is found."""
    env = os.environ if environment is None else environment
    return Settings(
        shops=tuple(
            _shop(env, shop.strip().lower()) for shop in _text(env, "SHOPIFY_SHOPS").split(",") if shop.strip()
        ),
        dataverse=_dataverse(env),
        storage=_storage(env),
        webhooks_url=_webhooks_url(env),
        mappings=Path(_text(env, "MAPPINGS_DIR")),
        timing=_timing(env),
        modes={flow.name: _mode(env, flow) for flow in flows},
        publish=_truth(env, "PRODUCT_PUBLISH"),
        overlap_s=_number(env, "SYNC_OVERLAP_S"),
        lag_s=_number(env, "SYNC_LAG_S"),
        outstanding=int(_number(env, "SYNC_OUTSTANDING")),
        permits=int(_number(env, "SYNC_PERMITS")),
        limits=Limits(_number(env, "ALERT_POLL_MIN"), _number(env, "ALERT_LAG_S"), _number(env, "ALERT_QUEUE")),
        compare_hour=int(_number(env, "COMPARE_HOUR")),
        journal_days=int(_number(env, "JOURNAL_DAYS")),
        runs_days=int(_number(env, "RUNS_DAYS")),
    )


def missing(environment: Mapping[str, str] | None = None) -> list[str]:
    """The sentences for every setting without which nothing runs: `doctor` and `make run LIVE=1` print them all."""
    env = os.environ if environment is None else environment
    sentences = [_absent(known) for known in SETTINGS if known.default is None and not env.get(known.name, "").strip()]
    if not env.get("SHOPIFY_TOKEN") and not (env.get("SHOPIFY_CLIENT_ID") and env.get("SHOPIFY_CLIENT_SECRET")):
        sentences.append(_absent(_KNOWN["SHOPIFY_CLIENT_ID"]))
        sentences.append(_absent(_KNOWN["SHOPIFY_CLIENT_SECRET"]))
    return sentences


def _absent(known: Known) -> str:
    return f"Setting {known.name} is missing: {known.about}."


def _text(env: Mapping[str, str], name: str, shop: str = "") -> str:
    """The setting's text; a shop's own value stands under NAME__SHOPKEY."""
    known = _KNOWN[name]
    own = env.get(f"{name}__{re.sub(r'[^A-Z0-9]', '', shop.split('.', 1)[0].upper())}") if shop else None
    value = (own or env.get(name) or "").strip()
    if value:
        return value
    if known.default is None:
        raise SettingMissing(_absent(known), facts={"setting": name})
    return known.default


def _number(env: Mapping[str, str], name: str) -> float:
    text = _text(env, name)
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise SettingMissing(f"Setting {name} is '{text}', which is not a number.", facts={"setting": name})
    return float(text)


def _truth(env: Mapping[str, str], name: str) -> bool:
    text = _text(env, name).lower()
    if text not in ("true", "false"):
        raise SettingMissing(f"Setting {name} is '{text}'; it has to be true or false.", facts={"setting": name})
    return text == "true"


def _mode(env: Mapping[str, str], flow: Flow) -> Mode:
    text = (env.get(f"{flow.setting}_MODE") or Mode.OFF.value).strip().lower()
    if text not in {mode.value for mode in Mode}:
        raise SettingMissing(f"Setting {flow.setting}_MODE is '{text}'; it has to be off, plan or on.")
    return Mode(text)


def _shop(env: Mapping[str, str], shop: str) -> ShopifySettings:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*\.myshopify\.com", shop):
        raise SettingMissing(f"'{shop}' in SHOPIFY_SHOPS is not a canonical domain: it has to be name.myshopify.com.")
    endpoint = _text(env, "SHOPIFY_ENDPOINT", shop)
    return ShopifySettings(
        shop=shop,
        endpoint=endpoint or f"https://{shop}",
        api_version=_text(env, "SHOPIFY_API_VERSION", shop),
        client_id=_text(env, "SHOPIFY_CLIENT_ID", shop),
        client_secret=_text(env, "SHOPIFY_CLIENT_SECRET", shop),
        old_client_secret=_text(env, "SHOPIFY_OLD_CLIENT_SECRET", shop),
        token=_text(env, "SHOPIFY_TOKEN", shop),
    )


def _dataverse(env: Mapping[str, str]) -> DataverseSettings:
    return DataverseSettings(
        url=_text(env, "DATAVERSE_URL").rstrip("/"),
        token=_text(env, "DATAVERSE_TOKEN"),
        webhook_key=_text(env, "DATAVERSE_WEBHOOK_KEY"),
        old_webhook_key=_text(env, "DATAVERSE_OLD_WEBHOOK_KEY"),
        price_list=_text(env, "CRM_PRICE_LIST"),
        unit_group=_text(env, "CRM_UNIT_GROUP"),
        unit=_text(env, "CRM_UNIT"),
        team=_text(env, "CRM_TEAM"),
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
    url = _text(env, "WEBHOOKS_URL").rstrip("/")
    host = env.get("WEBSITE_HOSTNAME", "").strip()
    if not url and host and not host.startswith(("localhost", "127.")):
        url = f"https://{host}"
    local = urlsplit(url).hostname in ("localhost", "127.0.0.1")
    if url and not url.startswith("https://") and not (url.startswith("http://") and local):
        sentence = f"Setting WEBHOOKS_URL is '{url}'; it has to begin with https:// (Shopify takes no other address)."
        raise SettingMissing(sentence, facts={"setting": "WEBHOOKS_URL"})
    return url


def _timing(env: Mapping[str, str]) -> Timing:
    return Timing(
        timeout_s=_number(env, "SYNC_TIMEOUT_S"),
        lease_s=_number(env, "SYNC_LEASE_S"),
        content_age_s=_number(env, "SYNC_CONTENT_AGE_S"),
        retry_age_s=_number(env, "SYNC_RETRY_AGE_S"),
        worker_s=_number(env, "SYNC_WORKER_S"),
    )
