"""fileCreate, fileUpdate, fileDelete.

Inputs are checked before records, and records before their state; all or nothing, in the recorded words.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.resolvers.files import source
from sandbox.shopify.store import files, products
from sandbox.shopify.store.database import Row

MOST_ALT = 512
REPLACEABLE = {"IMAGE", "FILE"}
registry.inputs("FileCreateInput", "alt contentType duplicateResolutionMode filename originalSource")
FIELDS = "id alt filename originalSource previewImageSource referencesToAdd referencesToRemove"
registry.inputs("FileUpdateInput", FIELDS)


@registry.mutation("fileCreate", "files", "files userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    for one in args["files"]:
        if not one["originalSource"]:
            failed = FieldFailed("originalSource is too short (minimum is 1)", "INVALID_FIELD_ARGUMENTS")
            failed.locate = [call.input_node] if call.input_node else []
            raise failed
    errors = [error for place, one in enumerate(args["files"]) for error in _new_problems(one, str(place))]
    if errors:
        raise UserErrors(errors)
    made = []
    for one in args["files"]:
        number = _replaced(call, one)
        if number is None:
            content = one.get("contentType") or files.content_of(one["originalSource"])
            number = files.create(call.store, content, one, call.request_id)
        call.target("File", number)
        made.append(source(files.get(call.store, number)))
    return {"files": made, "userErrors": []}


def _new_problems(one: Row, place: str) -> list[Row]:
    path = ["files", place]
    if len(one.get("alt") or "") > MOST_ALT:
        return [_alt_error(path)]
    if not files.is_address(one["originalSource"]):
        return [user_error([*path, "originalSource"], "File URL is invalid", "INVALID_IMAGE_SOURCE_URL")]
    if one.get("duplicateResolutionMode") == "REPLACE":
        content = one.get("contentType")
        if content not in REPLACEABLE:
            text = f"Duplicate resolution mode 'REPLACE' is not supported for '{content or 'MISSING'}' media type."
            return [user_error([*path, "duplicateResolutionMode"], text, "INVALID_DUPLICATE_MODE_FOR_TYPE")]
        if not one.get("filename"):
            text = "Missing filename argument when attempting to use REPLACE duplicate mode."
            return [user_error([*path, "filename"], text, "MISSING_FILENAME_FOR_DUPLICATE_MODE_REPLACE")]
    if one.get("filename") and files.ending(one["originalSource"]) not in {"", files.ending(one["filename"])}:
        text = "Provided filename extension must match original source."
        return [user_error([*path, "filename"], text, "MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE")]
    return []


def _alt_error(path: list[str]) -> Row:
    text = f"The alt value exceeds the maximum limit of {MOST_ALT} characters."
    return user_error([*path, "alt"], text, "ALT_VALUE_LIMIT_EXCEEDED")


def _replaced(call: Call, one: Row) -> int | None:
    if one.get("duplicateResolutionMode") != "REPLACE":
        return None
    found = call.db.value("SELECT id FROM files WHERE filename = ?", (one["filename"],))
    if found is not None:
        changes = {"source": one["originalSource"], "ready_at": call.store.clock.micros() + files.TAKES}
        files.change(call.store, found, changes | ({"alt": one["alt"] or ""} if "alt" in one else {}))
    return None if found is None else int(found)


@registry.mutation("fileUpdate", "files", "files userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["files"]
    errors = [error for place, one in enumerate(given) for error in _input_problems(one, str(place))]
    if errors:
        raise UserErrors(errors)
    rows = _existing(call, [one["id"] for one in given], ["files"], quoted=True)
    for place, (one, row) in enumerate(zip(given, rows, strict=True)):
        _check_state(call, one, row, str(place))
    for one, row in zip(given, rows, strict=True):
        _change(call, one, row)
    return {"files": [source(files.get(call.store, row["id"])) for row in rows], "userErrors": []}


def _input_problems(one: Row, place: str) -> list[Row]:
    path = ["files", place]
    if len(one.get("alt") or "") > MOST_ALT:
        return [_alt_error(path)]
    if one.get("previewImageSource") and not files.is_address(one["previewImageSource"]):
        text = "Invalid image source url value provided"
        return [user_error([*path, "previewImageSource"], text, "INVALID_IMAGE_SOURCE_URL")]
    return []


def _existing(call: Call, identifiers: list[str], path: list[str], quoted: bool) -> list[Row]:
    rows, unknown = [], []
    for identifier in identifiers:
        kind = gid.kind_of(identifier)
        row = files.get(call.store, gid.number(identifier, kind))
        if row is None or row["kind"] != kind:
            unknown.append(identifier)
        else:
            rows.append(row)
    if unknown:
        shown = json.dumps(unknown) if quoted else ",".join(unknown)
        words = f"File id {shown} does" if len(unknown) == 1 else f"File ids {shown} do"
        raise refuse(path, f"{words} not exist.", "FILE_DOES_NOT_EXIST")
    return rows


def _check_state(call: Call, one: Row, row: Row, place: str) -> None:
    path = ["files", place]
    if one.get("filename"):
        _check_filename(one["filename"], row)
    if one.get("originalSource") and one.get("previewImageSource") and row["kind"] == "MediaImage":
        text = "Cannot update the preview image and image at the same time because they are one and the same."
        both = ("previewImageSource", "originalSource")
        raise UserErrors([user_error([*path, name], text, "INVALID") for name in both])
    if one.get("originalSource") and row["kind"] not in {"MediaImage", "GenericFile"}:
        text = "Updating the original source is not supported for this media type."
        raise refuse([*path, "originalSource"], text, "INVALID")
    if not files.is_ready(call.store, row):
        raise refuse(["files"], "Non-ready files cannot be updated.", "NON_READY_STATE")
    for identifier in [*(one.get("referencesToAdd") or []), *(one.get("referencesToRemove") or [])]:
        if products.get(call.store, gid.number(identifier, "Product")) is None:
            raise refuse(["files"], "The reference target does not exist", "REFERENCE_TARGET_DOES_NOT_EXIST")


def _check_filename(name: str, row: Row) -> None:
    if row["kind"] not in {"MediaImage", "GenericFile"}:
        text = "Updating the filename is only supported on images and generic files"
        raise refuse(["files"], text, "UNSUPPORTED_MEDIA_TYPE_FOR_FILENAME_UPDATE")
    if files.ending(name) != files.ending(row["filename"]):
        text = "The filename extension provided must match the original filename."
        raise refuse(["files"], text, "INVALID_FILENAME_EXTENSION")


def _change(call: Call, one: Row, row: Row) -> None:
    changes: Row = {"alt": one["alt"] or ""} if "alt" in one else {}
    if one.get("filename"):
        changes["filename"] = one["filename"]
    fresh = one.get("originalSource") or (one.get("previewImageSource") if row["kind"] == "MediaImage" else None)
    if fresh:
        changes |= {"source": fresh, "ready_at": call.store.clock.micros() + files.TAKES}
    files.change(call.store, row["id"], changes)
    call.target("File", row["id"])
    for name, act in (("referencesToAdd", files.attach), ("referencesToRemove", files.detach)):
        for identifier in one.get(name) or []:
            product = gid.number(identifier, "Product") or 0
            act(call.store, product, row["id"])
            products.touch(call.store, product)


@registry.mutation("fileDelete", "fileIds", "deletedFileIds userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    rows = _existing(call, args["fileIds"], ["fileIds"], quoted=False)
    for row in rows:
        call.target("File", row["id"])
        files.delete(call.store, row["id"])
    return {"deletedFileIds": list(args["fileIds"]), "userErrors": []}


@registry.mutation("fileAcknowledgeUpdateFailed", "fileIds", "files userErrors")
def _acknowledge(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    rows = _existing(call, args["fileIds"], ["fileIds"], quoted=False)
    waiting = [gid.make(row["kind"], row["id"]) for row in rows if not files.is_ready(call.store, row)]
    if waiting:
        words = f"File with id {waiting[0]} is" if len(waiting) == 1 else f"Files with ids {', '.join(waiting)} are"
        raise refuse(["fileIds"], f"{words} not in the READY state.", "NON_READY_STATE")
    return {"files": [source(row) for row in rows], "userErrors": []}
