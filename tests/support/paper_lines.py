"""Lines of documents as a salesperson enters them, and mapping files with something else in them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

SHIPPED = Path(__file__).resolve().parents[2] / "mappings"


def text(title: str, price: Any, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """A written-in line."""
    known = {"isproductoverridden": True, "productdescription": title, "quantity": quantity}
    amounts = {name: Decimal(value) for name, value in more.items() if isinstance(value, str)}
    return {**known, "priceperunit": Decimal(str(price)), **more, **amounts}


def mapped(folder: Path, old: str, new: str) -> str:
    """A folder with the shipped mapping files, a text in that of documents replaced by another."""
    there = copytree(SHIPPED, folder / "mappings")
    file = there / "sales_documents_crm_to_shopify.toml"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    return str(there)
