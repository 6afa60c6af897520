"""If-Match and If-None-Match (webapi/perform-conditional-operations-using-web-api)."""

from __future__ import annotations

import uuid

from .conftest import Org, fault


def test_if_match_star_updates_only(org: Org) -> None:
    """If-Match: * never creates: 404 0x80040217 for a missing row."""
    # perform-conditional-operations: limit upsert
    path = f"accounts({uuid.uuid4()})"
    assert fault(org.patch(path, {"name": "A"}, If_Match="*")) == (404, "0x80040217")
    assert org.call("GET", path).status_code == 404


def test_if_none_match_star_creates_only(org: Org) -> None:
    """If-None-Match: * never updates: 412 0x80040237 for an existing row."""
    # perform-conditional-operations: limit upsert
    row_id = org.create("accounts", {"name": "A"})
    answer = org.patch(f"accounts({row_id})", {"name": "B"}, If_None_Match="*")
    assert fault(answer) == (412, "0x80040237")
    assert answer.json()["error"]["message"] == "A record with matching key values already exists."
    assert org.get(f"accounts({row_id})")["name"] == "A"


def test_update_with_current_etag(org: Org) -> None:
    """An update with the current ETag is carried out."""
    # perform-conditional-operations: optimistic concurrency
    row_id = org.create("accounts", {"name": "A"})
    etag = org.get(f"accounts({row_id})")["@odata.etag"]
    assert org.patch(f"accounts({row_id})", {"name": "B"}, If_Match=etag).status_code == 204


def test_update_with_old_etag(org: Org) -> None:
    """An update with an older ETag answers 412 0x80060882 and changes nothing."""
    # perform-conditional-operations: optimistic concurrency
    row_id = org.create("accounts", {"name": "A"})
    etag = org.get(f"accounts({row_id})")["@odata.etag"]
    org.patch(f"accounts({row_id})", {"name": "B"})
    answer = org.patch(f"accounts({row_id})", {"name": "C"}, If_Match=etag)
    assert fault(answer) == (412, "0x80060882")
    assert org.get(f"accounts({row_id})")["name"] == "B"


def test_delete_with_old_etag(org: Org) -> None:
    """A delete with an older ETag answers 412 and keeps the row."""
    # perform-conditional-operations: apply optimistic concurrency on delete
    row_id = org.create("accounts", {"name": "A"})
    etag = org.get(f"accounts({row_id})")["@odata.etag"]
    org.patch(f"accounts({row_id})", {"name": "B"})
    assert fault(org.call("DELETE", f"accounts({row_id})", If_Match=etag)) == (412, "0x80060882")
    assert org.call("GET", f"accounts({row_id})").status_code == 200


def test_conditional_get(org: Org) -> None:
    """A read with the current ETag answers 304, with an older one 200."""
    # perform-conditional-operations: conditional retrievals
    row_id = org.create("accounts", {"name": "A"})
    etag = org.get(f"accounts({row_id})")["@odata.etag"]
    assert org.call("GET", f"accounts({row_id})?$select=name", If_None_Match=etag).status_code == 304
    org.patch(f"accounts({row_id})", {"name": "B"})
    assert org.call("GET", f"accounts({row_id})?$select=name", If_None_Match=etag).status_code == 200


def test_conditional_get_with_expand(org: Org) -> None:
    """A read with $expand never answers 304."""
    # perform-conditional-operations: not with $expand or annotations
    row_id = org.create("accounts", {"name": "A"})
    etag = org.get(f"accounts({row_id})")["@odata.etag"]
    answer = org.call("GET", f"accounts({row_id})?$expand=primarycontactid", If_None_Match=etag)
    assert answer.status_code == 200


def test_if_none_match_null_on_get(org: Org) -> None:
    """If-None-Match: null on a read is ignored."""
    # compose-http-requests: header to defeat caching
    row_id = org.create("accounts", {"name": "A"})
    assert org.call("GET", f"accounts({row_id})", If_None_Match="null").status_code == 200
