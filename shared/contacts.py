"""People whom Shopify asks to erase, as contacts of companies: what names them, and what becomes of the contact.

The company's account is nobody's data and stays. Everything may be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import SyncError
from shared.kinds.companies import CONTACTS
from shared.lines import ETAG, ROW, LineWrite
from shared.membership import Membership, forget, memberships
from shared.personal import ask_a_person, emptied, is_text, words
from shared.records import Action, Record, Write
from shared.wiring import App

FLOW = "companies_shopify_to_crm"


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of a company. `account` and `row`: as CRM has them; None where it has not (any more)."""

    shop: str
    customer: str
    member: Membership
    account: Record | None = None
    row: Mapping[str, Any] | None = None

    @property
    def words(self) -> Iterator[str]:
        """What names the person there, and what his line is called in verdicts and errors."""
        yield from self.member.called
        yield from words(self.row or {})

    def erase(self, app: App) -> None:
        """Empty what the state knows of the line. Raises Busy while it is written."""
        forget(app.state, self.shop, self.member, app.clock.now())

    def tell_crm(self, app: App) -> None:
        """Empty the contact's mapped texts, or leave that to a person, who gets a task."""
        if self.row is None or self.account is None:
            return
        line = self.member.line
        if not app.settings.anonymise:
            key = f"{self.shop}|redact|{self.customer}|{self.member.company}"
            ask_a_person(app, key, self.customer, (CONTACTS.table, line.row))
            return
        job = app.job(FLOW, self.shop)
        group = next(each for each in job.rules.lines if each.name == line.group)
        values = {rule.to: emptied(rule.to) for rule in group.fields if is_text(job, f"{group.to}.{rule.to}")}
        change = LineWrite(self.member.name, group.to, line.row, values, self.row[ETAG])
        write = Write(Action.UPDATE, self.member.company, {}, self.account.id, current=self.account, lines=(change,))
        result = job.target.write([write])[0]
        if isinstance(result, SyncError):
            raise result


def contacts_of(app: App, shop: str, customer: str) -> list[Contact]:
    """All that a customer is in companies, as both the state and CRM have it."""
    return [_contact(app, shop, customer, member) for member in memberships(app.state, shop, customer)]


def _contact(app: App, shop: str, customer: str, member: Membership) -> Contact:
    account_id = member.pair.crm_id if member.pair else None
    if account_id is None:
        return Contact(shop, customer, member)
    account = app.job(FLOW, shop).target.read([account_id]).records.get(account_id)
    rows = account.content[CONTACTS.name] if account else ()
    row = next((row for row in rows if row[ROW] == member.line.row), None)
    return Contact(shop, customer, member, account, row)
