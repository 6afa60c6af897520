"""`infra/deploy.sh`: what it would run, what it refuses, and that no secret ever stands on a command line."""

from __future__ import annotations

import os
import pty
import signal
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
    """Promise: DRY=1 prints group, vault, what-if, deployment, secrets, package, functions, setup, and runs none."""
    done = _run("deploy", f"{tools}/bin:")
    assert done.returncode == 0, done.stderr
    steps = [line[2:] for line in done.stderr.splitlines() if line.startswith("+ ")]
    wanted = [
        "az account show", "az group create", "az keyvault list-deleted", "az keyvault recover",
        "az deployment group what-if", "az deployment group create",
        "az role assignment create", "az keyvault secret list", "az keyvault secret set", "make",
        "az functionapp deployment source config-zip",
        "az functionapp function list", "az functionapp restart", "python -m ops setup; grant; doctor",
    ]  # fmt: skip
    places = [next(at for at, step in enumerate(steps) if step.startswith(each)) for each in wanted]
    assert places == sorted(places)
    assert not (tools / "called").exists()


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


SETTINGS = """ORDERS_SHOPIFY_TO_CRM_MODE\ton
CRM_PRICE_LIST\tStandard prices
CRM_TEAM\ta=b c
ALERT_EMAIL\t
AZURE_CLIENT_ID\tthe-identity
AzureWebJobsStorage__credential\tmanagedidentity
WEBHOOKS_URL\t
DATAVERSE_TENANT_ID\t
DATAVERSE_CLIENT_ID\t
SHOPIFY_CLIENT_SECRET\t@Microsoft.KeyVault(SecretUri=https://v/secrets/shopify-client-secret)
SHOPIFY_TOKEN\t@Microsoft.KeyVault(SecretUri=https://v/secrets/shopify-token)
SHOPIFY_CLIENT_ID__OTHER\t@Microsoft.KeyVault(SecretUri=https://v/secrets/other-id/)
"""
NAMED = {"shopify-client-secret", "shopify-token", "other-id"}
AZURE = """#!/bin/sh
echo "az $*" >>"{tools}/called"
case "$*" in
*"appsettings list"*) cat "{tools}/settings" ;;
*"secret list"*) cat "{tools}/vault" ;;
*"secret set"*) [ ! -f "{tools}/closed" ] || exit 1 ;;
*"secret show"*) echo "$*" | sed 's/.*--name \\([^ ]*\\) .*/value of \\1/' ;;
*list-deleted*) cat "{tools}/deleted" ;;
*outputs.*) echo "$*" | sed 's/.*outputs\\.\\([A-Za-z]*\\).*/the-\\1/' ;;
esac
"""
OPS = """#!/bin/sh
echo "ops $*" >>"{tools}/ran"
env | sort >"{tools}/environment"
[ "$1" != "$(cat {tools}/attention)" ]
"""


@pytest.fixture
def azure(tools: Path) -> Path:
    """An Azure that answers from files: the app's `settings`, the names in the `vault`, the `deleted` vaults."""
    for name, text in (("az", AZURE), ("ops", OPS), ("sleep", "#!/bin/sh\n")):
        file = tools / "bin" / name
        file.write_text(text.replace("{tools}", str(tools)))
        file.chmod(0o755)
    (tools / "settings").write_text(SETTINGS)
    (tools / "vault").write_text("\n".join(sorted(NAMED)) + "\n")
    (tools / "deleted").write_text("")
    (tools / "attention").write_text("nothing")
    return tools


def _deploy(azure: Path, **given: str) -> subprocess.CompletedProcess[str]:
    return _run("deploy", f"{azure}/bin:", **{"DRY": "", "TRIES": "1", "OPS": f"{azure}/bin/ops", **given})


def _seen(azure: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (azure / "environment").read_text().splitlines() if "=" in line)


def test_a_missing_secret_stops_where_nobody_can_be_asked(azure: Path) -> None:
    """Promise: without files and without a terminal the deployment stops before the app could start without secrets."""
    (azure / "vault").write_text("shopify-token\nother-id\n")
    done = _deploy(azure)
    assert done.returncode == 2
    assert "The vault has no secret shopify-client-secret" in done.stderr
    assert "config-zip" not in (azure / "called").read_text()


def test_what_the_vault_has_is_not_asked_for(azure: Path) -> None:
    """Promise: a repeat needs neither files nor a terminal, and sets no secret again."""
    done = _deploy(azure)
    assert done.returncode == 0, done.stderr
    assert "secret set" not in (azure / "called").read_text()


@pytest.mark.parametrize("ended", ["given up", "interrupted"])
def test_a_typed_secret_does_not_stay_on_the_disk(azure: Path, ended: str) -> None:
    """Promise: whether storing it is given up or somebody presses Ctrl-C, nothing of it is left behind."""
    (azure / "vault").write_text("shopify-token\nother-id\n")
    (azure / "closed").touch()
    folder = azure / "tmp"
    folder.mkdir()
    if ended == "interrupted":
        (azure / "bin" / "sleep").write_text(f"#!/bin/sh\nls {folder}/*/* >{azure}/meanwhile\nkill -INT $PPID\n")
    environment = {**GIVEN, "DRY": "", "TRIES": "2", "TMPDIR": str(folder), "PATH": f"{azure}/bin:{os.environ['PATH']}"}
    terminal, theirs = pty.openpty()
    command = ["sh", str(ROOT / "infra" / "deploy.sh"), "deploy"]
    with subprocess.Popen(
        command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=_hears_ctrl_c
    ) as process:
        os.close(theirs)
        said = _until(terminal, "go on without it): ")
        os.write(terminal, b"hush-hush\n")
        said += _until(terminal, "")
    os.close(terminal)
    assert process.returncode == (2 if ended == "given up" else 130), said
    assert list(folder.iterdir()) == []
    assert "hush" not in said
    if ended == "interrupted":
        assert "secret" in (azure / "meanwhile").read_text()


def _hears_ctrl_c() -> None:
    """A test run in the background inherits that the signal is ignored, and so would the script."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _until(terminal: int, wanted: str) -> str:
    """What a terminal shows until that; with nothing wanted, until it is closed."""
    said = b""
    while not wanted or wanted.encode() not in said:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            part = b""
        if not part:
            break
        said += part
    return said.decode()


def test_a_deleted_vault_of_this_group_is_taken_back(azure: Path) -> None:
    """Promise: behind `destroy` the vault that still holds the name is recovered before the deployment; no other is."""
    place = "/subscriptions/s/resourceGroups/{}/providers/Microsoft.KeyVault/vaults/{}"
    vaults = [("shopsync-abc", "RG-Shop"), ("shopsync-xyz", "rg-shop-two"), ("payroll", "rg-shop")]
    (azure / "deleted").write_text("".join(f"{name}\t{place.format(group, name)}\n" for name, group in vaults))
    assert _deploy(azure).returncode == 0
    called = (azure / "called").read_text().splitlines()
    (at,) = [number for number, line in enumerate(called) if "keyvault recover" in line]
    assert "--name shopsync-abc --resource-group rg-shop" in called[at]
    assert at < next(number for number, line in enumerate(called) if "deployment group create" in line)


def test_setup_and_the_rest_run_with_the_apps_own_settings(azure: Path) -> None:
    """Promise: flows are as they are switched in Azure (else `setup` would take their webhooks away), every secret that
    a setting names is the vault's, and what only Azure understands stays there.
    """
    done = _deploy(azure)
    assert done.returncode == 0, done.stderr
    ran = ["ops setup", "ops grant the-identityClientId", "ops doctor", "ops plan"]
    assert (azure / "ran").read_text().splitlines() == ran
    seen = _seen(azure)
    assert (seen["ORDERS_SHOPIFY_TO_CRM_MODE"], seen["CRM_PRICE_LIST"]) == ("on", "Standard prices")
    assert (seen["CRM_TEAM"], seen["ALERT_EMAIL"]) == ("a=b c", "")
    assert (seen["SHOPIFY_CLIENT_SECRET"], seen["WEBHOOKS_URL"]) == ("value of shopify-client-secret", "the-appUrl")
    assert (seen["SHOPIFY_TOKEN"], seen["SHOPIFY_CLIENT_ID__OTHER"]) == ("value of shopify-token", "value of other-id")
    assert not {"AZURE_CLIENT_ID", "AzureWebJobsStorage__credential"} & seen.keys()


def test_a_registration_gets_the_role_and_does_not_run_setup(azure: Path) -> None:
    """Promise: the role goes to who signs in to Dataverse; `setup` and `grant` run with the rights of a person."""
    vault = "@Microsoft.KeyVault(SecretUri=https://v/secrets/shopify-token)"
    given = f"DATAVERSE_CLIENT_ID\tthe-registration\nDATAVERSE_TENANT_ID\tt\nDATAVERSE_CLIENT_SECRET\t{vault}\n"
    (azure / "settings").write_text(given)
    assert _deploy(azure).returncode == 0
    assert "ops grant the-registration" in (azure / "ran").read_text()
    assert not {"DATAVERSE_CLIENT_ID", "DATAVERSE_TENANT_ID", "DATAVERSE_CLIENT_SECRET"} & _seen(azure).keys()


@pytest.mark.parametrize("command", ["setup", "grant", "doctor"])
def test_what_one_step_finds_keeps_no_other_from_running(azure: Path, command: str) -> None:
    """Promise: exit code 1 of a command is told, with how to go on, and the steps behind it run."""
    (azure / "attention").write_text(command)
    done = _deploy(azure)
    assert (azure / "ran").read_text().count("ops") == 4
    assert done.returncode == 1
    assert "What is left to be done stands above: mend it, then run make deploy again" in done.stderr


def test_destroy_asks_for_the_groups_name(tools: Path) -> None:
    """Promise: without the typed name nothing is deleted."""
    done = _run("destroy", f"{tools}/bin:", DRY="")
    assert (done.returncode, "Nothing was deleted." in done.stderr) == (2, True)
    assert not (tools / "called").exists()


def test_redeploy_pushes_the_code_alone(tools: Path) -> None:
    """Promise: the package and its upload, no template, no secret."""
    done = _run("redeploy", f"{tools}/bin:")
    steps = [line[2:].split(" --")[0] for line in done.stderr.splitlines() if line.startswith("+ ")]
    assert steps == ["make", "az functionapp deployment source config-zip", "az functionapp function list"]
