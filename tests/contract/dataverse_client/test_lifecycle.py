from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from shared.errors import Invalid
from shared.records import Action, Write
from tests.contract.dataverse_client.conftest import Org, Shelf, calls_of, written


@pytest.fixture
def strict() -> Iterator[Shelf]:
    """Products of an organization that refuses some columns while they are Active."""
    org = Org(product_draft_only=("name", "description"))
    org.install()
    yield Shelf(org, org.products())
    org.sandbox.close()


def test_a_new_product_is_published_in_the_same_call(shelf: Shelf) -> None:
    """Dataverse refuses drafts on order lines, so a wanted Active product is Active when the call is over."""
    assert shelf.add("1", "A").content["statecode"] == 0
    draft = shelf.add("2", "B", statecode=...)
    assert draft.content["statecode"] == 2


def test_an_active_product_is_revised_only_when_it_must_be(strict: Shelf) -> None:
    """A refused column is changed under revision and published again, in one more call for that record alone."""
    first, second = strict.add("1", "A"), strict.add("2", "B")
    writes = [strict.change(first, name="New"), strict.change(second, price_item__amount=Decimal("3"))]
    results, calls = calls_of(lambda: strict.entity.write(writes))
    assert calls == 2
    assert written(results[0]).content["name"] == "New"
    assert written(results[0]).content["statecode"] == 0
    assert written(results[1]).content["price_item"] == {"amount": Decimal("3")}


def test_a_last_change_and_retirement_go_together(strict: Shelf) -> None:
    """A product that is changed, revised, published and taken off its list ends up Retired, in one write."""
    before = strict.add("1", "A")
    record = written(strict.entity.write([strict.change(before, name="Last", statecode="1", statuscode=2)])[0])
    assert (record.content["name"], record.content["statecode"], record.content["price_item"]) == ("Last", 1, None)


def test_a_revision_is_conditional_too(strict: Shelf) -> None:
    """What a person changed between look and revision is not overwritten."""
    before = strict.add("1", "A")
    strict.org.person.send("PATCH", f"products({before.id})", {"suppliername": "Theirs"}, name="edit")
    result = strict.entity.write([strict.change(before, name="New")])[0]
    assert type(result).__name__ == "RowChanged"
    assert strict.live(before.id).content["statecode"] == 0


def test_an_organization_that_creates_products_active(shelf: Shelf) -> None:
    """A state that is reached already is no error, and is not asked for again in the next page."""
    settings = {"createproductswithoutparentinactivestate": True}
    organization = shelf.org.metadata.organization()["organizationid"]
    shelf.org.admin.send("PATCH", f"organizations({organization})", settings, name="settings")
    assert shelf.add("1", "A").content["statecode"] == 0
    _, calls = calls_of(lambda: shelf.add("2", "B"))
    assert calls == 1


def test_retiring_takes_our_price_off_the_list(shelf: Shelf) -> None:
    """Dataverse keeps products on price lists from being retired and says to remove them first; we remove ours."""
    record = shelf.add("1", "A")
    retire = Write(Action.RETIRE, "1", {"statecode": 1, "statuscode": 2}, id=record.id, current=record)
    retired = written(shelf.entity.write([retire])[0])
    assert (retired.content["statecode"], retired.content["price_item"]) == (1, None)


def test_retiring_what_is_retired_is_done(shelf: Shelf) -> None:
    """Repeating a retirement is harmless."""
    record = shelf.add("1", "A")
    for _ in range(2):
        retire = Write(Action.RETIRE, "1", {"statecode": 1, "statuscode": 2}, id=record.id, current=record)
        record = written(shelf.entity.write([retire])[0])
    assert record.content["statecode"] == 1


def test_a_price_in_another_list_is_not_ours_to_remove(shelf: Shelf) -> None:
    """The product stays as it is, price included, and the reason is Dataverse's own."""
    record = shelf.add("1", "A")
    other = {"name": "Wholesale", "pricelevelid": "00000000-0000-4000-8000-00000000aaaa"}
    shelf.org.person.send("POST", "pricelevels", other, name="list")
    item = {
        "productid@odata.bind": f"/products({record.id})",
        "pricelevelid@odata.bind": f"/pricelevels({other['pricelevelid']})",
        "uomid@odata.bind": f"/uoms({shelf.org.unit})",
        "amount": Decimal("1"),
    }
    shelf.org.person.send("POST", "productpricelevels", item, name="price")
    retire = Write(Action.RETIRE, "1", {"statecode": 1, "statuscode": 2}, id=record.id, current=record)
    result = shelf.entity.write([retire])[0]
    assert isinstance(result, Invalid)
    assert "price lists" in result.sentence
    live = shelf.live(record.id)
    assert (live.content["statecode"], live.content["price_item"]) == (0, {"amount": Decimal("10.5")})


def test_a_retired_product_comes_back_before_it_is_changed(shelf: Shelf) -> None:
    """A retired row is read-only, so the state goes first when it is to be Active again."""
    record = shelf.add("1", "A", **{"price_item.amount": None})
    retire = Write(Action.RETIRE, "1", {"statecode": 1, "statuscode": 2}, id=record.id, current=record)
    record = written(shelf.entity.write([retire])[0])
    assert isinstance(shelf.entity.write([shelf.change(record, name="No")])[0], Invalid)
    back = written(shelf.entity.write([shelf.change(record, name="Back", statecode=0, statuscode=1)])[0])
    assert (back.content["name"], back.content["statecode"]) == ("Back", 0)
