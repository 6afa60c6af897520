"""What is asked of Shopify about orders that were made from documents."""

from __future__ import annotations

MONEY = "{ presentmentMoney { amount currencyCode } }"
ORDERS = f"""query {{ orders(first: 250, sortKey: ID) {{ nodes {{ id legacyResourceId name note tags poNumber
  email phone cancelledAt sourceIdentifier displayFinancialStatus displayFulfillmentStatus
  currencyCode presentmentCurrencyCode
  mark: metafield(namespace: "dynamics", key: "document_id") {{ value }}
  customer {{ legacyResourceId email }} shippingAddress {{ firstName lastName company address1 city country zip }}
  billingAddress {{ lastName company address1 city country }}
  currentTotalPriceSet {MONEY} currentTotalTaxSet {MONEY} totalShippingPriceSet {MONEY}
  currentSubtotalPriceSet {MONEY}
  shippingLines(first: 5) {{ nodes {{ title currentDiscountedPriceSet {MONEY} }} }}
  lineItems(first: 100) {{ nodes {{ id title sku quantity currentQuantity variant {{ legacyResourceId }}
    originalUnitPriceSet {MONEY} discountedTotalSet {MONEY} taxLines {{ priceSet {MONEY} }}
    customAttributes {{ key value }} }} }} }} }} }}"""
DRAFTS = (
    "query { draftOrders(first: 250, sortKey: ID) { nodes { id status tags email customer { id } order { id } } } }"
)
