"""The documents name what exists: settings, flows, commands, errors."""

from __future__ import annotations

import inspect
import json

import pytest

from shared import errors
from shared.flows import FLOWS
from shared.mapping.tables import FLOW as TABLES
from tests.architecture.docs_tables import ROOT, SETTINGS_PAGE, WEBHOOKS_PAGE, settings_page, webhooks_page
from tests.architecture.mapping_pages import FLOWS_PAGE, GUIDE, flows_page, guide_page


def test_the_settings_page_is_current() -> None:
    """Promise: docs/settings.md lists exactly the settings that the code reads."""
    assert SETTINGS_PAGE.read_text() == settings_page()


def test_the_webhooks_page_is_current() -> None:
    """Promise: docs/webhooks.md shows exactly the requests that are tried, with the answers they get."""
    assert WEBHOOKS_PAGE.read_text("utf-8") == webhooks_page()


def test_the_guide_to_mapping_is_current() -> None:
    """Promise: the reference of docs/mapping.md is that of the model, and its functions are those there are."""
    assert GUIDE.read_text("utf-8") == guide_page()


def test_the_flows_page_shows_the_mapping_files() -> None:
    """Promise: docs/flows.md has every field of every mapping file as it is shipped, and no other."""
    assert FLOWS_PAGE.read_text("utf-8") == flows_page()


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_flow_has_its_chapter_and_its_mapping(flow: object) -> None:
    """Promise: a flow that runs has a heading in docs/flows.md and a mapping file of its name, tables a folder."""
    name = flow.name  # type: ignore[attr-defined]
    assert f"## {name}" in (ROOT / "docs" / "flows.md").read_text()
    file = "tables/locations.toml" if name == TABLES else f"{name}.toml"
    assert (ROOT / "mappings" / file).is_file()


def test_the_example_of_settings_names_every_flow() -> None:
    """Promise: whoever copies local.settings.example.json has a mode and a schedule for every flow there is."""
    values = json.loads((ROOT / "local.settings.example.json").read_text("utf-8"))["Values"]
    assert {f"{flow.setting}_{what}" for flow in FLOWS for what in ("MODE", "SCHEDULE")} <= values.keys()


def test_every_error_is_explained() -> None:
    """Promise: whoever meets an error code finds it in docs/operations.md."""
    page = (ROOT / "docs" / "operations.md").read_text()
    named = [
        name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.SyncError)
    ]
    assert [name for name in named if f"`{name}`" not in page] == []
