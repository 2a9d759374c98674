"""Points follow a merge of customers in profile."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import points_service_pb2 as pb
from dangol.offers.v1.offer_service_pb2 import PointsReward
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from offers_service import __main__ as composition
from offers_service.commit import GroupCommit, OutcomeUnknownError
from offers_service.coupon_account import AccountKey
from offers_service.service_merges import MergeFollower, ProfileMerges
from offers_service.service_points import PointsBook
from offers_service.service_points_merges import PointsMerges
from offers_service.store_accounts import AnyAccount

from tests.integration.offers.ledger.conftest import new_id, won
from tests.integration.offers.machine.faulty import Fate, FaultyAccounts

OLD, NEW = "visitor-7", "nora"


def _name(answer: Any) -> str:
    return pb.PointsOutcome.Name(answer.outcome).removeprefix("POINTS_OUTCOME_")


def _gift_name(answer: Any) -> str:
    return pb.PointsGiftOutcome.Name(answer.outcome).removeprefix("POINTS_GIFT_OUTCOME_")


async def _merge(points: Any, source: str = OLD, target: str = NEW) -> int:
    points.shop.people.merge(source, target)
    return await points.shop.parts.all.follower.catch_up()  # type: ignore[no-any-return]


async def _old(points: Any, source: str = OLD) -> Any:
    return await points.shop.accounts.find_one({"_id.a": f"p_{source}"})


async def test_points_holds_and_debts_follow_with_their_orders(points: Any) -> None:
    """What both had is one balance; the visitor's order is paid, returned and refunded under the
    member's id, and nothing stays behind."""
    await points.earn("o-1", 100_000, customer_id=OLD)
    await points.earn("o-2", 50_000, customer_id=NEW)
    await points.hold("o-3", 300, customer_id=OLD)
    await points.hold("o-4", 200, customer_id=OLD)
    await points.spend("o-4", customer_id=OLD)
    assert 1 == await _merge(points)
    balance = await points.balance(NEW)
    assert (1_000, 300) == (balance.available_points, balance.held_points)
    assert balance == await points.balance(OLD)
    assert ["APPLIED"] * 3 == [
        _name(await points.spend("o-3", customer_id=NEW)),
        _name(await points.refund("o-4", customer_id=OLD)),
        _name(await points.take_back("o-1", customer_id=NEW)),
    ]
    assert (200, 0) == ((b := await points.balance(NEW)).available_points, b.owed_points)
    assert "ALREADY_EARNED" == _name(await points.earn("o-1", 100_000, customer_id=NEW))
    assert 0 == await points.shop.parts.all.follower.catch_up()
    await points.sound()


async def test_a_request_from_before_the_merge_is_answered_as_then(points: Any) -> None:
    """Sent again under the old id, before this service has heard of the merge and after: once
    each. A new one under the old id goes to the member."""
    ids = [new_id(), new_id()]
    first = [
        await points.earn(f"o-{n}", 10_000, customer_id=OLD, request_id=one)
        for n, one in enumerate(ids)
    ]
    points.shop.people.merge(OLD, NEW)
    assert first[0] == await points.earn("o-0", 10_000, customer_id=OLD, request_id=ids[0])
    await points.shop.parts.all.follower.catch_up()
    assert first[1] == await points.earn("o-1", 10_000, customer_id=OLD, request_id=ids[1])
    assert "APPLIED" == _name(await points.earn("o-2", 10_000, customer_id=OLD))
    assert 300 == (await points.balance(NEW)).available_points
    changed = await points.earn("o-1", 20_000, customer_id=OLD, request_id=ids[1])
    assert "REQUEST_CONFLICT" == _name(changed)
    await points.sound()


async def test_gifts_of_points_follow_giver_and_claimer(points: Any) -> None:
    """The visitor's open gifts are the member's to cancel and others' to claim; nobody claims the
    own; a day's cap counts both."""
    for owner in (OLD, NEW):
        await points.earn(f"o-{owner}", 100_000, customer_id=owner)
    gifts = [await points.give(100, giver_customer_id=OLD) for _ in range(3)]
    await _merge(points)
    assert ["APPLIED", "SELF_GIFT", "APPLIED"] == [
        _gift_name(await points.claim(gifts[0].token)),
        _gift_name(await points.claim(gifts[1].token, claimer_customer_id=NEW)),
        _gift_name(await points.cancel(gifts[1].gift.gift_id, giver_customer_id=NEW)),
    ]
    request = pb.ListPointsGiftsRequest(giver_customer_id=NEW)
    listed = (await points.send("ListPointsGifts", request)).gifts
    states = {gift.gift_id: gift.state for gift in listed}
    assert {
        gifts[0].gift.gift_id: pb.POINTS_GIFT_STATE_CLAIMED,
        gifts[1].gift.gift_id: pb.POINTS_GIFT_STATE_CANCELLED,
        gifts[2].gift.gift_id: pb.POINTS_GIFT_STATE_OFFERED,
    } == states
    assert "DAILY_LIMIT_REACHED" == _gift_name(await points.give(250, giver_customer_id=NEW))
    balance = await points.balance(NEW)
    assert (1_800, 100) == (balance.available_points, balance.gifted_points)
    await points.sound()


async def test_a_used_coupon_of_the_visitors_takes_back_from_the_member(points: Any) -> None:
    """Also when the visitor never had a points account of its own: one line each, on one
    account."""
    shop = points.shop
    await shop.add_offer("five-hundred", points=PointsReward(points=500))
    issued = [await shop.issue(OLD, offer_id="five-hundred") for _ in range(2)]
    coupons = [one.coupon.coupon_id for one in issued]
    for number, coupon_id in enumerate(coupons):
        await shop.hold_cart(coupon_id, customer_id=OLD, order_id=f"order-{number}")
    await shop.redeem(coupons[0], order_id="order-0")
    await _merge(points)
    await shop.redeem(coupons[1], order_id="order-1")
    assert 1_000 == (await points.balance(NEW)).available_points
    await shop.reverse(coupons[0], order_id="order-0")
    await shop.reverse(coupons[1], order_id="order-1")
    balance = await points.balance(NEW)
    assert (0, 0) == (balance.available_points, balance.owed_points)
    await points.sound()


async def test_tiers_count_what_both_bought(points: Any) -> None:
    """Two silvers are a gold."""
    names = {"ko": "골드", "en": "Gold"}
    gold = pb.Tier(tier_id="gold", threshold=won(300_000), display_names=names)
    await points.set_program(version=1, tiers=[gold])
    for number, owner in enumerate((OLD, NEW)):
        await points.earn(f"o-{number}", 160_000, customer_id=owner)
    assert "" == (await points.balance(NEW)).tier_id
    await _merge(points)
    assert "gold" == (await points.balance(NEW)).tier_id
    await points.sound()


async def test_chains_of_merges_end_in_one_account(points: Any) -> None:
    """A into B, B into C, heard of backwards and by two processes; then somebody late with A's
    order."""
    for number, owner in enumerate(("a", "b", "c")):
        await points.earn(f"o-{number}", 10_000, customer_id=owner)
    await _merge(points, "b", "c")
    points.shop.people.merge("a", "b")
    other = composition.build_ledger(points.shop.parts.base).follower
    await asyncio.gather(points.shop.parts.all.follower.catch_up(), other.catch_up())
    assert 300 == (await points.balance("a")).available_points
    assert "APPLIED" == _name(await points.take_back("o-0", customer_id="a"))
    assert 200 == (await points.balance("c")).available_points
    assert {"p_a", "p_b"} == set((await _old(points, "c"))["absorbed"])
    await points.sound()


def _parts(points: Any) -> tuple[FaultyAccounts, MergeFollower]:
    base, parts = points.shop.parts.base, points.shop.parts.all
    accounts = FaultyAccounts(base.database)
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)
    book = PointsBook(
        accounts=accounts,
        group=group,
        programs=parts.points.book.programs,
        directory=base.directory,
        lineage=parts.lineage,
    )
    follower = MergeFollower(
        store=parts.merges,
        log=ProfileMerges(CustomerServiceStub(base.profile), base.credentials.token),
        lineage=parts.lineage,
        accounts=accounts,
        group=group,
        clock=base.clock,
        parts=[PointsMerges(accounts, book)],
    )
    return accounts, follower


@pytest.mark.parametrize("mended_by", ["follower", "relay", "step"])
async def test_whoever_was_killed_between_the_writes_is_followed_up(
    points: Any, mended_by: str
) -> None:
    """The old account is empty, the other not yet filled: the next round, the relay, or the next
    step on either account finishes it, once. So with every failure of either write."""
    accounts, follower = _parts(points)
    failures = [Fate.NOT_SENT, Fate.ANSWER_LOST]
    plans = [[one] for one in failures] + [[Fate.DONE, one] for one in failures]
    for number, fates in enumerate(plans):
        source, target = f"visitor-{number}", f"member-{number}"
        await points.earn(f"s-{number}", 10_000, customer_id=source)
        await points.earn(f"t-{number}", 20_000, customer_id=target)
        points.shop.people.merge(source, target)
        accounts.fates.extend(fates)
        with pytest.raises(OutcomeUnknownError):
            await follower.catch_up()
        await _mend(points, mended_by, source, follower)
        assert 300 + 10 * (mended_by == "step") == (await points.balance(target)).available_points
        assert target == (await _old(points, source))["merged_into"]
    assert len(plans) == accounts.struck
    await points.sound()


async def _mend(points: Any, mended_by: str, source: str, follower: MergeFollower) -> None:
    if mended_by == "step":
        answer = await points.earn(f"late-{source}", 1_000, customer_id=source)
        assert "APPLIED" == _name(answer)
        return
    if mended_by == "relay" and "merged_into" in (old := await _old(points, source)):
        for each in points.shop.parts.points.followers:
            await each.follow("shop", f"p_{source}", old["entries"])
        return
    await follower.catch_up()


async def test_orders_under_the_old_id_race_the_merge(points: Any) -> None:
    """Two processes follow the merge while shops report orders and pay under both ids: every
    order counts once, no point is lost or doubled."""
    await points.earn("o-0", 100_000, customer_id=OLD)
    await points.earn("o-1", 100_000, customer_id=NEW)
    points.shop.people.merge(OLD, NEW)
    other = composition.build_ledger(points.shop.parts.base).follower
    owners = [OLD, NEW] * 8
    answers = await asyncio.gather(
        *[points.earn(f"r-{n}", 1_000, customer_id=one) for n, one in enumerate(owners)],
        points.shop.parts.all.follower.catch_up(),
        other.catch_up(),
        *[points.hold(f"h-{n}", 10, customer_id=one) for n, one in enumerate(owners)],
    )
    assert {"APPLIED"} == {_name(one) for one in answers if not isinstance(one, int)}
    balance = await points.balance(NEW)
    assert (2_000, 160) == (balance.available_points, balance.held_points)
    assert "merged_into" in await _old(points)
    await points.sound()


async def test_whoever_is_late_finds_the_old_account_closed(points: Any) -> None:
    """A step that had looked the customer up before the merge and writes after it."""
    key = AccountKey("shop", f"p_{OLD}")
    await points.earn("o-0", 10_000, customer_id=OLD)
    await _merge(points)
    book = points.shop.parts.points.book
    account = await book.get(key)
    assert ("p_" + NEW, 100) == (account.key.a, account.available)
    assert not await book.leave("shop", OLD, NEW, 0, always=True)
    assert await book.leave("shop", "visitor-8", NEW, 0, always=True)
    assert NEW == (await _old(points, "visitor-8"))["merged_into"]
    await points.sound()
