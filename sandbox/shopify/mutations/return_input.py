"""The lines of a return in an input, checked against what was shipped and not returned yet.

`returnCreate` and `returnRequest` differ in the paths of their errors and in how they want a reason (recorded).
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.store import fulfilments, returns
from sandbox.shopify.store.database import Row

registry.inputs("ReturnInput", "orderId returnLineItems returnShippingFee notifyCustomer unprocessed")
registry.inputs("ReturnRequestInput", "orderId returnLineItems returnShippingFee")
_LINE = "fulfillmentLineItemId quantity returnReason returnReasonDefinitionId restockingFee"
registry.inputs("ReturnLineItemInput", f"{_LINE} returnReasonNote")
registry.inputs("ReturnRequestLineItemInput", f"{_LINE} customerNote")
registry.inputs("ReturnShippingFeeInput", "amount")
registry.inputs("RestockingFeeInput", "percentage")
NO_SHIPMENT = "Fulfillment Line Item was not found."
BAD_QUANTITY = "Return line item has an invalid quantity."
NO_REASON = "Return line items Either return reason or return reason definition must be provided"
NO_NOTE = 'Return line items return reason note The note is required when the return reason is "Other"'


@dataclass(frozen=True)
class Reader:
    """Reads the lines of one mutation: `root` is where its errors point, `request` says that a buyer asks."""

    call: Call
    order: Row
    root: str
    request: bool

    def shipped(self) -> dict[int, Row]:
        """The shipped lines of the order by number."""
        rows = [one for one in fulfilments.of_order(self.call.store, self.order["id"]) if one["status"] == "SUCCESS"]
        found = [line for one in rows for line in fulfilments.lines(self.call.store, one["id"])]
        return {line["id"]: line for line in found}

    def read(self, given: list[Row]) -> tuple[list[Row], list[Row]]:
        """The lines as rows of `return_lines`, and what is wrong with them."""
        shipped = self.shipped()
        entries: list[Row] = []
        errors: list[Row] = []
        if not given:
            message = "Return line items can't be blank"
            return [], [user_error([self.root, "returnLineItems"], message, "BLANK")]
        for place, one in enumerate(given):
            path = [self.root, "returnLineItems", str(place)]
            line = shipped.get(gid.number(one["fulfillmentLineItemId"], "FulfillmentLineItem") or 0)
            if line is None:
                errors.append(user_error([*path, "fulfillmentLineItemId"], NO_SHIPMENT, "NOT_FOUND"))
            elif not 1 <= one["quantity"] <= returns.returnable(self.call.store, line):
                errors.append(user_error([*path, "quantity"], BAD_QUANTITY, "INVALID"))
            else:
                reason, wrong = self._reason(one, path)
                errors += wrong
                entries.append(_entry(one, line, reason))
        return entries, errors

    def _reason(self, one: Row, path: list[str]) -> tuple[str, list[Row]]:
        number = gid.number(one.get("returnReasonDefinitionId"), "ReturnReasonDefinition")
        if number is not None and 1 <= number <= len(returns.DEFINITIONS):
            return returns.definition(number)["reason"], []
        reason = one.get("returnReason")
        if reason is None and self.request:
            return "", [user_error([*path, "returnReason"], "Return reason can't be blank", "BLANK")]
        if reason is None:
            return "", [user_error(path, NO_REASON, "NOT_FOUND")]
        if reason == "OTHER" and not self.request and not (one.get("returnReasonNote") or "").strip():
            return reason, [user_error([*path, "returnReasonNote"], NO_NOTE, "BLANK")]
        return reason, []


def _entry(one: Row, line: Row, reason: str) -> Row:
    fee = one.get("restockingFee")
    return {
        "line_id": line["line_id"],
        "fulfillment_line_id": line["id"],
        "quantity": one["quantity"],
        "reason": reason,
        "reason_note": one.get("returnReasonNote") or "",
        "customer_note": one.get("customerNote"),
        "restocking_percentage": fee["percentage"] if fee else None,
    }
