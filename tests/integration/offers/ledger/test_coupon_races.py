"""Coupons between two processes of the service over one database: one winner each.

Every round is judged by the coupon's journal: whoever was told APPLIED has an entry there, once,
and whoever has an entry was told so; all others were told why not, by an outcome that fits it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import pytest
from offers_service import __main__ as composition
from offers_service.coupon_account import CouponAccount
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Settle
from offers_service.gifts import GiftOutcome, OfferGift
from offers_service.journal import Request
from offers_service.reversals import Revoke

CLIENTS = 64
GIFTS = 8
AT_ONCE = 50
NOW_MS = 1_700_000_000_000
HOLD_SECONDS = 60
# When the hold of a contest ends.
END_MS = NOW_MS + HOLD_SECONDS * 1_000
ROUNDS = [
    pytest.param(1_000, id="1000"),
    pytest.param(10_000, id="10000", marks=[pytest.mark.deep, pytest.mark.timeout(1_800)]),
]
# How the hold may end, and what may happen to the coupon after that.
ENDINGS = {
    ("redeem",),
    ("revoke",),
    ("release", "gift"),
    ("release", "revoke"),
    ("release", "gift", "cancel", "revoke"),
}
LOSERS: dict[str, set[Any]] = {
    "redeem": {
        CouponOutcome.ALREADY_REDEEMED,
        CouponOutcome.NOT_HELD,
        CouponOutcome.IN_ESCROW,
        CouponOutcome.REVOKED,
    },
    "gift": {GiftOutcome.COUPON_NOT_AVAILABLE},
    "revoke": {CouponOutcome.ALREADY_REDEEMED, CouponOutcome.REVOKED},
}


class Told(NamedTuple):
    """What one client was told of its request."""

    kind: str
    request_id: str
    outcome: Any


class Replicas:
    """Two of them, without limits by day; every step goes through one or the other."""

    def __init__(self, shop: Any) -> None:
        config = dataclasses.replace(
            shop.parts.base.config, gifts_a_day_per_giver_max=0, gifts_a_day_per_recipient_max=0
        )
        base = dataclasses.replace(shop.parts.base, config=config)
        self.shop = shop
        self.both = [composition.build_ledger(base) for _ in range(2)]

    async def issued(self, owners: Sequence[str]) -> list[str]:
        """A coupon for each; their ids."""
        one = self.both[0].ledger
        issued = await one.issue_many(
            "shop",
            offer_ids=["fixed"],
            customer_ids=owners,
            campaign_id="",
            actor="admin:test",
            now_ms=NOW_MS,
        )
        assert len(owners) == issued.issued_count
        wallets = await asyncio.gather(
            *[
                one.wallet("shop", owner, campaign="", offer="", after="", limit=2)
                for owner in owners
            ]
        )
        return [coupon.key.a for [coupon] in wallets]

    async def coupons(self, ids: Sequence[str]) -> list[CouponAccount]:
        """As they are stored."""
        found = await asyncio.gather(*[self.both[0].ledger.get("shop", one) for one in ids])
        return [coupon for coupon in found if coupon is not None]

    async def check(self) -> None:
        """Every chain and every book."""
        assert 0 == (await self.shop.verify()).fault_count
        assert (0, 0) == ((b := await self.shop.balance()).difference, b.disagreeing_books)


@pytest.fixture
async def replicas(shop: Any) -> Replicas:
    """With the fixed offer, whose coupons do not end."""
    await shop.add_offer(valid_for_seconds=0)
    return Replicas(shop)


def _request(request_id: str, print_: bytes = b"p" * 16) -> Request:
    return Request(request_id, "partner:till", print_)


def _hold(request: Request, owner: str, order: str) -> Hold:
    return Hold(request, owner, order, 20_000, "KRW", HOLD_SECONDS, NOW_MS)


async def _batches(
    replicas: Replicas, rounds: int, play: Callable[[int, list[str], list[str]], Awaitable[None]]
) -> None:
    """Plays rounds, many at once: play(number of the batch, owners, their coupons)."""
    for start in range(0, rounds, AT_ONCE):
        owners = [f"customer-{start + number}" for number in range(AT_ONCE)]
        await play(start // AT_ONCE, owners, await replicas.issued(owners))
    await replicas.check()


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_one_of_sixty_four_orders_gets_the_coupon(replicas: Replicas, rounds: int) -> None:
    """All others hear that it is held, and only the winner's order can use it."""

    async def play(batch: int, owners: list[str], ids: list[str]) -> None:
        async def client(coupon: int, number: int) -> Told:
            ledger = replicas.both[number % 2].ledger
            request = _request(f"{batch}-{coupon}-{number}")
            command = _hold(request, owners[coupon], f"order-{number}")
            decided = await ledger.hold("shop", ids[coupon], command)
            return Told("hold", request.request_id, decided.outcome)

        told = await asyncio.gather(
            *[client(coupon, n) for n in range(CLIENTS) for coupon in range(AT_ONCE)]
        )
        for place, coupon in enumerate(await replicas.coupons(ids)):
            answers = told[place::AT_ONCE]
            assert Counter(
                {CouponOutcome.APPLIED: 1, CouponOutcome.HELD_BY_OTHER_ORDER: CLIENTS - 1}
            ) == Counter(answer.outcome for answer in answers)
            winner = [one.request_id for one in answers if one.outcome is CouponOutcome.APPLIED]
            assert winner == [entry.request for entry in coupon.entries[1:]]

    await _batches(replicas, rounds, play)


class Contest:
    """Redeeming, giving and revoking one held coupon at the instant at which its hold ends."""

    def __init__(self, replicas: Replicas, owner: str, coupon_id: str) -> None:
        self.told: list[Told] = []
        self._replicas = replicas
        self._owner = owner
        self._coupon_id = coupon_id

    async def hold(self) -> None:
        """For order-1."""
        command = _hold(_request(f"hold-{self._owner}"), self._owner, "order-1")
        held = await self._replicas.both[0].ledger.hold("shop", self._coupon_id, command)
        assert held.outcome is CouponOutcome.APPLIED

    def clients(self, kind: str, count: int) -> list[Awaitable[None]]:
        """So many who want the same, half of them in either process."""
        step = {"redeem": self._redeem, "gift": self._gift, "revoke": self._revoke}[kind]

        async def run(number: int) -> None:
            request = _request(f"{self._owner}-{kind}-{number}")
            decided = await step(self._replicas.both[number % 2], request)
            self.told.append(Told(kind, request.request_id, decided.outcome))

        return [run(number) for number in range(count)]

    # The clocks of those who redeem and revoke are a moment behind: to them the hold still stands.

    def _redeem(self, parts: Any, request: Request) -> Any:
        command = Settle(request=request, order="order-1", now_ms=END_MS - 1)
        return parts.ledger.redeem("shop", self._coupon_id, command)

    def _revoke(self, parts: Any, request: Request) -> Any:
        return parts.reversals.revoke("shop", self._coupon_id, Revoke(request, END_MS - 1))

    def _gift(self, parts: Any, request: Request) -> Any:
        command = OfferGift(request=request, giver=self._owner, open_seconds=60, now_ms=END_MS)
        return parts.desk.offer("shop", self._coupon_id, command)

    def judge(self, coupon: CouponAccount) -> tuple[str, ...]:
        """How it ended, after the hold; asserts that journal and answers agree."""
        written = [(entry.kind, entry.request) for entry in coupon.entries[2:] if entry.request]
        applied = [one[:2] for one in self.told if one.outcome.name == "APPLIED"]
        assert sorted(written) == sorted(applied)
        refused = [one for one in self.told if one.outcome.name != "APPLIED"]
        assert [] == [one for one in refused if one.outcome not in LOSERS[one.kind]]
        return tuple(entry.kind for entry in coupon.entries[2:])


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_redeem_against_gift_against_expire_against_revoke(
    replicas: Replicas, rounds: int
) -> None:
    """One of them ends the hold; every second batch nobody revokes, so that a gift may last."""
    endings: Counter[tuple[str, ...]] = Counter()

    async def play(batch: int, owners: list[str], ids: list[str]) -> None:
        contests = [Contest(replicas, *pair) for pair in zip(owners, ids, strict=True)]
        await asyncio.gather(*[one.hold() for one in contests])
        sweeps = [
            asyncio.ensure_future(parts.ledger.expire_due("shop", END_MS))
            for parts in replicas.both * 2
        ]
        gifts = [step for one in contests for step in one.clients("gift", GIFTS)]
        early = asyncio.gather(*sweeps, *gifts)
        # Sweepers and givers look before they write. By turns all begin together, or those two a
        # look earlier, so that all write at the same moment, or when one sweeper is through.
        if batch % 3 == 1:
            await replicas.both[0].accounts.due("shop", END_MS, AT_ONCE)
        elif batch % 3 == 2:
            await asyncio.wait(sweeps, return_when=asyncio.FIRST_COMPLETED)
        left = CLIENTS - len(sweeps) - GIFTS
        revokes = left // 2 if batch % 2 else 0
        steps = [step for one in contests for step in one.clients("redeem", left - revokes)]
        steps += [step for one in contests for step in one.clients("revoke", revokes)]
        # The order in which they come is the order in which the first group takes them.
        chance.shuffle(steps)
        await asyncio.gather(early, *steps)
        coupons = await replicas.coupons(ids)
        endings.update(one.judge(coupon) for one, coupon in zip(contests, coupons, strict=True))

    chance = random.Random(1)
    await _batches(replicas, rounds, play)
    assert rounds == endings.total()
    assert endings.keys() <= ENDINGS
    assert {"redeem", "revoke", "release"} == {ending[0] for ending in endings}


class Repeated(NamedTuple):
    """A request that may be sent through either process, as it is or with other content."""

    kind: str
    account: str
    send: Callable[[Any, Request], Awaitable[Any]]
    request_id: str


def _requests(ids: Sequence[str], owners: Sequence[str]) -> list[Repeated]:
    """A hold, a redemption, a release, a revocation or a gift: one for each coupon, in turn."""
    made = []
    for number, (coupon_id, owner) in enumerate(zip(ids, owners, strict=True)):

        def hold(parts: Any, request: Request, coupon: str = coupon_id, by: str = owner) -> Any:
            return parts.ledger.hold("shop", coupon, _hold(request, by, "order-1"))

        def redeem(parts: Any, request: Request, coupon: str = coupon_id) -> Any:
            return parts.ledger.redeem("shop", coupon, Settle(request, "order-1", NOW_MS))

        def release(parts: Any, request: Request, coupon: str = coupon_id) -> Any:
            return parts.ledger.release("shop", coupon, Settle(request, "order-1", NOW_MS))

        def revoke(parts: Any, request: Request, coupon: str = coupon_id) -> Any:
            return parts.reversals.revoke("shop", coupon, Revoke(request, NOW_MS))

        def gift(parts: Any, request: Request, coupon: str = coupon_id, by: str = owner) -> Any:
            return parts.desk.offer("shop", coupon, OfferGift(request, by, 60, NOW_MS))

        step = (hold, redeem, release, revoke, gift)[number % 5]
        made.append(Repeated(step.__name__, coupon_id, step, f"request-{number}"))
    return made


async def test_a_hundred_requests_sent_two_hundred_times_at_once(replicas: Replicas) -> None:
    """One effect each and equal answers, through both processes; changed content is refused."""
    owners = [f"customer-{number}" for number in range(100)]
    ids = await replicas.issued(owners)
    requests = _requests(ids, owners)
    for request, owner in zip(requests, owners, strict=True):
        if request.kind in {"redeem", "release"}:
            command = _hold(_request(f"hold-{owner}"), owner, "order-1")
            await replicas.both[0].ledger.hold("shop", request.account, command)
    before = {coupon.key.a: coupon.v for coupon in await replicas.coupons(ids)}
    decided = await asyncio.gather(
        *[
            one.send(replicas.both[copy % 2], _request(one.request_id))
            for copy in range(200)
            for one in requests
        ]
    )
    for place, one in enumerate(requests):
        answers = {(answer.outcome.name, answer.coupon.hash) for answer in decided[place::100]}
        assert [(one.kind, "APPLIED")] == [(one.kind, name) for name, _ in answers]
    for one, coupon in zip(requests, await replicas.coupons(ids), strict=True):
        assert (before[coupon.key.a] + 1, one.kind, one.request_id) == (
            coupon.v,
            coupon.entries[-1].kind,
            coupon.entries[-1].request,
        )
    changed = await asyncio.gather(
        *[
            one.send(parts, _request(one.request_id, b"q" * 16))
            for one in requests
            for parts in replicas.both
        ]
    )
    assert {"REQUEST_CONFLICT": 200} == Counter(answer.outcome.name for answer in changed)
    assert before == {coupon.key.a: coupon.v - 1 for coupon in await replicas.coupons(ids)}
    await replicas.check()
