"""Random histories of customers who are merged at random moments, against a model of persons."""

import uuid
from collections import defaultdict
from random import Random
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from offers_service import __main__ as composition

STEPS = 18
LIMIT = 3


class Persons:
    """Who is whom, and what each person has; no ids, no journals, no moments of hearing."""

    def __init__(self, names: list[str]) -> None:
        self.root = {name: name for name in names}
        self.coupons: dict[str, set[str]] = defaultdict(set)
        self.places: dict[str, int] = defaultdict(int)
        self.lists: dict[str, set[int]] = defaultdict(set)

    def merge(self, source: str, target: str) -> None:
        """All that one had is the other's."""
        self.root = {name: target if root == source else root for name, root in self.root.items()}
        self.coupons[target] |= self.coupons.pop(source, set())
        self.places[target] += self.places.pop(source, 0)
        self.lists[target] |= self.lists.pop(source, set())

    def owner(self, coupon_id: str) -> str:
        """The person who has a coupon."""
        return next(root for root, some in self.coupons.items() if coupon_id in some)


class History:
    """Calls through two processes of the service, of which each hears of a merge when it asks."""

    def __init__(self, shop: Any, number: int) -> None:
        self.shop = shop
        self.random = Random(number)
        self.names = [f"h{number}-{name}" for name in ("a", "b", "c", "d", "e")]
        self.persons = Persons(self.names)
        self.campaign = f"campaign-{number}"
        self.gifts: dict[str, tuple[str, Any]] = {}
        self.followers = [
            shop.parts.all.follower,
            composition.build_ledger(shop.parts.base).follower,
        ]

    async def play(self) -> None:
        """Some steps, and what came of them in the end."""
        steps = [
            self.issue_limited,
            self.issue_limited,
            self.issue_list,
            self.give,
            self.claim,
            self.cancel,
            self.merge,
            self.use,
        ]
        for _ in range(STEPS):
            await self.random.choice(steps)()
            if self.random.random() < 0.3:
                await self.random.choice(self.followers).catch_up()
        for follower in self.followers:
            await follower.catch_up()
        await self.check()

    async def merge(self) -> None:
        """One person into another; issues have to know of it, so that limits are exact."""
        roots = sorted(set(self.persons.root.values()))
        if len(roots) < 2:
            return
        source, target = self.random.sample(roots, 2)
        self.shop.people.merge(source, target)
        self.persons.merge(source, target)

    async def _hear(self) -> None:
        await self.random.choice(self.followers).catch_up()

    async def issue_limited(self) -> None:
        """To any id of a person: as many as the offer allows, in all."""
        await self._hear()
        name = self.random.choice(self.names)
        root = self.persons.root[name]
        answer = await self.shop.issue(name, offer_id="limited")
        applied = answer.outcome == coupon_pb.COUPON_OUTCOME_APPLIED
        assert (self.persons.places[root] < LIMIT) == applied
        if applied:
            self.persons.places[root] += 1
            self.persons.coupons[root].add(answer.coupon.coupon_id)

    async def issue_list(self) -> None:
        """One coupon for each person who has none of this list yet."""
        await self._hear()
        number = self.random.randrange(2)
        named = self.random.sample(self.names, self.random.randint(1, 5))
        campaign = f"{self.campaign}-{number}"
        answer = await self.shop.issue_list(named, campaign_id=campaign)
        roots = {self.persons.root[name] for name in named}
        new = {root for root in roots if number not in self.persons.lists[root]}
        assert len(new) == answer.issued_count
        for root in new:
            self.persons.lists[root].add(number)
        await self._learn(campaign)

    async def _learn(self, campaign: str) -> None:
        """Which coupons a list made, and whose they are."""
        known = set().union(*self.persons.coupons.values())
        query = {"kind": "coupon", "campaign": campaign}
        async for document in self.shop.accounts.find(query):
            if document["_id"]["a"] not in known:
                root = self.persons.root[document["owner"]]
                self.persons.coupons[root].add(document["_id"]["a"])

    async def give(self) -> None:
        """Under any id of its owner, whether or not the merge was heard of."""
        coupon_id = self._any_coupon()
        if not coupon_id or coupon_id in self.gifts:
            return
        owner = self.persons.owner(coupon_id)
        ids = [name for name, root in self.persons.root.items() if root == owner]
        answer = await self.shop.gift(coupon_id, giver_customer_id=self.random.choice(ids))
        if answer.outcome == gift_pb.GIFT_OUTCOME_APPLIED:
            self.gifts[coupon_id] = (answer.token, answer.gift)
        else:
            assert gift_pb.GIFT_OUTCOME_COUPON_NOT_AVAILABLE == answer.outcome

    async def claim(self) -> None:
        """By anybody: it is the giver's own, under whatever id, or it changes hands."""
        if not self.gifts:
            return
        coupon_id = self.random.choice(sorted(self.gifts))
        name = self.random.choice(self.names)
        giver, claimer = self.persons.owner(coupon_id), self.persons.root[name]
        token, _ = self.gifts[coupon_id]
        answer = await self.shop.claim(token, claimer_customer_id=name)
        if giver == claimer:
            assert gift_pb.GIFT_OUTCOME_SELF_GIFT == answer.outcome
            return
        assert gift_pb.GIFT_OUTCOME_APPLIED == answer.outcome
        del self.gifts[coupon_id]
        self.persons.coupons[giver].remove(coupon_id)
        self.persons.coupons[claimer].add(coupon_id)

    async def cancel(self) -> None:
        """By any id of the giver."""
        if not self.gifts:
            return
        coupon_id = self.random.choice(sorted(self.gifts))
        name = self.random.choice(self.names)
        _, gift = self.gifts[coupon_id]
        answer = await self.shop.cancel(gift.gift_id, giver_customer_id=name)
        mine = self.persons.owner(coupon_id) == self.persons.root[name]
        expected = gift_pb.GIFT_OUTCOME_APPLIED if mine else gift_pb.GIFT_OUTCOME_NOT_OWNER
        assert expected == answer.outcome
        if mine:
            del self.gifts[coupon_id]

    async def use(self) -> None:
        """Held and redeemed under any id: by its person only."""
        coupon_id = self._any_coupon()
        if not coupon_id:
            return
        name, order_id = self.random.choice(self.names), uuid.uuid4().hex
        held = await self.shop.hold(coupon_id, customer_id=name, order_id=order_id)
        mine = self.persons.owner(coupon_id) == self.persons.root[name]
        if not mine:
            assert coupon_pb.COUPON_OUTCOME_NOT_OWNER == held.outcome
        elif held.outcome == coupon_pb.COUPON_OUTCOME_APPLIED:
            redeemed = await self.shop.redeem(coupon_id, order_id=order_id)
            assert coupon_pb.COUPON_OUTCOME_APPLIED == redeemed.outcome

    def _any_coupon(self) -> str:
        everything = sorted(set().union(*self.persons.coupons.values()))
        return self.random.choice(everything) if everything else ""

    async def check(self) -> None:
        """Each person has what the model says, and no tombstone has anything."""
        held: dict[str, set[str]] = defaultdict(set)
        async for document in self.shop.accounts.find(
            {"kind": "coupon", "owner": {"$in": self.names}}
        ):
            held[document["owner"]].add(document["_id"]["a"])
        assert {root: some for root, some in self.persons.coupons.items() if some} == held


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "histories",
    [pytest.param(8, id="8"), pytest.param(40, id="40", marks=pytest.mark.deep)],
)
async def test_whatever_is_merged_when_each_person_has_what_all_ids_had(
    shop: Any, histories: int
) -> None:
    """No coupon is lost or doubled, limits hold for the person, and every chain verifies."""
    await shop.add_offer()
    await shop.add_offer("limited", per_customer_limit=LIMIT)
    for number in range(histories):
        await History(shop, number).play()
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)
