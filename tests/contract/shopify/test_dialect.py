"""Errors in Shopify's dialect, and refusals of what is not modelled."""

from __future__ import annotations

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("query Q { shop { nope } }", "undefinedField", "Field 'nope' doesn't exist on type 'Shop'"),
        ("{ product { id } }", "missingRequiredArguments", "Field 'product' is missing required arguments: id"),
        ("{ shop }", "selectionMismatch", "Field must have selections"),
        ('{ product(id: "x") { id } }', "argumentLiteralsIncompatible", "Invalid global id 'x'"),
        (
            '{ product(id: "gid://shopify/Product/1", z: 1) { id } }',
            "argumentNotAccepted",
            "Field 'product' doesn't accept argument 'z'",
        ),
        ("query Q($a: Int) { shop { id } }", "variableNotUsed", "Variable $a is declared by Q but not used"),
        ("{ shop { id @nope } }", "undefinedDirective", "Directive @nope is not defined"),
        ("{ shop { ... on Nope { id } } }", "undefinedType", "No such type Nope, so it can't be a fragment condition"),
        ("{ shop { id }", "PARSE_ERROR", "syntax error, unexpected end of file at"),
        (
            "mutation { productChangeStatus(productId: null, status: DRAFT) { product { id } } }",
            "argumentLiteralsIncompatible",
            "Argument 'productId' on Field 'productChangeStatus' has an invalid value (null). Expected type 'ID!'.",
        ),
        (
            "mutation { productDelete(input: {}) { deletedProductId } }",
            "missingRequiredInputObjectAttribute",
            "Argument 'id' on InputObject 'ProductDeleteInput' is required. Expected type ID!",
        ),
        (
            "{ productByIdentifier(identifier: {}) { id } }",
            "invalidOneOfInputObject",
            "OneOf Input Object 'ProductIdentifierInput' must specify exactly one key.",
        ),
    ],
)
def test_static_errors(shop: Shop, query: str, code: str, message: str) -> None:
    """A document that is wrong is refused in graphql-ruby's words, without data and without cost."""
    body = shop.run(query)
    assert set(body) == {"errors"}
    assert body["errors"][0]["extensions"]["code"] == code
    assert body["errors"][0]["message"].startswith(message)


def test_every_problem_of_a_variable_is_listed(shop: Shop) -> None:
    """A bad variable lists unknown keys first, then wrong and missing values, with their paths."""
    query = """mutation M($p: [ProductVariantsBulkInput!]!) {
      productVariantsBulkUpdate(productId: "gid://shopify/Product/1", variants: $p) { userErrors { field } } }"""
    error = shop.run(query, {"p": [{"zzz": 1, "price": "x", "inventoryPolicy": "NO"}]})["errors"][0]
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["locations"] == [{"line": 1, "column": 12}]
    paths = [problem["path"] for problem in error["extensions"]["problems"]]
    assert paths == [[0, "zzz"], [0, "inventoryPolicy"], [0, "price"]]
    assert error["message"].startswith(
        "Variable $p of type [ProductVariantsBulkInput!]! was provided invalid value for 0.zzz "
        "(Field is not defined on ProductVariantsBulkInput), 0.inventoryPolicy"
    )


def test_operation_names(shop: Shop) -> None:
    """Two operations need a name."""
    assert shop.run("query A { shop { id } } query B { shop { id } }") == {
        "errors": [{"message": "An operation name is required"}]
    }


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("{ deliveryProfiles(first: 1) { nodes { id } } }", "QueryRoot.deliveryProfiles"),
        (
            '{ product(id: "gid://shopify/Product/1") { id sellingPlanGroups(first: 1) { nodes { id } } } }',
            "Product.sellingPlanGroups",
        ),
        (
            '{ products(first: 1, savedSearchId: "gid://shopify/SavedSearch/1") { nodes { id } } }',
            "the argument savedSearchId of QueryRoot.products",
        ),
        (
            'mutation { productSet(input: {title: "x", combinedListingRole: PARENT}) { product { id } } }',
            "the input field ProductSetInput.combinedListingRole",
        ),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(shop: Shop, query: str, what: str) -> None:
    """An operation, field, argument or input without a model is named, and nothing of the document runs."""
    body = shop.run(query)
    assert "data" not in body
    assert body["errors"][0]["extensions"] == {"code": "SANDBOX_NOT_IMPLEMENTED", "what": what}
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 0


def test_a_mutation_is_not_run_when_its_answer_cannot_be_given(shop: Shop) -> None:
    """A field of the answer without a model stops the mutation before it writes."""
    unknown = 'restrictedForResource(calculatedOrderId: "gid://shopify/CalculatedOrder/1") { restricted }'
    query = f'mutation {{ productCreate(product: {{title: "x"}}) {{ product {{ id {unknown} }} }} }}'
    assert shop.run(query)["errors"][0]["extensions"]["what"] == "Product.restrictedForResource"
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 0


def test_scopes(box: ShopifySandbox) -> None:
    """A token without the scope gets ACCESS_DENIED with HTTP 200, and a write scope allows reading."""
    box.tokens.add("t1", "narrow", ("read_inventory",))
    box.tokens.add("t2", "writer", ("write_products",))
    denied = Shop(box, "t1").post("{ products(first: 1) { nodes { id } } }")
    assert denied.status_code == 200
    error = denied.json["errors"][0]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert "`read_products` access scope" in error["message"]
    assert "errors" not in Shop(box, "t2").run('{ productByIdentifier(identifier: {handle: "x"}) { id } }')


def test_long_lists_are_refused(shop: Shop) -> None:
    """More than 250 tags, or more than 2,048 variants, are refused before anything runs."""
    query = "mutation($p: ProductCreateInput!) { productCreate(product: $p) { product { id } } }"
    body = shop.run(query, {"p": {"title": "x", "tags": [str(number) for number in range(251)]}})
    assert "data" not in body
    assert body["errors"][0]["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert body["errors"][0]["path"] == ["productCreate", "product", "tags"]


def test_a_denied_field_is_denied_before_it_is_modelled(box: ShopifySandbox) -> None:
    """What the scopes forbid is answered with ACCESS_DENIED whether modelled or not; `Also:` scopes are all needed."""
    box.tokens.add("t3", "reader", ("read_customers", "read_products"))
    query = '{ customerPaymentMethod(id: "gid://shopify/CustomerPaymentMethod/1") { id } productsCount { count } }'
    body = Shop(box, "t3").run(query)
    assert body["data"] == {"customerPaymentMethod": None, "productsCount": {"count": 0}}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert "Also: Requires `read_customer_payment_methods` scope." in error["message"]
    box.tokens.add("t4", "allowed", ("read_customers", "read_customer_payment_methods"))
    allowed = Shop(box, "t4").run(query.replace("productsCount { count }", ""))
    assert "ACCESS_DENIED" not in str(allowed)
