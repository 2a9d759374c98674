"""The coupon store by itself: bulk issue and steps, beside bare writes of the same documents.

On a MongoDB of its own. COUPONS=number for another number than 100,000; a fifth of them is stepped.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dangol_dev.servers import MongoServer
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.codes import Secrets, coupon_ids
from offers_service.commit import GroupCommit
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Issue, Settle, issue
from offers_service.journal import Request
from offers_service.offers import Offer
from offers_service.service_audit import Auditor
from offers_service.service_followers import GiftFollower
from offers_service.service_ledger import CouponLedger
from offers_service.store_accounts import INDEXES, AccountStore, AnyAccount, issue_documents
from offers_service.store_audit import AuditStore
from offers_service.store_offers import OfferStore
from pymongo import UpdateOne, WriteConcern

from bench.figures import Figure, percentile

TENANT = "bench"
NOW_MS = 1_700_000_000_000
GROUP = 256
COMMITTERS = 3
_SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
_OFFER = Offer(offer_id="fixed", currency="KRW", created_ms=NOW_MS, fixed_minor_units=5_000)


class GroupedAccounts(AccountStore):
    """Remembers how many steps went into each group."""

    def __init__(self, database: Any) -> None:
        super().__init__(database)
        self.groups: list[int] = []

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """As AccountStore."""
        self.groups.append(len(changes))
        return await super().save(changes)


@dataclass(frozen=True)
class Bed:
    """A ledger over a fresh database."""

    mongodb: Any
    database: Any
    accounts: GroupedAccounts
    ledger: CouponLedger
    auditor: Auditor


async def _bed(mongodb: Any) -> Bed:
    database = mongodb["bench_offers"]
    accounts, offers = GroupedAccounts(database), OfferStore(database)
    audit = AuditStore(mongodb, database)
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)

    def secrets_of(_tenant_id: str) -> Secrets:
        return _SECRETS

    ledger = CouponLedger(
        accounts=accounts,
        group=group,
        offers=offers,
        audit=audit,
        follower=GiftFollower(group, secrets_of),
        secrets_of=secrets_of,
    )
    await accounts.prepare()
    await offers.prepare()
    await offers.insert(TENANT, _OFFER)
    return Bed(mongodb, database, accounts, ledger, Auditor(accounts, audit, secrets_of))


def _customers(count: int) -> list[str]:
    names = (hashlib.blake2b(str(number).encode(), digest_size=12) for number in range(count))
    return ["cu_" + name.hexdigest() for name in names]


async def _timed(work: Awaitable[Any]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


async def _bare(bed: Bed, name: str) -> Any:
    bare = bed.mongodb["bench_bare"].get_collection(
        name, write_concern=WriteConcern("majority", j=True)
    )
    await bare.create_indexes(INDEXES)
    return bare


async def _issue_figures(bed: Bed, customers: Sequence[str]) -> list[Figure]:
    issue_seconds = await _timed(
        bed.ledger.issue_many(
            TENANT,
            offer_ids=["fixed"],
            customer_ids=customers,
            campaign_id="list",
            actor="admin:bench",
            now_ms=NOW_MS,
            request_id=str(uuid.uuid4()),
        )
    )
    command = Issue(
        key=AccountKey(TENANT, "c_"),
        owner=customers[0],
        campaign="list",
        offer=_OFFER,
        origin="list",
        request=Request(str(uuid.uuid4()), "admin:bench", b"f" * 16),
        now_ms=NOW_MS,
    )
    sample = issue(None, command, _SECRETS).account
    assert sample is not None
    made = issue_documents(sample, _SECRETS, coupon_ids("list", "fixed", "list"), customers)
    bare = await _bare(bed, "issued")
    chunks = iter([made[start : start + 1_000] for start in range(0, len(made), 1_000)])

    async def work() -> None:
        for chunk in chunks:
            await bare.insert_many(chunk, ordered=False)

    bare_seconds = await _timed(asyncio.gather(*[work() for _ in range(COMMITTERS)]))
    count = len(customers)
    return [
        Figure(
            "bulk issue, through the store",
            count / issue_seconds,
            "coupons/s",
            "insert_many of the same documents",
            count / bare_seconds,
            ">= 20,000",
        )
    ]


async def _step_figure(
    bed: Bed, name: str, coupons: Sequence[str], clients: int, step: Callable[[int], Awaitable[Any]]
) -> list[Figure]:
    seconds: list[float] = []
    bed.accounts.groups.clear()
    numbers = iter(range(len(coupons)))

    async def client() -> None:
        for number in numbers:
            started = time.perf_counter()
            decided = await step(number)
            assert decided.outcome is CouponOutcome.APPLIED, decided.outcome
            seconds.append(time.perf_counter() - started)

    taken = await _timed(asyncio.gather(*[client() for _ in range(clients)]))
    groups = bed.accounts.groups
    rate, bulks_ms = await _bare_updates(bed, coupons, min(clients, GROUP), name)
    title, goal = f"coupon {name}, {clients} at once", ">= 10,000" if clients == 512 else ""
    return [
        Figure(title, len(coupons) / taken, "steps/s", "bulk updates", rate, goal),
        *[
            Figure(
                f"{title}, p{share * 100:.0f}",
                percentile(seconds, share) * 1000,
                "ms",
                "one bulk update",
                percentile(bulks_ms, share),
            )
            for share in (0.5, 0.99)
        ],
        Figure(f"{title}, in a group", sum(groups) / len(groups), "steps", "at most", GROUP),
    ]


async def _bare_updates(
    bed: Bed, coupons: Sequence[str], group: int, state: str
) -> tuple[float, list[float]]:
    """The same number of like updates in unordered bulks, with nothing read or decided: updates a
    second, and milliseconds of each bulk."""
    bare = await _bare(bed, "issued")
    entry = {"n": 2, "kind": "hold", "owner": "cu_" + "0" * 24, "request": "r" * 36}
    entry |= {"debit": "available", "credit": "held", "at_ms": NOW_MS, "print": b"f" * 16}
    entry |= {"campaign": "list", "offer": "fixed", "amount": 5_000, "hash": b"h" * 32}
    change = {"$set": {"state": state, "due_ms": NOW_MS}, "$push": {"entries": entry}}
    updates = [UpdateOne({"_id": {"t": TENANT, "a": coupon}}, change) for coupon in coupons]
    chunks = iter([updates[start : start + group] for start in range(0, len(updates), group)])

    times_ms: list[float] = []

    async def work() -> None:
        for chunk in chunks:
            times_ms.append(await _timed(bare.bulk_write(chunk, ordered=False)) * 1000)

    seconds = await _timed(asyncio.gather(*[work() for _ in range(COMMITTERS)]))
    return len(coupons) / seconds, times_ms


async def _step_figures(bed: Bed, coupons: Sequence[str], owners: Sequence[str]) -> list[Figure]:
    def request() -> Request:
        return Request(str(uuid.uuid4()), "partner:till", b"f" * 16)

    def hold(number: int) -> Awaitable[Any]:
        command = Hold(
            request=request(),
            customer=owners[number],
            order=f"order-{number}",
            order_minor_units=20_000,
            currency="KRW",
            hold_seconds=900,
            now_ms=NOW_MS + 1,
        )
        return bed.ledger.hold(TENANT, coupons[number], command)

    def release(number: int) -> Awaitable[Any]:
        command = Settle(request=request(), order=f"order-{number}", now_ms=NOW_MS + 2)
        return bed.ledger.release(TENANT, coupons[number], command)

    def redeem(number: int) -> Awaitable[Any]:
        command = Settle(request=request(), order=f"order-{number}", now_ms=NOW_MS + 3)
        return bed.ledger.redeem(TENANT, coupons[number], command)

    figures: list[Figure] = []
    for name, clients, step in (
        ("hold", 64, hold),
        ("release", 64, release),
        ("hold again", 512, hold),
        ("redeem", 512, redeem),
    ):
        figures += await _step_figure(bed, name, coupons, clients, step)
    return figures


async def _audit_figures(bed: Bed) -> list[Figure]:
    started = time.perf_counter()
    balance = await bed.auditor.balance(TENANT)
    balanced = time.perf_counter() - started
    assert (balance.difference, balance.disagreeing_count) == (0, 0)
    started = time.perf_counter()
    async for progress in bed.auditor.verify(TENANT):
        last = progress
    verified = time.perf_counter() - started
    assert last.fault_count == 0, last.faults
    started = time.perf_counter()
    read = 0
    async for batch in bed.database.accounts.find_raw_batches({}, batch_size=2_000):
        read += len(batch)
    bare = last.accounts_checked / (time.perf_counter() - started)
    return [
        Figure("trial balance", last.accounts_checked / balanced, "accounts/s", "bare read", bare),
        Figure("verify", last.accounts_checked / verified, "accounts/s", "bare read", bare),
    ]


async def measure(uri: str, count: int) -> list[Figure]:
    """All figures, on `count` coupons; steps on a fifth of them."""
    mongodb: Any = AsyncIOMotorClient(uri, maxPoolSize=32)
    bed = await _bed(mongodb)
    customers = _customers(count)
    figures = await _issue_figures(bed, customers)
    owners = customers[: count // 5]
    coupons = [coupon_ids("list", "fixed", "list")(owner) for owner in owners]
    figures += await _step_figures(bed, coupons, owners)
    figures += await _audit_figures(bed)
    mongodb.close()
    return figures


async def figures() -> AsyncIterator[Figure]:
    """Bulk issue, steps by 64 and 512 clients, trial balance and verification."""
    count = int(os.environ.get("COUPONS", "100000"))
    with tempfile.TemporaryDirectory(prefix="dangol-bench-", ignore_cleanup_errors=True) as name:
        server = MongoServer(Path(name), cache_gb=1.0)
        await server.start()
        try:
            for figure in await measure(server.url, count):
                yield figure
        finally:
            server.kill()
