"""giftCardCreate, giftCardUpdate, giftCardDeactivate, giftCardCredit, giftCardDebit.

Sentences of credits and debits are recorded; those of the other three are assumed from the schema's codes.
"""

from __future__ import annotations

import re
import secrets
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.resolvers.gift_cards import source, transaction_source
from sandbox.shopify.store import customers, gift_cards
from sandbox.shopify.store.database import Row

_CODE = re.compile(r"[a-z0-9]+")
SHORTEST, LONGEST, MADE = 8, 20, 16
_PLAIN = {"expiresOn": "expires_on", "note": "note", "templateSuffix": "template_suffix"}
registry.inputs("GiftCardCreateInput", "code customerId expiresOn initialValue initialAmount note templateSuffix")
registry.inputs("GiftCardUpdateInput", "customerId expiresOn note templateSuffix")
registry.inputs("GiftCardCreditInput", "creditAmount note processedAt")
registry.inputs("GiftCardDebitInput", "debitAmount note processedAt")


@registry.mutation("giftCardCreate", "input", "giftCard giftCardCode userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    code, (value, currency) = _code(call, given.get("code")), _value(call, given)
    columns = {_PLAIN[name]: given.get(name) for name in _PLAIN}
    columns |= {"customer_id": _customer(call, given.get("customerId")), "source": "api_client"}
    columns |= {"code": code, "currency": currency, "initial_value": value, "balance": value}
    number = gift_cards.add(call.store, columns)
    call.target("GiftCard", number)
    return {"giftCard": _shown(call, number), "giftCardCode": code, "userErrors": []}


def _code(call: Call, given: str | None) -> str:
    """A code of its own for every card; letters in small."""
    if given is None:
        return secrets.token_hex(MADE // 2)
    code, path = given.lower(), ["input", "code"]
    if len(code) < SHORTEST:
        raise refuse(path, f"Code is too short (minimum is {SHORTEST} characters)", "TOO_SHORT")
    if len(code) > LONGEST:
        raise refuse(path, f"Code is too long (maximum is {LONGEST} characters)", "TOO_LONG")
    if not _CODE.fullmatch(code):
        raise refuse(path, "Code can only contain letters(a-z) and numbers(0-9)", "INVALID")
    if gift_cards.of_code(call.store, code):
        raise refuse(path, "Code has already been taken", "TAKEN")
    return code


def _value(call: Call, given: Row) -> tuple[str, str]:
    money = given.get("initialAmount")
    value, currency = (money["amount"], money["currencyCode"]) if money else (given.get("initialValue"), None)
    path = ["input", "initialAmount" if money else "initialValue"]
    if value is None:
        raise refuse(path, "Initial value is required", "MISSING_ARGUMENT")
    if Decimal(value) <= 0:
        raise refuse(path, "must be greater than 0", "GREATER_THAN")
    return str(Decimal(value)), currency or call.store.config.currency


def _customer(call: Call, identifier: str | None) -> int | None:
    if identifier is None:
        return None
    row = customers.get(call.store, gid.number(identifier, "Customer"))
    if row is None:
        raise refuse(["input", "customerId"], "The customer could not be found.", "CUSTOMER_NOT_FOUND")
    return int(row["id"])


@registry.mutation("giftCardUpdate", "id input", "giftCard userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row, given = _found(call, args["id"]), args["input"]
    columns = {column: given[name] for name, column in _PLAIN.items() if name in given}
    if "customerId" in given:
        if row["customer_id"]:
            raise refuse(["input", "customerId"], "The customer of a gift card can't be changed.")
        columns["customer_id"] = _customer(call, given["customerId"])
    gift_cards.change(call.store, row["id"], columns)
    call.target("GiftCard", row["id"])
    return {"giftCard": _shown(call, row["id"]), "userErrors": []}


@registry.mutation("giftCardDeactivate", "id", "giftCard userErrors")
def _deactivate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _found(call, args["id"])
    if row["deactivated_at"] is None:
        gift_cards.change(call.store, row["id"], {"deactivated_at": call.store.now()})
    call.target("GiftCard", row["id"])
    return {"giftCard": _shown(call, row["id"]), "userErrors": []}


def _move(call: Call, args: dict[str, Any], kind: str) -> Row:
    name = kind.lower()
    row, given = _found(call, args["id"]), args[f"{name}Input"]
    if gift_cards.expired(call.store, row):
        raise refuse(["id"], "The gift card has expired.", "INVALID")
    if row["deactivated_at"]:
        raise refuse(["id"], "The gift card is deactivated.", "INVALID")
    money, path = given[f"{name}Amount"], [f"{name}Input", f"{name}Amount"]
    if Decimal(money["amount"]) <= 0:
        raise refuse([*path, "amount"], "A positive amount must be used.", "NEGATIVE_OR_ZERO_AMOUNT")
    if money["currencyCode"] != row["currency"]:
        message = "The currency provided does not match the currency of the gift card."
        raise refuse([*path, "currencyCode"], message, "MISMATCHING_CURRENCY")
    if kind == "Debit" and Decimal(money["amount"]) > Decimal(row["balance"]):
        message = "The gift card does not have sufficient funds to satisfy the request."
        raise refuse([*path, "amount"], message, "INSUFFICIENT_FUNDS")
    if given.get("processedAt"):
        raise registry.not_built("processedAt of gift card transactions")
    values = {"note": given.get("note"), "processed_at": call.store.now()}
    number = gift_cards.move(call.store, row, kind, Decimal(money["amount"]), values)
    call.target("GiftCard", row["id"])
    return {f"giftCard{kind}Transaction": transaction_source(call, number), "userErrors": []}


@registry.mutation("giftCardCredit", "id creditInput", "giftCardCreditTransaction userErrors")
def _credit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _move(call, args, "Credit")


@registry.mutation("giftCardDebit", "id debitInput", "giftCardDebitTransaction userErrors")
def _debit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _move(call, args, "Debit")


def _found(call: Call, identifier: str) -> Row:
    row = gift_cards.get(call.store, gid.number(identifier, "GiftCard"))
    if row is None:
        raise refuse(["id"], "The gift card could not be found.", "GIFT_CARD_NOT_FOUND")
    return row


def _shown(call: Call, number: int) -> Row | None:
    return source(gift_cards.get(call.store, number))
