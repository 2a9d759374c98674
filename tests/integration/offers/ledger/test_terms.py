"""Offers of every kind over the wire: what is kept of their terms, and their limits."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import offer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp
from offers_service import __main__ as composition
from offers_service.ledger import Origin


def _won(amount: int) -> Money:
    return Money(currency_code="KRW", minor_units=amount)


def _names(answers: Any) -> list[str]:
    return [
        coupon_pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_")
        for answer in answers
    ]


@pytest.mark.parametrize(
    "terms",
    [
        {"percent_basis_points": 1_500, "maximum_discount": _won(5_000)},
        {"fixed_amount": _won(3_000), "stacking_group": "spring", "stackable_with": ["shipping"]},
        {"free_shipping": pb.FreeShipping(), "minimum_basis": pb.MINIMUM_BASIS_CART},
        {"gift_item": pb.GiftItem(product_id="bag", quantity=2)},
        {"points": pb.PointsReward(points=5, per_amount=_won(1_000))},
        {
            "points": pb.PointsReward(points=500),
            "scope": pb.Scope(
                product_ids=["a"],
                categories=["shoes"],
                excluded_product_ids=["b"],
                excluded_categories=["sale"],
            ),
            "valid_from": Timestamp(seconds=2_000_000_000),
            "valid_until": Timestamp(seconds=2_100_000_000),
            "valid_for_days": 14,
            "restore_policy": pb.RESTORE_POLICY_RESTORE,
            "restore_grace_seconds": 86_400,
            "per_customer_limit": 3,
        },
    ],
)
async def test_an_offer_of_every_kind_is_kept_as_it_was_made(
    shop: Any, terms: dict[str, Any]
) -> None:
    """Every field of its terms comes back, and the same terms again are the same offer."""
    made = await shop.add_offer("every", **terms)
    request = pb.GetOfferRequest(offer_id="every")
    found = (await shop.send(shop.offers.GetOffer, request)).offer
    assert made.offer == found
    assert terms == {field: getattr(found, field) for field in terms}
    assert made == await shop.add_offer("every", **terms)
    with pytest.raises(RpcFailure) as refused:
        await shop.add_offer("every", **{**terms, "giftable": False})
    assert Code.OFFER_EXISTS is refused.value.code


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"maximum_discount": _won(1)}, "offer.maximum_discount"),
        (
            {"percent_basis_points": 1, "maximum_discount": _won(0)},
            "offer.maximum_discount.minor_units",
        ),
        ({"gift_item": pb.GiftItem(product_id="bag")}, "offer.gift_item.quantity"),
        ({"gift_item": pb.GiftItem(quantity=1)}, "offer.gift_item.product_id"),
        ({"points": pb.PointsReward(points=0)}, "offer.points.points"),
        (
            {"points": pb.PointsReward(points=1, per_amount=_won(0))},
            "offer.points.per_amount.minor_units",
        ),
        ({"stackable_with": ["Not A Group"]}, "offer.stackable_with[0]"),
        ({"stackable_with": ["goods", "goods"]}, "offer.stackable_with"),
        ({"per_customer_limit": 101}, "offer.per_customer_limit"),
        ({"valid_for_days": -1}, "offer.valid_for_days"),
        ({"scope": pb.Scope(categories=[""])}, "offer.scope.categories[0]"),
        (
            {"valid_from": Timestamp(seconds=200), "valid_until": Timestamp(seconds=100)},
            "offer.valid_until",
        ),
    ],
)
async def test_bad_terms_are_named(shop: Any, terms: dict[str, Any], field: str) -> None:
    """Each error names its field."""
    with pytest.raises(RpcFailure) as refused:
        await shop.add_offer("bad", **terms)
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)


async def test_a_coupon_before_its_time(shop: Any) -> None:
    """It is issued, and good once the offer has begun; its days count from there."""
    begin = datetime.now(UTC) + timedelta(days=3)
    stamp = Timestamp()
    stamp.FromDatetime(begin)
    await shop.add_offer(valid_from=stamp, valid_for_seconds=3_600)
    issued = await shop.issue()
    assert ["APPLIED"] == _names([issued])
    assert 3_600 == issued.coupon.valid_until.seconds - stamp.seconds
    held = await shop.hold_cart(issued.coupon.coupon_id)
    assert ["NOT_YET_VALID"] == _names([held])


async def test_days_end_at_midnight_of_the_tenants_zone(shop: Any) -> None:
    """Good through the last second of the day in Seoul, nine hours ahead of UTC."""
    await shop.add_offer(valid_for_days=7, valid_for_seconds=0)
    end = (await shop.issue()).coupon.valid_until.seconds
    assert 0 == (end + 9 * 3_600) % 86_400


async def test_a_customer_gets_no_more_than_the_limit(shop: Any) -> None:
    """Of 64 issues at once two are made, per customer; every other one learns why."""
    await shop.add_offer(per_customer_limit=2)
    answers = await asyncio.gather(
        *[shop.issue(owner) for owner in ("ann", "bob") for _ in range(32)]
    )
    assert {"APPLIED": 4, "CUSTOMER_LIMIT_REACHED": 60} == Counter(_names(answers))
    assert 4 == await shop.accounts.count_documents({})
    assert 0 == (await shop.verify()).fault_count


async def test_two_replicas_keep_to_one_limit(shop: Any) -> None:
    """Sixty requests for one customer through two processes: three coupons."""
    await shop.add_offer(per_customer_limit=3)
    replicas = [composition.build_ledger(shop.parts.base) for _ in range(2)]
    issued = await asyncio.gather(
        *[
            replicas[number % 2].ledger.issue(
                "shop",
                offer_id="fixed",
                customer_id="ann",
                campaign_id="",
                cause=f"cause-{number}",
                actor="admin:someone",
                now_ms=1_000,
                origin=Origin.DIRECT,
            )
            for number in range(60)
        ]
    )
    outcomes = Counter(one.outcome.value for one in issued)
    assert {"applied": 3, "customer_limit_reached": 57} == outcomes
    assert 3 == await shop.accounts.count_documents({})
    for replica in replicas:
        await replica.group.close()


async def test_a_limited_issue_can_be_repeated(shop: Any) -> None:
    """One request sent 20 times at once takes one place; for another customer it is refused."""
    await shop.add_offer(per_customer_limit=3)
    request_id = "00000000-0000-4000-8000-000000000001"
    answers = await asyncio.gather(*[shop.issue(request_id=request_id) for _ in range(20)])
    assert 1 == len({answer.SerializeToString(deterministic=True) for answer in answers})
    assert ["REQUEST_CONFLICT"] == _names([await shop.issue("bob", request_id=request_id)])
    assert 1 == await shop.accounts.count_documents({})


async def test_a_used_or_revoked_coupon_counts_towards_the_limit(shop: Any) -> None:
    """Once issued is issued: ending one does not make room for another."""
    await shop.add_offer(per_customer_limit=2)
    await shop.used()
    await shop.revoke((await shop.issue()).coupon.coupon_id)
    assert ["CUSTOMER_LIMIT_REACHED"] == _names([await shop.issue()])


async def test_lists_keep_to_the_limit(shop: Any) -> None:
    """A list's repeat finds its coupons; the next list fills what is left, and no more."""
    await shop.add_offer(per_customer_limit=2)
    owners = [f"customer-{number}" for number in range(300)]
    answers = [
        await shop.issue_list(owners, campaign_id=campaign)
        for campaign in ("spring", "spring", "summer", "autumn")
    ]
    assert [(300, 0, 0), (0, 300, 0), (300, 0, 0), (0, 0, 300)] == [
        (one.issued_count, one.already_issued_count, one.limit_reached_count) for one in answers
    ]
