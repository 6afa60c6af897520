"""The whole app with tables on, and what people do with the records that come into them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from shared import app as actions
from shared import install
from shared.mapping.tables import FLOW, name_of
from shared.records import Outcome, Pair, ParkedRow, Side
from tests.support.clientele import Clientele
from tests.support.plant import ENVIRONMENT, SHOP

SHIPPED = Path(__file__).resolve().parents[2] / "mappings"
MARK = "new_shopifyid_acme"
Row = dict[str, Any]


class Tables(Clientele):
    """A Plant whose tables alone are on: those that TABLES names, and what else is asked for."""

    def __init__(self, **environment: str) -> None:
        given = {f"{FLOW.upper()}_MODE": "on", "CUSTOMERS_SHOPIFY_TO_CRM_MODE": "off"}
        super().__init__(**{**given, **environment})

    def done(self, text: str, **variables: Any) -> Row:
        """One mutation of the merchant; its payload, which has to be without errors."""
        (payload,) = self.merchant.call(text, variables).values()
        assert not payload.get("userErrors"), payload["userErrors"]
        return dict(payload)

    def rows_of(self, table: str, entity_set: str) -> dict[str, Row]:
        """The rows of a table by the Shopify ids that they carry; each is there once."""
        found = [row for row in self.rows(entity_set) if row.get(MARK)]
        by_id = {row[MARK]: row for row in found}
        assert len(by_id) == len(found), f"doubled rows in {table}"
        return by_id

    def pair_of(self, table: str, record: str) -> Pair | None:
        """What the state knows of a record."""
        return self.app.state.crossrefs.load(SHOP, table, Side.SHOPIFY, [record]).get(record)

    def waiting(self, table: str) -> dict[str, ParkedRow]:
        """The parked records of a table."""
        return {row.source_id: row for row in self.app.state.parked.list(SHOP, name_of(table))}

    def told_of(self, table: str) -> list[Outcome]:
        """What runs said of a table's records, the newest first."""
        runs = self.app.state.runs.last(SHOP, name_of(table), 200)
        told = [self.app.state.journal.get_outcomes(run.outcomes_blob) for run in runs if run.outcomes_blob]
        return [each for outcomes in told for each in outcomes]

    def silent(self) -> None:
        """Nothing is written when nothing changes."""
        before = self.writes()
        self.run()
        assert self.writes() == before

    def night(self, table: str) -> None:
        """The nightly comparison of a table, and what it found worked."""
        actions.poll(self.app, name_of(table), SHOP, restart=True, compare=True)
        self.work()

    def set_up_again(self) -> list[install.Step]:
        """What `setup` does after files changed."""
        admin = self.wired({**ENVIRONMENT, **self.environment, "DATAVERSE_TOKEN": "admin-token"})
        return list(install.set_up(admin))


def shipped(folder: Path) -> Path:
    """A copy of the shipped mapping files without tables, for a test to change."""
    made = folder / "mappings"
    shutil.copytree(SHIPPED, made)
    shutil.rmtree(made / "tables")
    return made


def written(folder: Path, **tables: str) -> Path:
    """Put these files into the folder's tables; the folder."""
    (folder / "tables").mkdir(exist_ok=True)
    for name, text in tables.items():
        (folder / "tables" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def number(identifier: str) -> str:
    """The numeric end of a global id."""
    return identifier.rpartition("/")[2]
