"""Tax exemptions of customers, invitations to an account, and what customers ask about their data.

No mail is sent from here; an invitation only moves the state of the account.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from sandbox.shopify import contact_points, gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.resolvers.customers import source
from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row

registry.inputs("EmailInput", "subject to from body bcc customMessage")
# Where an invitation's texts become too long was not recorded; one of 1,000 and one of 5,000 characters were refused.
SUBJECT_LIMIT, MESSAGE_LIMIT = 255, 2000
NOT_SENT = "Error sending account invite to customer."


def _exemptions(change: Callable[[list[str], list[str]], list[str]]) -> registry.Resolver:
    def resolve(_source: Any, call: Call, args: dict[str, Any]) -> Row:
        row = customers.get(call.store, gid.number(args["customerId"], "Customer"))
        if row is None:
            raise refuse(["customerId"], "Customer does not exist.")
        wanted = change(json.loads(row["tax_exemptions"]), args["taxExemptions"])
        call.target("Customer", row["id"])
        customers.change(call.store, row["id"], {"tax_exemptions": list(dict.fromkeys(wanted))})
        return {"customer": source(customers.get(call.store, row["id"])), "userErrors": []}

    return resolve


_EXEMPTIONS: dict[str, Callable[[list[str], list[str]], list[str]]] = {
    "customerAddTaxExemptions": lambda old, new: [*old, *new],
    "customerRemoveTaxExemptions": lambda old, gone: [one for one in old if one not in gone],
    "customerReplaceTaxExemptions": lambda _old, new: new,
}
for _name, _change in _EXEMPTIONS.items():
    registry.mutation(_name, "customerId taxExemptions", "customer userErrors")(_exemptions(_change))


@registry.mutation("customerSendAccountInviteEmail", "customerId email", "customer userErrors")
def _invite(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = customers.get(call.store, gid.number(args["customerId"], "Customer"))
    if row is None:
        raise refuse(["customerId"], "Customer can't be found")
    mail = args.get("email") or {}
    _check_mail(mail)
    if _is_refused_by_sender(row, mail):
        raise refuse(["customerId"], NOT_SENT, "INVALID")
    call.target("Customer", row["id"])
    if row["state"] == "DISABLED":
        customers.change(call.store, row["id"], {"state": "INVITED"})
        customers.reindex(call.store, row["id"])
    return {"customer": source(customers.get(call.store, row["id"])), "userErrors": []}


def _check_mail(mail: Row) -> None:
    if "subject" in mail and not (mail["subject"] or "").strip():
        raise refuse(["email", "subject"], "Subject can't be blank", "INVALID")
    if mail.get("to") and not contact_points.email_is_valid(mail["to"]):
        raise refuse(["email", "to"], "To is invalid", "INVALID")
    if mail.get("from"):
        # Only the shop's own senders are allowed; the sandbox's shop has none but its default.
        raise refuse(["email", "from"], "From Sender is invalid", "INVALID")
    if mail.get("bcc"):
        # A blind copy may only go to staff, of whom the sandbox's shop has none (recorded for a valid address).
        parts = [f"{address} is not a valid bcc address" for address in mail["bcc"]]
        raise refuse(["email", "bcc"], f"Bcc {_sentence(parts)}", "INVALID")


def _sentence(parts: list[str]) -> str:
    if len(parts) < 3:
        return " and ".join(parts)
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _is_refused_by_sender(row: Row, mail: Row) -> bool:
    message = mail.get("customMessage") or ""
    too_long = len(mail.get("subject") or "") > SUBJECT_LIMIT or len(message) > MESSAGE_LIMIT
    return too_long or "<" in message or not (row["email"] or mail.get("to"))


@registry.mutation("customerGenerateAccountActivationUrl", "customerId", "accountActivationUrl userErrors")
def _activation(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = customers.get(call.store, gid.number(args["customerId"], "Customer"))
    if row is None:
        raise refuse(["customerId"], "The customer can't be found.")
    if row["state"] == "ENABLED":
        raise refuse(["customerId"], "Account already enabled")
    token = hashlib.sha256(f"{row['id']}{row['updated_at']}".encode()).hexdigest()[:32]
    url = f"https://{call.store.config.shop}/account/activate/{row['id']}/{token}"
    return {"accountActivationUrl": url, "userErrors": []}


@registry.mutation("customerRequestDataErasure", "customerId", "customerId userErrors")
def _request_erasure(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _known(call, args["customerId"])
    call.db.update("customers", row["id"], {"erasure_requested_at": call.store.now()})
    return {"customerId": args["customerId"], "userErrors": []}


@registry.mutation("customerCancelDataErasure", "customerId", "customerId userErrors")
def _cancel_erasure(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _known(call, args["customerId"])
    if row["erasure_requested_at"] is None:
        raise refuse(["customerId"], "Customer's data is not scheduled for erasure", "NOT_BEING_ERASED")
    call.db.update("customers", row["id"], {"erasure_requested_at": None})
    return {"customerId": args["customerId"], "userErrors": []}


def _known(call: Call, identifier: str) -> Row:
    row = customers.get(call.store, gid.number(identifier, "Customer"))
    if row is None:
        raise refuse(["customerId"], "Customer does not exist", "DOES_NOT_EXIST")
    return row


@registry.mutation("dataSaleOptOut", "email", "customerId userErrors")
def _opt_out(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    email = contact_points.email(args["email"]) or ""
    # Blanks go before the check, so a comment behind an address is no blank to drop but a part that is wrong.
    if len(email) > 255 or not contact_points.email_is_valid(email):
        raise refuse(None, "Data sale opt out failed.", "FAILED")
    row = customers.by_email(call.store, email)
    if row is None:
        # Whoever opts out and is not known becomes a customer with this tag (recorded).
        values = {"email": email, "tags": ["created-by-dns-form"], "data_sale_opt_out": 1}
        number = customers.create(call.store, values)
    else:
        number = row["id"]
        customers.change(call.store, number, {"data_sale_opt_out": 1})
    call.target("Customer", number)
    customers.reindex(call.store, number)
    return {"customerId": gid.make("Customer", number), "userErrors": []}
