"""Points follow a merge of customers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from offers_service.coupon_account import AccountKey
from offers_service.points_account import PointsAccount, owner_of, points_account_id
from offers_service.service_points import PointsBook
from offers_service.store_accounts import AccountStore


class PointsMerges:
    """What the follower of merges does with points. Every step may be repeated."""

    def __init__(self, accounts: AccountStore, book: PointsBook) -> None:
        self._accounts = accounts
        self._book = book

    async def move(self, tenant_id: str, roots: Mapping[str, str], now_ms: int) -> int:
        """Moves the points of everybody in roots to whom merging left; how many accounts moved.

        One that was emptied before is followed up as well: whoever did it may have been killed
        between the two writes. Raises OutcomeUnknownError, ContendedError or DamagedError.
        """
        keys = [AccountKey(tenant_id, points_account_id(one)) for one in roots]
        found = (await self._accounts.load(keys)).values()
        owners = [owner_of(one.key) for one in found if isinstance(one, PointsAccount)]
        moves = [
            self._book.leave(tenant_id, owner, roots[owner], now_ms, always=False)
            for owner in owners
        ]
        return sum(await asyncio.gather(*moves))
