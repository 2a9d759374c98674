"""Issuing to customers who were merged: one person is given by one cause once, under whatever id.

A coupon's id follows from the customer who was asked for. So a cause that gave a coupon under one
of a person's ids is looked for under all of them, and the coupon is whom merging left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from offers_service import coupons
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Issue
from offers_service.service_group import Group
from offers_service.service_lineage import People
from offers_service.store_accounts import AccountStore

_AT_ONCE = 256


async def given_under(
    accounts: AccountStore,
    tenant_id: str,
    coupon_id: Callable[[str], str],
    customer_ids: Sequence[str],
) -> CouponAccount | None:
    """The coupon that the cause gave under one of these ids; None for none."""
    if not customer_ids:
        return None
    keys = [AccountKey(tenant_id, coupon_id(one)) for one in customer_ids]
    found = (await accounts.load(keys)).values()
    return next((one for one in found if isinstance(one, CouponAccount)), None)


def split(people: People, customer_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The ids of a list in two: those who were never merged, and the others, each person once."""
    plain: list[str] = []
    merged: dict[str, str] = {}
    for customer_id in customer_ids:
        if people.others(customer_id):
            merged.setdefault(people.root(customer_id), customer_id)
        else:
            plain.append(customer_id)
    return plain, list(merged.values())


@dataclass(frozen=True, slots=True)
class MergedList:
    """Customers of a list who were merged, each person once; people: the list's persons."""

    customer_ids: Sequence[str]
    people: People


async def issue_to_merged(
    accounts: AccountStore,
    group: Group,
    listed: MergedList,
    samples: Sequence[tuple[Issue, Callable[[str], str]]],
    secrets: Secrets,
) -> int:
    """One coupon of each sample for each of these customers, none of them twice; how many were
    new."""
    people = listed.people

    async def issue(sample: Issue, coupon_id: Callable[[str], str], customer_id: str) -> bool:
        tenant_id, others = sample.key.t, people.others(customer_id)
        if await given_under(accounts, tenant_id, coupon_id, others) is not None:
            return False
        key = AccountKey(tenant_id, coupon_id(customer_id))
        command = replace(sample, key=key, owner=people.root(customer_id))

        def decide(account: Any) -> Decision:
            return coupons.issue(account, command, secrets)

        decided = await group.submit(key, decide)
        return decided.outcome is CouponOutcome.APPLIED

    new = 0
    for sample, coupon_id in samples:
        for start in range(0, len(listed.customer_ids), _AT_ONCE):
            some = listed.customer_ids[start : start + _AT_ONCE]
            issues = [issue(sample, coupon_id, customer_id) for customer_id in some]
            new += sum(await asyncio.gather(*issues))
    return new
