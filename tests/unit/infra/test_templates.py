"""The templates: every security property by itself, each shown to fail where it is missing, and names that agree."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.flows import FLOWS
from shared.kinds import KINDS
from shared.settings_list import SETTINGS
from shared.state.permits import PERMITS
from shared.state.queues import queue_name
from shared.state.store import TABLES
from tests.unit.infra.bicep import Expression, Template, parse

INFRA = Path(__file__).parents[3] / "infra"
SECRET = {"SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET", "DATAVERSE_WEBHOOK_KEY"}
"""Settings that come from the vault."""
NOT_IN_AZURE = {
    *("SHOPIFY_OLD_CLIENT_SECRET", "SHOPIFY_TOKEN", "DATAVERSE_OLD_WEBHOOK_KEY"),  # secretSettings, when needed
    *("SHOPIFY_ENDPOINT", "DATAVERSE_TOKEN"),  # sandboxes
    "DATAVERSE_CLIENT_SECRET",  # the app's identity signs in; or secretSettings
}
FORBIDDEN_ON_FLEX = re.compile(
    r"FUNCTIONS_WORKER_RUNTIME|FUNCTIONS_EXTENSION_VERSION|WEBSITE_|SCM_DO_BUILD|ENABLE_ORYX|linuxFxVersion"
)
Holds = Callable[[Template], bool]


def _text(name: str) -> str:
    return (INFRA / name).read_text("utf-8")


def _only(template: Template, kind: str) -> dict[str, Any]:
    (found,) = template.of_type(kind)
    return found


def _storage(template: Template) -> dict[str, Any]:
    return dict(_only(template, "Microsoft.Storage/storageAccounts")["properties"])


def _vault(template: Template) -> dict[str, Any]:
    return dict(_only(template, "Microsoft.KeyVault/vaults")["properties"])


def _app(template: Template) -> dict[str, Any]:
    return dict(_only(template, "Microsoft.Web/sites")["properties"])


def _roles(template: Template) -> set[str]:
    """The role ids that stand in a template."""
    texts = json.dumps(template.variables, default=lambda each: each.text)
    return set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", texts))


def _rule(template: Template) -> dict[str, Any]:
    return _only(template, "Microsoft.Insights/scheduledQueryRules")


STORAGE, VAULT, APP, TELEMETRY, ALERTS = (
    f"modules/{name}.bicep" for name in ("storage", "vault", "app", "monitoring", "alerts")
)
JOURNAL_DAYS = next(known.default for known in SETTINGS if known.name == "JOURNAL_DAYS")
BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
QUEUES = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
TABLE_ROLE = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
PROPERTIES: dict[str, tuple[str, Holds, str, str]] = {
    "storage has no keys": (
        STORAGE, lambda t: _storage(t)["allowSharedKeyAccess"] is False,
        "allowSharedKeyAccess: false", "allowSharedKeyAccess: true",
    ),
    "no blob is public": (
        STORAGE, lambda t: _storage(t)["allowBlobPublicAccess"] is False,
        "allowBlobPublicAccess: false", "allowBlobPublicAccess: true",
    ),
    "no container is public": (
        STORAGE,
        lambda t: all(each["properties"]["publicAccess"] == "None"
                      for each in t.of_type("Microsoft.Storage/storageAccounts/blobServices/containers")),
        "publicAccess: 'None'", "publicAccess: 'Blob'",
    ),
    "storage speaks TLS 1.2 and HTTPS alone": (
        STORAGE,
        lambda t: (_storage(t)["minimumTlsVersion"], _storage(t)["supportsHttpsTrafficOnly"]) == ("TLS1_2", True),
        "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: 'TLS1_0'",
    ),
    "what a person was taken out of is not kept": (
        STORAGE,
        lambda t: _only(t, "Microsoft.Storage/storageAccounts/blobServices")["properties"]["deleteRetentionPolicy"]
        == {"enabled": False},
        "deleteRetentionPolicy: {\n      enabled: false", "deleteRetentionPolicy: {\n      enabled: true",
    ),
    "the app has the three data roles on storage and no other": (
        STORAGE, lambda t: _roles(t) == {BLOB_OWNER, QUEUES, TABLE_ROLE},
        TABLE_ROLE, "b24988ac-6180-42a0-ab88-20f7382dd24c",
    ),
    "roles go to the app's identity": (
        STORAGE,
        lambda t: all(each["properties"]["principalType"] == "ServicePrincipal"
                      for each in t.of_type("Microsoft.Authorization/roleAssignments")),
        "principalType: 'ServicePrincipal'", "principalType: 'Group'",
    ),
    "the journal ends by itself": (
        STORAGE,
        lambda t: _only(t, "Microsoft.Storage/storageAccounts/managementPolicies")["properties"]["policy"]["rules"][0]
        ["definition"]["filters"]["prefixMatch"] == ["journal/", "outcomes/"],
        "['journal/', 'outcomes/']", "['journal/']",
    ),
    "the vault goes by roles": (
        VAULT, lambda t: _vault(t)["enableRbacAuthorization"] is True,
        "enableRbacAuthorization: true", "enableRbacAuthorization: false",
    ),
    "the vault cannot be purged": (
        VAULT, lambda t: (_vault(t)["enablePurgeProtection"], _vault(t)["enableSoftDelete"]) == (True, True),
        "enablePurgeProtection: true", "enablePurgeProtection: false",
    ),
    "the app may read secrets and nothing more": (
        VAULT, lambda t: _roles(t) == {"4633458b-17de-408a-b874-0445c86b69e6"},
        "4633458b-17de-408a-b874-0445c86b69e6", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    ),
    "whoever reads a secret is logged": (
        VAULT,
        lambda t: _only(t, "Microsoft.Insights/diagnosticSettings")["properties"]["logs"]
        == [{"categoryGroup": "audit", "enabled": True}],
        "categoryGroup: 'audit'\n        enabled: true", "categoryGroup: 'audit'\n        enabled: false",
    ),
    "telemetry takes no key": (
        TELEMETRY, lambda t: _only(t, "Microsoft.Insights/components")["properties"]["DisableLocalAuth"] is True,
        "DisableLocalAuth: true", "DisableLocalAuth: false",
    ),
    "the app may send telemetry and nothing more": (
        TELEMETRY, lambda t: _roles(t) == {"3913510d-42f4-4e42-8a64-420c390055eb"},
        "3913510d-42f4-4e42-8a64-420c390055eb", "b24988ac-6180-42a0-ab88-20f7382dd24c",
    ),
    "the app answers HTTPS alone": (
        APP, lambda t: _app(t)["httpsOnly"] is True, "httpsOnly: true", "httpsOnly: false",
    ),
    "the app speaks TLS 1.2 and no FTP": (
        APP,
        lambda t: (_app(t)["siteConfig"]["minTlsVersion"], _app(t)["siteConfig"]["ftpsState"]) == ("1.2", "Disabled"),
        "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'",
    ),
    "nobody deploys with a password": (
        APP,
        lambda t: [each["properties"]["allow"]
                   for each in t.of_type("Microsoft.Web/sites/basicPublishingCredentialsPolicies")] == [False, False],
        "name: 'scm'\n  properties: {\n    allow: false", "name: 'scm'\n  properties: {\n    allow: true",
    ),
    "the package is fetched by the identity": (
        APP,
        lambda t: _app(t)["functionAppConfig"]["deployment"]["storage"]["authentication"]["type"]
        == "UserAssignedIdentity",
        "            type: 'UserAssignedIdentity'", "            type: 'SystemAssignedIdentity'",
    ),
    "vault references use the identity": (
        APP, lambda t: _app(t)["keyVaultReferenceIdentity"] == Expression("identityId"),
        "    keyVaultReferenceIdentity: identityId\n", "    keyVaultReferenceIdentity: name\n",
    ),
    "storage is reached by the identity, without a connection string": (
        APP,
        lambda t: t.variables["host"].get("AzureWebJobsStorage__credential") == "managedidentity"
        and "AzureWebJobsStorage" not in t.variables["host"],
        "AzureWebJobsStorage__credential: 'managedidentity'", "AzureWebJobsStorage: 'AccountKey=x'",
    ),
    "no setting that Flex Consumption refuses": (
        APP, lambda t: not FORBIDDEN_ON_FLEX.search(" ".join([*t.variables["host"], *t.variables["defaults"]])),
        "  AZURE_CLIENT_ID: identityClientId", "  FUNCTIONS_WORKER_RUNTIME: 'python'",
    ),
    "what the host needs takes no setting of the app's place": (
        APP, lambda t: not {known.name for known in SETTINGS} & set(t.variables["host"]),
        "  AZURE_CLIENT_ID: identityClientId", "  DATAVERSE_CLIENT_ID: identityClientId",
    ),
    "a further secret takes none away": (
        APP,
        lambda t: all(f"    {name}: '" in t.variables["secretNames"].text for name in SECRET)
        and t.variables["secretNames"].text.startswith("union(")
        and "items(secretNames)" in t.variables["secrets"].text,
        "items(secretNames)", "items(secretSettings)",
    ),
    "the journal's rule and the app go by one number of days": (
        "main.bicep",
        lambda t: t.modules["app"][1]["params"]["journalDays"] == Expression("journalDays")
        and t.modules["storage"][1]["params"]["journalDays"] == Expression("int(journalDays)")
        and "journalDays" not in t.parameters
        and t.variables["journalDays"] == Expression(f"string(settings.?JOURNAL_DAYS ?? '{JOURNAL_DAYS}')"),
        "settings.?JOURNAL_DAYS ?? '30'", "'30'",
    ),
    "an alert that is told once is not closed by its window": (
        ALERTS,
        lambda t: _rule(t)["properties"]["autoMitigate"] == Expression("each.lasting")
        and {each["name"]: each["lasting"] for each in t.variables["rules"]}
        == {"trouble": False, "failures": True, "silence": True},
        "lasting: false", "lasting: true",
    ),
    "two troubles at once are two alerts": (
        ALERTS,
        lambda t: t.variables["rules"][0]["dimensions"] == ["kind", "target"]
        and "each.dimensions" in _rule(t)["properties"]["criteria"]["allOf"][0]["dimensions"].text
        and all(f"{name} = tostring(" in t.variables["rules"][0]["query"] for name in ("kind", "target")),
        "dimensions: ['kind', 'target']", "dimensions: []",
    ),
    "an event that arrives late is told": (
        ALERTS, lambda t: (t.variables["rules"][0]["every"], t.variables["rules"][0]["within"]) == ("PT5M", "PT10M"),
        "within: 'PT10M'", "within: 'PT5M'",
    ),
    "no flow is on by itself": (
        APP, lambda t: set(re.findall(r"_CRM: '(\w+)'|_SHOPIFY: '(\w+)'", t.variables["flowModes"].text)) == {
            ("off", ""), ("", "off")},
        "CUSTOMERS_SHOPIFY_TO_CRM: 'off'", "CUSTOMERS_SHOPIFY_TO_CRM: 'on'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_holds_and_is_missed_where_it_does_not(name: str) -> None:
    """Promise: the template has it, and the check is red for the same template without it."""
    file, holds, there, without = PROPERTIES[name]
    text = _text(file)
    assert holds(parse(text))
    assert there in text
    assert not holds(parse(text.replace(there, without, 1)))


def test_every_template_can_be_read() -> None:
    """Promise: all files are Bicep, and every module that main names exists and gets the parameters it has to get."""
    for path in INFRA.rglob("*.bicep"):
        assert parse(path.read_text("utf-8"))
    for kind, body in parse(_text("main.bicep")).modules.values():
        needed = parse(_text(kind)).parameters
        assert set(body["params"]) == set(needed), kind


def test_the_state_is_what_the_app_uses() -> None:
    """Promise: tables, containers, queues and poison queues are those of the code, so nothing is made at run time."""
    known = parse(_text(STORAGE)).variables
    assert known["tables"] == list(TABLES)
    assert known["containers"][:-1] == ["journal", "outcomes", PERMITS]
    queues = [queue_name(use, flow.name) for flow in FLOWS for use in ("sync", "load", "held")]
    assert sorted(f"{use}-{flow}" for flow in known["flows"] for use in known["uses"]) == sorted(queues)


def test_every_setting_stands_in_the_template_with_its_default() -> None:
    """Promise: what the code reads and the portal shows are the same names and the same defaults."""
    app, main = parse(_text(APP)), parse(_text("main.bicep"))
    shown = {**app.variables["defaults"], "JOURNAL_DAYS": JOURNAL_DAYS}  # which main hands on, see above
    wanted = {known.name: known.default for known in SETTINGS if known.name not in SECRET | NOT_IN_AZURE}
    required = {name for name, default in wanted.items() if default is None}
    assert set(app.variables["required"]) == required
    assert main.parameters["secretSettings"] == {}
    assert shown == {name: default for name, default in wanted.items() if default is not None}


@pytest.mark.parametrize("variable", ["flowModes", "flowSchedules"])
def test_every_flow_has_its_mode_and_schedule(variable: str) -> None:
    """Promise: a new flow cannot be left out of the deployment."""
    named = re.findall(r"^    ([A-Z_]+):", parse(_text(APP)).variables[variable].text, re.MULTILINE)
    extra = ["HOUSEKEEPING"] if variable == "flowSchedules" else []
    assert sorted(named) == sorted([flow.setting for flow in FLOWS] + extra)
    assert all(f"{flow.setting}: 'off'" in _text("main.bicepparam") for flow in FLOWS)


def test_alerts_read_what_the_app_writes() -> None:
    """Promise: the rule's query finds the log line of an alert as the app's formatter writes it."""
    rules = parse(_text("modules/alerts.bicep")).variables["rules"]
    query = next(rule["query"] for rule in rules if rule["name"] == "trouble")
    assert 'message startswith "alert {"' in query
    assert "substring(message, 6)" in query
    assert {rule["name"] for rule in rules} == {"trouble", "failures", "silence"}


def test_shopify_is_asked_for_what_the_kinds_need() -> None:
    """Promise: the scopes of the app's configuration are those that `doctor` looks for, no more and no fewer."""
    config = tomllib.loads(_text("shopify.app.toml"))
    needed = {scope for kind in KINDS.values() for scope in kind.scopes}
    assert set(config["access_scopes"]["scopes"].split(",")) == needed
