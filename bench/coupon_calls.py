"""Coupon steps over unary gRPC: hold and redeem with many calls under way.

Beside a bare gRPC echo called in the same way, and beside bare updates of as many documents.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol_service_kit.auth import Role
from dangol_service_kit.client import metadata
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import UpdateOne, WriteConcern

from bench.context import Bench, echo, new_id
from bench.figures import Figure, percentile
from bench.ledger import issue_list, list_campaign

_GROUP = 256
_COMMITTERS = 3
_WARM_UP = 512
_SECONDS = 120.0
NumberedCall = Callable[[int], Awaitable[Any]]


async def _at_once(
    call: NumberedCall, numbers: Sequence[int], concurrent: int
) -> tuple[float, list[float]]:
    """Calls a second, and milliseconds of each."""
    times_ms: list[float] = []
    left = iter(numbers)

    async def client() -> None:
        for number in left:
            began = time.perf_counter()
            await call(number)
            times_ms.append((time.perf_counter() - began) * 1000)

    started = time.perf_counter()
    await asyncio.gather(*[client() for _ in range(concurrent)])
    return len(numbers) / (time.perf_counter() - started), times_ms


async def _coupons(accounts: Any, owners: Sequence[str]) -> list[str]:
    """The coupons of the owners, in their order."""
    found = accounts.find({"kind": "coupon"}, {"owner": 1})
    by_owner = {one["owner"]: one["_id"]["a"] async for one in found}
    return [by_owner[owner] for owner in owners]


async def _bare_updates_a_second(mongodb: Any, count: int) -> float:
    """As many updates of copies of the accounts, in bulks, with nothing read or decided."""
    stored = mongodb["dangol_offers"].accounts
    bare = mongodb["bench_bare"].get_collection(
        "calls", write_concern=WriteConcern("majority", j=True)
    )
    documents = await stored.find({"kind": "coupon"}).limit(count).to_list(count)
    await bare.insert_many(documents)
    entry = documents[0]["entries"][0]
    change = {"$set": {"state": "held"}, "$push": {"entries": entry}}
    updates = [UpdateOne({"_id": one["_id"]}, change) for one in documents]
    bulks = iter([updates[start : start + _GROUP] for start in range(0, count, _GROUP)])

    async def work() -> None:
        for bulk in bulks:
            await bare.bulk_write(bulk, ordered=False)

    started = time.perf_counter()
    await asyncio.gather(*[work() for _ in range(_COMMITTERS)])
    return count / (time.perf_counter() - started)


class _Till:
    """Holds and redeems each customer's coupon."""

    def __init__(self, bench: Bench, owners: Sequence[str], coupon_ids: Sequence[str]) -> None:
        self._stub: Any = bench.admin.coupons
        self._metadata = metadata(bench.token(Role.PARTNER))
        self._owners, self._coupon_ids = owners, coupon_ids

    async def _send(self, method: Any, request: Any) -> None:
        answer = await method(request, timeout=_SECONDS, metadata=self._metadata)
        if answer.outcome != coupons.COUPON_OUTCOME_APPLIED:
            raise RuntimeError(coupons.CouponOutcome.Name(answer.outcome))

    async def hold(self, number: int) -> None:
        """For an order of 50,000 won."""
        request = coupons.HoldCouponRequest(
            request_id=new_id(),
            coupon_id=self._coupon_ids[number],
            customer_id=self._owners[number],
            order_id=f"order-{number}",
            order_amount=Money(currency_code="KRW", minor_units=50_000),
        )
        await self._send(self._stub.HoldCoupon, request)

    async def redeem(self, number: int) -> None:
        """For the order that holds it."""
        request = coupons.RedeemCouponRequest(
            request_id=new_id(), coupon_id=self._coupon_ids[number], order_id=f"order-{number}"
        )
        await self._send(self._stub.RedeemCoupon, request)


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """Hold and redeem by 64 and 512 callers: steps a second, p50 and p99. CALLS=number."""
    count = int(os.environ.get("CALLS", "10000"))
    await list_campaign(bench)
    owners = [f"customer-{number:06d}" for number in range(_WARM_UP + 2 * count)]
    await issue_list(bench, owners)
    mongodb: Any = AsyncIOMotorClient(bench.stack.mongodb_uri)
    found = await _coupons(mongodb["dangol_offers"].accounts, owners)
    till = _Till(bench, owners, found)
    for step in (till.hold, till.redeem):
        await _at_once(step, range(_WARM_UP), 64)
    async with echo(bench.directory) as bare_call:

        async def bare(_number: int) -> None:
            await bare_call()

        for part, concurrent in enumerate((64, 512)):
            first = _WARM_UP + part * count
            numbers = range(first, first + count)
            echoes, echoes_ms = await _at_once(bare, numbers, concurrent)
            for name, step in (("hold", till.hold), ("redeem", till.redeem)):
                rate, times_ms = await _at_once(step, numbers, concurrent)
                title = f"{name} over gRPC, {concurrent} at once"
                yield Figure(title, rate, "steps/s", "bare gRPC echo", echoes, ">= 0.4 of it")
                for share in (0.5, 0.99):
                    yield Figure(
                        f"{title}, p{share * 100:.0f}",
                        percentile(times_ms, share),
                        "ms",
                        "bare gRPC echo",
                        percentile(echoes_ms, share),
                    )
    updates = await _bare_updates_a_second(mongodb, count)
    yield Figure(
        f"redeem over gRPC, {concurrent} at once", rate, "steps/s", "bulk updates", updates
    )
    mongodb.close()
