"""The errors the server answers, by the names of Microsoft's web service error code list.

A code is never written anywhere else, so one test can compare all of them with that list. `payload` (0x80048d19)
and `unknown_property` (0x80060888) are documented in samples and forum answers but missing from the list.
"""

from __future__ import annotations

from .sales_codes import SALES_CODES


class DataverseError(Exception):
    """An answer other than success: HTTP status, vendor code, message, and extra headers."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


# name in the vendor's list: (code, HTTP status, message template)
CODES: dict[str, tuple[str, int, str]] = {
    **SALES_CODES,
    "AggregateQueryRecordLimitExceeded": (
        "0x8004E023", 400, "The maximum record limit is exceeded. Reduce the number of records."),
    "AccessTokenExpired": ("0x8005F101", 401, "The requested resource requires authentication."),
    "CannotAddPricelistToProductFamily": ("0x8004F902", 400, "You can't add a product family to a pricelist."),
    "CannotAddRetiredProductToPricelist": (
        "0x80061009", 400, "Retired products can not be added to pricelists."),
    "CannotDeleteInUseComponent": (
        "0x8004F01F", 400,
        "The {0}({1}) component cannot be deleted because it is referenced by {2} other components. For a list of "
        "referenced components, use the RetrieveDependenciesForDeleteRequest."),
    "CannotDeleteMetadata": (
        "0x8004F032", 400,
        "The '{2}' operation on the current component(name='{0}', id='{1}') failed during managed property "
        "evaluation of condition: '{3}'"),
    "CannotDeletePrimaryUIAttribute": ("0x80047002", 400, "The Primary UI Attribute is not valid for deletion"),
    "CannotDeleteDueToAssociation": (
        "0x80040227", 405,
        "The object you tried to delete is associated with another object and cannot be deleted."),
    "CannotPublishChildOfNonActiveProductFamily": (
        "0x8004F909", 400,
        "You can't publish this record because it belongs to a product family that isn't published."),
    "CannotRetireProduct": (
        "0x8004F915", 400,
        "You can't retire this product because it belongs to active bundles or price lists. "
        "Remove it from any bundles or price lists before you retire it."),
    "CannotSetPublishRetiredProductsToDraft": (
        "0x80061035", 400, "You can't set a published or retired product record to the draft state."),
    "CannotUpdateBecauseItIsReadOnly": (
        "0x8004022E", 400, "The specified record can not be updated as it is read-only"),
    "CannotUpdateProductCurrency": (
        "0x80048CFA", 400,
        "The currency of the product cannot be updated because there are associated price list items "
        "with pricing method percentage."),
    "ChangeTrackingNotEnabledForEntity": ("0x80072491", 400, "Entity {0} isn't enabled for change tracking."),
    "ConcurrencyVersionMismatch": (
        "0x80060882", 412,
        "The version of the existing record doesn't match the RowVersion property provided."),
    "CrmHttpError": ("0x8006088a", 404, "Resource not found for the segment '{0}'."),
    "CurrencyCannotBeNullDueToNonNullMoneyFields": ("0x80048CFB", 400, "The currency cannot be null."),
    "DecimalValueOutOfRange": (
        "0x80044330", 400,
        "A validation error occurred. A decimal value provided is outside of the allowed values for this "
        "attribute."),
    "DuplicateIsoCurrencyCode": (
        "0x80048CF3", 400,
        "Cannot insert duplicate currency record. Currency with the same currency code already exist in the "
        "system."),
    "DuplicateProductPriceLevel": (
        "0x80043B08", 400, "This product and unit combination has a price for this price list."),
    "DuplicateRecord": ("0x80040237", 412, "A record with matching key values already exists."),
    "DuplicateRecordEntityKey": (
        "0x80060892", 412,
        "Entity Key {0} violated. A record with the same value for {1} already exists. A duplicate record "
        "cannot be created. Select one or more unique values and try again."),
    "DuplicateRecordsFound": (
        "0x80040333", 500,
        "A record was not created or updated because a duplicate of the current record already exists."),
    "DuplicateCheckNotSupportedOnEntity": (
        "0x80048410", 400, "Duplicate detection is not supported on this record type."),
    "DuplicateDetectionNotSupportedOnAttributeType": (
        "0x80048430", 400,
        "The rule condition cannot be created or updated because duplicate detection is not supported on the data "
        "type of the selected attribute."),
    "EntityKeyNotDefined": (
        "0x80060890", 400, "The specified key attributes are not a defined key for the {0} entity"),
    "EntityKeyNameExists": ("0x80060893", 400, "An entity key with the name {0} already exists on entity {1}."),
    "EntityKeyWithSelectedAttributesExists": (
        "0x80060894", 400, "An entity key with the selected attributes already exists on entity."),
    "DuplicateAttributeSchemaName": ("0x80047013", 400, "An attribute with the specified name already exists"),
    "DuplicateName": ("0x80047010", 400, "An object with the specified name already exists"),
    "ExpiredVersionStamp": (
        "0x80044352", 400, "Version stamp associated with the client has expired. Please perform a full sync."),
    "IntegerValueOutOfRange": (
        "0x8004432F", 400,
        "A validation error occurred. An integer provided is outside of the allowed values for this attribute."),
    "InvalidArgument": ("0x80040203", 400, "Invalid argument."),
    "InvalidStateCodeStatusCode": (
        "0x80048408", 400, "{0} is not a valid status code for state code {1} on {2} with Id {3}."),
    "InvalidStateForPublish": (
        "0x8004F90A", 400,
        "The specified ProductFamily, Product or Bundle can only be published from Draft state or "
        "ActiveDraft status"),
    "MissingPriceLevelId": ("0x80043B12", 400, "The price level id is missing."),
    "MissingProductId": ("0x80043B11", 400, "The product id is missing."),
    "MissingUomId": ("0x80043B0D", 400, "The unit id is missing."),
    "ObjectDoesNotExist": ("0x80040217", 404, "Entity '{0}' With Id = {1} Does Not Exist"),
    "OptimisticConcurrencyNotEnabled": (
        "0x8006088D", 400,
        "Optimistic concurrency isn't enabled for entity type {0}. The IfVersionMatches value of "
        "ConcurrencyBehavior can only be used if optimistic concurrency is enabled."),
    "PicklistValueOutOfRange": (
        "0x8004431A", 400,
        "A validation error occurred.  The value '{0}' of '{1}' on record of type '{2}' is outside the valid "
        "range. Accepted Values: {3}"),
    "PrivilegeDenied": ("0x80040220", 403, "{0}"),
    "ProductCanOnlyBeUpdatedInDraft": (
        "0x8004F995", 400, "Product, product family and bundle can only be updated in draft state."),
    "ProductFromActiveToActiveState": ("0x8004F982", 400, "Product is already in Active State."),
    "ProductFromActiveToDraftState": ("0x8004F912", 400, "You can't set a published product to the draft state."),
    "ProductFromDraftToDraftState": ("0x8004F981", 400, "Product is already in Draft State."),
    "ProductFromDraftToRetiredState": ("0x8004F978", 400, "You can't retire a product that's in the draft state."),
    "ProductFromDraftToRevisedState": ("0x8004F913", 400, "You can't revise a draft or a retired product."),
    "ProductFromRetiredToDraftState": (
        "0x8004F979", 400, "It is not possible to move product from Retired to Draft State."),
    "ProductFromRetiredToRetiredState": ("0x8004F980", 400, "Product is already in Retired State."),
    "ProductHasUnretiredChild": (
        "0x8004F910", 400,
        "You can't retire this product family because one or more of its child records aren't retired."),
    "ProductInvalidPriceLevelPercentage": (
        "0x80043B0C", 400,
        "The pricing percentage must be greater than or equal to zero and less than 100000."),
    "ProductInvalidUnit": ("0x80043B14", 400, "The specified unit is not valid for this product."),
    "ProductNoProductNumber": ("0x80043B05", 400, "The product number can not be null."),
    "ProductProductNumberExists": (
        "0x80043B06", 400,
        "The specified product ID conflicts with the product ID of an existing record. Specify a different "
        "product ID and try again."),
    "RecordCanOnlyBeRevisedFromActiveState": ("0x8004F883", 400, "You can only revise an active product."),
    "ReactivateEntityKeyOnlyForFailedJobs": (
        "0x80060897", 400, "Reactivate entity key is only supported for failed job"),
    "RecordNotFoundByEntityKey": (
        "0x80060891", 404, "A record with the specified key values does not exist in {0} entity"),
    "RequiredFieldMissing": ("0x80040200", 400, "Required field '{0}' is missing"),
    "SdkCustomProcessingStepIsNotAllowed": (
        "0x80044187", 400, "Custom SdkMessageProcessingStep is not allowed on the specified message and entity."),
    "SdkInvalidMessagePropertyName": (
        "0x8004416B", 400, "Message property name '{0}' is not valid on message {1}."),
    "SdkMessageDoesNotSupportImageRegistration": (
        "0x80044189", 400, "Message '{0}' does not support image registration."),
    "SdkMessageDoesNotSupportPostImageRegistration": (
        "0x8004416E", 400, "PreEvent step registration does not support Post Image."),
    "SdkMessageInvalidImageTypeRegistration": (
        "0x8004416D", 400, "Message {0} does not support this image type."),
    "ServiceEndpointAcsAuthNotSupported": (
        "0x80050209", 400,
        "Service Endpoint with ACS authentication type is no longer supported. Please change your endpoint "
        "configuration to use a supported authentication type"),
    "StringLengthTooLong": (
        "0x80044331", 400,
        "A validation error occurred.  The length of the '{0}' attribute of the '{1}' entity exceeded the "
        "maximum allowed length of '{2}'."),
    "ThrottlingBurstRequestLimitExceededError": (
        "0x80072322", 429, "Number of requests exceeded the limit of {0} over time window of {1} seconds."),
    "ThrottlingConcurrencyLimitExceededError": (
        "0x80072326", 429, "Number of concurrent requests exceeded the limit of {0}."),
    "ThrottlingTimeExceededError": (
        "0x80072321", 429,
        "Combined execution time of incoming requests exceeded limit of {0} milliseconds over time window of "
        "{1} seconds. Decrease number of concurrent requests or reduce the duration of requests and try "
        "again later."),
    "UnitNotInSchedule": ("0x80043B16", 400, "The unit does not exist in the specified unit schedule."),
    "unManagedidssqlerror": ("0x80044150", 500, "Generic SQL error."),
    "unManagedidssqltimeouterror": ("0x80044151", 500, "SQL timeout expired."),
    "WebhooksHttpRequestTimedOut": (
        "0x80050202", 400,
        "The webhook call failed because the Http request timed out at client side. Please check your webhook "
        "request handler."),
    "WebhooksNonSuccessHttpResponse": (
        "0x80050201", 400,
        "The webhook call failed because the http request received non-success httpStatus code. Please check your "
        "webhook request handler."),
    "UnExpected": ("0x80040216", 500, "An unexpected error occurred."),
}


def error(name: str, *facts: object, status: int | None = None, message: str | None = None) -> DataverseError:
    """The error of that name, its message filled with facts; status and message can be overridden."""
    code, usual, template = CODES[name]
    return DataverseError(status or usual, code, message or template.format(*facts))


def payload(entity_set: str, detail: str) -> DataverseError:
    """400 0x80048d19: the body cannot be read (wording from forum posts, an assumption)."""
    return DataverseError(
        400, "0x80048d19",
        f"Error identified in Payload provided by the user for Entity :'{entity_set}', For more information on "
        f"this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  "
        f"InnerException : Microsoft.OData.ODataException: {detail}")


def unknown_property(name: str, table: str) -> DataverseError:
    """400 0x80060888: a query names a property the type does not have."""
    return DataverseError(
        400, "0x80060888", f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'.")


def bad_request(message: str) -> DataverseError:
    """400 0x80060888: the URL or a query option cannot be processed."""
    return DataverseError(400, "0x80060888", message)
