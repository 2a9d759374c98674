"""Issuing under a per-customer limit without a counter.

An offer of which a customer may have three has three places, whose accounts' ids follow from
offer, customer and place. Whoever issues takes the first free place; a place is never freed, so
the same cause finds its coupon again and two causes never share one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from offers_service import coupons
from offers_service.codes import Secrets, limited_coupon_id
from offers_service.commit import GroupCommit
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Issue
from offers_service.store_accounts import AnyAccount

# Within one turn: enough to fill the groups that are committed together.
_AT_ONCE = 768


async def issue_limited(
    group: GroupCommit[AnyAccount], command: Issue, secrets: Secrets
) -> Decision:
    """One coupon in the customer's first free place, or the one that the same cause gave."""
    for place in range(command.offer.per_customer_limit):
        coupon_id = limited_coupon_id(command.offer.offer_id, command.owner, place)
        wanted = replace(command, key=AccountKey(command.key.t, coupon_id))

        def decide(account: Any, wanted: Issue = wanted) -> Decision:
            return coupons.issue_in_place(account, wanted, secrets)

        decided = await group.submit(wanted.key, decide)
        if decided.outcome is not CouponOutcome.CUSTOMER_LIMIT_REACHED:
            return decided
    return Decision(CouponOutcome.CUSTOMER_LIMIT_REACHED, None, None)


async def issue_list_limited(
    group: GroupCommit[AnyAccount], sample: Issue, owners: Sequence[str], secrets: Secrets
) -> tuple[int, int]:
    """One coupon for each of `owners`: how many were new, and how many had reached the limit."""
    new = full = 0
    for start in range(0, len(owners), _AT_ONCE):
        steps = [
            issue_limited(group, replace(sample, owner=owner), secrets)
            for owner in owners[start : start + _AT_ONCE]
        ]
        outcomes = [decided.outcome for decided in await asyncio.gather(*steps)]
        new += outcomes.count(CouponOutcome.APPLIED)
        full += outcomes.count(CouponOutcome.CUSTOMER_LIMIT_REACHED)
    return new, full
