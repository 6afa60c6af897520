"""The actions and functions as `$metadata` lists them: parameters, binding and what they answer.

Data only, from the pages of the actions and functions; a test holds it against what the sandbox carries out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr


@dataclass(frozen=True)
class Operation:
    """One action or function; `bound` names the type it is bound to."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()
    returns: str = ""
    bound: str = ""
    kind: str = "Action"


def _guids(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, "Edm.Guid") for name in names)


_COLUMNS = ("ColumnSet", "mscrm.ColumnSet")
_PROCESS = ("ProcessInstanceId", "mscrm.crmbaseentity")


def _closing(name: str, activity: str, kind: str) -> Operation:
    return Operation(name, ((activity, f"mscrm.{kind}"), ("Status", "Edm.Int32")))


OPERATIONS = (
    _closing("FulfillSalesOrder", "OrderClose", "orderclose"),
    _closing("CancelSalesOrder", "OrderClose", "orderclose"),
    _closing("WinOpportunity", "OpportunityClose", "opportunityclose"),
    _closing("LoseOpportunity", "OpportunityClose", "opportunityclose"),
    _closing("WinQuote", "QuoteClose", "quoteclose"),
    _closing("CloseQuote", "QuoteClose", "quoteclose"),
    Operation("ReviseQuote", (*_guids("QuoteId"), _COLUMNS), "mscrm.quote"),
    Operation("GenerateQuoteFromOpportunity", (*_guids("OpportunityId"), _COLUMNS, _PROCESS), "mscrm.crmbaseentity"),
    Operation("GenerateSalesOrderFromOpportunity", (*_guids("OpportunityId"), _COLUMNS, _PROCESS),
              "mscrm.crmbaseentity"),
    Operation("GenerateInvoiceFromOpportunity", (*_guids("OpportunityId"), _COLUMNS, _PROCESS), "mscrm.crmbaseentity"),
    Operation("ConvertQuoteToSalesOrder", (
        *_guids("QuoteId"), _COLUMNS, ("QuoteCloseDate", "Edm.DateTimeOffset"), ("QuoteCloseStatus", "Edm.Int32"),
        ("QuoteCloseSubject", "Edm.String"), ("QuoteCloseDescription", "Edm.String"), _PROCESS), "mscrm.salesorder"),
    Operation("ConvertSalesOrderToInvoice", (*_guids("SalesOrderId"), _COLUMNS, _PROCESS), "mscrm.invoice"),
    Operation("UnlockSalesOrderPricing", _guids("SalesOrderId")),
    Operation("UnlockInvoicePricing", _guids("InvoiceId")),
    Operation("RecalculatePrice", (
        ("entityLogicalName", "Edm.String"), ("entityId", "Edm.String"), ("Target", "mscrm.crmbaseentity"))),
    Operation("CalculatePrice", (("Target", "mscrm.crmbaseentity"), *_guids("ParentId"))),
    Operation("DeleteOQOILineWithSkipPricingCalculation", (
        ("entityLogicalName", "Edm.String"), ("entityId", "Edm.String"))),
    Operation("RevertProduct", (("Target", "mscrm.product"),)),
    Operation("UnpublishDuplicateRule", _guids("DuplicateRuleId")),
    Operation("PublishXml", (("ParameterXml", "Edm.String"),)),
    Operation("PublishAllXml"),
    Operation("LockSalesOrderPricing", bound="salesorder"),
    Operation("LockInvoicePricing", bound="invoice"),
    Operation("PublishProductHierarchy", bound="product"),
    Operation("PublishDuplicateRule", returns="mscrm.asyncoperation", bound="duplicaterule"),
    *(Operation(f"Get{name}ProductsFromOpportunity", (("Opportunity", "mscrm.opportunity"),), bound=table)
      for name, table in (("Quote", "quote"), ("SalesOrder", "salesorder"), ("Invoice", "invoice"))),
    *(Operation(name, (("Privileges", "Collection(mscrm.RolePrivilege)"),), bound="role")
      for name in ("AddPrivilegesRole", "ReplacePrivilegesRole")),
    Operation("RetrieveRolePrivilegesRole", _guids("RoleId"), "mscrm.RetrieveRolePrivilegesRoleResponse",
              kind="Function"),
    Operation("WhoAmI", returns="mscrm.WhoAmIResponse", kind="Function"),
    Operation("RetrieveVersion", returns="mscrm.RetrieveVersionResponse", kind="Function"),
    Operation("RetrieveAvailableLanguages", returns="mscrm.RetrieveAvailableLanguagesResponse", kind="Function"),
    Operation("RetrieveTotalRecordCount", (("EntityNames", "Collection(Edm.String)"),),
              "mscrm.RetrieveTotalRecordCountResponse", kind="Function"))

_COMPLEX: dict[str, tuple[tuple[str, str], ...]] = {
    "ColumnSet": (("AllColumns", "Edm.Boolean"), ("Columns", "Collection(Edm.String)")),
    "WhoAmIResponse": _guids("BusinessUnitId", "UserId", "OrganizationId"),
    "RetrieveVersionResponse": (("Version", "Edm.String"),),
    "RetrieveAvailableLanguagesResponse": (("LocaleIds", "Collection(Edm.Int32)"),),
    "EntityRecordCountCollection": (
        ("Count", "Edm.Int32"), ("IsReadOnly", "Edm.Boolean"), ("Keys", "Collection(Edm.String)"),
        ("Values", "Collection(Edm.Int64)")),
    "RetrieveTotalRecordCountResponse": (("EntityRecordCountCollection", "mscrm.EntityRecordCountCollection"),),
    "RolePrivilege": (
        ("Depth", "Edm.String"), *_guids("PrivilegeId", "BusinessUnitId"), ("PrivilegeName", "Edm.String"),
        *_guids("RecordFilterId"), ("RecordFilterUniqueName", "Edm.String")),
    "RetrieveRolePrivilegesRoleResponse": (("RolePrivileges", "Collection(mscrm.RolePrivilege)"),),
    "CreateMultipleResponse": (("Ids", "Collection(Edm.Guid)"),)}


def types_and_operations(bulk: dict[str, Iterable[str]]) -> list[str]:
    """The CSDL of complex types, actions and functions; `bulk` are the bulk messages of each table."""
    lines = []
    for name, properties in _COMPLEX.items():
        inside = "".join(f"<Property Name={quoteattr(n)} Type={quoteattr(t)}/>" for n, t in properties)
        lines.append(f"<ComplexType Name={quoteattr(name)}>{inside}</ComplexType>")
    lines += [_operation(operation) for operation in OPERATIONS]
    for table, messages in sorted(bulk.items()):
        for message in sorted(messages):
            returns = "mscrm.CreateMultipleResponse" if message == "CreateMultiple" else ""
            lines.append(_operation(Operation(
                message, (("Targets", f"Collection(mscrm.{table})"),), returns, f"Collection:{table}")))
    return lines


def _operation(operation: Operation) -> str:
    parameters = list(operation.parameters)
    if operation.bound:
        collection, _, table = operation.bound.rpartition(":")
        kind = f"Collection(mscrm.{table})" if collection else f"mscrm.{table}"
        parameters.insert(0, ("entityset" if collection else "entity", kind))
    inside = "".join(f"<Parameter Name={quoteattr(n)} Type={quoteattr(t)}/>" for n, t in parameters)
    if operation.returns:
        inside += f"<ReturnType Type={quoteattr(operation.returns)}/>"
    bound = ' IsBound="true"' if operation.bound else ""
    return f"<{operation.kind} Name={quoteattr(operation.name)}{bound}>{inside}</{operation.kind}>"


def imports() -> list[str]:
    """The imports of unbound operations in the entity container."""
    return [f"<{o.kind}Import Name={quoteattr(o.name)} {o.kind}={quoteattr(f'mscrm.{o.name}')}/>"
            for o in OPERATIONS if not o.bound]
