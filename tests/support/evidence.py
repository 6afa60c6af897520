"""Recorded answers and real schemas in a folder beside the project; tests that compare with it skip without it."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SHOPIFY, DATAVERSE = DATA / "shopify", DATA / "dataverse"
