"""The report of how gifts spread, over the wire, against what was planted."""

import random
import time
from collections import Counter
from typing import Any

import pytest
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure

SEEDS = ("ann", "bob", "cid")
GIFTS = 36


class _Planted:
    """Gives gifts by a script of its own and notes what it did; figures are counted from these
    notes alone, the plainest way."""

    def __init__(self, shop: Any, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.people = list(SEEDS)
        self.parent: dict[str, str] = {}
        self.first: dict[str, int] = {}
        self.fates: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.opened = 0

    async def grow(self) -> None:
        """Each gift: a coupon of the giver's, looked at, then claimed, declined, taken back or
        left open."""
        for number in range(GIFTS):
            giver = self.chance.choice(self.people)
            coupon = (await self.shop.issue(giver)).coupon
            offered = await self.shop.gift(coupon.coupon_id, giver_customer_id=giver)
            self.sent[giver] += 1
            fate = self.chance.choice(["new", "new", "member", "cancelled", "open", "ignored"])
            if fate != "ignored":
                self.opened += 1
                request = gift_pb.GetGiftRequest(token=offered.token)
                looker = self.shop.token(Role.VISITOR, f"device-{number}")
                await self.shop.send(self.shop.gifts.GetGift, request, looker)
            await self._end(number, giver, offered, fate)

    async def _end(self, number: int, giver: str, offered: Any, fate: str) -> None:
        self.fates["open" if fate == "ignored" else fate] += 1
        if fate == "new":
            answer = await self.shop.sign_up(offered.token, ("member", f"m{number}"))
            self.people.append(answer.customer_id)
            self.parent[answer.customer_id] = giver
            self._claimed(answer, answer.customer_id)
        elif fate == "member":
            claimer = self.chance.choice([one for one in self.people if one != giver])
            answer = await self.shop.claim(offered.token, claimer_customer_id=claimer)
            self._claimed(answer, claimer)
        elif fate == "cancelled":
            await self.shop.cancel(offered.gift.gift_id, giver_customer_id=giver)

    def _claimed(self, answer: Any, claimer: str) -> None:
        assert gift_pb.GIFT_OUTCOME_APPLIED == answer.outcome
        self.first.setdefault(claimer, answer.gift.close_time.ToMilliseconds())

    def buy(self) -> None:
        """Some recipients order after their first claim, some before it, one long after."""
        made = self.shop.people.purchases.made
        for number, (customer, at_ms) in enumerate(self.first.items()):
            made += [(customer, at_ms - 60_000, 1), (customer, at_ms + 40 * 86_400_000, 1)]
            for order in range(number % 3):
                made.append((customer, at_ms + 1_000 * order, 10_000 + number))

    def bought(self, people: list[str]) -> tuple[int, int, int, int]:
        """Customers, ordering customers, orders and revenue of some of the recipients."""
        position = {customer: number for number, customer in enumerate(self.first)}
        counts = [(position[one] % 3, 10_000 + position[one]) for one in people]
        return (
            len(people),
            sum(count > 0 for count, _ in counts),
            sum(count for count, _ in counts),
            sum(count * amount for count, amount in counts),
        )

    def depth(self, person: str) -> int:
        """Steps up to whom nobody brought."""
        return 1 + self.depth(self.parent[person]) if person in self.parent else 0


def _told(people: Any) -> tuple[int, int, int, int]:
    return (
        people.customer_count,
        people.ordering_customer_count,
        people.order_count,
        people.revenue.minor_units,
    )


async def test_a_planted_tree_of_gifts_is_reported(growth: Any) -> None:
    """Sent, opened, claimed, new members with their orders, generations and k: as planted."""
    await growth.shop.add_offer()
    planted = _Planted(growth.shop, seed=7)
    await planted.grow()
    planted.buy()
    report = await growth.spread(offer_id="fixed")
    fates = planted.fates
    assert (GIFTS, planted.opened, fates["new"] + fates["member"]) == (
        report.sent_count,
        report.opened_count,
        report.claimed_count,
    )
    assert (fates["cancelled"], fates["open"], 0, 0) == (
        report.cancelled_count,
        report.open_count,
        report.expired_count,
        report.opened_by_customers_count,
    )
    newcomers = list(planted.parent)
    members = [one for one in planted.first if one not in planted.parent]
    assert planted.bought(newcomers) == _told(report.new_members)
    assert planted.bought(members) == _told(report.members)
    assert len(newcomers) / len(planted.sent) == report.k_factor
    assert [0, 1, 2] == [one.generation for one in report.generations][:3]
    for one in report.generations[1:]:
        people = [each for each in newcomers if planted.depth(each) == one.generation]
        brought = [each for each in newcomers if planted.depth(each) == one.generation + 1]
        assert planted.bought(people) == _told(one.people)
        assert sum(planted.sent[each] for each in people) == one.sent_count
        assert len(brought) == one.new_member_count
        assert len(brought) / len(people) == one.k_factor
    best = report.top_givers[0]
    assert planted.depth(best.customer_id) == best.generation
    assert best.descendant_count == max(one.descendant_count for one in report.top_givers)


async def test_campaign_offer_and_time_narrow_the_report(growth: Any) -> None:
    """Bounds are of when a gift was offered; what it does not name is not counted."""
    shop = growth.shop
    await shop.add_offer()
    await shop.add_offer("other")
    for offer_id, campaign_id in (("fixed", "spring"), ("fixed", "autumn"), ("other", "")):
        coupon = (await shop.issue(offer_id=offer_id, campaign_id=campaign_id)).coupon
        await shop.gift(coupon.coupon_id)
    now_s = int(time.time())
    later, earlier = {"seconds": now_s + 600}, {"seconds": now_s - 600}
    for wanted, expected in (
        ({}, 3),
        ({"offer_id": "fixed"}, 2),
        ({"campaign_id": "spring"}, 1),
        ({"campaign_id": "spring", "offer_id": "other"}, 0),
        ({"from_time": earlier, "until_time": later}, 3),
        ({"from_time": later}, 0),
        ({"until_time": earlier}, 0),
    ):
        assert expected == (await growth.spread(**wanted)).sent_count
    with pytest.raises(RpcFailure, match="after from_time"):
        await growth.spread(from_time=later, until_time=earlier)


async def test_merged_people_count_once(growth: Any) -> None:
    """A newcomer who turns out to be the giver brought nobody."""
    shop = growth.shop
    await shop.add_offer()
    offered = await shop.gift((await shop.issue()).coupon.coupon_id)
    newcomer = (await shop.sign_up(offered.token, ("member", "m1"))).customer_id
    assert 1 == (await growth.spread()).new_members.customer_count
    shop.people.merge(newcomer, "ann")
    await shop.parts.all.follower.catch_up()
    report = await growth.spread()
    assert (1, 1, 0) == (
        report.claimed_count,
        report.self_claimed_count,
        report.new_members.customer_count,
    )


async def test_only_marketers_of_the_tenant_see_it(growth: Any) -> None:
    """Another tenant's report is empty; customers, staff and visitors get none."""
    shop = growth.shop
    await shop.add_offer()
    await shop.gift((await shop.issue()).coupon.coupon_id)
    foreign = await growth.spread(shop.token(Role.MARKETER, tenant="other"))
    assert 0 == foreign.sent_count
    for role in (Role.CUSTOMER, Role.STAFF, Role.VISITOR, Role.PARTNER):
        with pytest.raises(RpcFailure, match="may not"):
            await growth.spread(shop.token(role))
