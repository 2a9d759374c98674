"""Journals are verified once a day by one replica, and what came out is remembered."""

from __future__ import annotations

from typing import Any

from offers_service.service_meters import bus_backlog, verdicts
from offers_service.service_verify_daily import EVERY_MS, Rounds
from offers_service.store_messages import MessageStore
from offers_service.store_verifications import VerificationStore
from redis.asyncio import Redis

NOW_MS = 1_700_000_000_000
DAMAGED = {"_id": {"t": "shop", "a": "c_1"}, "kind": "coupon"}


class Tenants:
    """Two of them."""

    async def list_ids(self) -> list[str]:
        """Their ids."""
        return ["shop", "other"]


class Replica:
    """Another process's rounds over the shop's database, with a clock of its own."""

    def __init__(self, shop: Any) -> None:
        self.now_ms = NOW_MS
        audit = shop.parts.audit
        self.store: VerificationStore = audit.verifications
        self.rounds = Rounds(audit.verifier, self.store, Tenants(), wall_ms=lambda: self.now_ms)

    async def faults(self) -> float:
        """As the metrics tell."""
        return verdicts(await self.store.list())["faults"]


async def test_each_journal_is_verified_once_a_day_by_one_replica(shop: Any) -> None:
    """A day after it was first seen, then a day after the last time; others find it done."""
    here, there = Replica(shop), Replica(shop)
    verified_at = []
    for hours in range(0, 80, 8):
        here.now_ms = there.now_ms = NOW_MS + hours * 3_600_000
        counts = await here.rounds.sweep(), await there.rounds.sweep()
        if any(counts):
            assert (2, 0) == counts
            verified_at.append(hours)
    assert [24, 48, 72] == verified_at


async def test_a_replica_that_ends_half_way_is_followed_after_an_hour(shop: Any) -> None:
    """Its claim runs out."""
    store = Replica(shop).store
    await store.see(["shop"], NOW_MS)
    day_ms = NOW_MS + EVERY_MS
    assert await store.claim("shop", NOW_MS, day_ms, day_ms + 3_600_000)
    assert not await store.claim("shop", NOW_MS, day_ms + 1, day_ms + 3_600_001)
    assert await store.claim("shop", NOW_MS, day_ms + 3_600_000, day_ms + 7_200_000)


async def test_faults_are_told_until_a_better_verdict(shop: Any) -> None:
    """Whoever asked for it; one account's verification says nothing of the whole."""
    replica, accounts = Replica(shop), shop.parts.base.database.accounts
    await accounts.insert_one(DAMAGED)
    await replica.rounds.sweep()
    assert 0 == await replica.faults()
    replica.now_ms += EVERY_MS
    await replica.rounds.sweep()
    assert 1 <= await replica.faults()
    await shop.verify("c_1")
    assert 1 <= await replica.faults()
    await accounts.delete_one({"_id": DAMAGED["_id"]})
    assert 0 == (await shop.verify()).fault_count
    assert 0 == await replica.faults()


async def test_messages_that_wait_are_counted_by_tenant(shop: Any) -> None:
    """Those that are ready, over all channels, with the time of the oldest."""
    database = shop.parts.base.database
    store = MessageStore(database)
    await store.prepare()
    assert {} == await store.backlog()
    await database.messages.insert_many(
        [
            _message("shop", "m1", "sms", ready_ms=NOW_MS + 5),
            _message("shop", "m2", "push", ready_ms=NOW_MS),
            _message("mall", "m3", "push", ready_ms=NOW_MS + 9),
            _message("mall", "m4", "push", wake_ms=NOW_MS),
        ]
    )
    assert {"shop": (2, NOW_MS), "mall": (1, NOW_MS + 9)} == await store.backlog()


async def test_the_bus_is_behind_by_what_nobody_acknowledged(redis_url: str) -> None:
    """Read or not; a stream that nobody wrote or reads has nothing waiting."""
    stream, group = "dangol:bus:test", "offers"
    async with Redis.from_url(redis_url) as redis:
        assert 0.0 == (await bus_backlog(redis, stream, group))["waiting"]
        await redis.xadd(stream, {"d": b"0"}, id="1000-0")
        assert 0.0 == (await bus_backlog(redis, stream, group))["waiting"]
        await redis.xgroup_create(stream, group, id="0")
        for number in (2000, 3000):
            await redis.xadd(stream, {"d": b"0"}, id=f"{number}-0")
        await redis.xreadgroup(group, "one", {stream: ">"}, count=1)
        behind = await bus_backlog(redis, stream, group)
        assert 3.0 == behind["waiting"]
        assert behind["age"] > 1_000_000
        await redis.xreadgroup(group, "one", {stream: ">"}, count=9)
        await redis.xack(stream, group, "1000-0", "2000-0", "3000-0")
        assert {"waiting": 0.0, "age": 0.0} == await bus_backlog(redis, stream, group)


def _message(tenant_id: str, message_id: str, channel: str, **times: int) -> dict[str, Any]:
    return {"_id": {"t": tenant_id, "m": message_id}, "content": {"channel": channel}, **times}
