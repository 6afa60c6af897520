"""Change tracking (use-change-tracking-synchronize-data-external-systems)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .conftest import Org, fault

TRACK = {"Prefer": "odata.track-changes"}


def start(org: Org) -> Any:
    """The first tracked listing."""
    return org.get("accounts?$select=name", **TRACK)


def test_first_call_brings_all_rows_and_a_delta_link(org: Org) -> None:
    """The first tracked call lists every row and ends with a delta link of the documented form."""
    # use-change-tracking: retrieve changes
    org.create("accounts", {"name": "A"})
    body = start(org)
    assert [r["name"] for r in body["value"]] == ["A"]
    assert re.search(r"\$deltatoken=\d+%2103%2f01%2f2026%2012%3a00%3a00$", body["@odata.deltaLink"])


def test_delta_brings_new_and_changed_rows(org: Org) -> None:
    """A delta brings rows created or changed since, by version, and nothing else."""
    # use-change-tracking
    old = org.create("accounts", {"name": "old"})
    org.create("accounts", {"name": "still"})
    link = start(org)["@odata.deltaLink"]
    org.create("accounts", {"name": "new"})
    org.patch(f"accounts({old})", {"name": "changed"})
    body = org.get(link, **TRACK)
    assert [r["name"] for r in body["value"]] == ["new", "changed"]
    assert body["@odata.context"].endswith("/$delta")


def test_deletes_come_last(org: Org) -> None:
    """Deleted rows come after the changed ones, as entries with id and reason."""
    # use-change-tracking: deleted entities
    gone = org.create("accounts", {"name": "gone"})
    link = start(org)["@odata.deltaLink"]
    org.call("DELETE", f"accounts({gone})")
    org.create("accounts", {"name": "new"})
    value = org.get(link, **TRACK)["value"]
    assert value[0]["name"] == "new"
    assert value[1] == {"@odata.context": "https://org.example/api/data/v9.2/$metadata#accounts/$deletedEntity",
                        "id": gone, "reason": "deleted"}


def test_created_and_deleted_between_calls(org: Org) -> None:
    """A row created and deleted between two calls still appears as deleted."""
    # use-change-tracking: remarks
    link = start(org)["@odata.deltaLink"]
    gone = org.create("accounts", {"name": "gone"})
    org.call("DELETE", f"accounts({gone})")
    assert [e["id"] for e in org.get(link, **TRACK)["value"]] == [gone]


def test_a_row_created_again_is_not_deleted(org: Org) -> None:
    """A row deleted and created again under its id appears as a row only."""
    # use-change-tracking: deletes last would otherwise remove a living row
    row_id = org.create("accounts", {"name": "A"})
    link = start(org)["@odata.deltaLink"]
    org.call("DELETE", f"accounts({row_id})")
    org.create("accounts", {"accountid": row_id, "name": "B"})
    assert [r.get("name") for r in org.get(link, **TRACK)["value"]] == ["B"]


def test_delta_without_changes(org: Org) -> None:
    """A delta without changes is empty and brings a fresh link that works too."""
    # use-change-tracking
    body = org.get(start(org)["@odata.deltaLink"], **TRACK)
    assert body["value"] == []
    org.create("accounts", {"name": "A"})
    assert len(org.get(body["@odata.deltaLink"], **TRACK)["value"]) == 1


def test_tracking_in_pages(org: Org) -> None:
    """A long delta comes in pages by next links; the last page has the delta link, deletes stay last."""
    # use-change-tracking with odata.maxpagesize
    gone = [org.create("accounts", {"name": f"G{n}"}) for n in range(3)]
    headers = {"Prefer": "odata.track-changes,odata.maxpagesize=2"}
    body = org.get("accounts?$select=name", **headers)
    while "@odata.nextLink" in body:
        body = org.get(body["@odata.nextLink"], **headers)
    for row_id in gone:
        org.call("DELETE", f"accounts({row_id})")
    for number in range(3):
        org.create("accounts", {"name": f"N{number}"})
    body = org.get(body["@odata.deltaLink"], **headers)
    seen = list(body["value"])
    while "@odata.nextLink" in body:
        assert "@odata.deltaLink" not in body
        body = org.get(body["@odata.nextLink"], **headers)
        seen += body["value"]
    assert [e.get("name") for e in seen] == ["N0", "N1", "N2", None, None, None]
    assert sorted(e["id"] for e in seen[3:]) == sorted(gone)


def test_rows_that_move_while_listing_are_not_lost(org: Org) -> None:
    """A row changed while the first listing is read in pages is in that listing or in the next delta."""
    # own reading: the token is of the moment the listing began
    rows = [org.create("accounts", {"name": f"A{n}"}) for n in range(4)]
    headers = {"Prefer": "odata.track-changes,odata.maxpagesize=2"}
    body = org.get("accounts?$select=name", **headers)
    org.patch(f"accounts({rows[0]})", {"name": "moved"})
    org.call("DELETE", f"accounts({rows[1]})")
    seen = list(body["value"])
    while "@odata.nextLink" in body:
        body = org.get(body["@odata.nextLink"], **headers)
        seen += body["value"]
    delta = org.get(body["@odata.deltaLink"], **headers)["value"]
    assert "moved" in [r.get("name") for r in seen + delta]
    assert rows[1] in [e.get("id") for e in delta]


@pytest.mark.parametrize("option", ["$filter=name eq 'A'", "$orderby=name", "$expand=primarycontactid", "$top=1"])
def test_options_that_do_not_go_with_tracking(org: Org, option: str) -> None:
    """Filter, order, expand and top are refused with the documented text."""
    # use-change-tracking: unsupported query options
    answer = org.call("GET", f"accounts?{option}", Prefer="odata.track-changes")
    name = option.split("=", maxsplit=1)[0]
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == (
        f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.')


def test_tokens_expire(org: Org) -> None:
    """A token older than the organization's days is refused; one within them works."""
    # use-change-tracking: ExpireChangeTrackingInDays, default 7
    link = start(org)["@odata.deltaLink"]
    org.sandbox.clock.advance(7 * 86400)
    assert org.call("GET", link, **TRACK).status_code == 200
    org.sandbox.clock.advance(60)
    assert fault(org.call("GET", link, **TRACK)) == (400, "0x80044352")


def test_tracking_is_off_by_default_where_unknown(org: Org) -> None:
    """product is not tracked until it is switched on; account and contact are."""
    # reference a.6: unknown without an organization
    assert fault(org.call("GET", "products", **TRACK)) == (400, "0x80072491")
    org.track("product")
    assert org.call("GET", "products", **TRACK).status_code == 200
    assert org.call("GET", "contacts", **TRACK).status_code == 200


def test_tracking_cannot_be_switched_off(org: Org) -> None:
    """Once on, change tracking stays on."""
    # reference a.6
    org.track("product")
    org.call("PUT", "EntityDefinitions(LogicalName='product')", {"ChangeTrackingEnabled": False}, "admin")
    found = org.get("EntityDefinitions(LogicalName='product')?$select=ChangeTrackingEnabled")
    assert found["ChangeTrackingEnabled"] is True


def test_life_of_tokens_is_a_setting(org: Org) -> None:
    """The organization's ExpireChangeTrackingInDays decides how long a token lives."""
    # entity reference of organization, ExpireChangeTrackingInDays
    org.setting(expirechangetrackingindays=30)
    link = start(org)["@odata.deltaLink"]
    org.sandbox.clock.advance(29 * 86400)
    assert org.call("GET", link, **TRACK).status_code == 200


def test_a_token_that_is_none(org: Org) -> None:
    """A delta token that was never handed out is refused."""
    # use-change-tracking: use the link as it is
    assert fault(org.call("GET", "accounts?$deltatoken=abc", **TRACK)) == (400, "0x80040203")


def test_a_count_knows_expiry(org: Org) -> None:
    """Counting the changes since an expired token is refused like reading them."""
    # use-change-tracking: expiry
    token = start(org)["@odata.deltaLink"].split("$deltatoken=")[1]
    org.sandbox.clock.advance(8 * 86400)
    assert fault(org.call("GET", f"accounts/$count?$deltatoken={token}")) == (400, "0x80044352")


def test_lookups_come_as_values_only(org: Org) -> None:
    """A tracked row shows its lookups as _x_value and nothing of the row behind."""
    # use-change-tracking: navigation properties are not returned
    org.create("accounts", {"name": "A", "primarycontactid": {"lastname": "C"}})
    row = org.get("accounts?$select=name,_primarycontactid_value", **TRACK)["value"][0]
    assert set(row) == {"@odata.etag", "name", "_primarycontactid_value", "accountid"}


def test_count_of_changes(org: Org) -> None:
    """/$count with a token tells how many changes there are."""
    # use-change-tracking: count
    gone = org.create("accounts", {"name": "A"})
    token = start(org)["@odata.deltaLink"].split("$deltatoken=")[1]
    org.create("accounts", {"name": "B"})
    org.call("DELETE", f"accounts({gone})")
    assert org.call("GET", f"accounts/$count?$deltatoken={token}").content.decode("utf-8-sig") == "2"
