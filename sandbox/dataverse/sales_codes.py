"""The error codes of sales documents, price lists and products, by their names in the vendor's list.

Data only: `errors` joins them with the platform's own and makes the answers.
"""

from __future__ import annotations

# name: (code, HTTP status, message template)
SALES_CODES: dict[str, tuple[str, int, str]] = {
    "CannotActivateRecord": (
        "0x80081017", 400,
        "You can't activate a retired product family or bundle. Also, you can't activate a retired "
        "product that is part of a product family."),
    "CannotAddProduct": ("0x8004F908", 400, "You can only add Active products."),
    "CannotCancelInvoice": (
        "0x80100001", 400,
        "The invoice cannot be cancelled because it is not in active or paid state."),
    "CannotPayNonActiveInvoice": ("0x80100000", 400, "The invoice cannot be paid because it is not in active state."),
    "CannotSpecifyBothProductAndProductDesc": (
        "0x80043AFB", 400,
        "You cannot set both 'productid' and 'productdescription' for the same record."),
    "CannotSpecifyBothUomAndProductDesc": (
        "0x80043AFA", 400,
        "You cannot set both 'uomid' and 'productdescription' for the same record."),
    "CannotSetProductAsParent": ("0x8004F998", 400, "You can only select a product family as the parent."),
    "CanOnlySetActiveOrDraftProductFamilyAsParent": (
        "0x8004F906", 400,
        "You can only set product families in a draft or active state as parent."),
    "CannotUpdateOpportunityCurrency": (
        "0x80048479", 400,
        "The currency cannot be changed because this opportunity has Products Quotes, and/ or Orders "
        "associated with it.  If you want to change the currency please delete all of the "
        "Products/quotes/orders and then change the currency or create a new opportunity with the "
        "appropriate currency."),
    "CannotUpdateQuoteCurrency": (
        "0x8004480E", 400,
        "The currency cannot be changed because this quote has Products associated with it. If you want "
        "to change the currency please delete all of the Products and then change the currency or create "
        "a new quote with the appropriate currency."),
    "CannotUseOpportunitySetStateMessage": (
        "0x80100005", 400,
        "This message can not be used to set the state of opportunity to {0}. In order to set state of "
        "opportunity to {1}, use the {1} message instead."),
    "CurrencyNotEqual": ("0x80048CEA", 400, "The currency of the {0} does not match the currency of the {1}."),
    "DiscountAmount": ("0x80043B20", 400, "The discount type does not support 'percentage' discounts."),
    "DiscountAmountAndPercent": ("0x80043B1F", 400, "Both 'amount' and 'percentage' cannot be set."),
    "DiscountPercent": ("0x80043B21", 400, "The discount type does not support 'amount' discounts."),
    "DiscountRangeOverlap": ("0x80043B02", 400, "The new quantities overlap the range covered by existing quantities."),
    "DiscountTypeAndPriceLevelCurrencyNotEqual": (
        "0x80048CF8", 400,
        "The currency of the discount needs to match the currency of the price list for discount type "
        "amount."),
    "EntityIsLocked": ("0x80043B1D", 400, "This entity is already locked."),
    "EntityIsUnlocked": ("0x80043B1E", 400, "This entity is already unlocked."),
    "EntityTypeNotSupported": ("0x80100008", 400, "{0} entity does not support this message."),
    "InvalidPriceLevelCurrencyForPricingMethod": (
        "0x80048CF9", 400,
        "The currency of the price list needs to match the currency of the product for pricing method "
        "percentage."),
    "InvalidProduct": ("0x80060623", 400, "You can't add a product family."),
    "InvalidState": ("0x80040233", 400, "The object is not in a valid state to perform this operation."),
    "LowQuantityGreaterThanHighQuantity": ("0x80043B01", 400, "Low quantity should be less than high quantity."),
    "MissingOpportunityId": ("0x80043B15", 400, "The opportunity id is missing or invalid."),
    "OpportunityAlreadyInOpenState": ("0x8004051A", 400, "The opportunity is already in the open state."),
    "OpportunityCannotBeClosed": ("0x80040516", 400, "The opportunity cannot be closed."),
    "OpportunityIsAlreadyClosed": ("0x80040515", 400, "The opportunity is already closed."),
    "ParentReadOnly": ("0x80043B09", 400, "The parent is read only and cannot be edited."),
    "QuoteAndSalesOrderCurrencyNotEqual": (
        "0x80048CEE", 400,
        "The currency of the record does not match the currency of the price list."),
    "QuoteReviseExistingActiveQuote": (
        "0x80048D00", 400,
        "Quote cannot be revised as there already exists another quote in Draft/Active state and with "
        "same quote number."),
    "RecordAndOpportunityCurrencyNotEqual": (
        "0x80048CEF", 400,
        "The currency of the record does not match the currency of the price list."),
    "RecordAndPricelistCurrencyNotEqual": (
        "0x80048CF6", 400,
        "The currency of the record does not match the currency of the price list."),
    "SalesOrderAndInvoiceCurrencyNotEqual": (
        "0x80048CED", 400,
        "The currency of the record does not match the currency of the price list."),
    "UnableToActivateQuoteNotInDraft": (
        "0x80100003", 400,
        "The quote cannot be activated because it is not in draft state."),
    "unManagedidscannotdeactivatepricelevel": (
        "0x80043B04", 400,
        "The price level cannot be deactivated because it is the default price level of an account, "
        "contact or product."),
    "unManagedidsinvoicecloseapideprecated": (
        "0x80043B25", 400,
        "The Invoice Close API is deprecated. It has been replaced by the Pay and Cancel APIs."),
    "HierarchicalOperationFailed": (
        "0x8008100F", 400,
        "This operation couldn't be completed on this hierarchy. An error occurred while performing this "
        "operation for {0}. You can perform the operation separately on this product to fix the error, and then "
        "try the operation again for the complete hierarchy."),
}
