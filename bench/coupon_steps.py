"""The coupon store by itself: bulk issue and steps, beside bare writes of the same documents.

Run as a program: python -m bench.coupon_steps [COUPONS]. Starts a MongoDB of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
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


@dataclass(frozen=True)
class Bed:
    """A ledger over a fresh database."""

    mongodb: Any
    database: Any
    ledger: CouponLedger
    auditor: Auditor


async def _bed(mongodb: Any) -> Bed:
    database = mongodb["bench_offers"]
    accounts, offers = AccountStore(database), OfferStore(database)
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
    return Bed(mongodb, database, ledger, Auditor(accounts, audit, secrets_of))


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
) -> Figure:
    seconds: list[float] = []
    numbers = iter(range(len(coupons)))

    async def client() -> None:
        for number in numbers:
            started = time.perf_counter()
            decided = await step(number)
            assert decided.outcome is CouponOutcome.APPLIED, decided.outcome
            seconds.append(time.perf_counter() - started)

    taken = await _timed(asyncio.gather(*[client() for _ in range(clients)]))
    print(
        f"  {name}: p50 {percentile(seconds, 0.5) * 1e3:.1f} ms,"
        f" p99 {percentile(seconds, 0.99) * 1e3:.1f} ms"
    )
    bare = await _bare_updates_a_second(bed, coupons, min(clients, GROUP), name)
    return Figure(
        f"{name}, {clients} clients", len(coupons) / taken, "steps/s", "bulk updates", bare
    )


async def _bare_updates_a_second(bed: Bed, coupons: Sequence[str], group: int, state: str) -> float:
    """The same number of like updates in unordered bulks, with nothing read or decided."""
    bare = await _bare(bed, "issued")
    entry = {"n": 2, "kind": "hold", "owner": "cu_" + "0" * 24, "request": "r" * 36}
    entry |= {"debit": "available", "credit": "held", "at_ms": NOW_MS, "print": b"f" * 16}
    entry |= {"campaign": "list", "offer": "fixed", "amount": 5_000, "hash": b"h" * 32}
    change = {"$set": {"state": state, "due_ms": NOW_MS}, "$push": {"entries": entry}}
    updates = [UpdateOne({"_id": {"t": TENANT, "a": coupon}}, change) for coupon in coupons]
    chunks = iter([updates[start : start + group] for start in range(0, len(updates), group)])

    async def work() -> None:
        for chunk in chunks:
            await bare.bulk_write(chunk, ordered=False)

    return len(coupons) / await _timed(asyncio.gather(*[work() for _ in range(COMMITTERS)]))


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

    figures = []
    for name, clients, step in (
        ("hold", 64, hold),
        ("release", 64, release),
        ("hold again", 512, hold),
        ("redeem", 512, redeem),
    ):
        figures.append(await _step_figure(bed, name, coupons, clients, step))
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


async def main() -> None:
    """Measures and prints."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="dangol-bench-", ignore_cleanup_errors=True) as name:
        server = MongoServer(Path(name), cache_gb=1.0)
        await server.start()
        try:
            for figure in await measure(server.url, count):
                print(figure.line())
        finally:
            server.kill()


if __name__ == "__main__":
    uvloop.run(main())
