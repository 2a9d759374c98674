"""Products are kept under versions, and a request with a mistake changes nothing."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.profile.v1 import product_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OTHER, SHOP
from tests.integration.profile.products.shelf import Shelf, upsert


async def test_products_are_created_changed_by_mask_and_read(shelf: Shelf) -> None:
    """A mask takes what it names, clears what the product lacks, and leaves the rest."""
    sneaker = upsert("sneaker", name="Sneaker", category="shoes", price=50_000, stock=3)
    assert [("CREATED", 1, [])] == await shelf.upsert(sneaker)
    masked = upsert("sneaker", "name", "stock", name="Runner", price=1)
    assert [("CHANGED", 2, [])] == await shelf.upsert(masked)
    found = await shelf.get("sneaker")
    assert ("Runner", "shoes", 50_000, False) == (
        found.name,
        found.category,
        found.price.minor_units,
        found.HasField("stock"),
    )
    assert [("UNCHANGED", 2, [])] == await shelf.upsert(upsert("sneaker", name="Runner"))
    request = pb.BatchGetProductsRequest(product_ids=["none", "sneaker"])
    answer = await shelf.client.call(shelf.stub.BatchGetProducts, request)
    assert ["sneaker"] == [one.product_id for one in answer.products]


async def test_a_lost_update_is_refused_and_the_same_request_answered_again(shelf: Shelf) -> None:
    """Versions guard, each product by itself; a request id stands for one content."""
    await shelf.upsert(upsert("boot", price=90_000), upsert("clog", price=20_000))
    request_id = str(uuid.uuid4())
    wanted = (
        upsert("boot", price=80_000, expected_version=1),
        upsert("clog", price=10_000, expected_version=7),
        upsert("mule", price=30_000, expected_version=1),
    )
    expected = [("CHANGED", 2, [1]), ("VERSION_CONFLICT", 1, []), ("VERSION_CONFLICT", 0, [])]
    assert expected == await shelf.upsert(*wanted, request_id=request_id)
    await shelf.upsert(upsert("boot", price=85_000))
    assert expected == await shelf.upsert(*wanted, request_id=request_id)
    other = await shelf.upsert(upsert("boot", price=1), request_id=request_id)
    assert [("REQUEST_CONFLICT", 3, [])] == other
    assert 85_000 == (await shelf.get("boot")).price.minor_units


async def test_of_many_writers_of_one_version_one_wins(shelf: Shelf) -> None:
    """Twelve at once under the version that they read: one change, eleven conflicts."""
    await shelf.upsert(upsert("loafer", price=1_000))
    results = await asyncio.gather(
        *(
            shelf.upsert(
                upsert("loafer", price=2_000 + number, expected_version=1),
                upsert(f"loafer-{number}", price=1),
            )
            for number in range(12)
        )
    )
    first = sorted(one[0][0] for one in results)
    assert ["CHANGED"] + ["VERSION_CONFLICT"] * 11 == first
    assert {"CREATED"} == {one[1][0] for one in results}
    assert 2 == (await shelf.get("loafer")).version


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (upsert("good"), Code.FIELD_INVALID, "upserts[1].product.product_id"),
        (upsert("bad", "colour"), Code.FIELD_INVALID, "upserts[1].update_mask.paths[0]"),
        (upsert("bad", "name", "version"), Code.FIELD_INVALID, "upserts[1].update_mask.paths[1]"),
        (upsert("bad", price=-1), Code.FIELD_INVALID, "upserts[1].product.price.minor_units"),
        (upsert("bad", stock=-1), Code.FIELD_INVALID, "upserts[1].product.stock"),
        (upsert(""), Code.FIELD_INVALID, "upserts[1].product.product_id"),
        (
            pb.ProductUpsert(
                product=pb.Product(
                    product_id="bad", price=Money(currency_code="USD", minor_units=5)
                )
            ),
            Code.CURRENCY_MISMATCH,
            "upserts[1].product.price.currency_code",
        ),
    ],
    ids=["duplicate", "unknown", "read-only", "negative", "stock", "no id", "currency"],
)
async def test_a_request_with_a_mistake_changes_nothing(
    shelf: Shelf, wrong: pb.ProductUpsert, code: Code, field: str
) -> None:
    """Each mistake is named with its field, and its neighbour in the request is not written."""
    with pytest.raises(RpcFailure) as failure:
        await shelf.upsert(upsert("good", price=5), wrong)
    assert (code, field) == (failure.value.code, failure.value.field)
    with pytest.raises(RpcFailure) as missing:
        await shelf.get("good")
    assert Code.PRODUCT_NOT_FOUND == missing.value.code


async def test_pages_list_every_product_once_of_all_or_of_a_category(shelf: Shelf) -> None:
    """In order of id; other tenants' products are not there."""
    other = shelf.of(Role.ADMIN, OTHER)
    ids = [f"page-{number:02d}" for number in range(7)]
    await other.upsert(
        *(upsert(one, category="odd" if int(one[-1]) % 2 else "even") for one in ids)
    )
    found: dict[str, list[str]] = {"": [], "odd": []}
    for category, listed in found.items():
        token = ""
        while True:
            request = pb.ListProductsRequest(page_size=3, page_token=token, category=category)
            answer = await other.client.call(other.stub.ListProducts, request)
            listed += [one.product_id for one in answer.products]
            if not (token := answer.next_page_token):
                break
    assert {"": ids, "odd": ids[1::2]} == found
    with pytest.raises(RpcFailure) as failure:
        await shelf.get("page-00")
    assert Code.PRODUCT_NOT_FOUND == failure.value.code


async def test_customers_read_the_catalogue_and_nothing_else(shelf: Shelf) -> None:
    """Writing, figures, feedback and others' views are not a customer's."""
    await shelf.upsert(upsert("public", price=5))
    me = shelf.of(Role.CUSTOMER, SHOP, "u_nobody")
    assert 5 == (await me.get("public")).price.minor_units
    calls = [
        (me.stub.UpsertProducts, pb.UpsertProductsRequest(
            request_id=str(uuid.uuid4()), upserts=[upsert("public", price=1)]
        )),
        (me.stub.GetProductFacts, pb.GetProductFactsRequest(product_ids=["public"])),
        (me.stub.ListProductFeedback, pb.ListProductFeedbackRequest(product_id="public")),
        (me.stub.ListProductNews, pb.ListProductNewsRequest(product_id="public")),
        (me.stub.ListWeakProducts, pb.ListWeakProductsRequest()),
        (me.stub.ListBoughtTogether, pb.ListBoughtTogetherRequest()),
    ]  # fmt: skip
    for method, request in calls:
        with pytest.raises(RpcFailure) as failure:
            await me.client.call(method, request)
        assert Code.ROLE_NOT_ALLOWED == failure.value.code
    request = pb.ListRecentlyViewedRequest(customer_id="u_somebody")
    with pytest.raises(RpcFailure) as failure:
        await me.client.call(me.stub.ListRecentlyViewed, request)
    assert Code.CUSTOMER_NOT_FOUND == failure.value.code
