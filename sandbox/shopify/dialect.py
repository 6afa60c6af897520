"""The shapes of top-level errors in the dialect of graphql-ruby, which Shopify speaks.

Only shapes: when an error arises is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLSyntaxError, Node, TokenKind
from graphql.language import get_location

ACCESS_DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"
RATE_DOCUMENTATION = "https://shopify.dev/api/usage/rate-limits"

Error = dict[str, Any]


class RequestRefused(Exception):
    """The document is refused as a whole: no data, no cost, only these errors."""

    def __init__(self, errors: list[Error]) -> None:
        super().__init__(errors)
        self.errors = errors


class FieldFailed(Exception):
    """A field failed at run time: its value is null and a top-level error says why."""

    def __init__(self, message: str, code: str | None, extra: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, Any] = ({"code": code} if code else {}) | (extra or {})
        self.path: list[str | int] | None = None
        self.locate: list[Node] = []


class NotBuilt(RequestRefused):
    """The operation, field or input exists at Shopify but the sandbox has no model of it."""

    def __init__(self, what: str) -> None:
        message = f"The sandbox does not model {what} yet."
        super().__init__([{"message": message, "extensions": {"code": "SANDBOX_NOT_IMPLEMENTED", "what": what}}])


def locations(*nodes: Node | None) -> list[dict[str, int]]:
    """Line and column of each node."""
    found = []
    for node in nodes:
        if node is not None and node.loc is not None:
            place = get_location(node.loc.source, node.loc.start)
            found.append({"line": place.line, "column": place.column})
    return found


def static(message: str, node: Node, path: Sequence[str | int], code: str, **extra: Any) -> Error:
    """An error of validation: message, place, path and extensions in Shopify's order."""
    return {
        "message": message,
        "locations": locations(node),
        "path": list(path),
        "extensions": {"code": code, **extra},
    }


def parse_error(error: GraphQLSyntaxError) -> Error:
    """A document that is not GraphQL."""
    place = error.locations[0] if error.locations else None
    line, column = (place.line, place.column) if place else (1, 1)
    unexpected = "end of file" if TokenKind.EOF.value in error.message else _token(error.message)
    return {
        "message": f"syntax error, unexpected {unexpected} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
        "extensions": {"code": "PARSE_ERROR"},
    }


def _token(message: str) -> str:
    found = message.rsplit("found ", 1)[-1] if "found " in message else message.removeprefix("Syntax Error: ")
    return found.removesuffix(".").replace("Unexpected ", "")


def throttled() -> Error:
    """The bucket holds less than the document asks for."""
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": RATE_DOCUMENTATION}}


def too_costly(cost: int, limit: int) -> Error:
    """The document alone asks for more than one query may."""
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({limit}).\n\n"
        "See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\n"
        "cost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead.\n"
        "See https://shopify.dev/tutorials/perform-bulk-operations-with-admin-api for usage details.\n"
    )
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": limit, "documentation": RATE_DOCUMENTATION}
    return {"message": message, "extensions": extensions}


def too_long(size: int, limit: int, path: list[str], node: Node) -> Error:
    """A list of the input holds more than Shopify takes; `path` leads to it."""
    message = f"The input array size of {size} is greater than the maximum allowed of {limit}."
    code = {"code": "MAX_INPUT_SIZE_EXCEEDED"}
    return {"message": message, "locations": locations(node), "path": path, "extensions": code}


def access_denied(field_name: str, required: str) -> FieldFailed:
    """The token has none of the scopes that the field needs."""
    text = f"Access denied for {field_name} field."
    extra: dict[str, Any] = {"documentation": ACCESS_DOCUMENTATION}
    if required:
        text += f" Required access: {required}"
        extra["requiredAccess"] = required
    return FieldFailed(text, "ACCESS_DENIED", extra)


PROTECTED_DOCUMENTATION = "https://shopify.dev/docs/apps/launch/protected-customer-data"


def not_approved(what: str) -> FieldFailed:
    """The app has not been approved for that protected customer data, whatever its scopes."""
    text = f"This app is not approved to {what}. See {PROTECTED_DOCUMENTATION} for more details."
    return FieldFailed(text, "ACCESS_DENIED", {"documentation": PROTECTED_DOCUMENTATION})


def internal_error(request_id: str) -> Error:
    """Something went wrong on Shopify's side; on a mutation the outcome is unknown."""
    message = (
        "Internal error. Looks like something went wrong on our end.\n"
        f"Request ID: {request_id} (include this in support requests)."
    )
    return {"message": message, "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}}
