"""Slots that move from one node to another."""

from __future__ import annotations

from dangol_dev.redis_cluster import RedisClusterServers


async def move_slot(nodes: RedisClusterServers, slot: int, source: int, target: int) -> None:
    """Begins to move a slot."""
    source_id = await nodes.command(source, "CLUSTER", "MYID")
    target_id = await nodes.command(target, "CLUSTER", "MYID")
    await nodes.command(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
    await nodes.command(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)


async def finish_move(nodes: RedisClusterServers, slot: int, source: int, target: int) -> None:
    """Moves the slot's keys, then tells all masters where it is."""
    target_id = await nodes.command(target, "CLUSTER", "MYID")
    keys = await nodes.command(source, "CLUSTER", "GETKEYSINSLOT", slot, 1000)
    port = nodes.nodes[target].port
    await nodes.command(source, "MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", *keys)
    for number in (target, source, *({*range(nodes.master_count)} - {source, target})):
        await nodes.command(number, "CLUSTER", "SETSLOT", slot, "NODE", target_id)
