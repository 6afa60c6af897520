"""What must be true of orders once the troubles are over, read from both sides as people see them.

Only for verdicts and parked records is the app asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.records import Item, Origin, Page, ParkedRow, Verdict
from tests.simulation.town import Town
from tests.simulation.traders import MARKED, Traders
from tests.support.plant import SHOP

FLOW = "orders_shopify_to_crm"
PERSON = "new_shopifycustomerid_acme"
OPEN, CANCELED, FULFILLED = 0, 2, 3
MONEY = "{ shopMoney { amount } }"
ORDERS = f"""query {{ orders(first: 50) {{ nodes {{ legacyResourceId note cancelledAt displayFulfillmentStatus
  currentTotalPriceSet {MONEY} currentTotalTaxSet {MONEY} customer {{ legacyResourceId }} shippingAddress {{ address1 }}
  lineItems(first: 50) {{ nodes {{ title currentQuantity }} }} }} }} }}"""
ROWS = (
    f"salesorders?$filter={MARKED} ne null"
    f"&$expand=order_details($select=productdescription,quantity),customerid_account($select={PERSON})"
)
NOTES = "new_shopifyordernotes?$select=_new_salesorderid_value,new_name,new_kind,new_shopifyid,statecode"
WHOSE = "customer"
QUIET = frozenset({Verdict.UNCHANGED, Verdict.SKIPPED})


@dataclass
class TradePromises:
    """All of them, for one life of traders. `checked` counts what was looked at in the end."""

    town: Town
    people: Traders
    checked: Counter[str] = field(default_factory=Counter)

    def before_comparison(self) -> list[str]:
        """What has to be right without the nightly comparison. What was parked because workers died waits for it.

        So does an order that went on without its customer: it is read again after an hour, and later.
        """
        failed = {row.source_id for row in self._parked() if row.code == "WorkerFailed"}
        wrong = [one for one in self._both_sides() if not any(each in one for each in failed) and WHOSE not in one]
        return [*self.town.defects, *wrong]

    def broken(self) -> list[str]:
        """Every promise that does not hold at the end."""
        parked = [f"parked: {row.source_id} {row.code}: {row.sentence}" for row in self._parked()]
        self.checked = Counter({"creates": self.town.witness.made.total()})
        wrong = [*self.town.defects, *self._both_sides(), *parked, *self.town.witness.doubled()]
        return [*wrong, *self._kept(), *self._noted(), *self._verdicts()]

    def _parked(self) -> Iterator[ParkedRow]:
        for flow in self.town.flows:
            yield from self.town.hosts[0].state.parked.list(SHOP, flow.name)

    def _orders(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.town.merchant.call(ORDERS)["orders"]["nodes"]
        return nodes

    def _both_sides(self) -> list[str]:
        wrong: list[str] = []
        rows = self.town.sales.get(ROWS)["value"]
        for order in self._orders():
            number = str(order["legacyResourceId"])
            mine = [row for row in rows if row[MARKED] == number]
            if len(mine) != 1:
                wrong.append(f"order {number} has {len(mine)} rows")
                continue
            wrong += [f"order {number}: {one}" for one in self._differs(order, mine[0])]
            self.checked["pairs"] += 1
            self.checked["lines"] += len(mine[0]["order_details"])
        return wrong

    def _differs(self, order: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
        lines = [each for each in order["lineItems"]["nodes"] if each["currentQuantity"]]
        titles = {each["title"] for each in order["lineItems"]["nodes"]}
        held = [each for each in row["order_details"] if each["quantity"] and each["productdescription"] in titles]
        ended = CANCELED if order["cancelledAt"] else FULFILLED if _shipped(order) else OPEN
        pairs = {
            "total": (_amount(order, "Price"), Decimal(str(row["totalamount"]))),
            "tax": (_amount(order, "Tax"), Decimal(str(row["totaltax"] or 0))),
            "sum of lines": (_amount(order, "Price"), sum(Decimal(str(each)) for each in self._extended(row))),
            "units": (
                Counter({each["title"]: each["currentQuantity"] for each in lines}),
                Counter({each["productdescription"]: int(each["quantity"]) for each in held}),
            ),
            "state": (ended, row["statecode"]),
            "note": (order["note"] or None, row["description"]),
            "street": ((order["shippingAddress"] or {}).get("address1"), row["shipto_line1"]),
        }
        yield from self._whose(order["customer"]["legacyResourceId"], row)
        yield from (f"{what} is {found}, not {wanted}" for what, (wanted, found) in pairs.items() if wanted != found)

    def _whose(self, customer: str, row: dict[str, Any]) -> Iterator[str]:
        """CRM locks an order that has ended: one that did before its customer had come stays without him."""
        account = row["customerid_account"] or {}
        if not account and row["statecode"] != OPEN:
            self.checked["orders that ended before their customer came"] += 1
        elif account.get(PERSON) != customer:
            yield f"{WHOSE} is {account.get(PERSON)}, not {customer}"

    def _extended(self, row: dict[str, Any]) -> list[Any]:
        where = f"_salesorderid_value eq {row['salesorderid']}"
        lines = self.town.sales.get(f"salesorderdetails?$select=extendedamount&$filter={where}")["value"]
        return [*(line["extendedamount"] for line in lines), row["freightamount"] or 0]

    def _kept(self) -> list[str]:
        """What sales wrote into a column that no flow writes stands."""
        told = {entry.record: entry.value for entry in self.people.book.entries if entry.field == "requestdeliveryby"}
        rows = self.town.sales.get("salesorders?$select=requestdeliveryby")["value"]
        held = {row["salesorderid"]: str(row["requestdeliveryby"])[:10] for row in rows}
        self.checked["fields that people edited"] += len(told)
        return [f"requestdeliveryby of {row} is {held[row]}, not {told[row]}" for row in told if held[row] != told[row]]

    def _noted(self) -> list[str]:
        """No row beside an order stands twice."""
        rows = [row for row in self.town.sales.get(NOTES)["value"] if not row["statecode"]]
        told = ("_new_salesorderid_value", "new_kind", "new_shopifyid")
        given = Counter(tuple(row[each] for each in told) for row in rows)
        self.checked["rows beside orders"] += len(rows)
        return [f"{count} rows beside {one[0]} are its {one[1]} {one[2]}" for one, count in given.items() if count > 1]

    def _verdicts(self) -> list[str]:
        app = self.town.hosts[0]
        ids = [str(each["legacyResourceId"]) for each in self._orders()]
        page = Page(FLOW, SHOP, tuple(map(Item, ids)), Origin.POLL)
        outcomes = app.engine(app.job(FLOW, SHOP)).apply(page, write=False).outcomes
        self.checked["verdicts"] += len(ids)
        given = Counter(outcome.source_id for outcome in outcomes)
        wrong = [f"{each} has {given[each]} verdicts" for each in ids if given[each] != 1]
        loud = [one for one in outcomes if one.verdict not in QUIET]
        return wrong + [f"{FLOW} leaves {one.source_id} {one.verdict}: {one.reason}" for one in loud]


def _amount(order: dict[str, Any], name: str) -> Decimal:
    return Decimal(order[f"currentTotal{name}Set"]["shopMoney"]["amount"])


def _shipped(order: dict[str, Any]) -> bool:
    return bool(order["displayFulfillmentStatus"] == "FULFILLED")
