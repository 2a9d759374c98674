"""Keeps a gift's own account in step with the coupon whose journal leads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from offers_service import gift_account
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.gift_account import GiftAccount
from offers_service.service_group import Group


class _Followed(msgspec.Struct, frozen=True):
    before: GiftAccount | None
    account: GiftAccount | None


class GiftFollower:
    """Forward only: harmless to repeat, for whoever finds a gift behind its coupon."""

    def __init__(self, group: Group, secrets_of: Callable[[str], Secrets]) -> None:
        self._group = group
        self._secrets_of = secrets_of

    async def follow(self, coupon: CouponAccount, gift_id: str) -> bool:
        """Brings the gift up to what the coupon, as saved, says; whether it was behind."""
        tenant_id = coupon.key.t
        secrets = self._secrets_of(tenant_id)

        def decide(gift: Any) -> _Followed:
            return _Followed(gift, gift_account.follow(gift, coupon, gift_id, secrets))

        followed: _Followed = await self._group.submit(AccountKey(tenant_id, gift_id), decide)
        return followed.account is not followed.before
