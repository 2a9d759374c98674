"""Issuing under a per-customer limit without a counter.

An offer of which a customer may have three has three places, whose accounts' ids follow from
offer, customer and place. Whoever issues takes the first free place; a place is never freed, so
the same cause finds its coupon again and two causes never share one. What customers had who were
merged into one counts together; they keep what they have, even where that is more than the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from offers_service import coupons, place_account
from offers_service.codes import Secrets, limited_coupon_id
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Issue
from offers_service.place_account import ClosedPlace
from offers_service.service_group import Group
from offers_service.service_lineage import NOBODY_MERGED, People
from offers_service.store_accounts import AnyAccount

# Within one turn: enough to fill the groups that are committed together.
_AT_ONCE = 768


class MergedAwayError(Exception):
    """The customer was merged into another meanwhile: issue to that one."""


class _Tried(msgspec.Struct, frozen=True):
    outcome: CouponOutcome
    account: AnyAccount | None
    coupon: None = None


class _Closed(msgspec.Struct, frozen=True):
    account: ClosedPlace


async def issue_limited(
    group: Group,
    command: Issue,
    secrets: Secrets,
    earlier: Sequence[str] = (),
) -> Decision:
    """One coupon in the customer's first free place, or the one that the same cause gave.

    earlier: customers who were merged into the owner. Theirs count: nothing more is issued to them
    once their places are closed, so what they have can be counted first.
    """
    limit = command.offer.per_customer_limit
    taken = 0
    for customer in earlier:
        for place in range(limit):
            wanted = _in_place(command, customer, place)
            closing = _closer(wanted, customer, secrets)
            decided: Any = await group.submit(wanted.key, closing)
            if isinstance(decided, _Closed):
                break
            if isinstance(decided, Decision) and _settled(decided):
                return decided
            taken += 1
    for place in range(limit):
        wanted = _in_place(command, command.owner, place)
        issuing = _issuer(wanted, secrets, may_take=place < limit - taken)
        decided = await group.submit(wanted.key, issuing)
        if isinstance(decided, Decision) and _settled(decided):
            return decided
        if isinstance(decided.account, ClosedPlace):
            raise MergedAwayError
    return Decision(CouponOutcome.CUSTOMER_LIMIT_REACHED, None, None)


def _settled(decided: Decision) -> bool:
    """Whether the place answered; otherwise another cause has it."""
    return decided.outcome is not CouponOutcome.CUSTOMER_LIMIT_REACHED


def _in_place(command: Issue, customer: str, place: int) -> Issue:
    coupon_id = limited_coupon_id(command.offer.offer_id, customer, place)
    return replace(command, key=AccountKey(command.key.t, coupon_id))


def _issuer(wanted: Issue, secrets: Secrets, *, may_take: bool) -> Callable[[Any], Any]:
    """Issues into the place, if it is free and may be taken, or answers what the cause gave."""

    def decide(account: Any) -> _Tried | Decision:
        if isinstance(account, ClosedPlace) or (account is None and not may_take):
            return _Tried(CouponOutcome.CUSTOMER_LIMIT_REACHED, account)
        return coupons.issue_in_place(account, wanted, secrets)

    return decide


def _closer(wanted: Issue, customer: str, secrets: Secrets) -> Callable[[Any], Any]:
    """Closes the place, if it is free, or answers what the cause gave in it."""

    def decide(account: Any) -> _Closed | Decision:
        if account is None:
            offer_id = wanted.offer.offer_id
            return _Closed(place_account.close(wanted.key, customer, offer_id, wanted.now_ms))
        if isinstance(account, ClosedPlace):
            return _Closed(account)
        return coupons.issue_in_place(account, wanted, secrets)

    return decide


async def issue_list_limited(
    group: Group,
    sample: Issue,
    owners: Sequence[str],
    secrets: Secrets,
    people: People = NOBODY_MERGED,
) -> tuple[int, int]:
    """One coupon for each of `owners`: how many were new, and how many had reached the limit."""
    new = full = 0
    for start in range(0, len(owners), _AT_ONCE):
        steps = [
            issue_limited(group, replace(sample, owner=owner), secrets, people.earlier(owner))
            for owner in owners[start : start + _AT_ONCE]
        ]
        outcomes = [decided.outcome for decided in await asyncio.gather(*steps)]
        new += outcomes.count(CouponOutcome.APPLIED)
        full += outcomes.count(CouponOutcome.CUSTOMER_LIMIT_REACHED)
    return new, full
