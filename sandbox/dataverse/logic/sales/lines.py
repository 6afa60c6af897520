"""Lines of documents: existing or written-in product, unit, currency, and what a line repeats of others.

Reference: the line entity pages, Add products to quotes, orders or invoices, Troubleshooting the Opportunity entity,
and the web service error codes. Prices are `pricing`'s business.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.store import Row

from .documents import BY_LINE, Document, header_of, may_edit
from .pricing import is_system

PRODUCT, BUNDLE = 1, 2
NOT_CONFIGURED = 2
ACTIVE, REVISION = 0, 3
FAMILY_STRUCTURE, BUNDLE_STRUCTURE = 2, 3


def register(rules: Rules) -> None:
    """Hook the checks in."""
    tables = tuple(BY_LINE)
    rules.on("before_create", tables, start)
    rules.on("before_update", tables, edit)
    rules.on("before_delete", tables, remove)


def start(ctx: Context, change: Change) -> None:
    """Check and complete a new line."""
    document = BY_LINE[change.table.name]
    header = _parent(ctx, document, change)
    if not is_system(ctx):
        require_open(ctx, document, header)
        _check_choice(change)
    product = _product(ctx, change)
    if product is not None and not is_system(ctx):
        _check_product(ctx, change, product)
    values = change.values
    if values.get("producttypecode") is None:
        values["producttypecode"] = PRODUCT
    if values.get("propertyconfigurationstatus") is None:
        values["propertyconfigurationstatus"] = NOT_CONFIGURED
    _repeat(document, change, header, product)
    _currency(ctx, document, change, header)


def edit(ctx: Context, change: Change) -> None:
    """Check and complete a changed line."""
    if is_system(ctx):
        return
    document = BY_LINE[change.table.name]
    require_open(ctx, document, header_of(ctx, document, (change.before or {}).get(document.parent)))
    header = _parent(ctx, document, change)
    if change.moves(document.parent):
        require_open(ctx, document, header)
    chosen = [c for c in ("productid", "uomid", "productdescription") if change.moves(c)]
    if chosen:
        _check_choice(change)
        product = _product(ctx, change)
        if product is not None:
            _check_product(ctx, change, product)
        _repeat(document, change, header, product)
    _currency(ctx, document, change, header)


def remove(ctx: Context, change: Change) -> None:
    """A line of a closed document stays, unless the document itself is being deleted."""
    document = BY_LINE[change.table.name]
    header_id = (change.before or {}).get(document.parent)
    if is_system(ctx) or header_id is None or header_id in ctx.scratch.get("deleting", ()):
        return
    require_open(ctx, document, header_of(ctx, document, header_id))


def _parent(ctx: Context, document: Document, change: Change) -> Row:
    header_id = change.final(document.parent)
    if header_id is None:
        if document.header == "opportunity":
            raise error("MissingOpportunityId")
        raise error("RequiredFieldMissing", document.parent)
    return header_of(ctx, document, header_id)


def require_open(ctx: Context, document: Document, header: Row) -> None:
    """Refuse with 0x80043B09 when the document no longer takes changes."""
    if not may_edit(ctx, document, header):
        raise error("ParentReadOnly")


def _check_choice(change: Change) -> None:
    """A line names a product with its unit, or is written in with a description, never both."""
    product, unit = change.final("productid"), change.final("uomid")
    described = change.final("productdescription") is not None
    written_in = bool(change.final("isproductoverridden"))
    if product is not None and (described or written_in):
        raise error("CannotSpecifyBothProductAndProductDesc")
    if unit is not None and (described or written_in):
        raise error("CannotSpecifyBothUomAndProductDesc")
    if written_in and not described:
        raise error("RequiredFieldMissing", "productdescription",
                    message="You must provide a value for product description.")
    if not written_in and product is None:
        raise error("MissingProductId")
    if not written_in and unit is None:
        raise error("MissingUomId")


def _product(ctx: Context, change: Change) -> Row | None:
    product_id = change.final("productid")
    if product_id is None:
        return None
    columns = ["productid", "name", "productnumber", "productstructure", "statecode", "defaultuomscheduleid"]
    found = ctx.store.get(ctx.table("product"), str(product_id), columns)
    if found is None:
        raise error("ObjectDoesNotExist", "product", product_id)
    return found


def _check_product(ctx: Context, change: Change, product: Row) -> None:
    if product["productstructure"] == FAMILY_STRUCTURE:
        raise error("InvalidProduct")
    if product["productstructure"] == BUNDLE_STRUCTURE:
        raise error(
            "UnExpected", status=501, message="The sandbox does not have bundles on lines (productassociation).")
    if change.moves("productid") and product["statecode"] not in (ACTIVE, REVISION):
        raise error("CannotAddProduct")
    unit = ctx.store.get(ctx.table("uom"), str(change.final("uomid")), ["uomid", "uomscheduleid"])
    if unit is None or unit["uomscheduleid"] != product["defaultuomscheduleid"]:
        raise error("ProductInvalidUnit")


def _repeat(document: Document, change: Change, header: Row, product: Row | None) -> None:
    """The columns a line repeats of its product and of its header."""
    columns, values = change.table.columns, change.values
    name = product["name"] if product else change.final("productdescription")
    for column in ("productname", f"{change.table.name}name"):
        if column in columns and not (column in change.sent and column != "productname"):
            limit = columns[column].max_length or 100
            values[column] = str(name)[:limit] if name is not None else None
    if "productnumber" in columns:
        values["productnumber"] = product["productnumber"] if product else None
    if document.state in columns:
        values[document.state] = header["statecode"]
    if document.lock and document.lock in columns:
        values[document.lock] = bool(header.get("ispricelocked"))


def _currency(ctx: Context, document: Document, change: Change, header: Row) -> None:
    """A line is in its header's currency; another one is refused."""
    wanted = header.get("transactioncurrencyid") or ctx.core.organization()["basecurrencyid"]
    if "transactioncurrencyid" in change.sent and change.final("transactioncurrencyid") not in (None, wanted):
        raise error("CurrencyNotEqual", document.line, document.header)
    if change.final("transactioncurrencyid") != wanted:
        change.values["transactioncurrencyid"] = wanted
