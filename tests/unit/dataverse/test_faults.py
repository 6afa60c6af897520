from __future__ import annotations

import json

import pytest

from shared import errors
from shared.dataverse import faults
from tests.support import evidence

LIST = evidence.DATAVERSE / "error_codes.json"
# Documented in samples, not in the vendor's list.
UNLISTED = {"0x80060888"}


def body(code: str, message: str = "text") -> bytes:
    """An OData error."""
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def fault(code: str, message: str = "text", status: int = 400, **headers: str) -> errors.SyncError:
    """What becomes of it."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return faults.fault(status, sent, body(code, message), call="write product")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0x80072322", errors.Throttled),
        ("0x80072321", errors.Throttled),
        ("0x80072326", errors.Throttled),
        ("0x80060882", faults.RowChanged),
        ("0x80043B08", faults.RowChanged),
        ("0x80040237", faults.AlreadyExists),
        ("0x80060892", faults.AlreadyExists),
        ("0x80043B06", faults.AlreadyExists),
        ("0x80040333", faults.AlreadyExists),
        ("0x80040217", faults.RowGone),
        ("0x80060891", faults.RowGone),
        ("0x80044352", errors.TokenExpired),
        ("0x80072491", errors.SchemaMismatch),
        ("0x80060888", errors.SchemaMismatch),
        ("0x8006088A", errors.SchemaMismatch),
        ("0x80040220", errors.AuthFailed),
        ("0x80044150", errors.Unavailable),
        ("0x80044151", errors.Unavailable),
        ("0x80040265", errors.Invalid),
        ("0x80044331", errors.Invalid),
        ("0x8006089D", errors.Ambiguous),
    ],
)
@pytest.mark.parametrize("status", [400, 403, 404, 412, 429, 500])
def test_the_code_decides_and_never_the_status(code: str, kind: type[errors.SyncError], status: int) -> None:
    """The same duplicate comes as 412 and as 500; only its code says what it is."""
    assert type(fault(code, status=status)) is kind


def test_codes_are_the_vendors_own() -> None:
    """Every code of the table stands in the vendor's list, so a slip of the finger cannot hide."""
    if not LIST.exists():
        pytest.skip("the vendor's list of codes is not on this machine")
    known = {entry["hex"].lower() for entry in json.loads(LIST.read_text())}
    assert set(faults.CLASS_OF) - known == UNLISTED


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, errors.Invalid), (403, errors.AuthFailed), (500, errors.Unavailable), (503, errors.Unavailable)],
)
def test_without_a_known_code_the_status_is_all_there_is(status: int, kind: type[errors.SyncError]) -> None:
    """An answer that is no OData error, or has a code nobody listed, still becomes a typed error."""
    assert type(faults.fault(status, {}, b"<html>", call="x")) is kind
    assert type(fault("0x80041234", status=status)) is kind


def test_a_missing_privilege_is_named() -> None:
    """The administrator reads which privilege to grant."""
    found = fault("0x80040220", "Principal user (Id=1, type=8) is missing prvWriteProduct privilege (Id=2)", 403)
    assert found.facts["privilege"] == "prvWriteProduct"
    assert "prvWriteProduct" in found.sentence


def test_a_plugin_speaks_to_the_merchant_without_personal_data() -> None:
    """The customer's own text is shown, less addresses, and bounded."""
    found = fault("0x80040265", "Credit limit exceeded, ask jane@example.com. " + "x" * 1000)
    assert "Credit limit exceeded" in found.sentence
    assert "jane@" not in found.sentence
    assert len(found.sentence) < 500


def test_a_violated_key_names_its_column() -> None:
    """Which value is taken is a fact, not something to be read out of prose later."""
    found = fault(
        "0x80060892",
        "Entity Key Variant violated. A record with the same value for Shopify variant id (acme) already exists. A "
        "duplicate record cannot be created.",
        412,
    )
    assert found.facts["label"] == "Shopify variant id (acme)"
    assert "Shopify variant id (acme)" in found.sentence
    assert fault("0x80043B06").facts["column"] == "productnumber"


def test_a_throttled_part_says_how_long_to_wait() -> None:
    """Retry-After is honoured inside a batch as well."""
    found = fault("0x80072322", status=429, Retry_After="17")
    assert isinstance(found, errors.Throttled)
    assert (found.retry_after_s, found.exact) == (17, True)


def test_a_retired_product_is_known_anew_after_ten_minutes() -> None:
    """Its line waits until what is kept of products is read again, and not twice or four times as long."""
    found = fault("0x8004F908")
    assert isinstance(found, errors.NotYet)
    assert (found.retry_after_s, found.exact) == (660, True)


def test_an_unknown_column_is_told_from_a_wrong_value() -> None:
    """One code covers both: the first pauses the flow, the second parks the record."""
    lost = "An undeclared property 'x' which only has property annotations in the payload but no property value was"
    assert type(fault("0x80048d19", f"Error identified in Payload: {lost} found")) is errors.SchemaMismatch
    assert type(fault("0x80048d19", "Cannot convert the literal 'a' to the expected type")) is errors.Invalid


def test_a_missing_row_is_named() -> None:
    """Who reads the error learns which row of which table does not exist."""
    found = fault(
        "0x80040217", "Entity 'PriceLevel' With Id = 0A67DAE0-1b4b-5e6e-b61d-3fd1665de1fe Does Not Exist", 404
    )
    assert (found.facts["table"], found.facts["id"]) == ("pricelevel", "0a67dae0-1b4b-5e6e-b61d-3fd1665de1fe")
