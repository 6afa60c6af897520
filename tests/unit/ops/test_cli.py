"""Settings, exit codes, progress and texts of the command line, without any system behind it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from ops import session as sessions
from ops.cli import main
from ops.ids import of_side, parse
from ops.session import Session, WrongUse
from ops.show import as_json, grid, moment, value_text
from shared import wiring
from shared.errors import SettingMissing, Throttled
from shared.mapping.apply import KEEP
from shared.records import Side
from shared.settings import Settings

ENVIRONMENT = {
    "SHOPIFY_SHOPS": "acme.myshopify.com, north.myshopify.com",
    "SHOPIFY_TOKEN": "shpat_0123456789abcdef",
    "DATAVERSE_URL": "https://acme.crm.dynamics.com",
    "DATAVERSE_TOKEN": "t",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}


def test_missing_settings_are_all_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Without settings a command ends with 2 and one line per setting that is needed, on standard error."""
    assert main(["runs"], {}) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    for name in ("SHOPIFY_SHOPS", "DATAVERSE_URL", "SHOPIFY_CLIENT_ID", "SHOPIFY_CLIENT_SECRET"):
        assert f"Setting {name} is missing" in printed.err


def test_a_settings_file_that_was_not_named_is_pointed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: where settings are missing and a local.settings.json lies here, the way to use it is said."""
    monkeypatch.chdir(tmp_path)
    hint = "for a file: `python -m ops --settings local.settings.json …`)"
    assert main(["runs"], {}) == 2
    assert hint not in capsys.readouterr().err
    (tmp_path / "local.settings.json").write_text('{"Values": {}}')
    assert main(["runs"], {}) == 2
    assert hint in capsys.readouterr().err
    assert main(["--settings", "local.settings.json", "runs"], {}) == 2
    assert hint not in capsys.readouterr().err


def test_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    """A local.settings.json gives what the environment does not say, and the environment itself is never written."""
    file = tmp_path / "local.settings.json"
    file.write_text(json.dumps({"Values": {**ENVIRONMENT, "SYNC_LEASE_S": 300, "DATAVERSE_URL": "https://old"}}))
    before = dict(os.environ)
    session = Session({"DATAVERSE_URL": "https://new.crm.dynamics.com"}, file=file)
    values = session.values()
    assert (values["DATAVERSE_URL"], values["SYNC_LEASE_S"]) == ("https://new.crm.dynamics.com", "300")
    assert dict(os.environ) == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Values": []}', "not json"])
def test_a_settings_file_that_is_none_is_refused_by_name(text: str, tmp_path: Path) -> None:
    """A broken settings file ends in a sentence that says how it has to look, without its content."""
    (tmp_path / "broken.json").write_text(text)
    with pytest.raises(SettingMissing, match=r"broken\.json cannot be read"):
        Session({}, file=tmp_path / "broken.json").values()


def test_an_error_of_the_product_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever a client raises on purpose is exit code 2 and its sentence, redacted, on standard error."""

    def throttled(_: Settings) -> wiring.App:
        raise Throttled("Ask jane@example.com; token shpat_0123456789abcdef was throttled.")

    monkeypatch.setattr(wiring, "open_app", throttled)
    assert main(["runs"], ENVIRONMENT) == 2
    assert capsys.readouterr().err.strip() == "Ask [e-mail]; token [token] was throttled."


def test_ctrl_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C is exit code 130 without a word."""

    def interrupted(_: Settings) -> wiring.App:
        raise KeyboardInterrupt

    monkeypatch.setattr(wiring, "open_app", interrupted)
    assert main(["runs"], ENVIRONMENT) == 130
    assert capsys.readouterr() == ("", "")


def test_one_shop_can_be_chosen_by_its_short_name() -> None:
    """`--shop north` is north.myshopify.com; without it all shops are meant; an unknown one is refused."""
    assert Session(ENVIRONMENT, only="north").shops() == ["north.myshopify.com"]
    assert len(Session(ENVIRONMENT).jobs(["products_crm_to_shopify", "products_crm_to_shopify"])) == 2
    with pytest.raises(WrongUse, match="not one of the shops"):
        Session(ENVIRONMENT, only="south").shops()


@pytest.mark.parametrize(
    ("text", "side", "found"),
    [
        ("gid://shopify/ProductVariant/0042", Side.SHOPIFY, "42"),
        (" 42 ", Side.SHOPIFY, "42"),
        ("{5B266847-3EFA-44FE-B3B4-1A0AD9B581E9}", Side.CRM, "5b266847-3efa-44fe-b3b4-1a0ad9b581e9"),
    ],
)
def test_ids_are_accepted_as_people_paste_them(text: str, side: Side, found: str) -> None:
    """GIDs, numbers and GUIDs in any dress become the id that the state holds."""
    assert parse(text) == (side, found)


@pytest.mark.parametrize("text", ["", "shoe", "gid://shopify/ProductVariant/", "12-34", "12²", "5b266847-3efa"])
def test_what_is_no_id_is_refused(text: str) -> None:
    """Nothing that is not an id reaches a system."""
    with pytest.raises(WrongUse):
        parse(text)


def test_an_id_of_the_other_side_or_type_is_refused() -> None:
    """A GUID is no Shopify id, and a product is no variant."""
    with pytest.raises(WrongUse, match="in shopify"):
        of_side("5b266847-3efa-44fe-b3b4-1a0ad9b581e9", Side.SHOPIFY)
    with pytest.raises(WrongUse, match="ProductVariant"):
        of_side("gid://shopify/Product/1", Side.SHOPIFY, "ProductVariant")


def test_values_are_shown_in_one_line_and_exact() -> None:
    """Amounts keep their digits, blanks and 'leave it' are told apart, long texts and line ends are folded."""
    assert [value_text(value) for value in (Decimal("10.50"), None, "", True, KEEP, "a\n b")] == [
        "10.50",
        "—",
        "—",
        "true",
        "(leave it)",
        "a b",
    ]
    assert value_text(["S", "M"]) == '["S", "M"]'
    assert len(value_text("x" * 500)) == 80


def test_json_keeps_cents_and_utc() -> None:
    """Decimals are text and times are UTC, so that nothing is rounded or shifted."""
    at = datetime.fromisoformat("2026-05-04T12:00:00+02:00")
    assert json.loads(as_json({"amount": Decimal("0.10"), "at": at})) == {
        "amount": "0.10",
        "at": "2026-05-04T10:00:00+00:00",
    }
    assert moment(at.astimezone(UTC)) == "2026-05-04 10:00:00"


def test_cells_are_never_markup() -> None:
    """A product called [red] is printed as [red]."""
    console = Console(width=80)
    with console.capture() as captured:
        console.print(grid(("name",), [("[red]sale[/red]",)]))
    assert "[red]sale[/red]" in captured.get()


@contextmanager
def ticking(monkeypatch: pytest.MonkeyPatch, step_s: float) -> Iterator[None]:
    """Each look at the clock is that much later."""
    at = iter(range(1_000))
    monkeypatch.setattr(sessions.time, "monotonic", lambda: next(at) * step_s)
    yield


def test_progress_without_a_terminal_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Piped, a long step says a line every few seconds on standard error, and a short one says nothing."""
    with ticking(monkeypatch, 2.0), Session({}).progress("starting") as tell:
        for number in range(7):
            tell(f"{number} records")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert 1 <= len(printed.err.splitlines()) <= 4
    with ticking(monkeypatch, 0.01), Session({}).progress("starting") as tell:
        tell("at once")
    assert capsys.readouterr().err == ""
