"""paymentTermsCreate, -Update, -Delete, and the terms that a draft order's input names.

What is refused, in which words and with which codes is recorded; so is that closed and cancelled orders take terms, and
that an owner has one date at most.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.resolvers.payment_terms import source
from sandbox.shopify.resolvers.payment_terms_templates import TEMPLATES
from sandbox.shopify.store import draft_orders, orders, payment_terms
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

registry.inputs("PaymentTermsInput", "paymentTermsTemplateId paymentSchedules")
registry.inputs("PaymentTermsCreateInput", "paymentTermsTemplateId paymentSchedules")
registry.inputs("PaymentTermsUpdateInput", "paymentTermsId paymentTermsAttributes")
registry.inputs("PaymentTermsDeleteInput", "paymentTermsId")
registry.inputs("PaymentScheduleInput", "dueAt issuedAt")
NO_TEMPLATE = "Could not find payment terms template."
NO_TERMS = "Could not find payment terms."
SEVERAL = "Cannot create payment terms with multiple payment schedules."
NO_DATE = "A due date is required with fixed or net payment terms."
NEEDLESS = "A due date cannot be set with event payment terms."
PAID = "Cannot create payment terms on an Order that has already been paid in full."
OWNERS = {"Order": "Order", "DraftOrder": "Draft order"}


def values(given: Row, code: str | None) -> Row:
    """The columns that an input comes to, or a refusal with that code."""
    template = TEMPLATES.get(gid.number(given.get("paymentTermsTemplateId"), "PaymentTermsTemplate") or 0)
    if template is None:
        raise refuse(None, NO_TEMPLATE, code)
    schedules = given.get("paymentSchedules") or []
    if len(schedules) > 1:
        raise refuse(None, SEVERAL, code)
    issued, due = (_moment(schedules, name) for name in ("issuedAt", "dueAt"))
    found = {"template": gid.number(template["id"], "PaymentTermsTemplate"), "issued_at": None, "due_at": None}
    if template["paymentTermsType"] in ("RECEIPT", "FULFILLMENT"):
        if due is not None:
            raise refuse(None, NEEDLESS, code)
        return found
    days = template["dueInDays"]
    if days is not None and issued is not None:
        return found | {"issued_at": issued, "due_at": issued + days * payment_terms.DAY}
    if due is None:
        raise refuse(None, NO_DATE, code)
    return found | {"issued_at": issued, "due_at": due}


def _moment(schedules: list[Row], name: str) -> int | None:
    given = schedules[0].get(name) if schedules else None
    return parse_micros(given) if given else None


def _check_paid(call: Call, owner: str, number: int, code: str) -> None:
    if owner == "Order" and payment_terms.paid(Book(call.store, number)):
        raise refuse(None, PAID, code)


@registry.mutation("paymentTermsCreate", "referenceId paymentTermsAttributes", "paymentTerms userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    code = "PAYMENT_TERMS_CREATION_UNSUCCESSFUL"
    owner, number = _owner(call, args["referenceId"], code)
    found = values(args["paymentTermsAttributes"], code)
    _check_paid(call, owner, number, code)
    if payment_terms.of(call.store, owner, number) is not None:
        raise registry.not_built("paymentTermsCreate on what has terms already")
    return _answer(call, owner, number, payment_terms.put(call.store, owner, number, found))


def _owner(call: Call, identifier: str, code: str) -> tuple[str, int]:
    for kind, get in (("Order", orders.get), ("DraftOrder", draft_orders.get)):
        number = gid.number(identifier, kind)
        if number is not None and get(call.store, number) is not None:
            return kind, number
    kind = identifier.split("/")[-2] if identifier.count("/") > 1 else ""
    tail = identifier.rsplit("/", 1)[-1]
    raise refuse(None, f"Cannot find the specific {OWNERS.get(kind, 'Order')} with id {tail}.", code)


def _answer(call: Call, owner: str, number: int, terms: int) -> Row:
    payment_terms.told(call.store, owner, number)
    call.target(owner, number)
    return {"paymentTerms": source(payment_terms.get(call.store, terms)), "userErrors": []}


def _standing(call: Call, identifier: str, code: str) -> Row:
    row = payment_terms.get(call.store, gid.number(identifier, "PaymentTerms"))
    if row is None:
        raise refuse(None, NO_TERMS, code)
    return row


@registry.mutation("paymentTermsUpdate", "input", "paymentTerms userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    code = "PAYMENT_TERMS_UPDATE_UNSUCCESSFUL"
    row = _standing(call, args["input"]["paymentTermsId"], code)
    kept = {"paymentTermsTemplateId": gid.make("PaymentTermsTemplate", row["template"])}
    # Recorded: a template that is not given stays.
    found = values(kept | args["input"]["paymentTermsAttributes"], code)
    owner, number = row["owner"], row["owner_id"]
    _check_paid(call, owner, number, code)
    return _answer(call, owner, number, payment_terms.put(call.store, owner, number, found))


@registry.mutation("paymentTermsDelete", "input", "deletedId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _standing(call, args["input"]["paymentTermsId"], "PAYMENT_TERMS_DELETE_UNSUCCESSFUL")
    payment_terms.remove(call.store, row["owner"], row["owner_id"])
    payment_terms.told(call.store, row["owner"], row["owner_id"])
    call.target(row["owner"], row["owner_id"])
    return {"deletedId": args["input"]["paymentTermsId"], "userErrors": []}
