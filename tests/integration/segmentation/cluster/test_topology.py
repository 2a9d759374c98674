"""A cluster whose nodes fall silent, whose slots move: what is not affected goes on."""

from __future__ import annotations

import pytest
from dangol_dev.redis_cluster import RedisClusterServers
from redis.crc import key_slot
from segmentation_service.partitions import partition_of
from segmentation_service.store_redis import Status, meta_key
from segmentation_service.store_redis_client import StoreUnavailableError

from tests.integration.segmentation.cluster.moving import finish_move, move_slot
from tests.integration.segmentation.cluster.opened import TENANT, Opened, open_store, write

CUSTOMERS = [f"c{number:03d}" for number in range(100)]


async def served_by(opened: Opened, node: int, nodes: RedisClusterServers) -> set[str]:
    """The customers whose partition a node serves."""
    for url, partitions in (await opened.store.masters()).items():
        if url.endswith(f":{nodes.nodes[node].port}"):
            return {name for name in CUSTOMERS if partition_of(TENANT, name) in partitions}
    return set()


async def test_a_killed_node_takes_only_its_partitions_along(nodes: RedisClusterServers) -> None:
    """The customers of the two others are read and written as ever."""
    opened = await open_store(nodes.url)
    await opened.apply(*(write(name) for name in CUSTOMERS))
    gone = await served_by(opened, 1, nodes)
    assert 0 < len(gone) < len(CUSTOMERS)
    nodes.nodes[1].kill()
    found = await opened.read(*CUSTOMERS)
    assert gone == {name for name, state in found.items() if state is Status.NOT_READY}
    again = await opened.apply(
        *(write(name, state[:8]) for name, state in found.items() if isinstance(state, bytes))
    )
    assert {0} == set(again.values())
    with pytest.raises(StoreUnavailableError):
        await opened.store.drop_index(TENANT, "buyers")
    await opened.client.close()


async def test_what_a_silent_node_does_late_it_does_once(nodes: RedisClusterServers) -> None:
    """A write whose answer was waited for in vain is not sent again, here or to another node."""
    opened = await open_store(nodes.url)
    held = sorted(await served_by(opened, 2, nodes))[0]
    nodes.nodes[2].process.pause()
    late = write(held, announcements=[b"once"])
    assert {held: Status.NOT_READY} == await opened.apply(late)
    assert {held: Status.NOT_READY} == await opened.read(held)
    nodes.nodes[2].process.resume()
    partition = partition_of(TENANT, held)
    while not (boxes := await opened.store.outboxes({partition: 0}, 10)):
        await nodes.until(nodes.is_whole)
    assert [b"once"] == [body for _, _, body in boxes[partition].entries]
    await opened.client.close()


async def test_a_partition_that_moves_is_found_where_it_went(nodes: RedisClusterServers) -> None:
    """While its slot moves it may answer not ready; then it is whole on the other node."""
    opened = await open_store(nodes.url)
    await opened.apply(*(write(name) for name in CUSTOMERS))
    before = await opened.read(*CUSTOMERS)
    (name, *_) = sorted(await served_by(opened, 0, nodes))
    partition = partition_of(TENANT, name)
    slot = key_slot(meta_key(partition).encode())
    await move_slot(nodes, slot, 0, 1)
    assert before[name] == (await opened.read(name))[name]
    new = next(f"new{n}" for n in range(10_000) if partition_of(TENANT, f"new{n}") == partition)
    assert {new: Status.NOT_READY} == await opened.apply(write(new))
    await finish_move(nodes, slot, 0, 1)
    assert before == await opened.read(*CUSTOMERS)
    assert name in await served_by(opened, 1, nodes)
    await opened.client.close()


async def test_a_slot_that_is_moving_is_asked_for_where_it_goes(
    nodes: RedisClusterServers,
) -> None:
    """Keys that have gone already are found there (ASK), split ones are refused (TRYAGAIN)."""
    opened = await open_store(nodes.url)
    name = sorted(await served_by(opened, 0, nodes))[0]
    partition = partition_of(TENANT, name)
    slot = key_slot(meta_key(partition).encode())
    await opened.apply(write(name))
    await move_slot(nodes, slot, 0, 1)
    port = nodes.nodes[1].port
    rules = f"dangol:{{{partition:02d}}}:rules"
    await nodes.command(0, "MIGRATE", "127.0.0.1", port, rules, 0, 5000)
    assert await opened.store.publish_rules(TENANT, 2, [partition])
    assert b"2" == (await opened.client.execute([("HGET", rules, TENANT)]))[0]
    assert {name: Status.NOT_READY} == await opened.read(name, guard=opened.guard(2))
    await finish_move(nodes, slot, 0, 1)
    assert isinstance((await opened.read(name, guard=opened.guard(2)))[name], bytes)
    await opened.client.close()
