"""Limits a day, how often a coupon changes hands, who opened a link, and links sent again."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import gift_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from offers_service import campaigns
from offers_service.gift_days import Side, day_id, day_of
from offers_service.store_enrolments import EnrolmentStore

DAY_MAX = 20


def _name(answer: Any) -> str:
    return pb.GiftOutcome.Name(answer.outcome).removeprefix("GIFT_OUTCOME_")


async def _offered(shop: Any, owner: str = "ann", **changed: Any) -> tuple[str, Any]:
    coupon_id = (await shop.issue(owner)).coupon.coupon_id
    return coupon_id, await shop.gift(coupon_id, giver_customer_id=owner, **changed)


async def _look(shop: Any, gift_token: str, token: str = "", viewer: str = "") -> Any:
    request = pb.GetGiftRequest(token=gift_token, viewer_customer_id=viewer)
    return await shop.send(shop.gifts.GetGift, request, token)


async def _opened(shop: Any, gift_id: str) -> list[str]:
    return (await shop.accounts.find_one({"_id.a": gift_id})).get("opened", [])  # type: ignore[no-any-return]


async def test_a_giver_gives_so_many_a_day(shop: Any) -> None:
    """However many are offered at once; one that comes back counts, a refused one does not."""
    await shop.add_offer()
    coupons = [(await shop.issue()).coupon.coupon_id for _ in range(DAY_MAX + 10)]
    assert "NOT_OWNER" == _name(await shop.gift(coupons[0], giver_customer_id="bob"))
    answers = await asyncio.gather(*[shop.gift(coupon_id) for coupon_id in coupons])
    outcomes = [_name(answer) for answer in answers]
    assert (DAY_MAX, 10) == (outcomes.count("APPLIED"), outcomes.count("GIVER_DAY_LIMIT_REACHED"))
    made = next(answer.gift for answer in answers if _name(answer) == "APPLIED")
    await shop.cancel(made.gift_id)
    assert "GIVER_DAY_LIMIT_REACHED" == _name(await shop.gift(made.coupon_id))
    assert "APPLIED" == _name((await _offered(shop, "bob"))[1])
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)


async def test_the_day_is_the_tenants(shop: Any) -> None:
    """A day that is full does not count for the next: in Seoul it begins at 15:00 UTC."""
    before_ms, after_ms = 1_700_060_399_999, 1_700_060_400_000
    assert ("2023-11-15", "2023-11-16") == (
        day_of(before_ms, "Asia/Seoul"),
        day_of(after_ms, "Asia/Seoul"),
    )
    await shop.add_offer()
    coupon_id, offered = await _offered(shop)
    now_ms = offered.gift.offer_time.ToMilliseconds()
    today = day_id(Side.GIVER, "ann", day_of(now_ms, "Asia/Seoul"))
    stored = await shop.accounts.find_one({"_id.a": today})
    assert ("ann", 1) == (stored["owner"], len(stored["taken"]))
    assert coupon_pb.COUPON_STATE_ESCROWED == (await shop.coupon(coupon_id)).state


async def test_a_recipient_claims_so_many_a_day(shop: Any) -> None:
    """From whomever; the gift stays open for somebody else."""
    await shop.add_offer()
    offered = [(await _offered(shop, f"giver-{number}"))[1] for number in range(DAY_MAX + 3)]
    # Few at a time: more than ten look-ups of one person at once count as guessing.
    answers = []
    for start in range(0, len(offered), 5):
        some = [shop.claim(one.token) for one in offered[start : start + 5]]
        answers += await asyncio.gather(*some)
    outcomes = [_name(answer) for answer in answers]
    full = "RECIPIENT_DAY_LIMIT_REACHED"
    assert (DAY_MAX, 3) == (outcomes.count("APPLIED"), outcomes.count(full))
    left = offered[outcomes.index(full)]
    assert "APPLIED" == _name(await shop.claim(left.token, claimer_customer_id="cid"))


async def test_who_comes_too_late_keeps_the_day(shop: Any) -> None:
    """A claim that somebody else won takes no place on the day."""
    await shop.add_offer()
    for number in range(3):
        _, offered = await _offered(shop, f"giver-{number}")
        await asyncio.gather(shop.claim(offered.token, claimer_customer_id="cid"))
        assert "ALREADY_CLAIMED" == _name(await shop.claim(offered.token))
    for number in range(3, 6):
        _, offered = await _offered(shop, f"giver-{number}")
        names = ["bob", "cid", "dan", "eva"]
        answers = await asyncio.gather(
            *[shop.claim(offered.token, claimer_customer_id=name) for name in names]
        )
        assert 1 == [_name(answer) for answer in answers].count("APPLIED")
    days = await shop.accounts.find({"kind": "gift_day", "side": "recipient"}).to_list(None)
    assert 6 == sum(len(day.get("taken", ())) for day in days)


@pytest.mark.parametrize(("allowed", "expected"), [(1, 1), (2, 2), (0, 4)])
async def test_a_coupon_changes_hands_as_often_as_its_offer_allows(
    shop: Any, allowed: int, expected: int
) -> None:
    """Gifts that come back do not count."""
    await shop.add_offer(gift_times_max=allowed)
    coupon_id = (await shop.issue("p0")).coupon.coupon_id
    came_back = await shop.gift(coupon_id, giver_customer_id="p0")
    await shop.cancel(came_back.gift.gift_id, giver_customer_id="p0")
    outcomes = []
    for number in range(4):
        offered = await shop.gift(coupon_id, giver_customer_id=f"p{number}")
        outcomes.append(_name(offered))
        if outcomes[-1] == "APPLIED":
            await shop.claim(offered.token, claimer_customer_id=f"p{number + 1}")
    refused = outcomes[expected : expected + 1]
    assert ["APPLIED"] * expected == outcomes[:expected]
    assert (["REGIFT_LIMIT_REACHED"] if expected < 4 else []) == refused
    assert expected == (await shop.coupon(coupon_id)).generation


async def test_a_number_of_gifts_needs_a_giftable_offer(shop: Any) -> None:
    """The field at fault is named."""
    with pytest.raises(RpcFailure) as refused:
        await shop.add_offer(giftable=False, gift_times_max=1)
    assert (Code.FIELD_INVALID, "offer.gift_times_max") == (
        refused.value.code,
        refused.value.field,
    )


async def test_a_coupon_whose_time_ends_in_escrow_comes_back_expired(shop: Any) -> None:
    """The gift ends with the coupon: nobody claims what is worth nothing, nothing is extended."""
    await shop.add_offer(valid_for_seconds=600)
    coupon_id, offered = await _offered(shop, open_seconds=86_400)
    end_ms = (await shop.coupon(coupon_id)).valid_until.ToMilliseconds()
    assert end_ms == offered.gift.expire_time.ToMilliseconds()
    assert 1 == await shop.parts.ledger.expire_due("shop", end_ms)
    assert "EXPIRED" == _name(await shop.claim(offered.token))
    stored = await shop.accounts.find_one({"_id.a": coupon_id})
    assert ("available", "ann", end_ms) == (
        stored["state"],
        stored["owner"],
        stored["valid_until_ms"],
    )
    assert 0 == (await shop.verify()).fault_count


async def test_a_link_sent_again_is_another_one(shop: Any) -> None:
    """After a cancellation the old link answers alike to everybody, and the new one works."""
    await shop.add_offer()
    coupon_id, first = await _offered(shop)
    await shop.cancel(first.gift.gift_id)
    second = await shop.gift(coupon_id)
    assert first.token != second.token
    names = ["bob", "cid", "ann"]
    old = [await shop.claim(first.token, claimer_customer_id=name) for name in names]
    assert ["CANCELLED"] * 3 == [_name(answer) for answer in old]
    assert 1 == len({answer.SerializeToString(deterministic=True) for answer in old})
    assert "APPLIED" == _name(await shop.claim(second.token))


async def test_openings_count_once_for_each_kind_of_opener(shop: Any) -> None:
    """Visitors and customers apart; neither the giver nor the shop itself counts."""
    await shop.add_offer()
    shop.people.merged["ann-at-home"] = "ann"
    _, offered = await _offered(shop)
    gift_id = offered.gift.gift_id
    await _look(shop, offered.token)
    await _look(shop, offered.token, shop.token(Role.CUSTOMER, "ann"))
    await _look(shop, offered.token, viewer="ann")
    assert [] == await _opened(shop, gift_id)
    visitors = [shop.token(Role.VISITOR, f"browser-{number}") for number in range(5)]
    await asyncio.gather(*[_look(shop, offered.token, token) for token in visitors])
    assert ["visitor"] == await _opened(shop, gift_id)
    await _look(shop, offered.token, viewer="bob")
    await _look(shop, offered.token, shop.token(Role.CUSTOMER, "cid"))
    assert ["visitor", "customer"] == await _opened(shop, gift_id)
    assert "APPLIED" == _name(await shop.claim(offered.token))
    assert 0 == (await shop.verify()).fault_count


async def test_a_closed_gift_is_not_opened_any_more(shop: Any) -> None:
    """Who looks at it later does not count."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    await shop.cancel(offered.gift.gift_id)
    await _look(shop, offered.token, shop.token(Role.VISITOR, "browser"))
    assert [] == await _opened(shop, offered.gift.gift_id)


async def test_the_journal_notes_both_arms(shop: Any) -> None:
    """Of the coupon's campaign and of others, when it was offered and claimed; for marketers."""
    await shop.add_offer()
    store = EnrolmentStore(shop.parts.base.database)
    for campaign, customer, arm in (
        ("spring", "ann", "a"),
        ("spring", "bob", ""),
        ("autumn", "bob", "b"),
    ):
        await store.add("shop", campaign, [_enrolment(campaign, customer, arm)])
    coupon_id = (await shop.issue(campaign_id="spring")).coupon.coupon_id
    offered = await shop.gift(coupon_id)
    await store.add("shop", "winter", [_enrolment("winter", "ann", "late")])
    await shop.claim(offered.token)
    seen = (await _look(shop, offered.token, shop.token(Role.MARKETER))).gift
    assert [
        (pb.GIFT_SIDE_GIVER, "spring", "a"),
        (pb.GIFT_SIDE_RECIPIENT, "spring", "control"),
        (pb.GIFT_SIDE_RECIPIENT, "autumn", "b"),
    ] == [(arm.side, arm.campaign_id, arm.arm) for arm in seen.arms]
    assert [] == list((await _look(shop, offered.token)).gift.arms)
    document = await shop.accounts.find_one({"_id.a": coupon_id})
    assert ["giver_arm:spring", "a"] in document["entries"][1]["facts"]
    assert ["recipient_arm:spring", "control"] in document["entries"][2]["facts"]


async def test_who_is_in_no_experiment_is_noted_as_such(shop: Any) -> None:
    """Also a fact: they were not enrolled when the gift was claimed."""
    await shop.add_offer()
    coupon_id = (await shop.issue(campaign_id="spring")).coupon.coupon_id
    offered = await shop.gift(coupon_id)
    claimed = await shop.claim(offered.token, shop.token(Role.ADMIN))
    assert [("spring", "none"), ("spring", "none")] == [
        (arm.campaign_id, arm.arm) for arm in claimed.gift.arms
    ]


def _enrolment(campaign: str, customer: str, variant: str) -> campaigns.Enrolment:
    stay = campaigns.Stay(customer, "fading", 1)
    return campaigns.Enrolment(
        campaigns.enrolment_id(campaign, stay),
        campaign,
        *stay,
        control=not variant,
        variant_id=variant,
        offer_id="",
        triggered_at_ms=1,
    )
