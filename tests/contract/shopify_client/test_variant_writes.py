"""What writing variants promises, on the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import AuthFailed, Busy, Conflict, Invalid, SchemaMismatch, Unavailable, UnknownOutcome
from shared.records import Action, Record, Write, WriteResult, Written
from shared.telemetry import metered
from tests.contract.shopify_client.conftest import Shop

VENDOR_PART = 'metafields."dynamics.vendor_part_number"'


def update(variant_id: str, values: Mapping[str, Any], current: Record | None = None) -> Write:
    """An update of one variant under a source id made of its own."""
    return Write(Action.UPDATE, f"crm-{variant_id}", values, id=variant_id, current=current)


def record(result: WriteResult) -> Record:
    """The record of a write that must have happened."""
    assert isinstance(result, Written), result
    return result.record


def test_a_created_product_carries_its_mark_and_values(shop: Shop) -> None:
    """Promise: a create makes one product with one variant, marked on both, and returns what Shopify stored."""
    made = shop.create("c1", **{"product.status": "DRAFT", VENDOR_PART: "VP-1", "price": Decimal("19.90")})
    assert made.marker == "c1"
    assert made.content["price"] == Decimal("19.90")
    assert made.content["product"]["status"] == "DRAFT"
    assert made.content["metafields"]["dynamics.vendor_part_number"] == "VP-1"
    assert shop.variants.read([made.id]).records == {made.id: made}
    assert shop.variants.taken(["c1"]) == ({"c1": made}, {"c1": made.content["product"]["legacyResourceId"]})


def test_many_creates_share_requests(shop: Shop) -> None:
    """Promise: 30 creates cost one look-up and two requests, and every one gets its own result, in order."""
    writes = [Write(Action.CREATE, f"c{n}", {"sku": f"S{n}", "product.title": f"T{n}"}) for n in range(30)]
    with metered() as usage:
        results = shop.variants.write(writes)
    assert [record(result).content["sku"] for result in results] == [f"S{n}" for n in range(30)]
    assert usage.calls <= 3


def test_a_lost_answer_to_a_create_is_unknown_and_never_doubled(shop: Shop) -> None:
    """Promise: the create that happened unseen is an unknown outcome; repeating it makes no second product."""
    shop.sandbox.faults.add("reply_lost", operation="productSet")
    write = Write(Action.CREATE, "c1", {"sku": "S1", "product.title": "T1"})
    (lost,) = shop.variants.write([write])
    assert isinstance(lost, UnknownOutcome)
    again = record(shop.variants.write([write])[0])
    assert [item.id for item in shop.variants.listing("").items] == [again.id]


def test_a_create_never_wipes_variants_that_a_merchant_added(shop: Shop) -> None:
    """Promise: creating under a mark that exists updates what carries it; productSet would delete its siblings."""
    made = shop.create("c1")
    product = made.content["product"]["id"]
    shop.merchant(
        """mutation Merchant($id: ID!) { productOptionsCreate(productId: $id, options: [
          {name: "Colour", values: [{name: "Red"}, {name: "Blue"}]}], variantStrategy: CREATE)
          { product { id } userErrors { field message } } }""",
        id=product,
    )
    before = shop.members(product.rpartition("/")[2])
    assert len(before) == 2
    again = record(shop.variants.write([Write(Action.CREATE, "c1", {"sku": "NEW", "product.title": "T"})])[0])
    assert again.id == made.id
    assert shop.members(product.rpartition("/")[2]) == before


def test_a_create_that_comes_late_changes_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a worker that looked before another one made the product is refused, and told to look again."""
    made = shop.create("c1", price=Decimal("19.90"))
    taken, answers = shop.variants.taken, [({}, {})]
    monkeypatch.setattr(shop.variants, "taken", lambda source_ids: answers.pop() if answers else taken(source_ids))
    late = Write(Action.CREATE, "c1", {"product.title": "As it was long ago", "price": Decimal("1.00")})
    (result,) = shop.variants.write([late])
    assert isinstance(result, Busy), result
    assert shop.variants.read([made.id]).records == {made.id: made}
    assert [item.id for item in shop.variants.listing("").items] == [made.id]


def test_updates_are_grouped_by_product(shop: Shop) -> None:
    """Promise: prices of many variants of several products and a title take one request, and every answer is whole."""
    shirt = shop.product("Shirt", ["A", "B", "C"])
    shoe = shop.product("Shoe", ["D"])
    known = shop.variants.read([*shirt["variants"], *shoe["variants"]]).records
    writes = [update(id_, {"price": Decimal("7.77")}, known[id_]) for id_ in shirt["variants"]]
    writes += [
        update(shoe["variants"][0], {"product.title": "Boot", "price": Decimal("8")}, known[shoe["variants"][0]])
    ]
    with metered() as usage:
        results = shop.variants.write(writes)
    assert usage.calls == 1
    assert [record(result).content["price"] for result in results] == [Decimal("7.77")] * 3 + [Decimal("8.00")]
    assert record(results[3]).content["product"]["title"] == "Boot"
    assert shop.variants.read(list(known)).records == {record(result).id: record(result) for result in results}


def test_a_change_of_the_product_alone_is_read_back(shop: Shop) -> None:
    """Promise: a write that touches only the parent returns the whole variant with the parent as it is now."""
    shirt = shop.product("Shirt", ["A", "B"])
    (result,) = shop.variants.write([update(shirt["variants"][1], {"product.status": "ARCHIVED"})])
    assert record(result).id == shirt["variants"][1]
    assert record(result).content["product"]["status"] == "ARCHIVED"


def test_metafields_are_set_and_deleted(shop: Shop) -> None:
    """Promise: a metafield is written with its variant and deleted when its value is none."""
    made = shop.create("c1", **{VENDOR_PART: "VP-1"})
    changed = record(shop.variants.write([update(made.id, {VENDOR_PART: "VP-2"}, made)])[0])
    assert changed.content["metafields"]["dynamics.vendor_part_number"] == "VP-2"
    cleared = record(shop.variants.write([update(made.id, {VENDOR_PART: None}, changed)])[0])
    assert cleared.content["metafields"]["dynamics.vendor_part_number"] is None
    assert cleared.marker == "c1"


def test_adoption_marks_the_variant(shop: Shop) -> None:
    """Promise: `mark` writes our mark on an existing variant, and it is found by it at once."""
    shirt = shop.product("Shirt", ["A", "B"])
    write = Write(Action.UPDATE, "c9", {}, id=shirt["variants"][1], mark=True)
    assert record(shop.variants.write([write])[0]).marker == "c9"
    assert shop.variants.marked(["c9"])["c9"].id == shirt["variants"][1]


def test_one_bad_row_does_not_stop_the_others(shop: Shop) -> None:
    """Promise: the refused variant is Invalid with its field, its siblings are written all the same."""
    shirt = shop.product("Shirt", ["A", "B", "C"])
    prices = [Decimal("1.00"), Decimal("-5.00"), Decimal("3.00")]
    results = shop.variants.write(
        [update(id_, {"price": price}) for id_, price in zip(shirt["variants"], prices, strict=True)]
    )
    assert isinstance(results[1], Invalid)
    assert "variants" in str(results[1].facts["field"])
    assert [record(results[n]).content["price"] for n in (0, 2)] == [Decimal("1.00"), Decimal("3.00")]


def test_a_value_of_the_wrong_shape_fails_its_own_record_only(shop: Shop) -> None:
    """Promise: a value that Shopify refuses before running anything takes only its own record out of the request."""
    writes = [
        Write(Action.CREATE, "c1", {"product.title": "T1", "product.status": "NO_SUCH_STATUS"}),
        Write(Action.CREATE, "c2", {"product.title": "T2", "price": "cheap"}),
        Write(Action.CREATE, "c3", {"product.title": "T3", "sku": "S3"}),
    ]
    results = shop.variants.write(writes)
    assert isinstance(results[0], Invalid)
    assert isinstance(results[1], Invalid)
    assert record(results[2]).content["sku"] == "S3"
    assert len(shop.variants.listing("").items) == 1


def test_a_variant_that_is_gone_is_refused(shop: Shop) -> None:
    """Promise: an update of a deleted variant says so and does not stop the rest."""
    made = shop.create("c1")
    results = shop.variants.write([update("999", {"price": Decimal("1")}), update(made.id, {"price": Decimal("2")})])
    assert isinstance(results[0], Invalid)
    assert record(results[1]).content["price"] == Decimal("2.00")


def test_retiring_the_only_variant_drafts_the_product(shop: Shop) -> None:
    """Promise: RETIRE sets the given values where no sibling is left over."""
    made = shop.create("c1")
    assert made.content["product"]["status"] == "ACTIVE"
    (result,) = shop.variants.write([Write(Action.RETIRE, "c1", {"product.status": "DRAFT"}, id=made.id)])
    assert record(result).content["product"]["status"] == "DRAFT"


def test_a_product_is_not_retired_while_siblings_are_sold(shop: Shop) -> None:
    """Promise: one variant's retirement leaves the product alone; all of them together retire it."""
    shirt = shop.product("Shirt", ["A", "B"])
    retire = [Write(Action.RETIRE, f"c{id_}", {"product.status": "DRAFT"}, id=id_) for id_ in shirt["variants"]]
    (refused,) = shop.variants.write(retire[:1])
    assert isinstance(refused, Invalid)
    assert refused.facts["others"] == 1
    assert all(record(result).content["product"]["status"] == "DRAFT" for result in shop.variants.write(retire))


def test_two_records_cannot_want_different_titles_of_one_product(shop: Shop) -> None:
    """Promise: no rule decides between two titles, so both are parked and nothing is written."""
    shirt = shop.product("Shirt", ["A", "B"])
    results = shop.variants.write([update(id_, {"product.title": f"T{id_}"}) for id_ in shirt["variants"]])
    assert all(isinstance(result, Conflict) for result in results)
    assert (
        shop.variants.read(shirt["variants"][:1]).records[shirt["variants"][0]].content["product"]["title"] == "Shirt"
    )


def test_an_unwritable_path_stops_before_anything_is_sent(shop: Shop) -> None:
    """Promise: a mapping that writes a read-only path is told so, with what can be written instead."""
    with metered() as usage, pytest.raises(SchemaMismatch, match="legacyResourceId"):
        shop.variants.write([update("1", {"legacyResourceId": "2"})])
    assert usage.calls == 0


def test_an_error_after_the_mutation_ran_is_unknown(shop: Shop) -> None:
    """Promise: INTERNAL_SERVER_ERROR on a mutation is never taken for "not written"."""
    made = shop.create("c1")
    shop.sandbox.faults.add("internal_server_error", operation="productVariantsBulkUpdate", executed=True)
    (result,) = shop.variants.write([update(made.id, {"price": Decimal("9")}, made)])
    assert isinstance(result, UnknownOutcome)
    assert shop.variants.read([made.id]).records[made.id].content["price"] == Decimal("9.00")


def test_a_missing_scope_stops_the_flow_not_the_record(shop: Shop) -> None:
    """Promise: without write_products a write ends as AuthFailed naming the scope."""
    made = shop.create("c1")
    shop.sandbox.tokens.revoke(shop.client.transport.credential.headers()["X-Shopify-Access-Token"])  # type: ignore[union-attr]
    shop.sandbox.tokens.granted = ("read_products",)
    (result,) = shop.variants.write([update(made.id, {"price": Decimal("9")}, made)])
    assert isinstance(result, AuthFailed)
    assert "write_products" in str(result)


def test_without_definitions_a_create_asks_for_setup(shop: Shop) -> None:
    """Promise: a shop without the marker's definition pauses the flow with the command that mends it."""
    bare = type(shop.variants)(
        shop.client, ["sku"], type(shop.variants.options)(namespace="elsewhere", key="product_id")
    )
    with pytest.raises(SchemaMismatch, match="ops setup"):
        bare.write([Write(Action.CREATE, "c1", {"product.title": "T"})])


def test_a_failed_read_stops_before_anything_is_sent(shop: Shop) -> None:
    """Promise: when what a write needs to know cannot be read, it raises, and no part of the batch was written."""
    shirt = shop.product("Shirt", ["A"])
    shop.sandbox.faults.add("server_error", times=None, operation="nodes")
    writes = [Write(Action.CREATE, "c1", {"product.title": "T"}), update(shirt["variants"][0], {"price": Decimal("1")})]
    with pytest.raises(Unavailable):
        shop.variants.write(writes)
    shop.sandbox.faults.clear()
    assert [item.id for item in shop.variants.listing("").items] == shirt["variants"]
