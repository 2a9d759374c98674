"""Offers and issuing to lists over the wire."""

import asyncio
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import offer_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp


async def test_the_same_offer_again_answers_alike(shop: Any) -> None:
    """Other terms under a known id are refused: an active offer never changes."""
    first = await shop.add_offer()
    assert first == await shop.add_offer()
    with pytest.raises(RpcFailure) as refused:
        await shop.add_offer(giftable=False)
    assert Code.OFFER_EXISTS is refused.value.code


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        (
            {"fixed_amount": Money(currency_code="USD", minor_units=1)},
            Code.CURRENCY_MISMATCH,
            "offer.fixed_amount.currency_code",
        ),
        (
            {"fixed_amount": Money(currency_code="KRW", minor_units=-5)},
            Code.FIELD_INVALID,
            "offer.fixed_amount.minor_units",
        ),
        (
            {"fixed_amount": Money(currency_code="KRW")},
            Code.FIELD_INVALID,
            "offer.fixed_amount.minor_units",
        ),
        (
            {"minimum_order": Money(currency_code="KRW", minor_units=2**62)},
            Code.FIELD_INVALID,
            "offer.minimum_order.minor_units",
        ),
        ({"percent_basis_points": 10_001}, Code.FIELD_INVALID, "offer.percent_basis_points"),
        ({"valid_for_seconds": -1}, Code.FIELD_INVALID, "offer.valid_for_seconds"),
    ],
)
async def test_bad_terms_are_named(
    shop: Any, terms: dict[str, Any], code: Code, field: str
) -> None:
    """Each error names its field."""
    with pytest.raises(RpcFailure) as refused:
        await shop.add_offer("bad", **terms)
    assert (code, field) == (refused.value.code, refused.value.field)


async def test_offers_are_listed_in_pages(shop: Any) -> None:
    """In order of id, each once, none of another tenant."""
    for offer_id in ("a", "b", "c"):
        await shop.add_offer(offer_id)
    await shop.add_offer("d", tenant="other")
    first = await shop.send(shop.offers.ListOffers, pb.ListOffersRequest(page_size=2))
    request = pb.ListOffersRequest(page_size=2, page_token=first.next_page_token)
    second = await shop.send(shop.offers.ListOffers, request)
    ids = [offer.offer_id for offer in [*first.offers, *second.offers]]
    assert (["a", "b", "c"], "") == (ids, second.next_page_token)


async def test_a_list_is_issued_once_however_often_it_is_sent(shop: Any) -> None:
    """Under the same request id or another, one after the other or at once."""
    await shop.add_offer()
    owners = [f"customer-{number}" for number in range(2_500)]
    request_id = "00000000-0000-4000-8000-000000000001"
    first = await shop.issue_list(owners, request_id=request_id)
    assert (2_500, 0) == (first.issued_count, first.already_issued_count)
    answers = await asyncio.gather(
        shop.issue_list(owners, request_id=request_id), shop.issue_list(owners)
    )
    assert [(0, 2_500)] * 2 == [(one.issued_count, one.already_issued_count) for one in answers]
    assert 2_500 == await shop.accounts.count_documents({})
    assert 0 == (await shop.verify()).fault_count


async def test_two_callers_issue_one_list_at_once(shop: Any) -> None:
    """Each coupon counts as new for exactly one of them."""
    await shop.add_offer()
    owners = [f"customer-{number}" for number in range(3_000)]
    answers = await asyncio.gather(*[shop.issue_list(owners) for _ in range(4)])
    assert 3_000 == sum(answer.issued_count for answer in answers)
    assert 9_000 == sum(answer.already_issued_count for answer in answers)


async def test_a_list_cut_short_is_completed_by_its_repeat(shop: Any) -> None:
    """Whatever was lost in a crash is issued, the rest stays, all as of the first time."""
    await shop.add_offer()
    owners = [f"customer-{number}" for number in range(500)]
    request_id = "00000000-0000-4000-8000-000000000001"
    await shop.issue_list(owners, request_id=request_id)
    lost = await shop.accounts.delete_many({"owner": {"$regex": "7$"}})
    again = await shop.issue_list(owners, request_id=request_id)
    assert lost.deleted_count == again.issued_count
    assert 1 == len(await shop.accounts.distinct("valid_until_ms"))


@pytest.mark.parametrize(
    "coupons", [10_000, pytest.param(100_000, marks=[pytest.mark.deep, pytest.mark.timeout(600)])]
)
async def test_a_hundred_thousand_coupons_in_one_call(shop: Any, coupons: int) -> None:
    """The most that a call may ask for; one more is refused whole."""
    for number in range(4):
        await shop.add_offer(f"offer-{number}")
    owners = [f"customer-{number}" for number in range(25_000)]
    offer_ids = [f"offer-{number}" for number in range(4)]
    with pytest.raises(RpcFailure) as refused:
        await shop.issue_list([*owners, "one-more"], offer_ids=offer_ids)
    assert Code.BATCH_TOO_LARGE is refused.value.code
    issued = await shop.issue_list(owners[: coupons // 4], offer_ids=offer_ids)
    assert coupons == issued.issued_count
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    verdict = await shop.verify()
    assert (coupons, 0) == (verdict.accounts_checked, verdict.fault_count)


async def test_a_batch_with_something_wrong_issues_nothing(shop: Any) -> None:
    """Unknown and ended offers, empty customers, changed content: each a typed error."""
    await shop.add_offer()
    ended = Timestamp(seconds=1_000_000)
    await shop.add_offer("ended", valid_until=ended)
    request_id = "00000000-0000-4000-8000-000000000001"
    wrong: list[tuple[dict[str, Any], Code]] = [
        ({"offer_ids": ["fixed", "unknown"]}, Code.OFFER_NOT_FOUND),
        ({"offer_ids": ["fixed", "ended"]}, Code.OFFER_ENDED),
        ({"customer_ids": ["ann", ""]}, Code.FIELD_INVALID),
    ]
    for changed, code in wrong:
        with pytest.raises(RpcFailure) as refused:
            await shop.issue_list(["ann"], **changed)
        assert code is refused.value.code
    assert 0 == await shop.accounts.count_documents({})
    await shop.issue_list(["ann"], request_id=request_id)
    with pytest.raises(RpcFailure) as refused:
        await shop.issue_list(["bob"], request_id=request_id)
    assert (Code.REQUEST_CONFLICT, "request_id") == (refused.value.code, refused.value.field)


async def test_only_marketers_and_admins_issue(shop: Any) -> None:
    """Tills, staff and customers do not make coupons."""
    await shop.add_offer()
    request = coupon_pb.IssueCouponRequest(
        request_id="00000000-0000-4000-8000-000000000001", offer_id="fixed", customer_id="ann"
    )
    for role in (Role.PARTNER, Role.STAFF, Role.CUSTOMER, Role.VISITOR):
        with pytest.raises(RpcFailure) as refused:
            await shop.send(shop.coupons.IssueCoupon, request, shop.token(role, "ann"))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_percentages_take_their_share(shop: Any) -> None:
    """12.5 % of 19,999 won is 2,499; the books count the coupon though it has no face value."""
    await shop.add_offer(percent_basis_points=1_250)
    coupon_id = (await shop.issue()).coupon.coupon_id
    amount = Money(currency_code="KRW", minor_units=19_999)
    held = await shop.hold(coupon_id, order_amount=amount)
    redeemed = await shop.redeem(coupon_id)
    assert (2_499, 2_499) == (
        held.discount.minor_units,
        redeemed.coupon.redeemed_amount.minor_units,
    )
    balance = await shop.balance()
    counts = {book.book: book.state_balance for book in balance.books}
    assert (0, 1, 0) == (
        counts["redeemed"],
        counts["redeemed.count"],
        balance.disagreeing_books,
    )
