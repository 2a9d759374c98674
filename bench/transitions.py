"""Every step of the ledger's accounts, one customer after the other, in an order that works."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from offers_service.codes import coupon_ids, gift_id
from offers_service.coupons import Hold, Settle
from offers_service.gifts import CancelGift, OfferGift
from offers_service.journal import Request
from offers_service.points import Earn
from offers_service.points_spending import HoldPoints, SettlePoints
from offers_service.reversals import Reverse, Revoke
from offers_service.service_claims import Claim

from bench.ledger_rig import NOW_MS, SECRETS, LedgerRig
from bench.transitions_limits import LimitSteps, Transition

_CAMPAIGN, _CAUSE, _OPEN_SECONDS = "spring", "cause", 3_600
_SHORT_SECONDS = 60


class Steps:
    """Each customer has one coupon, in the state that the steps before have left it in."""

    def __init__(self, rig: LedgerRig, tenant_id: str) -> None:
        self._rig = rig
        self._tenant_id = tenant_id
        self._coupon_of = coupon_ids(_CAMPAIGN, "fixed", _CAUSE)

    def all(self) -> list[Transition]:
        """In order; what only leads to the next one has no name."""
        return [
            Transition("issue", self._issue),
            Transition("hold", self._hold),
            Transition("release", self._release),
            Transition("", self._hold_again),
            Transition("hold ends", self._expire(1), many=True),
            Transition("", self._hold_last),
            Transition("redeem", self._redeem),
            Transition("reverse", self._reverse),
            Transition("offer a gift", self._gift(9)),
            Transition("cancel a gift", self._cancel(9)),
            Transition("", self._gift(11)),
            Transition("gift ends", self._expire(2), many=True),
            Transition("", self._gift(13)),
            Transition("claim a gift", self._claim(13)),
            Transition("revoke", self._revoke),
            Transition("earn points", self._earn),
            Transition("hold points", self._hold_points),
            Transition("spend points", self._spend_points),
            *LimitSteps(self._rig, self._tenant_id).all(),
        ]

    def _owner(self, number: int) -> str:
        return f"{self._tenant_id}-{number:08d}"

    def _coupon(self, number: int) -> str:
        return self._coupon_of(self._owner(number))

    def _request(self, name: str, number: int) -> Request:
        # As long as the UUIDs that callers send.
        return Request(
            f"{self._tenant_id}-{name}-{number}".ljust(36, "0"), "partner:till", b"f" * 16
        )

    @staticmethod
    def _open_seconds(number: int) -> int:
        """Each one's hold or gift that is to end does so at an instant of its own."""
        return _SHORT_SECONDS + number

    async def _issue(self, number: int) -> Any:
        return await self._rig.ledger.issue(
            self._tenant_id,
            offer_id="fixed",
            customer_id=self._owner(number),
            campaign_id=_CAMPAIGN,
            cause=_CAUSE,
            actor=f"campaign:{_CAMPAIGN}",
            now_ms=NOW_MS,
        )

    async def _held(self, name: str, number: int, seconds: int) -> Any:
        command = Hold(
            request=self._request(name, number),
            customer=self._owner(number),
            order=f"order-{number}",
            order_minor_units=20_000,
            currency="KRW",
            hold_seconds=seconds,
            now_ms=NOW_MS,
        )
        return await self._rig.ledger.hold(self._tenant_id, self._coupon(number), command)

    async def _hold(self, number: int) -> Any:
        return await self._held("hold", number, _OPEN_SECONDS)

    async def _hold_again(self, number: int) -> Any:
        return await self._held("again", number, self._open_seconds(number))

    async def _hold_last(self, number: int) -> Any:
        return await self._held("last", number, _OPEN_SECONDS)

    def _settle(self, name: str, number: int) -> Settle:
        return Settle(self._request(name, number), f"order-{number}", NOW_MS)

    async def _release(self, number: int) -> Any:
        command = self._settle("release", number)
        return await self._rig.ledger.release(self._tenant_id, self._coupon(number), command)

    def _expire(self, turn: int) -> Callable[[int], Awaitable[Any]]:
        """The gift follows the hold's end, and ends as long after it as that took."""

        async def expire(number: int) -> Any:
            now_ms = NOW_MS + turn * self._open_seconds(number) * 1_000
            return await self._rig.ledger.expire_due(self._tenant_id, now_ms)

        return expire

    async def _redeem(self, number: int) -> Any:
        command = self._settle("redeem", number)
        return await self._rig.ledger.redeem(self._tenant_id, self._coupon(number), command)

    async def _reverse(self, number: int) -> Any:
        command = Reverse(self._request("reverse", number), f"order-{number}", (), NOW_MS)
        return await self._rig.reversals.reverse(self._tenant_id, self._coupon(number), command)

    def _gift(self, entry: int) -> Callable[[int], Awaitable[Any]]:
        async def offer(number: int) -> Any:
            command = OfferGift(
                request=self._request(f"gift{entry}", number),
                giver=self._owner(number),
                # The one that ends by itself ends at an instant of its own.
                open_seconds=self._open_seconds(number) if entry == 11 else _OPEN_SECONDS,
                now_ms=NOW_MS,
            )
            return await self._rig.gifts.offer(self._tenant_id, self._coupon(number), command)

        return offer

    def _gift_id(self, number: int, entry: int) -> str:
        return gift_id(self._coupon(number), entry)

    def _cancel(self, entry: int) -> Callable[[int], Awaitable[Any]]:
        async def cancel(number: int) -> Any:
            gift = self._gift_id(number, entry)
            command = CancelGift(self._request("cancel", number), gift, self._owner(number), NOW_MS)
            return await self._rig.gifts.cancel(self._tenant_id, command)

        return cancel

    def _claim(self, entry: int) -> Callable[[int], Awaitable[Any]]:
        async def claim(number: int) -> Any:
            token = SECRETS.token(self._gift_id(number, entry))
            friend = f"friend-{self._owner(number)}"
            asked = Claim(token, self._request("claim", number), NOW_MS, friend)
            return (await self._rig.claims.claim(self._tenant_id, asked)).decision

        return claim

    async def _revoke(self, number: int) -> Any:
        command = Revoke(self._request("revoke", number), NOW_MS)
        return await self._rig.reversals.revoke(self._tenant_id, self._coupon(number), command)

    async def _earn(self, number: int) -> Any:
        request = self._request("earn", number)
        order = f"order-{number}"
        return await self._rig.points.earn(
            self._tenant_id,
            self._owner(number),
            lambda key, owner: Earn(key, request, owner, order, 50_000, "", NOW_MS),
        )

    async def _hold_points(self, number: int) -> Any:
        request = self._request("points", number)
        command = HoldPoints(request, f"order-{number}", 100, 900, NOW_MS)
        return await self._rig.points.hold(self._tenant_id, self._owner(number), command)

    async def _spend_points(self, number: int) -> Any:
        command = SettlePoints(self._request("spend", number), f"order-{number}", NOW_MS)
        return await self._rig.points.spend(self._tenant_id, self._owner(number), command)
