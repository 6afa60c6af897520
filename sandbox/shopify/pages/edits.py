"""What the forms change: each becomes one mutation of the API, run as the person who looks at the page.

Times, webhooks and refusals are those of the API, because it is the API. Fields a form does not name stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.shopify import gid
from sandbox.shopify.clock import iso
from sandbox.shopify.store import variants

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox

Form = dict[str, str]
Reads = Callable[[str, Form], dict[str, Any]]


@dataclass(frozen=True)
class Edit:
    """One kind of form: whose number it names, the mutation, and how its fields become variables."""

    kind: str
    query: str
    variables: Reads


def _plain(*names: str, **renamed: str) -> Callable[[Form], dict[str, Any]]:
    """Fields that go into the input as they are, empty ones as null; tags are a list."""

    def read(form: Form) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in (*names, *renamed):
            if name in form:
                value: Any = form[name].strip() or None
                if name == "tags":
                    value = [tag.strip() for tag in form[name].split(",") if tag.strip()]
                found[renamed.get(name, name)] = value
        return found

    return read


def _input(fields: Callable[[Form], dict[str, Any]]) -> Reads:
    return lambda identifier, form: {"i": fields(form) | {"id": identifier}}


def _beside(fields: Callable[[Form], dict[str, Any]]) -> Reads:
    return lambda identifier, form: {"id": identifier, "i": fields(form)}


def _alone(identifier: str, _form: Form) -> dict[str, Any]:
    return {"id": identifier}


def _metaobject(identifier: str, form: Form) -> dict[str, Any]:
    return {"id": identifier, "i": {"fields": [{"key": key, "value": value} for key, value in form.items()]}}


ERRORS = "userErrors { message }"
EDITS = {
    "product": Edit(
        "Product",
        f"mutation($i: ProductUpdateInput!) {{ productUpdate(product: $i) {{ {ERRORS} }} }}",
        _input(_plain("title", "status")),
    ),
    "customer": Edit(
        "Customer",
        f"mutation($i: CustomerInput!) {{ customerUpdate(input: $i) {{ {ERRORS} }} }}",
        _input(_plain("firstName", "lastName", "email", "phone", "note", "tags")),
    ),
    "company": Edit(
        "Company",
        f"mutation($id: ID!, $i: CompanyInput!) {{ companyUpdate(companyId: $id, input: $i) {{ {ERRORS} }} }}",
        _beside(_plain("name", "externalId", "note")),
    ),
    "order": Edit(
        "Order",
        f"mutation($i: OrderInput!) {{ orderUpdate(input: $i) {{ {ERRORS} }} }}",
        _input(_plain("note", "tags", "email")),
    ),
    "order-paid": Edit(
        "Order",
        f"mutation($i: OrderMarkAsPaidInput!) {{ orderMarkAsPaid(input: $i) {{ {ERRORS} }} }}",
        _input(_plain()),
    ),
    "order-cancelled": Edit(
        "Order",
        "mutation($id: ID!) { orderCancel(orderId: $id, reason: OTHER, restock: true) "
        "{ orderCancelUserErrors { message } } }",
        _alone,
    ),
    "draft": Edit(
        "DraftOrder",
        f"mutation($id: ID!, $i: DraftOrderInput!) {{ draftOrderUpdate(id: $id, input: $i) {{ {ERRORS} }} }}",
        _beside(_plain("note", "tags", "email")),
    ),
    "draft-completed": Edit(
        "DraftOrder", f"mutation($id: ID!) {{ draftOrderComplete(id: $id) {{ {ERRORS} }} }}", _alone
    ),
    "metaobject": Edit(
        "Metaobject",
        "mutation($id: ID!, $i: MetaobjectUpdateInput!) "
        f"{{ metaobjectUpdate(id: $id, metaobject: $i) {{ {ERRORS} }} }}",
        _metaobject,
    ),
}
VARIANT = f"""mutation($id: ID!, $v: [ProductVariantsBulkInput!]!) {{
  productVariantsBulkUpdate(productId: $id, variants: $v) {{ {ERRORS} }} }}"""


def apply(sandbox: ShopifySandbox, kind: str, number: int, form: Form) -> str | None:
    """Carry out a form; what went wrong, or None."""
    if kind == "variant":
        return _variant(sandbox, number, form)
    edit = EDITS.get(kind)
    if edit is None:
        return f"there is no form for {kind}"
    return _send(sandbox, edit.query, edit.variables(gid.make(edit.kind, number), form))


def _variant(sandbox: ShopifySandbox, number: int, form: Form) -> str | None:
    row = variants.get(sandbox.store, number)
    if row is None:
        return f"there is no variant {number}"
    change: dict[str, Any] = {"id": gid.make("ProductVariant", number)}
    if "price" in form:
        change["price"] = form["price"]
    if "sku" in form:
        change["inventoryItem"] = {"sku": form["sku"]}
    return _send(sandbox, VARIANT, {"id": gid.make("Product", row["product_id"]), "v": [change]})


def _send(sandbox: ShopifySandbox, query: str, variables: dict[str, Any]) -> str | None:
    call, answer = sandbox.inside.run(query, variables)
    sandbox.counters.note(call, answer, iso(sandbox.clock.micros()) or "")
    found = [str(error["message"]) for error in answer.errors]
    for payload in (answer.body.get("data") or {}).values():
        for name, value in (payload or {}).items():
            if name.endswith(("userErrors", "UserErrors")):
                found += [str(error["message"]) for error in value]
    return "; ".join(found) or None
