"""Which Redis process serves a key: the only one, or the master of the key's slot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dangol_service_kit.redis_address import RedisAddress
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from segmentation_service.store_redis_node import NodeSilentError, RedisNode

# One server is waited for; of several the others shall not wait.
_SILENCE_SECONDS = 5.0
_SILENCE_SECONDS_IN_CLUSTER = 2.0
_ASK_SECONDS = 1.0
_REFRESH_PAUSE_SECONDS = 0.1

Place = tuple[str, int]


class Topology:
    """Nodes by slot, as the nodes themselves tell; where they differ, the latest epoch counts."""

    def __init__(self, address: RedisAddress, silence_seconds: float | None = None) -> None:
        """silence_seconds: after how long a node counts as silent; None for the usual time."""
        self.is_cluster = address.is_cluster
        self._address = address
        usual = _SILENCE_SECONDS_IN_CLUSTER if self.is_cluster else _SILENCE_SECONDS
        self._silence_seconds = usual if silence_seconds is None else silence_seconds
        self._nodes: dict[Place, RedisNode] = {}
        self._masters: list[RedisNode | None] = []
        self._refreshed_at = 0.0
        self._refreshing: asyncio.Task[None] | None = None
        if not self.is_cluster:
            self._only = self.node_at(*address.seeds[0])

    async def close(self) -> None:
        """Closes every connection."""
        if self._refreshing is not None:
            self._refreshing.cancel()
        for node in self._nodes.values():
            await node.close()

    def node_at(self, host: str, port: int) -> RedisNode:
        """The node at a place, known or new."""
        node = self._nodes.get((host, port))
        if node is None:
            url = self._address.url(host, port)
            node = RedisNode(host, port, url, self._silence_seconds)
            self._nodes[host, port] = node
        return node

    async def node_of(self, key: str) -> RedisNode | None:
        """The node that serves a key; None when nobody is known to."""
        if not self.is_cluster:
            return self._only
        if not self._masters:
            await self.refresh()
        return self._masters[key_slot(key.encode())] if self._masters else None

    def wake(self, url: str) -> None:
        """The node at a URL was seen to answer again."""
        for node in self._nodes.values():
            if node.url == url:
                node.wake()

    def move(self, slot: int, node: RedisNode) -> None:
        """A node said that another one serves a slot."""
        if self._masters:
            self._masters[slot] = node

    async def masters(self, keys: Sequence[str]) -> dict[RedisNode, list[str]]:
        """Who serves which of these keys, as asked now; keys that nobody serves are left out."""
        await self.refresh()
        served: dict[RedisNode, list[str]] = {}
        for key in keys:
            node = await self.node_of(key)
            if node is not None:
                served.setdefault(node, []).append(key)
        return served

    async def refresh(self) -> None:
        """Asks all known nodes again; those who call meanwhile share the answer."""
        if not self.is_cluster:
            return
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
        await asyncio.shield(self._refreshing)

    async def _refresh(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._refreshed_at + _REFRESH_PAUSE_SECONDS - loop.time())
        places = {*self._nodes, *self._address.seeds}
        views = await asyncio.gather(*(self._view(self.node_at(*place)) for place in places))
        masters: list[RedisNode | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        epochs = [-1] * REDIS_CLUSTER_HASH_SLOTS
        for view in views:
            for place, (epoch, slots) in view.items():
                node = self.node_at(*place)
                for slot in slots:
                    if epoch > epochs[slot]:
                        masters[slot], epochs[slot] = node, epoch
        if any(masters):
            self._masters = masters
            await self._forget({place for view in views for place in view})
        self._refreshed_at = loop.time()

    async def _view(self, node: RedisNode) -> Mapping[Place, tuple[int, list[int]]]:
        """What a node knows: by place of each member its epoch and slots. Empty when silent."""
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                (reply,) = await node.exchange([("CLUSTER", "NODES")])
        except (NodeSilentError, TimeoutError):
            return {}
        if not isinstance(reply, bytes):
            return {}
        return dict(_members(reply.decode(), node.host))

    async def _forget(self, members: set[Place]) -> None:
        for place in [p for p in self._nodes if p not in members and p not in self._address.seeds]:
            await self._nodes.pop(place).close()


def _members(text: str, asked_host: str) -> Iterator[tuple[Place, tuple[int, list[int]]]]:
    """Lines of CLUSTER NODES: id host:port@bus[,name] flags master ping pong epoch link slots."""
    for line in text.splitlines():
        fields: list[Any] = line.split()
        if len(fields) < 8 or "noaddr" in fields[2] or "handshake" in fields[2]:
            continue
        host, _, port = fields[1].split("@")[0].rpartition(":")
        slots: list[int] = []
        for span in fields[8:]:
            # [slot->-node] marks one that is on its way.
            if not span.startswith("["):
                first, _, last = span.partition("-")
                slots += range(int(first), int(last or first) + 1)
        yield (host or asked_host, int(port)), (int(fields[6]), slots)
