"""Media of products and variants, and files."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop

MEDIA = "media { id alt status mediaContentType ... on MediaImage { image { url } } }"
ADD = f"""mutation($p: ID!, $m: [CreateMediaInput!]!) {{ productCreateMedia(productId: $p, media: $m) {{ {MEDIA}
  userErrors {{ field message }} mediaUserErrors {{ field message code }} }} }}"""
DELETE = """mutation($p: ID!, $m: [ID!]!) { productDeleteMedia(productId: $p, mediaIds: $m) {
  deletedMediaIds deletedProductImageIds mediaUserErrors { field message code } } }"""
READ = """query($p: ID!) { product(id: $p) { featuredMedia { id } featuredImage { altText }
  images(first: 9) { nodes { id } }
  media(first: 9) { nodes { id alt status preview { image { url width } } } } variants(first: 1) { nodes { id } } } }"""
CREATE = """mutation($f: [FileCreateInput!]!) { fileCreate(files: $f) { files { __typename id alt fileStatus }
  userErrors { field message code } } }"""
UPDATE = """mutation($f: [FileUpdateInput!]!) { fileUpdate(files: $f) { files { id alt }
  userErrors { field message code } } }"""
PICTURE = "https://pictures.example.com/320x200/front.png"


def picture(alt: str = "Front", source: str = PICTURE) -> dict[str, Any]:
    """An input for one image."""
    return {"mediaContentType": "IMAGE", "originalSource": source, "alt": alt}


def add(shop: Shop, product: str, *media: dict[str, Any]) -> dict[str, Any]:
    """The payload of productCreateMedia."""
    return dict(shop.data(ADD, {"p": product, "m": list(media)})["productCreateMedia"])


def test_an_image_is_uploaded_then_in_work_then_ready(box: ShopifySandbox, shop: Shop) -> None:
    """Until it is ready an image has no address, is none of the product's images and not its first medium."""
    product = shop.create()["id"]
    made = add(shop, product, picture())["media"][0]
    assert (made["status"], made["image"]) == ("UPLOADED", None)
    early = shop.data(READ, {"p": product})["product"]
    assert early["media"]["nodes"][0]["status"] == "PROCESSING"
    assert (early["featuredMedia"], early["images"]["nodes"]) == (None, [])
    box.clock.advance(10)
    late = shop.data(READ, {"p": product})["product"]
    assert late["media"]["nodes"][0]["status"] == "READY"
    assert late["media"]["nodes"][0]["preview"]["image"]["width"] == 320
    assert late["featuredMedia"]["id"] == made["id"]
    assert late["featuredImage"] == {"altText": "Front"}
    assert late["images"]["nodes"][0]["id"].startswith("gid://shopify/ProductImage/")


def test_creation_takes_the_good_and_names_the_bad(shop: Shop) -> None:
    """One bad address does not stop the others; both lists of errors tell of it, one of them with a code."""
    product = shop.create()["id"]
    told = add(shop, product, picture("A"), picture("B", "nowhere"))
    assert [one["alt"] for one in told["media"]] == ["A"]
    assert told["userErrors"] == [{"field": ["media", "1", "originalSource"], "message": "Image URL is invalid"}]
    assert told["mediaUserErrors"][0]["code"] == "INVALID"
    assert len(shop.data(READ, {"p": product})["product"]["media"]["nodes"]) == 1


def test_deletion_is_all_or_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """An unknown medium stops the deletion of a known one; what is deleted names its image too."""
    product = shop.create()["id"]
    one, two = (made["id"] for made in add(shop, product, picture("A"), picture("B"))["media"])
    box.clock.advance(10)
    strange = "gid://shopify/MediaImage/1"
    told = shop.data(DELETE, {"p": product, "m": [one, strange]})["productDeleteMedia"]
    assert told["mediaUserErrors"][0] == {
        "field": ["mediaIds"],
        "message": f"Media id {strange} does not exist",
        "code": "MEDIA_DOES_NOT_EXIST",
    }
    told = shop.data(DELETE, {"p": product, "m": [one]})["productDeleteMedia"]
    assert told["deletedMediaIds"] == [one]
    assert len(told["deletedProductImageIds"]) == 1
    assert [node["id"] for node in shop.data(READ, {"p": product})["product"]["media"]["nodes"]] == [two]


def test_media_are_put_in_order(shop: Shop) -> None:
    """Moves are done one after the other; a medium that is not known is passed over."""
    product = shop.create()["id"]
    one, two, three = (made["id"] for made in add(shop, product, *(picture(alt) for alt in "ABC"))["media"])
    moves = [{"id": three, "newPosition": "0"}, {"id": "gid://shopify/MediaImage/1", "newPosition": "0"}]
    reorder = """mutation($p: ID!, $m: [MoveInput!]!) { productReorderMedia(id: $p, moves: $m) { job { done }
      mediaUserErrors { code } } }"""
    told = shop.data(reorder, {"p": product, "m": moves})["productReorderMedia"]
    assert told == {"job": {"done": False}, "mediaUserErrors": []}
    assert [node["id"] for node in shop.data(READ, {"p": product})["product"]["media"]["nodes"]] == [three, one, two]


def test_a_variant_has_one_ready_image(box: ShopifySandbox, shop: Shop) -> None:
    """Only a ready image of the product can be given to a variant, and only one."""
    product = shop.create()
    variant = product["variants"]["nodes"][0]["id"]
    one, two = (made["id"] for made in add(shop, product["id"], picture("A"), picture("B"))["media"])
    change = """mutation($p: ID!, $m: [ProductVariant%sMediaInput!]!) {
      productVariant%sMedia(productId: $p, variantMedia: $m) {
        productVariants { media(first: 2) { nodes { id } } } userErrors { field code } } }"""
    append, detach = change % ("Append", "Append"), change % ("Detach", "Detach")
    pair = {"p": product["id"], "m": [{"variantId": variant, "mediaIds": [one]}]}
    early = shop.data(append, pair)["productVariantAppendMedia"]
    assert early["userErrors"] == [{"field": ["variantMedia", "0", "mediaIds"], "code": "NON_READY_MEDIA"}]
    box.clock.advance(10)
    told = shop.data(append, pair)["productVariantAppendMedia"]
    assert told["productVariants"] == [{"media": {"nodes": [{"id": one}]}}]
    pair["m"] = [{"variantId": variant, "mediaIds": [two]}]
    second = shop.data(append, pair)["productVariantAppendMedia"]
    assert second["userErrors"][0]["code"] == "PRODUCT_VARIANT_ALREADY_HAS_MEDIA"
    wrong = shop.data(detach, pair)["productVariantDetachMedia"]
    assert wrong["userErrors"][0]["code"] == "MEDIA_IS_NOT_ATTACHED_TO_VARIANT"
    pair["m"] = [{"variantId": variant, "mediaIds": [one]}]
    assert shop.data(detach, pair)["productVariantDetachMedia"]["productVariants"] == [{"media": {"nodes": []}}]


def test_a_product_is_not_made_with_bad_media(shop: Shop) -> None:
    """Media of productCreate are checked first, and nothing is made when one is bad."""
    query = """mutation($p: ProductCreateInput!, $m: [CreateMediaInput!]) { productCreate(product: $p, media: $m) {
      product { media(first: 2) { nodes { alt } } } userErrors { field message } } }"""
    told = shop.data(query, {"p": {"title": "A"}, "m": [picture(source="nowhere")]})["productCreate"]
    assert told["product"] is None
    assert told["userErrors"][0]["field"] == ["media", "0", "originalSource"]
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 0
    told = shop.data(query, {"p": {"title": "A"}, "m": [picture("Front")]})["productCreate"]
    assert told["product"]["media"]["nodes"] == [{"alt": "Front"}]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"originalSource": "https://files.example.com/terms.pdf"}, "GenericFile"),
        ({"originalSource": "https://files.example.com/front.jpg"}, "MediaImage"),
        ({"originalSource": "https://youtu.be/abc"}, "ExternalVideo"),
        ({"originalSource": "https://files.example.com/front.jpg", "contentType": "FILE"}, "GenericFile"),
    ],
)
def test_a_file_is_of_the_kind_its_address_says(shop: Shop, given: dict[str, Any], kind: str) -> None:
    """Without a content type the address decides."""
    made = shop.data(CREATE, {"f": [given | {"alt": "x"}]})["fileCreate"]["files"][0]
    assert (made["__typename"], made["alt"], made["fileStatus"]) == (kind, "x", "UPLOADED")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"originalSource": "nowhere"}, "INVALID_IMAGE_SOURCE_URL"),
        ({"alt": "x" * 513}, "ALT_VALUE_LIMIT_EXCEEDED"),
        ({"filename": "front.jpg"}, "MISMATCHED_FILENAME_AND_ORIGINAL_SOURCE"),
        ({"duplicateResolutionMode": "REPLACE"}, "INVALID_DUPLICATE_MODE_FOR_TYPE"),
        (
            {"duplicateResolutionMode": "REPLACE", "contentType": "IMAGE"},
            "MISSING_FILENAME_FOR_DUPLICATE_MODE_REPLACE",
        ),
    ],
)
def test_what_a_new_file_needs(shop: Shop, given: dict[str, Any], code: str) -> None:
    """Addresses, texts and names of new files are checked."""
    told = shop.data(CREATE, {"f": [{"originalSource": PICTURE} | given]})["fileCreate"]
    assert [error["code"] for error in told["userErrors"]] == [code]


def test_files_change_when_ready_and_go_when_deleted(box: ShopifySandbox, shop: Shop) -> None:
    """A file cannot be changed before it is ready, keeps its ending, and is found by its name until it is deleted."""
    made = shop.data(CREATE, {"f": [{"originalSource": PICTURE}]})["fileCreate"]["files"][0]["id"]
    early = shop.data(UPDATE, {"f": [{"id": made, "alt": "New"}]})["fileUpdate"]
    assert early["userErrors"][0]["code"] == "NON_READY_STATE"
    box.clock.advance(10)
    told = shop.data(UPDATE, {"f": [{"id": made, "filename": "back.jpg"}]})["fileUpdate"]
    assert told["userErrors"][0]["code"] == "INVALID_FILENAME_EXTENSION"
    told = shop.data(UPDATE, {"f": [{"id": made, "alt": "New", "filename": "back.png"}]})["fileUpdate"]
    assert told["files"] == [{"id": made, "alt": "New"}]
    search = "query($q: String) { files(first: 2, query: $q) { nodes { id } } }"
    assert shop.data(search, {"q": "filename:back*"})["files"]["nodes"] == [{"id": made}]
    gone = "mutation($i: [ID!]!) { fileDelete(fileIds: $i) { deletedFileIds userErrors { field message code } } }"
    assert shop.data(gone, {"i": [made]})["fileDelete"]["deletedFileIds"] == [made]
    again = shop.data(gone, {"i": [made]})["fileDelete"]
    assert again["userErrors"][0] == {
        "field": ["fileIds"],
        "message": f"File id {made} does not exist.",
        "code": "FILE_DOES_NOT_EXIST",
    }
    assert shop.data(search, {"q": None})["files"]["nodes"] == []
