"""What the store promises, on one Redis and on a cluster of three nodes alike."""

from __future__ import annotations

import dataclasses

import pytest
from redis.crc import key_slot
from segmentation_service.partitions import ALL_PARTITIONS, partition_of, sequence_of
from segmentation_service.store_redis import (
    LOST,
    Status,
    due_key,
    index_key,
    meta_key,
    outbox_key,
    rules_key,
)
from segmentation_service.store_redis_members import MemberIndex

from tests.integration.segmentation.cluster.opened import EPOCHS, TENANT, Opened, write

both = pytest.mark.parametrize("any_redis_url", ["one", "cluster"], indirect=True)
CUSTOMERS = [f"c{number:03d}" for number in range(200)]


def test_all_keys_of_a_partition_lie_in_one_slot() -> None:
    """And the 64 partitions in as many slots, or nearly, so that nodes can share them."""
    slots = set()
    for partition in ALL_PARTITIONS:
        keys = [
            meta_key(partition),
            rules_key(partition),
            outbox_key(partition),
            due_key(partition, None),
            due_key(partition, TENANT),
            index_key(partition, TENANT, "buyers"),
        ]
        assert 1 == len({key_slot(key.encode()) for key in keys})
        slots.add(key_slot(keys[0].encode()))
    assert 64 == len(slots)


@both
async def test_what_was_applied_is_read(opened: Opened) -> None:
    """States of customers all over the partitions, in one call each."""
    writes = [write(name) for name in CUSTOMERS]
    assert dict.fromkeys(CUSTOMERS, 0) == await opened.apply(*writes)
    expected = {one.customer_id: one.state for one in writes}
    assert {**expected, "nobody": None} == await opened.read(*CUSTOMERS, "nobody")


@both
async def test_one_of_two_writes_on_the_same_version_wins(opened: Opened) -> None:
    """The other one is told that it lost, and has changed nothing."""
    first, second = write("ann"), write("ann")
    assert {"ann": 0} == await opened.apply(first)
    assert {"ann": LOST} == await opened.apply(second)
    assert {"ann": first.state} == await opened.read("ann")
    assert first.state is not None
    third = write("ann", first.state[:8])
    assert {"ann": 0} == await opened.apply(third)
    assert {"ann": third.state} == await opened.read("ann")


@both
async def test_other_epochs_and_rulesets_are_refused(opened: Opened) -> None:
    """Neither read nor written, whichever partition it is."""
    old = dataclasses.replace(opened.guard(), epochs=tuple(e - 1 for e in EPOCHS))
    assert {Status.NOT_READY} == set((await opened.read(*CUSTOMERS, guard=old)).values())
    writes = [write(name) for name in CUSTOMERS]
    assert {Status.NOT_READY} == set((await opened.apply(*writes, guard=old)).values())
    assert await opened.store.publish_rules(TENANT, 2)
    assert {Status.RULES_CHANGED} == set((await opened.read(*CUSTOMERS)).values())
    assert {Status.RULES_CHANGED} == set((await opened.apply(*writes)).values())
    assert {None} == set((await opened.read(*CUSTOMERS, guard=opened.guard(2))).values())


@both
async def test_another_generation_knows_nothing(opened: Opened) -> None:
    """Scripts of a generation that was not loaded are refused by every node."""
    opened.store.use("second")
    assert {Status.NOT_READY} == set((await opened.read(*CUSTOMERS)).values())
    assert not await opened.store.publish_rules(TENANT, 2)
    assert {} == await opened.store.outboxes(dict.fromkeys(ALL_PARTITIONS, 0), 10)
    assert {} == await opened.store.take_due(EPOCHS, 10)


@both
async def test_deadlines_are_taken_in_order_and_hidden(opened: Opened) -> None:
    """Up to the time given, the earliest first; then not again until the visibility is over."""
    await opened.apply(*(write(n, deadline_ms=1000 + i) for i, n in enumerate(CUSTOMERS)))

    async def taken(now_ms: int, limit: int = 100) -> list[str]:
        due = await opened.store.take_due(EPOCHS, limit, visibility_ms=500, now_ms=now_ms)
        assert 64 == len(due)
        return sorted(
            name.removeprefix(f"{TENANT} ") for _, names in due.values() for name in names
        )

    assert CUSTOMERS[:51] == await taken(1050)
    assert [] == await taken(1050)
    assert CUSTOMERS[51:101] == await taken(1100)
    assert CUSTOMERS[:51] == [name for name in await taken(1550) if name < "c051"]
    first = await opened.store.take_due(EPOCHS, 1, now_ms=9999)
    assert all(1 == len(names) for _, names in first.values())


@both
async def test_announcements_are_numbered_and_leave_by_the_bus(opened: Opened) -> None:
    """Sequences count by partition and epoch; what was put on the bus leaves the outbox."""
    partition = partition_of(TENANT, "ann")
    first = write("ann", announcements=[b"a", b"b"])
    assert {"ann": 2} == await opened.apply(first)
    assert first.state is not None
    assert {"ann": 3} == await opened.apply(write("ann", first.state[:8], announcements=[b"c"]))
    box = (await opened.store.outboxes({partition: 0}, 10))[partition]
    numbers = [sequence_of(3, number) for number in (1, 2, 3)]
    assert [(number, body) for _, number, body in box.entries] == list(
        zip(numbers, [b"a", b"b", b"c"], strict=True)
    )
    later = (await opened.store.outboxes({partition: numbers[1]}, 10))[partition]
    assert [b"c"] == [body for _, _, body in later.entries]
    await opened.bus.publish({partition: [(key, body) for key, _, body in box.entries[:2]]})
    left = (await opened.store.outboxes({partition: 0}, 10))[partition]
    assert [b"c"] == [body for _, _, body in left.entries]
    assert (3, 3) == (left.epoch, left.last_number)
    assert [b"a", b"b"] == [body for _, body in await opened.bus.read("0-0", 10)]


@both
async def test_members_are_counted_over_all_partitions(opened: Opened) -> None:
    """And those of a segment that is no more are forgotten everywhere."""
    await opened.apply(*(write(name, index=[("buyers", 7)]) for name in CUSTOMERS))
    index = MemberIndex(opened.client)
    assert {"buyers": 200, "none": 0} == await index.count_members(
        EPOCHS, TENANT, ["buyers", "none"]
    )
    await opened.store.drop_index(TENANT, "buyers")
    assert {"buyers": 0} == await index.count_members(EPOCHS, TENANT, ["buyers"])
