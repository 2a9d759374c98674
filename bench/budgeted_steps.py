"""Coupon steps under a campaign's budget of money beside the same steps without one, in one run.

On a MongoDB of its own. COUPONS=number for another number of coupons than 20,000.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from dangol_dev.servers import MongoServer
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.budget_parts import budgeted_group
from offers_service.budgets import Terms
from offers_service.codes import Secrets, coupon_ids
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Settle
from offers_service.journal import Request
from offers_service.offers import Offer
from offers_service.service_audit import Auditor
from offers_service.service_followers import GiftFollower
from offers_service.service_ledger import CouponLedger
from offers_service.store_accounts import INDEXES, AccountStore
from offers_service.store_audit import AuditStore
from offers_service.store_campaigns import CampaignStore
from offers_service.store_offers import OfferStore
from pymongo import UpdateOne, WriteConcern

from bench.figures import Figure
from bench.ledger_rig import budgeted_campaign

TENANT = "bench"
NOW_MS = 1_700_000_000_000
FACE = 5_000
CLIENTS = 512
GROUP = 256
COMMITTERS = 3
_SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
_OFFER = Offer(offer_id="fixed", currency="KRW", created_ms=NOW_MS, fixed_minor_units=FACE)


def _secrets_of(_tenant_id: str) -> Secrets:
    return _SECRETS


class Bed:
    """A ledger over a fresh database, and two campaigns: one with a budget, one without."""

    def __init__(self, mongodb: Any) -> None:
        self.database = mongodb["bench_budgets"]
        self.bare = mongodb["bench_bare"].get_collection(
            "accounts", write_concern=WriteConcern("majority", j=True)
        )
        self._accounts, self._offers = AccountStore(self.database), OfferStore(self.database)
        audit = AuditStore(mongodb, self.database)
        self.group = budgeted_group(self.database, self._accounts, _secrets_of)
        self.ledger = CouponLedger(
            accounts=self._accounts,
            group=self.group,
            offers=self._offers,
            audit=audit,
            follower=GiftFollower(self.group, _secrets_of),
            secrets_of=_secrets_of,
            budgets=self.group,
        )
        self.auditor = Auditor(self._accounts, audit, _secrets_of)

    async def prepare(self, owners: Sequence[str]) -> None:
        """The offer, the campaigns, and a coupon of each for every owner."""
        for store in (self._accounts, self._offers):
            await store.prepare()
        await self.bare.create_indexes(INDEXES)
        await self._offers.insert(TENANT, _OFFER)
        enough = Terms(money=2 * len(owners) * FACE, currency="KRW")
        for name, budget in (("free", Terms()), ("budgeted", enough)):
            campaign = budgeted_campaign(TENANT, name, budget)
            await CampaignStore(self.database).create(campaign, name)
            await self.ledger.issue_many(
                TENANT,
                offer_ids=["fixed"],
                customer_ids=owners,
                campaign_id=name,
                actor="admin:bench",
                now_ms=NOW_MS,
            )


async def _a_second(count: int, step: Callable[[int], Awaitable[Any]]) -> float:
    """Steps a second of `count` by 512 clients."""
    numbers = iter(range(count))

    async def client() -> None:
        for number in numbers:
            decided = await step(number)
            if decided.outcome is not CouponOutcome.APPLIED:
                raise RuntimeError(f"a step was refused: {decided.outcome}")

    started = time.perf_counter()
    await asyncio.gather(*[client() for _ in range(CLIENTS)])
    return count / (time.perf_counter() - started)


async def _bare_a_second(bed: Bed, coupons: Sequence[str]) -> float:
    """Like updates of as many documents in unordered bulks, with nothing read or decided."""
    keys = [{"t": TENANT, "a": coupon} for coupon in coupons]
    await bed.bare.insert_many([{"_id": key, "v": 1, "entries": []} for key in keys])
    entry = {"n": 2, "kind": "hold", "owner": "customer-00000", "request": "r" * 36}
    entry |= {"debit": "available", "credit": "held", "at_ms": NOW_MS, "print": b"f" * 16}
    entry |= {"campaign": "free", "offer": "fixed", "amount": FACE, "hash": b"h" * 32}
    change = {"$set": {"state": "held", "due_ms": NOW_MS}, "$push": {"entries": entry}}
    updates = [UpdateOne({"_id": key}, change) for key in keys]
    chunks = iter([updates[start : start + GROUP] for start in range(0, len(updates), GROUP)])

    async def work() -> None:
        for chunk in chunks:
            await bed.bare.bulk_write(chunk, ordered=False)

    started = time.perf_counter()
    await asyncio.gather(*[work() for _ in range(COMMITTERS)])
    return len(coupons) / (time.perf_counter() - started)


async def _hold_and_redeem(bed: Bed, campaign: str, owners: Sequence[str]) -> tuple[float, float]:
    """Holds and redemptions a second of one campaign's coupons."""
    coupons = [coupon_ids(campaign, "fixed", "list")(owner) for owner in owners]

    def asked() -> Request:
        return Request(str(uuid.uuid4()), "partner:till", b"f" * 16)

    def hold(number: int) -> Awaitable[Any]:
        command = Hold(
            request=asked(),
            customer=owners[number],
            order=f"order-{number}",
            order_minor_units=20_000,
            currency="KRW",
            hold_seconds=900,
            now_ms=NOW_MS + 1,
        )
        return bed.ledger.hold(TENANT, coupons[number], command)

    def redeem(number: int) -> Awaitable[Any]:
        settle = Settle(request=asked(), order=f"order-{number}", now_ms=NOW_MS + 2)
        return bed.ledger.redeem(TENANT, coupons[number], settle)

    held = await _a_second(len(owners), hold)
    redeemed = await _a_second(len(owners), redeem)
    await bed.group.settled()
    return held, redeemed


async def _measure(uri: str, count: int) -> AsyncIterator[Figure]:
    mongodb: Any = AsyncIOMotorClient(uri, maxPoolSize=32)
    bed = Bed(mongodb)
    owners = [f"customer-{number:05}" for number in range(count)]
    await bed.prepare(owners)
    ceiling = await _bare_a_second(bed, owners)
    free = await _hold_and_redeem(bed, "free", owners)
    under = await _hold_and_redeem(bed, "budgeted", owners)
    for name, without, with_budget in zip(("hold", "redeem"), free, under, strict=True):
        title = f"coupon {name}, {CLIENTS} at once"
        yield Figure(f"{title}, without a budget", without, "steps/s", "bulk updates", ceiling)
        yield Figure(
            f"{title}, with a budget",
            with_budget,
            "steps/s",
            "the same without",
            without,
            ">= 5,000",
        )
    uses = await bed.group.desk.uses(TENANT, "budgeted")
    spent = sum(stripe.spent for stripes in uses.values() for stripe in stripes)
    balance = await bed.auditor.balance(TENANT)
    if (spent, balance.difference, balance.disagreeing_count) != (count * FACE, 0, 0):
        raise RuntimeError("the budget is not what was spent of it")
    mongodb.close()


async def figures() -> AsyncIterator[Figure]:
    """Holds and redemptions by 512 clients, without and with a budget."""
    count = int(os.environ.get("COUPONS", "20000"))
    with tempfile.TemporaryDirectory(prefix="dangol-bench-", ignore_cleanup_errors=True) as name:
        server = MongoServer(Path(name), cache_gb=1.0)
        await server.start()
        try:
            async for figure in _measure(server.url, count):
                yield figure
        finally:
            server.kill()
