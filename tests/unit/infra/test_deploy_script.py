"""`infra/deploy.sh`: what it would run, what it refuses, and that no secret ever stands on a command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
GIVEN = {
    "RG": "rg-shop", "LOCATION": "westeurope", "NAME": "shopsync", "SHOPIFY_SHOPS": "acme.myshopify.com",
    "DATAVERSE_URL": "https://acme.crm.dynamics.com", "DRY": "1",
}  # fmt: skip


def _run(what: str, path: str = "", **given: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path + os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **GIVEN, **given}
    kept = {name: value for name, value in environment.items() if value}
    command = ["sh", str(ROOT / "infra" / "deploy.sh"), what]
    return subprocess.run(command, env=kept, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """`make` and `az` that say what they were called with, and nothing more."""
    for name in ("make", "az"):
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\necho "{name} $*" >>"{tmp_path}/called"\n')
        file.chmod(0o755)
    return tmp_path


def test_a_dry_run_shows_every_step_and_calls_az_never(tools: Path) -> None:
    """Promise: DRY=1 prints group, what-if, deployment, secrets, package, functions, setup, grant, in that order."""
    done = _run("deploy", f"{tools}/bin:")
    assert done.returncode == 0, done.stderr
    steps = [line[2:] for line in done.stderr.splitlines() if line.startswith("+ ")]
    wanted = [
        "az account show", "az group create", "az deployment group what-if", "az deployment group create",
        "az role assignment create", "az keyvault secret set", "az functionapp deployment source config-zip",
        "az functionapp function list", "az functionapp restart", "python -m ops setup; grant; doctor",
    ]  # fmt: skip
    places = [next(at for at, step in enumerate(steps) if step.startswith(each)) for each in wanted]
    assert places == sorted(places)
    assert (tools / "called").read_text() == "make --no-print-directory package\n"


@pytest.mark.parametrize("name", ["RG", "LOCATION", "NAME", "SHOPIFY_SHOPS", "DATAVERSE_URL"])
def test_what_is_missing_is_named(tools: Path, name: str) -> None:
    """Promise: without a value that is needed nothing runs, and the message says which and what it is."""
    done = _run("deploy", f"{tools}/bin:", **{name: ""})
    assert done.returncode != 0
    assert f"{name} is missing" in done.stderr
    assert not (tools / "called").exists()


def test_secrets_go_from_files_into_the_vault(tools: Path, tmp_path: Path) -> None:
    """Promise: a secret's text is on no command line and in no output; az is given the file."""
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("shopify-client-id", "shopify-client-secret", "dataverse-webhook-key"):
        (folder / name).write_text("hush-hush")
    done = _run("deploy", f"{tools}/bin:", SECRETS=str(folder))
    assert f"--file {folder}/shopify-client-secret" in done.stderr
    assert "hush" not in f"{done.stderr}{done.stdout}"


def test_a_missing_secret_stops_where_nobody_can_be_asked(tools: Path) -> None:
    """Promise: without files and without a terminal the deployment stops before the app could start without secrets."""
    done = _run("deploy", f"{tools}/bin:", DRY="", TRIES="1")
    assert done.returncode == 2
    assert "No file for the secret shopify-client-id" in done.stderr
    assert "config-zip" not in (tools / "called").read_text()


def test_a_deployment_is_tried_again_while_roles_spread(tools: Path) -> None:
    """Promise: what fails is tried again, as often as is said, and then given up with a word."""
    (tools / "bin" / "sleep").write_text("#!/bin/sh\n")
    (tools / "bin" / "sleep").chmod(0o755)
    (tools / "bin" / "az").write_text(
        f'#!/bin/sh\necho "az $*" >>"{tools}/called"\ncase "$*" in "deployment group create"*) exit 1 ;; esac\n'
    )
    done = _run("deploy", f"{tools}/bin:", DRY="", TRIES="3")
    assert done.returncode == 2
    assert (tools / "called").read_text().count("az deployment group create") == 3
    assert "Given up after 3 tries" in done.stderr


SETTINGS = r"""ORDERS_SHOPIFY_TO_CRM_MODE\ton
CRM_PRICE_LIST\tStandard prices
CRM_TEAM\ta=b c
ALERT_EMAIL\t
AZURE_CLIENT_ID\tthe-identity
AzureWebJobsStorage__credential\tmanagedidentity
WEBHOOKS_URL\t
SHOPIFY_CLIENT_SECRET\t@Microsoft.KeyVault(SecretUri=https://v/secrets/s)
"""


def test_setup_and_the_rest_run_with_the_apps_own_settings(tools: Path, tmp_path: Path) -> None:
    """Promise: flows are as they are switched in Azure (else `setup` would take their webhooks away), secrets are the
    vault's, and what only Azure understands stays there.
    """
    folder = tmp_path / "secrets"
    folder.mkdir()
    for name in ("shopify-client-id", "shopify-client-secret", "dataverse-webhook-key"):
        (folder / name).write_text("hush-hush")
    (tools / "settings").write_text(SETTINGS.replace(r"\t", "\t"))
    (tools / "bin" / "az").write_text(
        f"""#!/bin/sh
case "$*" in
*"appsettings list"*) cat {tools}/settings ;;
*"secret show"*) echo from-the-vault ;;
*outputs.*) echo "$*" | sed 's/.*outputs\\.\\([A-Za-z]*\\).*/the-\\1/' ;;
esac
"""
    )
    (tools / "bin" / "ops").write_text(f'#!/bin/sh\necho "ops $*" >>"{tools}/ran"\nenv | sort >"{tools}/environment"\n')
    (tools / "bin" / "ops").chmod(0o755)
    done = _run("deploy", f"{tools}/bin:", DRY="", TRIES="1", SECRETS=str(folder), OPS=f"{tools}/bin/ops")
    assert done.returncode == 0, done.stderr
    ran = ["ops setup", "ops grant the-identityClientId", "ops doctor", "ops plan"]
    assert (tools / "ran").read_text().splitlines() == ran
    seen = dict(line.split("=", 1) for line in (tools / "environment").read_text().splitlines() if "=" in line)
    assert (seen["ORDERS_SHOPIFY_TO_CRM_MODE"], seen["CRM_PRICE_LIST"]) == ("on", "Standard prices")
    assert (seen["CRM_TEAM"], seen["ALERT_EMAIL"]) == ("a=b c", "")
    assert (seen["SHOPIFY_CLIENT_SECRET"], seen["WEBHOOKS_URL"]) == ("from-the-vault", "the-appUrl")
    assert not {"AZURE_CLIENT_ID", "AzureWebJobsStorage__credential"} & seen.keys()


def test_destroy_asks_for_the_groups_name(tools: Path) -> None:
    """Promise: without the typed name nothing is deleted."""
    done = _run("destroy", f"{tools}/bin:", DRY="")
    assert (done.returncode, "Nothing was deleted." in done.stderr) == (2, True)
    assert not (tools / "called").exists()


def test_redeploy_pushes_the_code_alone(tools: Path) -> None:
    """Promise: the package and its upload, no template, no secret."""
    done = _run("redeploy", f"{tools}/bin:")
    steps = [line[2:].split(" --")[0] for line in done.stderr.splitlines() if line.startswith("+ ")]
    assert steps == ["az functionapp deployment source config-zip", "az functionapp function list"]
