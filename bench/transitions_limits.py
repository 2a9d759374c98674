"""Steps under what can be used up: budgets of coupons and of money, batches of codes, points."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from offers_service.code_account import code_id
from offers_service.codes import account_id, coupon_ids
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Settle
from offers_service.journal import Request
from offers_service.points import Earn
from offers_service.points_account import points_account_id
from offers_service.points_gifts import GivePoints
from offers_service.points_spending import HoldPoints, Refund, SettlePoints
from offers_service.reversals import Reverse
from offers_service.service_codes import Wanted

from bench.ledger_rig import COUNTED, MONEY, NOW_MS, SECRETS, LedgerRig

_CAUSE, _SECONDS = "cause", 3_600


class Transition(NamedTuple):
    """A step of customer `number`; one without a name only leads to the next.

    many: a call is for all customers up to that number, and answers how many there were.
    """

    name: str
    step: Callable[[int], Awaitable[Any]]
    many: bool = False


class Made(NamedTuple):
    """A batch of codes is there."""

    outcome: CouponOutcome


class LimitSteps:
    """Each customer has one coupon of each campaign with a budget, one code, and some points."""

    def __init__(self, rig: LedgerRig, tenant_id: str) -> None:
        self._rig = rig
        self._tenant_id = tenant_id
        self._coupon_of = coupon_ids(MONEY, "fixed", _CAUSE)

    def all(self) -> list[Transition]:
        """In order; what only leads to the next one has no name."""
        return [
            Transition("issue, budget of coupons", self._issue(COUNTED)),
            Transition("issue, budget of money", self._issue(MONEY)),
            Transition("hold, budget of money", self._hold("hold")),
            Transition("release, budget of money", self._release),
            Transition("", self._hold("again")),
            Transition("redeem, budget of money", self._redeem),
            Transition("reverse, budget of money", self._reverse),
            Transition("", self._make),
            Transition("claim a code", self._claim),
            Transition("", self._earn),
            Transition("give points", self._give),
            Transition("claim given points", self._take),
            Transition("", self._hold_points("released")),
            Transition("release points", self._release_points),
            Transition("", self._hold_points("spent")),
            Transition("", self._spend_points),
            Transition("refund points", self._refund_points),
        ]

    def _owner(self, number: int) -> str:
        return f"{self._tenant_id}-limit-{number:08d}"

    def _request(self, name: str, number: int) -> Request:
        # As long as the UUIDs that callers send.
        text = f"{self._tenant_id}-limit-{name}-{number:06d}-"
        return Request(text.ljust(36, "0"), "partner:till", b"f" * 16)

    async def _followed(self, decided: Any) -> Any:
        """What the budget follows beside the answer belongs to the step as well."""
        await self._rig.settled()
        return decided

    def _issue(self, campaign_id: str) -> Callable[[int], Awaitable[Any]]:
        async def issue(number: int) -> Any:
            issued = await self._rig.ledger.issue(
                self._tenant_id,
                offer_id="fixed",
                customer_id=self._owner(number),
                campaign_id=campaign_id,
                cause=_CAUSE,
                actor=f"campaign:{campaign_id}",
                now_ms=NOW_MS,
            )
            return await self._followed(issued)

        return issue

    def _hold(self, name: str) -> Callable[[int], Awaitable[Any]]:
        async def hold(number: int) -> Any:
            command = Hold(
                request=self._request(name, number),
                customer=self._owner(number),
                order=f"order-{number}",
                order_minor_units=20_000,
                currency="KRW",
                hold_seconds=_SECONDS,
                now_ms=NOW_MS,
            )
            coupon_id = self._coupon_of(self._owner(number))
            held = await self._rig.ledger.hold(self._tenant_id, coupon_id, command)
            return await self._followed(held)

        return hold

    def _settle(self, name: str, number: int) -> Settle:
        return Settle(self._request(name, number), f"order-{number}", NOW_MS)

    async def _release(self, number: int) -> Any:
        coupon_id, command = self._coupon_of(self._owner(number)), self._settle("release", number)
        released = await self._rig.ledger.release(self._tenant_id, coupon_id, command)
        return await self._followed(released)

    async def _redeem(self, number: int) -> Any:
        coupon_id, command = self._coupon_of(self._owner(number)), self._settle("redeem", number)
        redeemed = await self._rig.ledger.redeem(self._tenant_id, coupon_id, command)
        return await self._followed(redeemed)

    async def _reverse(self, number: int) -> Any:
        command = Reverse(self._request("reverse", number), f"order-{number}", (), NOW_MS)
        coupon_id = self._coupon_of(self._owner(number))
        reversed_ = await self._rig.reversals.reverse(self._tenant_id, coupon_id, command)
        return await self._followed(reversed_)

    async def _make(self, number: int) -> Any:
        """A batch of one code."""
        request = self._request("codes", number)
        wanted = Wanted("fixed", "", 1, 0, request)
        batch = await self._rig.codes.begin(self._tenant_id, wanted, NOW_MS)
        if isinstance(batch, CouponOutcome):
            raise RuntimeError(f"no batch of codes: {batch}")
        async for _ in self._rig.codes.make(self._tenant_id, batch):
            pass
        return Made(CouponOutcome.APPLIED)

    async def _claim(self, number: int) -> Any:
        request = self._request("codes", number)
        batch_id = account_id("kb_", request.actor, request.request_id)
        code = SECRETS.bulk_code(code_id(batch_id, 0))
        asked, owner = self._request("claim-code", number), self._owner(number)
        return await self._rig.codes.claim(self._tenant_id, code, owner, asked, NOW_MS)

    async def _earn(self, number: int) -> Any:
        request, order = self._request("earn", number), f"earned-{number}"
        return await self._rig.points.earn(
            self._tenant_id,
            self._owner(number),
            lambda key, owner: Earn(key, request, owner, order, 50_000, "", NOW_MS),
        )

    async def _give(self, number: int) -> Any:
        owner = self._owner(number)
        command = GivePoints(self._request("give", number), 100, _SECONDS, NOW_MS)
        return await self._rig.points_gifts.offer(self._tenant_id, owner, command)

    async def _take(self, number: int) -> Any:
        # The giver's third entry, after the order and what it earned.
        gift = account_id("pg_", points_account_id(self._owner(number)), "3")
        asked, friend = self._request("take", number), f"friend-{self._owner(number)}"
        token = SECRETS.token(gift)
        return await self._rig.points_gifts.claim(self._tenant_id, token, asked, friend, NOW_MS)

    def _hold_points(self, name: str) -> Callable[[int], Awaitable[Any]]:
        async def hold(number: int) -> Any:
            request = self._request(f"{name}-hold", number)
            command = HoldPoints(request, f"{name}-{number}", 100, 900, NOW_MS)
            return await self._rig.points.hold(self._tenant_id, self._owner(number), command)

        return hold

    async def _release_points(self, number: int) -> Any:
        command = SettlePoints(self._request("released", number), f"released-{number}", NOW_MS)
        return await self._rig.points.release(self._tenant_id, self._owner(number), command)

    async def _spend_points(self, number: int) -> Any:
        command = SettlePoints(self._request("spent", number), f"spent-{number}", NOW_MS)
        return await self._rig.points.spend(self._tenant_id, self._owner(number), command)

    async def _refund_points(self, number: int) -> Any:
        command = Refund(self._request("refund", number), f"spent-{number}", 0, NOW_MS)
        return await self._rig.points.refund(self._tenant_id, self._owner(number), command)
