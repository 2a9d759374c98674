"""Gifts between two processes of the service over one database: one winner each."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from offers_service import __main__ as composition
from offers_service.coupon_account import CouponAccount
from offers_service.gift_account import GiftState
from offers_service.gifts import CancelGift, GiftOutcome, OfferGift
from offers_service.journal import Request
from offers_service.service_claims import Claim

ROUNDS = [
    pytest.param(100, id="100"),
    pytest.param(1_000, id="1000", marks=pytest.mark.deep),
    pytest.param(10_000, id="10000", marks=[pytest.mark.deep, pytest.mark.timeout(1_800)]),
]
AT_ONCE = 25
NOW_MS = 1_700_000_000_000
CLAIMED, DONE = GiftOutcome.ALREADY_CLAIMED, GiftOutcome.APPLIED
CANCELLED, DECLINED = GiftOutcome.CANCELLED, GiftOutcome.DECLINED


class Replicas:
    """Two of them; `one` offers and cancels, `other` claims, both decline in turn."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.one = shop.parts.all
        self.other = composition.build_ledger(shop.parts.base)

    async def offered(self, number: int, recipient: str = "") -> tuple[str, Any]:
        """A gift of giver-<number>: its token, and itself."""
        issued = await self.one.ledger.issue_many(
            "shop",
            offer_ids=["fixed"],
            customer_ids=[f"giver-{number}"],
            campaign_id="",
            actor="admin:test",
            now_ms=NOW_MS,
        )
        assert 1 == issued.issued_count
        [coupon] = await self.one.ledger.wallet(
            "shop", f"giver-{number}", campaign="", offer="", after="", limit=2
        )
        command = OfferGift(
            request=self.request("offer", number),
            giver=f"giver-{number}",
            open_seconds=60,
            now_ms=NOW_MS,
            recipient=recipient,
        )
        decided = await self.one.desk.offer("shop", coupon.key.a, command)
        assert decided.gift is not None
        return self.one.keyring("shop").token(decided.gift.gift_id), decided.gift

    def request(self, what: str, number: int, print_: bytes = b"p") -> Request:
        """One request a round and step."""
        return Request(f"{what}-{number}", "partner:till", print_)

    async def claim(self, token: str, number: int, claimer: str, now_ms: int = NOW_MS) -> Any:
        """In the other process, or for odd claimers in this one."""
        request = self.request(f"claim-{claimer}", number)
        claimed = await self.other.claims.claim("shop", Claim(token, request, now_ms, claimer))
        return claimed.decision.outcome

    async def cancel(self, gift: Any, number: int) -> Any:
        """By the giver."""
        request = self.request("cancel", number)
        command = CancelGift(request, gift.gift_id, gift.giver, NOW_MS)
        return (await self.one.desk.cancel("shop", command)).outcome

    async def decline(self, token: str, number: int, recipient: str) -> Any:
        """By the recipient, in either process."""
        desk = (self.one if number % 2 else self.other).desk
        request = self.request("decline", number)
        return (await desk.decline("shop", token, request, recipient, NOW_MS)).outcome

    async def coupon(self, gift: Any) -> CouponAccount:
        """As it is stored."""
        found: CouponAccount | None = await self.one.ledger.get("shop", gift.coupon_id)
        assert found is not None
        return found

    async def check(self) -> None:
        """Every chain and every book."""
        assert 0 == (await self.shop.verify()).fault_count
        assert (0, 0) == ((b := await self.shop.balance()).difference, b.disagreeing_books)


@pytest.fixture
async def replicas(shop: Any) -> Replicas:
    """With the fixed offer."""
    await shop.add_offer(valid_for_seconds=0)
    return Replicas(shop)


async def _rounds(play: Any, count: int) -> Counter[Any]:
    """Plays rounds, some at once; how often each result came."""
    results: Counter[Any] = Counter()
    for start in range(0, count, AT_ONCE):
        results.update(await asyncio.gather(*[play(start + n) for n in range(AT_ONCE)]))
    return results


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_claim_against_cancel_against_decline(replicas: Replicas, rounds: int) -> None:
    """In every round one of the three wins, and the others are told who did."""

    async def play(number: int) -> tuple[GiftOutcome, ...]:
        recipient = f"friend-{number}"
        token, gift = await replicas.offered(number, recipient)
        steps = [
            replicas.claim(token, number, recipient),
            replicas.cancel(gift, number),
            replicas.decline(token, number, recipient),
        ]
        turned = number % 3
        answers = await asyncio.gather(*steps[turned:], *steps[:turned])
        outcomes = tuple(answers[(position - turned) % 3] for position in range(3))
        coupon = await replicas.coupon(gift)
        owner = recipient if outcomes[0] is DONE else gift.giver
        assert (owner, outcomes.count(DONE)) == (coupon.owner, 1)
        return outcomes

    results = await _rounds(play, rounds)
    assert rounds == sum(results.values())
    assert results.keys() <= {
        (DONE, CLAIMED, CLAIMED),
        (CANCELLED, DONE, CANCELLED),
        (DECLINED, DECLINED, DONE),
    }
    await replicas.check()


@pytest.mark.parametrize("rounds", ROUNDS)
async def test_claim_against_return_at_the_same_instant(replicas: Replicas, rounds: int) -> None:
    """Rounds around the end: a gift that returns is not claimed, and the other way round."""

    async def play(number: int) -> tuple[GiftOutcome, GiftState]:
        token, gift = await replicas.offered(number)
        claimer = f"friend-{number}"
        # The claimer's clock is a moment behind that of the sweeper.
        outcome, _ = await asyncio.gather(
            replicas.claim(token, number, claimer, gift.expire_ms - 1),
            replicas.one.ledger.expire_due("shop", gift.expire_ms),
        )
        coupon = await replicas.coupon(gift)
        won = outcome is DONE
        assert (claimer if won else gift.giver) == coupon.owner
        [listed] = await replicas.one.desk.given(
            "shop", gift.giver, after="", limit=2, now_ms=gift.expire_ms
        )
        return outcome, listed.state

    results = await _rounds(play, rounds)
    assert results.keys() <= {
        (DONE, GiftState.CLAIMED),
        (GiftOutcome.EXPIRED, GiftState.EXPIRED),
    }
    await replicas.check()


async def test_sixty_four_clients_claim_one_gift(replicas: Replicas) -> None:
    """Through both processes; one has it, and everybody else hears so."""
    for number in range(10):
        token, gift = await replicas.offered(number)
        names = [f"friend-{number}-{position}" for position in range(64)]
        here, there = replicas.one.claims, replicas.other.claims
        claims = [
            (here if position % 2 else there).claim(
                "shop", Claim(token, replicas.request(f"claim-{name}", number), NOW_MS, name)
            )
            for position, name in enumerate(names)
        ]
        outcomes = [claimed.decision.outcome for claimed in await asyncio.gather(*claims)]
        assert (1, 63) == (outcomes.count(DONE), outcomes.count(CLAIMED))
        assert names[outcomes.index(DONE)] == (await replicas.coupon(gift)).owner
    await replicas.check()
