"""A row that somebody deleted in CRM, of a table with lines: it comes back with its record's next change, whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.errors import Unavailable
from shared.mapping.tables import name_of
from shared.sync import lining
from tests.flows.conftest import OpenTables
from tests.flows.restoring import Operator
from tests.flows.test_table_rows import COLLECT, DRAFT, JOIN, PRODUCT, REDRAFT, RENAME
from tests.support.tables import Tables, number

HAT = {"title": "Hat", "quantity": 2, "originalUnitPrice": "10.50", "sku": "HAT"}
SCARF = {"title": "Scarf", "quantity": 1, "originalUnitPrice": "4", "sku": "SCARF"}
ROWS, LINES = "new_shopifydraftorders", "new_shopifydraftlines"


def _draft(shop: Tables) -> str:
    """A draft order of one line that has come over."""
    shop.run()
    made = str(shop.done(DRAFT, i={"lineItems": [HAT], "tags": ["a"]})["draftOrder"]["id"])
    shop.run()
    assert len(shop.rows(LINES)) == 1
    return made


def _deleted(shop: Tables) -> str:
    """Somebody deletes the one row in CRM; its id."""
    (row,) = shop.rows(ROWS)
    shop.delete(ROWS, row["new_shopifydraftorderid"])
    return str(row["new_shopifydraftorderid"])


def _tagged(shop: Tables, draft: str, *tags: str) -> None:
    shop.done(REDRAFT, id=draft, i={"tags": list(tags)})


def _whole(shop: Tables, *skus: str) -> None:
    """One row, with these lines under it and no others; both sides are at rest and nothing is parked."""
    (row,) = shop.rows(ROWS)
    lines = shop.rows(LINES)
    assert sorted(line["new_sku"] for line in lines) == sorted(skus)
    assert {line["_new_draftorderid_value"] for line in lines} == {row["new_shopifydraftorderid"]}
    assert shop.waiting("draft_orders") == {}
    shop.silent()


def test_a_deleted_row_comes_back_with_its_lines(tabling: OpenTables) -> None:
    """With the record's next change the row is there again, its lines under it, and from then on all changes follow."""
    shop = tabling(TABLES="draft_orders")
    draft = _draft(shop)
    gone = _deleted(shop)
    _tagged(shop, draft, "a", "b")
    shop.run()
    _whole(shop, "HAT")
    pair = shop.pair_of("draft_orders", number(draft))
    assert pair is not None
    assert (pair.state.value, pair.generation, pair.crm_id != gone) == ("paired", 1, True)
    shop.done(REDRAFT, id=draft, i={"lineItems": [{**HAT, "quantity": 3}, SCARF]})
    shop.run()
    _whole(shop, "HAT", "SCARF")


def test_a_row_deleted_over_and_over_comes_back_each_time(tabling: OpenTables) -> None:
    """However often it is deleted, and whatever became of its lines meanwhile, it comes back with those of now."""
    shop = tabling(TABLES="draft_orders")
    draft = _draft(shop)
    for skus in (("HAT", "SCARF"), ("SCARF",), ("HAT",)):
        _deleted(shop)
        shop.done(REDRAFT, id=draft, i={"lineItems": [line for line in (HAT, SCARF) if line["sku"] in skus]})
        shop.run()
        _whole(shop, *skus)


def test_a_collection_comes_back_with_its_products(tabling: OpenTables) -> None:
    """Lines whose ids stay the same for ever, and one that came in beside them, are rows of the new row."""
    shop = tabling(TABLES="collections")
    shop.run()
    hat, scarf = (str(shop.done(PRODUCT, p={"title": title})["product"]["id"]) for title in ("Hat", "Scarf"))
    group = str(shop.done(COLLECT, i={"title": "Winter", "products": [hat]})["collection"]["id"])
    shop.run()
    (row,) = shop.rows("new_shopifycollections")
    shop.delete("new_shopifycollections", row["new_shopifycollectionid"])
    shop.done(JOIN, id=group, p=[scarf])
    shop.done(RENAME, i={"id": group, "title": "Frost"})
    shop.run()
    (row,) = shop.rows("new_shopifycollections")
    assert row["new_name"] == "Frost"
    assert {each["new_name"] for each in shop.rows("new_shopifycollectionproducts")} == {"Hat", "Scarf"}
    shop.silent()


def test_what_an_earlier_version_left_stuck_comes_free(tabling: OpenTables) -> None:
    """A record without a pair of which lines are stored all the same is made with its next change, like any other."""
    shop = tabling(TABLES="draft_orders")
    draft = _draft(shop)
    _deleted(shop)
    kept = shop.app.state.tables["crossrefs"]._rows  # type: ignore[attr-defined]
    for key in [key for key in kept if number(draft) in str(key) or "c~" in str(key)]:
        del kept[key]
    assert shop.pair_of("draft_orders", number(draft)) is None
    _tagged(shop, draft, "b")
    shop.run()
    _whole(shop, "HAT")


@pytest.mark.parametrize("step", ["announce", "forget"])
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_breaks_off_is_followed_by_one_that_ends_it(
    tabling: OpenTables, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    """Wherever the storage fails while the new row's lines are begun, the record comes back and nothing is doubled."""
    shop = tabling(TABLES="draft_orders")
    draft = _draft(shop)
    _deleted(shop)
    real: Callable[..., object] = getattr(lining, step)
    broken: list[str] = []

    def once(*given: object) -> object:
        done = real(*given) if after or broken else None
        if not broken:
            broken.append(step)
            raise Unavailable("The storage is away.", retry_after_s=5)
        return done

    monkeypatch.setattr(lining, step, once)
    _tagged(shop, draft, "b")
    shop.run(ticks=6)
    assert broken == [step]
    _whole(shop, "HAT")


def test_a_plan_counts_what_was_deleted_in_crm_apart(
    tabling: OpenTables, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks whether all was carried over reads how many rows are gone, and `pairs unlink` brings one back."""
    shop = tabling(TABLES="draft_orders")
    draft = number(_draft(shop))
    shop.done(DRAFT, i={"lineItems": [SCARF]})
    shop.run()
    (row,) = [row for key, row in shop.rows_of("", ROWS).items() if key == draft]
    shop.delete(ROWS, row["new_shopifydraftorderid"])
    operator = Operator(shop, monkeypatch, capsys)
    (plan,) = operator("plan", name_of("draft_orders"))["flows"]
    assert plan["totals"]["leave"] == 2
    told = {each["reason"].partition(":")[0]: each["records"] for each in plan["reasons"]}
    assert told == {"Nothing that is mapped changed.": 1, "Its counterpart in crm was deleted": 1}
    operator("pairs", "unlink", draft, "--yes")
    shop.work()
    assert shop.rows_of("", ROWS).keys() >= {draft}
    assert sorted(line["new_sku"] for line in shop.rows(LINES)) == ["HAT", "SCARF"]
    (plan,) = operator("plan", name_of("draft_orders"))["flows"]
    assert [each["reason"] for each in plan["reasons"]] == ["Nothing that is mapped changed."]
    shop.silent()
