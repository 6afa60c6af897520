"""Renders the generated parts of the documents; `python -m tests.architecture.docs_tables` writes them."""

from __future__ import annotations

from pathlib import Path

from shared.flows import FLOWS
from shared.settings_list import SETTINGS
from tests.architecture.mapping_pages import FLOWS_PAGE, GUIDE, flows_page, guide_page
from tests.contract.app.company_requests import FIRMS
from tests.contract.app.webhook_requests import CRM, PEOPLE, SHOPIFY, Sent

ROOT = Path(__file__).resolve().parents[2]
SETTINGS_PAGE = ROOT / "docs" / "settings.md"
WEBHOOKS_PAGE = ROOT / "docs" / "webhooks.md"

GENERATED = "generated from tests/contract/app/webhook_requests.py by python -m tests.architecture.docs_tables"

HEAD = """# Settings

Every setting the app reads, with its default. In Azure they are app settings; on a laptop they stand under `Values`
in `local.settings.json` (copy `local.settings.example.json`). Where several shops are served, a shop's own value of a
`SHOPIFY_` setting is called `NAME__SHOPKEY`: the shop's name without punctuation, in capitals
(`SHOPIFY_TOKEN__ACMESHOP` for `acme-shop.myshopify.com`).

This page is generated from `shared/settings_list.py`: `python -m tests.architecture.docs_tables`.

| setting | default | what it is, and where to find it |
|-|-|-|
"""


def _default(value: str | None) -> str:
    if value is None:
        return "**required**"
    return f"`{value}`" if value else "—"


def settings_page() -> str:
    """The whole of docs/settings.md."""
    rows = [f"| `{known.name}` | {_default(known.default)} | {known.about} |" for known in SETTINGS]
    rows.append(
        "| `AzureWebJobsStorage` | **required** | connection string of the storage account; in Azure the group "
        "`AzureWebJobsStorage__accountName` … stands instead, without keys |"
    )
    for flow in FLOWS:
        rows.append(f"| `{flow.setting}_MODE` | `off` | `off`, `plan` (decides and reports, writes nothing) or `on` |")
        rows.append(
            f"| `{flow.setting}_SCHEDULE` | **required** | when the timer polls: six fields, UTC (`0 * * * * *`) |"
        )
    rows.append("| `HOUSEKEEPING_SCHEDULE` | **required** | when to sweep: six fields, UTC (`0 */10 * * * *`) |")
    return HEAD + "\n".join(rows) + "\n"


def webhooks_page() -> str:
    """docs/webhooks.md with its tables made anew; the rest is written by hand."""
    text = WEBHOOKS_PAGE.read_text("utf-8")
    for name, table in (("shopify", SHOPIFY), ("customers", PEOPLE), ("companies", FIRMS), ("dataverse", CRM)):
        head, begin, rest = text.partition(f"<!-- {name}: {GENERATED} -->\n")
        _, end, tail = rest.partition("<!-- end -->")
        text = head + begin + _requests(table) + end + tail
    return text


def _requests(table: tuple[Sent, ...]) -> str:
    rows = [f"| {sent.what} | {sent.status} | {len(sent.stored) or '—'} | {sent.why} |\n" for sent in table]
    return "| request | answer | messages | |\n|-|-|-|-|\n" + "".join(rows)


if __name__ == "__main__":
    GUIDE.write_text(guide_page(), "utf-8")
    FLOWS_PAGE.write_text(flows_page(), "utf-8")
    SETTINGS_PAGE.write_text(settings_page())
    WEBHOOKS_PAGE.write_text(webhooks_page(), "utf-8")
