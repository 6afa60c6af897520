"""Who an order is for: the customer that orderCreate names, finds or makes, and the addresses it gives.

An order with an e-mail address always has a customer (recorded); its name and default address come from the order.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.shopify import contact_points, gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import customer_fields
from sandbox.shopify.mutations.address_input import AddressInput, whole
from sandbox.shopify.store import customer_addresses, customers
from sandbox.shopify.store.database import Row

registry.inputs("OrderCreateCustomerInput", "toUpsert toAssociate")
registry.inputs("OrderCreateAssociateCustomerAttributesInput", "id email")
registry.inputs(
    "OrderCreateUpsertCustomerAttributesInput",
    "id email firstName lastName phone note tags taxExempt multipassIdentifier addresses",
)
registry.inputs(
    "OrderCreateCustomerAddressInput",
    "address1 address2 city company country firstName lastName phone province zip",
)


@dataclass
class People:
    """What an order's input says about its buyer, ready to be written."""

    customer: Row | None = None
    created: Row | None = None
    changes: Row = field(default_factory=dict)
    email: str | None = None
    billing: Row | None = None
    shipping: Row | None = None
    book: list[Row] = field(default_factory=list)


def addresses(call: Call, given: Row) -> tuple[Row | None, Row | None, list[Row]]:
    """The billing and shipping address as columns, and what is wrong with them."""
    found: list[Row | None] = []
    errors: list[Row] = []
    for name in ("billingAddress", "shippingAddress"):
        if given.get(name) is None:
            found.append(None)
            continue
        read = AddressInput(call, given[name], ["order", name])
        errors += read.errors
        found.append(whole(read.columns))
    return found[0], found[1], errors


def read(call: Call, given: Row) -> People:
    """Find out who the order is for; raises UserErrors."""
    if given.get("customerId") and given.get("customer"):
        message = "Only one of customerId or customer may be provided"
        raise refuse(["order"], message, "REDUNDANT_CUSTOMER_FIELDS")
    billing, shipping, errors = addresses(call, given)
    email = contact_points.email(given.get("email"))
    if email is not None and not contact_points.email_is_valid(email):
        errors.append(user_error(["order", "email"], "Email is invalid", "INVALID"))
    if errors:
        raise UserErrors(errors)
    people = People(email=email, billing=billing, shipping=shipping)
    wanted = given.get("customer") or {}
    if wanted.get("toUpsert"):
        _upsert(call, wanted["toUpsert"], people)
    elif wanted.get("toAssociate") or given.get("customerId"):
        _associate(call, wanted.get("toAssociate") or {"id": given["customerId"]}, given, people)
    elif email is not None:
        _by_email(call, email, people)
    return people


def _upsert(call: Call, given: Row, people: People) -> None:
    email = contact_points.email(given.get("email")) or people.email
    standing = _named(call, given.get("id"), email)
    fields = {name: value for name, value in given.items() if name not in {"id", "addresses"}}
    if email is not None:
        fields["email"] = email
    errors = customer_fields.problems(call, fields, standing, UPSERT)
    for place, one in enumerate(given.get("addresses") or []):
        address = AddressInput(call, one, [*UPSERT.root, "addresses", str(place)])
        errors += address.errors
        people.book.append(whole(address.columns))
    if errors:
        raise UserErrors(errors)
    people.customer = standing
    people.changes = customer_fields.columns(call, fields)
    if standing is None:
        people.created = people.changes
    people.email = email


UPSERT = customer_fields.Wording(root=("order", "customer", "toUpsert"), identity=("order", "customer", "toUpsert"))


def _associate(call: Call, given: Row, order: Row, people: People) -> None:
    email = contact_points.email(given.get("email"))
    people.customer = _named(call, given.get("id"), email)
    if people.customer is None:
        path = ["order", "customer", "toAssociate"] if order.get("customer") else ["order", "customerId"]
        raise refuse(path, "Customer does not exist", "INVALID")
    people.email = email or people.email or people.customer["email"]


def _named(call: Call, identifier: str | None, email: str | None) -> Row | None:
    if identifier:
        return customers.get(call.store, gid.number(identifier, "Customer"))
    return customers.by_email(call.store, email) if email else None


def _by_email(call: Call, email: str, people: People) -> None:
    people.customer = customers.by_email(call.store, email)
    if people.customer is None:
        people.created = {"email": email}


def write(call: Call, people: People) -> int | None:
    """Make or change the customer; its number, None for an order without one."""
    if people.created is not None:
        number = customers.create(call.store, _with_name(people))
    elif people.customer is not None:
        number = people.customer["id"]
        if people.changes:
            customers.change(call.store, number, people.changes)
    else:
        return None
    call.wrote("Customer", number)
    before = _addresses(call, number)
    for address in people.book:
        _address(call, number, address)
    default = _address(call, number, people.shipping or people.billing)
    if default is not None:
        customer_addresses.make_default(call.store, default)
    if people.created is None and _addresses(call, number) != before:
        customers.touch(call.store, number)  # an address is the customer's own; what he bought no longer updates him
    customers.reindex(call.store, number)
    return number


def _addresses(call: Call, number: int) -> tuple[int | None, int]:
    """The customer's default address, and how many there are."""
    customer = customers.get(call.store, number) or {}
    return customer.get("default_address_id"), len(customer_addresses.of_customer(call.store, number))


def _with_name(people: People) -> Row:
    created = people.created or {}
    address = people.shipping or people.billing or {}
    names = {name: created.get(name) or address.get(name) for name in ("first_name", "last_name")}
    return created | names


def _address(call: Call, number: int, address: Row | None) -> Row | None:
    customer = customers.get(call.store, number)
    if address is None or customer is None or customer_addresses.is_blank(address):
        return None
    standing = customer_addresses.same(call.store, number, address)
    if standing is None:
        made = customer_addresses.create(call.store, customer, address)
        standing = customer_addresses.get(call.store, made)
    return standing
