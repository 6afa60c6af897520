"""Single tax settings of companies' locations, and their staff, of whom there is none.

The newer companyLocationTaxSettingsUpdate does all of the first at once; both write the same columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call, UserErrors, user_error
from sandbox.shopify.mutations.companies import UNKNOWN
from sandbox.shopify.mutations.company_locations import location_of
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.store import companies
from sandbox.shopify.store.database import Row

Change = Callable[[Row, dict[str, Any]], Row]
registry.keys("CompanyLocationStaffMemberAssignment", "id companyLocation staffMember")
registry.keys("StaffMember", "id name")


def _changing(name: str, argument: str, arguments: str, change: Change) -> None:
    @registry.mutation(name, f"{argument} {arguments}", "companyLocation userErrors")
    def resolve(_source: Any, call: Call, args: dict[str, Any]) -> Row:
        row = location_of(call, args[argument], [argument])
        companies.change_location(call.store, row["id"], change(row, args))
        call.target("CompanyLocation", row["id"])
        return {"companyLocation": typed("CompanyLocation", call.db.get("company_locations", row["id"]))} | {
            "userErrors": []
        }


def _more(row: Row, args: dict[str, Any]) -> Row:
    return {"tax_exemptions": list(dict.fromkeys([*companies.exemptions(row), *args["taxExemptions"]]))}


def _fewer(row: Row, args: dict[str, Any]) -> Row:
    return {"tax_exemptions": [code for code in companies.exemptions(row) if code not in args["taxExemptions"]]}


_changing("companyLocationAssignTaxExemptions", "companyLocationId", "taxExemptions", _more)
_changing("companyLocationRevokeTaxExemptions", "companyLocationId", "taxExemptions", _fewer)
_changing(
    "companyLocationCreateTaxRegistration",
    "locationId",
    "taxId",
    lambda _row, args: {"tax_registration_id": args["taxId"]},
)
_changing(
    "companyLocationRevokeTaxRegistration", "companyLocationId", "", lambda _row, _args: {"tax_registration_id": None}
)


def _no_staff(argument: str) -> registry.Resolver:
    def resolve(_source: Any, _call: Call, args: dict[str, Any]) -> Row:
        # The sandbox's shop has no staff, so every id is an unknown one.
        places = range(len(args[argument]))
        raise UserErrors([user_error([argument, str(place)], UNKNOWN, "RESOURCE_NOT_FOUND") for place in places])

    return resolve


registry.mutation(
    "companyLocationAssignStaffMembers",
    "companyLocationId staffMemberIds",
    "companyLocationStaffMemberAssignments userErrors",
)(_no_staff("staffMemberIds"))
registry.mutation(
    "companyLocationRemoveStaffMembers",
    "companyLocationStaffMemberAssignmentIds",
    "deletedCompanyLocationStaffMemberAssignmentIds userErrors",
)(_no_staff("companyLocationStaffMemberAssignmentIds"))
