"""Keeps to the daily limits of gifts: a place is taken before a gift, and given back if refused."""

from __future__ import annotations

from typing import Any

from dangol_service_kit.clock import Directory

from offers_service import gift_days
from offers_service.coupon_account import AccountKey
from offers_service.gift_days import GiftDay, Place, Side, Taking
from offers_service.journal import Request
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.store_accounts import AccountStore


class DayLimits:
    """How many gifts a customer may offer and claim within a day of the tenant's calendar; 0 for
    any number. All ids of one person count together."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        directory: Directory,
        lineage: Lineage,
        giver_max: int,
        recipient_max: int,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self._directory = directory
        self._lineage = lineage
        self._limits = {Side.GIVER: giver_max, Side.RECIPIENT: recipient_max}

    async def take(
        self,
        tenant_id: str,
        side: Side,
        customer_id: str,
        *,
        request: Request,
        coupon_id: str,
        now_ms: int,
    ) -> Place | None:
        """A place on the customer's day for this request about this coupon; None on a full day."""
        zone = (await self._directory.get(tenant_id)).time_zone
        day = gift_days.day_of(now_ms, zone)
        others = await self._lineage.sources(tenant_id, customer_id)
        place = Place(
            key=AccountKey(tenant_id, gift_days.day_id(side, customer_id, day)),
            owner=customer_id,
            side=side,
            day=day,
            cause=gift_days.cause_of(request, coupon_id),
            limit=self._limits[side],
            now_ms=now_ms,
            other_count=await self._taken(tenant_id, side, others, day),
        )
        if place.limit <= 0:
            return place

        def decide(account: Any) -> Taking:
            return gift_days.take(account, place)

        taking = await self._group.submit(place.key, decide)
        return place if taking.taken else None

    async def full(self, tenant_id: str, side: Side, customer_id: str, now_ms: int) -> bool:
        """Whether the customer's day has no place left, as far as a look can tell."""
        limit = self._limits[side]
        if limit <= 0:
            return False
        day = gift_days.day_of(now_ms, (await self._directory.get(tenant_id)).time_zone)
        ids = (customer_id, *await self._lineage.sources(tenant_id, customer_id))
        return await self._taken(tenant_id, side, ids, day) >= limit

    async def free(self, place: Place) -> None:
        """Gives a place back that came to nothing."""
        if place.limit <= 0:
            return

        def decide(account: Any) -> Taking:
            return gift_days.free(account, place)

        await self._group.submit(place.key, decide)

    async def _taken(self, tenant_id: str, side: Side, others: tuple[str, ...], day: str) -> int:
        if not others:
            return 0
        keys = [AccountKey(tenant_id, gift_days.day_id(side, other, day)) for other in others]
        found = (await self._accounts.load(keys)).values()
        return sum(len(one.taken) for one in found if isinstance(one, GiftDay))
