"""Vaulted payment methods of customers: nothing here vaults one, so a customer has none and no id finds any.

Reads, and the refusals of mutations that need one; making one is refused by name once the scopes allow it.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.store.database import Row

registry.keys("CustomerPaymentMethod", "id instrument revokedAt revokedReason customer")
registry.inputs("CustomerPaymentMethodRemoteInput", "stripePaymentMethod")
registry.inputs("RemoteStripePaymentMethodInput", "customerId paymentMethodId")


@registry.field("QueryRoot", "customerPaymentMethod", "id showRevoked")
def _method(_source: Any, _call: Call, _args: dict[str, Any]) -> None:
    return None


@registry.field("Customer", "paymentMethods", f"{registry.CONNECTION_ARGUMENTS} showRevoked")
def _methods(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    return listed([], args)


@registry.mutation(
    "customerPaymentMethodRemoteCreate", "customerId remoteReference", "customerPaymentMethod userErrors"
)
def _create(_source: Any, _call: Call, _args: dict[str, Any]) -> Row:
    raise registry.not_built("vaulting a payment method (Mutation.customerPaymentMethodRemoteCreate)")


@registry.mutation("customerPaymentMethodSendUpdateEmail", "customerPaymentMethodId email", "customer userErrors")
def _send(_source: Any, _call: Call, _args: dict[str, Any]) -> Row:
    raise refuse(["customerPaymentMethodId"], "Customer payment method does not exist")
