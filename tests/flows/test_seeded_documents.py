"""The documents that `make run` seeds, through the app, and what the run reports of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console

from sandbox import catalogue, report
from sandbox.catalogue import Catalogue
from sandbox.documents_seed import DOCUMENTS, SALES, Salesperson
from shared import wiring
from tests.support.papers import OUTWARD, Papers
from tests.support.plant import SHOP

ON = {
    "DOCUMENTS": "opportunity,salesorder,invoice",
    "DOCUMENT_ROUTE": "auto",
    "PRODUCTS_CRM_TO_SHOPIFY_MODE": "on",
    "PRODUCTS_SHOPIFY_TO_CRM_MODE": "on",
}


@pytest.fixture(scope="module")
def papers() -> Iterator[Papers]:
    """A CRM with all seeded documents, which the app has seen."""
    made = Papers(**ON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "app", lambda: made.app)
        made.shopify.__enter__()
        whole = catalogue.build()
        products = Catalogue((), whole.crm[:12], whole.overlapping, whole.shared)
        for product in products.crm:
            made.sales.create(product)
        Salesperson(made.sales, products, random.Random(1)).enter()
        made.run()
        yield made
    made.close()


def told(papers: Papers) -> tuple[bool, str]:
    """Whether both sides agree, and what is printed."""
    printed = StringIO()
    return report.agreement(papers.app, Console(file=printed, width=200)), printed.getvalue()


def test_sixty_documents_are_44_sales_equal_to_the_cent(papers: Papers) -> None:
    """Promise: every sale is one Shopify order, whatever documents it is made of; nothing is parked."""
    assert (DOCUMENTS, SALES) == (60, 44)
    agreed, printed = told(papers)
    assert agreed, printed
    assert (len(papers.made()), list(papers.app.state.parked.list(SHOP, OUTWARD))) == (44, [])
    assert "The money of the documents" in printed
    assert papers.mails() == []


def test_a_cent_by_hand_is_seen(papers: Papers) -> None:
    """Promise: one document whose freight is a cent more than its order's fails the agreement and is named."""
    rows = papers.rows("salesorders", "statecode eq 0")
    order = next(row for row in rows if papers.link(row["salesorderid"]))
    papers.change("salesorders", order["salesorderid"], freightamount=(order["freightamount"] or 0) + 0.01)
    agreed, printed = told(papers)
    papers.change("salesorders", order["salesorderid"], freightamount=order["freightamount"])
    assert not agreed
    assert order["salesorderid"] in printed
