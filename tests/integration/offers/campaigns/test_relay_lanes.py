"""Lanes of the relay over real MongoDB: who fails rests, what waits is tried again in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import pytest
from offers_service.relay_lanes import FollowerLane, Lanes
from offers_service.store_parked import ParkedStore
from offers_service.store_relay import Appended, RelayStore
from pymongo import AsyncMongoClient

NOW_MS = 1_700_000_000_000


class Follower:
    """Keeps (tenant, account, numbers); fails for `broken` accounts and never ends for `stuck`."""

    def __init__(self, name: str = "test") -> None:
        self.name = name
        self.broken: set[str] = set()
        self.stuck: set[str] = set()
        self.asked: list[str] = []
        self.followed: list[tuple[str, str, list[int]]] = []

    def concerns(self, _account_id: str, _entries: Sequence[Mapping[str, Any]]) -> bool:
        """Everything."""
        return True

    async def follow(
        self, tenant_id: str, account_id: str, entries: Sequence[Mapping[str, Any]]
    ) -> None:
        """As a follower does, or not."""
        self.asked.append(account_id)
        if account_id in self.stuck:
            await asyncio.Event().wait()
        if account_id in self.broken:
            raise ValueError(account_id)
        self.followed.append((tenant_id, account_id, [one["n"] for one in entries]))


class Bench:
    """Lanes over a database, at a time that the test moves."""

    def __init__(self, database: Any) -> None:
        self.database = database
        self.store = ParkedStore(database)
        self.now_ms = NOW_MS

    def lanes(self, *followers: Follower) -> Lanes:
        """As one process has them."""
        return Lanes(
            self.store,
            RelayStore(self.database),
            [FollowerLane(follower) for follower in followers],
            wall_ms=lambda: self.now_ms,
            try_seconds=0.2,
        )

    async def append(self, account_id: str, number: int, tenant_id: str = "shop") -> Appended:
        """An entry in the journal, as the stream shows it."""
        entry = {"n": number, "kind": "hold", "at_ms": self.now_ms, "owner": "ann"}
        await self.database.accounts.update_one(
            {"_id": {"t": tenant_id, "a": account_id}},
            {"$push": {"entries": entry}, "$set": {"kind": "coupon"}},
            upsert=True,
        )
        return Appended(tenant_id, account_id, (entry,))


@pytest.fixture
async def bench(mongodb_uri: str, database_name: str) -> AsyncIterator[Bench]:
    """A database of its own."""
    mongodb: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri)
    found = Bench(mongodb[database_name])
    await found.store.prepare()
    yield found
    await mongodb.close()


async def test_later_entries_wait_behind_the_one_that_failed(bench: Bench) -> None:
    """Also within one batch, and in a process that has only read what waits; then all in order."""
    follower = Follower()
    follower.broken = {"c_1"}
    first, second = await bench.append("c_1", 1), await bench.append("c_1", 2)
    other = await bench.append("c_2", 1)
    await bench.lanes(follower).pass_on("shop", [first, second, other])
    assert ["c_1", "c_2"] == follower.asked
    follower.broken = set()
    another = bench.lanes(follower)
    await another.load()
    await another.pass_on("shop", [await bench.append("c_1", 3)])
    assert [("shop", "c_2", [1])] == follower.followed
    assert (1, 0.0) == await another.standing()
    bench.now_ms += 90_000
    assert (1, 90.0) == await another.standing()
    await another.settle("shop")
    assert ("shop", "c_1", [1, 2, 3]) == follower.followed[-1]
    assert (0, 0.0) == await another.standing()
    await another.pass_on("shop", [await bench.append("c_1", 4)])
    assert ("shop", "c_1", [4]) == follower.followed[-1]


async def test_who_never_answers_is_left_alone_and_holds_up_nobody(bench: Bench) -> None:
    """After one try that was too long the follower rests for that tenant: the rest is parked
    unasked. Another follower, and another tenant, have everything."""
    stuck, sound = Follower("stuck"), Follower("sound")
    stuck.stuck = {f"c_{number}" for number in range(5)}
    appended = [await bench.append(f"c_{number}", 1) for number in range(5)]
    lanes = bench.lanes(stuck, sound)
    await lanes.pass_on("shop", appended)
    await lanes.pass_on("corner", [await bench.append("c_9", 1, "corner")])
    assert ["c_0", "c_9"] == stuck.asked
    assert [("corner", "c_9", [1])] == stuck.followed
    assert 6 == len(sound.followed)
    assert (5, 0.0) == await lanes.standing()


async def test_three_failures_in_a_row_rest_and_single_ones_do_not(bench: Bench) -> None:
    """One poisoned account among others costs the others nothing."""
    follower = Follower()
    follower.broken = {"c_1", "c_3"}
    names = ["c_1", "c_2", "c_3", "c_4"]
    lanes = bench.lanes(follower)
    await lanes.pass_on("shop", [await bench.append(name, 1) for name in names])
    assert names == follower.asked
    follower.broken = {"d_1", "d_2", "d_3", "d_4"}
    await lanes.pass_on("shop", [await bench.append(name, 1) for name in sorted(follower.broken)])
    assert ["d_1", "d_2", "d_3"] == follower.asked[4:]
    assert (6, 0.0) == await lanes.standing()


async def test_of_two_replicas_one_tries_again(bench: Bench) -> None:
    """What one has claimed the other leaves; a failure makes it wait twice as long."""
    follower = Follower()
    follower.broken = {"c_1"}
    lanes = bench.lanes(follower)
    await lanes.pass_on("shop", [await bench.append("c_1", 1)])
    (parked,) = await bench.store.due("shop", None, 10)
    assert [] == list(await bench.store.due("shop", NOW_MS, 10))
    claimed = await asyncio.gather(*[bench.store.claim(parked, NOW_MS + 30_000) for _ in range(2)])
    assert [False, True] == sorted(claimed)
    assert [] == list(await bench.store.due("shop", NOW_MS + 29_999, 10))
    (again,) = await bench.store.due("shop", NOW_MS + 30_000, 10)
    assert (0, 1) == (parked.tries, again.tries)


async def test_what_joins_while_a_try_goes_on_is_not_forgotten(bench: Bench) -> None:
    """The document goes only if it is the one that was read."""
    follower = Follower()
    follower.broken = {"c_1"}
    lanes = bench.lanes(follower)
    await lanes.pass_on("shop", [await bench.append("c_1", 1)])
    (seen,) = await bench.store.due("shop", None, 10)
    await lanes.pass_on("shop", [await bench.append("c_1", 2)])
    assert not await bench.store.done(seen)
    follower.broken = set()
    await lanes.settle("shop")
    assert [("shop", "c_1", [1, 2])] == follower.followed
