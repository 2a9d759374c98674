"""What campaigns' budgets have left: reads of `accounts` of one instant, without the journals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from offers_service.coupon_account import AccountKey
from offers_service.store_accounts import NAME, encode_key
from offers_service.store_errors import outages

_FIELDS = ("v", "limit", "held", "spent", "lent")
_PROJECTION = dict.fromkeys(_FIELDS, 1)


class Standing(NamedTuple):
    """A stripe's state: see BudgetAccount."""

    version: int
    limit: int
    held: int
    spent: int
    lent: int

    @property
    def free(self) -> int:
        """What can still be taken of it."""
        return self.limit - self.held - self.spent - self.lent


class BudgetStore:
    """Reads only."""

    def __init__(self, database: Any) -> None:
        self._client = database.client
        self._accounts = database.get_collection(NAME)

    async def standings(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, Standing]:
        """The stripes as they all were at one instant of the call; those that nothing was ever
        taken of are left out."""
        wanted = {"_id": {"$in": [encode_key(key) for key in keys]}}
        with outages():
            async with await self._client.start_session(snapshot=True) as session:
                cursor = self._accounts.find(wanted, _PROJECTION, session=session)
                found = await cursor.to_list(None)
        return {
            AccountKey(one["_id"]["t"], one["_id"]["a"]): Standing(
                *[int(one.get(field, 0)) for field in _FIELDS]
            )
            for one in found
        }
