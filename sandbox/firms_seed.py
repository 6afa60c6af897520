"""Puts the companies of sandbox/firms.py into Shopify, and what sales has of them into CRM, through the public APIs.

Idempotent per database: a store that has companies is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.firms import Firms
from sandbox.orders_seed import Ask, ask_all
from sandbox.seed import Crm, Progress, Shop

COUNT = "query { companiesCount { count } }"


def establish(info: Mapping[str, Any], firms: Firms, progress: Progress) -> None:
    """Seed the companies into the sandboxes named in `info`, unless the store has some."""
    shop = Shop(info["shopify"])
    if shop.call(COUNT)["companiesCount"]["count"] == 0:
        found(shop, Crm(info["dataverse"]), firms)
        progress(f"Shopify: {len(firms.firms)} companies")


def found(shop: Shop, crm: Crm, firms: Firms) -> None:
    """All companies with their people and locations; sales had its accounts before the shop."""
    for account in firms.accounts:
        crm.open_account(account)
    asks = [Ask("companyCreate", {"input": ("CompanyCreateInput!", firm.values)}, "company { id }")
            for firm in firms.firms]  # fmt: skip
    made = [payload["company"]["id"] for payload in ask_all(shop, asks)]
    further = []
    for firm, company in zip(firms.firms, made, strict=True):
        of = {"companyId": ("ID!", company)}
        further += [
            Ask("companyContactCreate", of | {"input": ("CompanyContactInput!", one)}) for one in firm.people
        ]
        further += [
            Ask("companyLocationCreate", of | {"input": ("CompanyLocationInput!", one)}) for one in firm.locations
        ]
    ask_all(shop, further)
