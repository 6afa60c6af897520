"""The whole app with customers, products and orders on, and what people do with orders at both systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.seed import Crm
from shared import app as actions
from shared.records import Message, Origin, Outcome, Pair, ParkedRow, Side
from tests.support.clientele import Clientele
from tests.support.plant import CRM_URL, SHOP, signed
from tests.support.till import Till, gid

ORDERS = "orders_shopify_to_crm"
ORDER_MARK = "new_shopifyorderid_acme"
JANE = {"email": "jane@shoe.example", "firstName": "Jane", "lastName": "Doe"}


class Trade(Till, Clientele):
    """A Plant with customers, products and orders on."""

    def __init__(self, **environment: str) -> None:
        on = {"PRODUCTS_CRM_TO_SHOPIFY_MODE": "on", "PRODUCTS_SHOPIFY_TO_CRM_MODE": "on"}
        mine = {"ORDERS_SHOPIFY_TO_CRM_MODE": "on", "ORDERS_SINCE": "2020-01-01"}
        super().__init__(**{**on, **mine, **environment})

    # -- the salesperson ----------------------------------------------------------------------------------------

    def crm_orders(self, order: str = "") -> list[dict[str, Any]]:
        """The CRM orders (of that order) with their lines."""
        where = f"&$filter={ORDER_MARK} eq '{order}'" if order else ""
        found: list[dict[str, Any]] = self.sales.get(f"salesorders?$expand=order_details{where}")["value"]
        return found

    def crm_order(self, order: str) -> dict[str, Any]:
        """The one CRM order of that order."""
        found = self.crm_orders(order)
        assert len(found) == 1, (len(found), self.parked_orders())
        return found[0]

    def lines(self, order: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Quantity and price of each line by its text, or by its product's number."""
        return {name: (_of(row, "quantity"), _of(row, "priceperunit")) for name, row in self.rows_of(order).items()}

    def rows_of(self, order: str) -> dict[str, dict[str, Any]]:
        """The lines by their text, or by their product's number."""
        numbers = {row["productid"]: row["productnumber"] for row in self.rows("products")}
        rows = self.crm_order(order)["order_details"]
        return {row["productdescription"] or numbers[row["_productid_value"]]: row for row in rows}

    def retire(self, number: str) -> None:
        """She takes a product off its price lists and retires it."""
        self.change("products", self._unpriced(number), statecode=1, statuscode=2)

    def discard(self, number: str) -> None:
        """She deletes a product that no order names."""
        self.delete("products", self._unpriced(number))

    def _unpriced(self, number: str) -> str:
        (product,) = self.rows("products", f"productnumber eq '{number}'")
        for price in self.rows("productpricelevels", f"_productid_value eq {product['productid']}"):
            self.delete("productpricelevels", price["productpricelevelid"])
        return str(product["productid"])

    def discount_method(self, method: int) -> None:
        """The administrator chooses how line discounts count: 0 once, 1 per unit."""
        admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
        self.mount(admin._session, self.crm.wsgi)
        (organization,) = admin.get("organizations")["value"]
        values = {"discountcalculationmethod": method}
        admin.send("PATCH", f"organizations({organization['organizationid']})", values)

    def by_hand(self, order: str, text: str, **values: Any) -> None:
        """She changes a line, adds one that is not there, or (without values) deletes it."""
        row = self.rows_of(order).get(text)
        if row is None:
            whole = {"salesorderid@odata.bind": f"/salesorders({self.crm_order(order)['salesorderid']})"}
            known = {"isproductoverridden": True, "productdescription": text, "quantity": 1, **whole}
            self.sales.send("POST", "salesorderdetails", {**known, **values})
            return
        url = f"salesorderdetails({row['salesorderdetailid']})"
        self.sales.send("PATCH" if values else "DELETE", url, values)

    # -- what came of it ----------------------------------------------------------------------------------------

    def equal(self, order: str) -> dict[str, Any]:
        """The CRM order, whose totals are Shopify's to the cent, as is the sum of its lines."""
        told, row = self._told(order), self.crm_order(order)
        shop = [Decimal(told[f"currentTotal{name}Set"]["shopMoney"]["amount"]) for name in ("Price", "Tax")]
        assert [_of(row, "totalamount"), _of(row, "totaltax")] == shop
        extended = sum((_of(line, "extendedamount") for line in row["order_details"]), Decimal(0))
        assert extended + _of(row, "freightamount") == shop[0]
        return row

    def parked_orders(self) -> dict[str, tuple[str, str]]:
        """Code and sentence of each parked order."""
        rows = self.app.state.parked.list(SHOP, ORDERS)
        return {row.source_id: (row.code, row.sentence) for row in rows}

    def parked_order(self, order: str) -> ParkedRow:
        """An order's parked row."""
        return self.app.state.parked.known(SHOP, ORDERS, [order])[order]

    def paired(self, order: str) -> Pair | None:
        """What the state knows of an order."""
        return self.app.state.crossrefs.load(SHOP, "orders", Side.SHOPIFY, [order]).get(order)

    def again(self, *ids: str, flow: str = ORDERS, work: bool = True) -> None:
        """These are tried again, as `parked retry` does; worked until nothing is left, or once."""
        self.app.state.queues.send(Message(flow, SHOP, Origin.RETRY, ids=ids))
        if work:
            self.work()
        else:
            assert self._work_one(flow, "sync")

    def outcomes(self, order: str) -> list[Outcome]:
        """What all runs said of an order, the oldest first."""
        found = []
        for run in reversed(list(self.app.state.runs.last(SHOP, ORDERS, 200))):
            if run.outcomes_blob:
                told = self.app.state.journal.get_outcomes(run.outcomes_blob)
                found += [each for each in told if each.source_id == order]
        return found

    def quiet(self) -> None:
        """Further runs, and a whole listing, write nothing."""
        before = self.writes()
        self.clock.advance(3600)
        self.run()
        self.list_orders()
        assert self.writes() == before

    def order_told(self, topic: str, order: str) -> int:
        """Shopify calls the orders' webhook; the status of the answer."""
        raw = json.dumps({"id": int(order), "admin_graphql_api_id": gid(order)}).encode()
        return actions.receive(ORDERS, signed(raw, topic=topic), raw)[0]

    def list_orders(self) -> None:
        """All orders are listed again, as `sync --all` does, and worked."""
        actions.poll(self.app, ORDERS, SHOP, restart=True)
        self.run(ticks=1)


def _of(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(str(row[column] or 0))
