"""Webhook requests at the companies' address, and what each must get: data for the test and for docs/webhooks.md.

Bodies of companies, their contacts and locations have global ids only; what is told of the two leads to the company.
"""

from __future__ import annotations

from typing import Any

from tests.contract.app.webhook_requests import LIE, NUMBER, Sent, _json
from tests.support.plant import SHOP, signed

COMPANIES = "companies_shopify_to_crm"
_COMPANY = {"admin_graphql_api_id": f"gid://shopify/Company/{NUMBER}", "name": LIE}
_CONTACT = {"admin_graphql_api_id": "gid://shopify/CompanyContact/7", "title": LIE}
_NOBODY = "signed, but nothing that could be looked up"


def _told(what: str, topic: str, status: int, body: dict[str, Any], why: str = "", **stored: Any) -> Sent:
    raw = _json(**body)
    message = {"shop": SHOP, "correlation_id": "w-1", "seen_at": "2026-11-23T12:00:05+00:00", **stored}
    headers = tuple(signed(raw, topic=topic).items())
    return Sent(what, headers, raw, status, (message,) * (status == 200), COMPANIES, why)


FIRMS: tuple[Sent, ...] = (
    _told("`companies/create`", "companies/create", 200, _COMPANY, ids=[NUMBER]),
    _told("`companies/update`", "companies/update", 200, _COMPANY, ids=[NUMBER]),
    _told("`companies/delete`", "companies/delete", 200, _COMPANY, "confirmed by a read of its own", deleted=[NUMBER]),
    *(
        _told(f"`{part}/{event}`", f"{part}/{event}", 200, {**_CONTACT, "company": _COMPANY},
              "the company is what is read, never deleted by this", ids=[NUMBER], table="companies")
        for part in ("company_contacts", "company_locations") for event in ("create", "update", "delete")
    ),
    _told("`customers/update`", "customers/update", 200, {"id": int(NUMBER), "email": LIE},
          "leads to the company of which he is a contact, if any", ids=[NUMBER], table="customers"),
    _told("`company_contacts/update` without its company", "company_contacts/update", 400, _CONTACT, _NOBODY),
    _told("`company_contacts/update`, the company a text", "company_contacts/update", 400,
          {**_CONTACT, "company": LIE}, _NOBODY),
    _told("`companies/update` without an id", "companies/update", 400, {"name": LIE}, _NOBODY),
)  # fmt: skip
