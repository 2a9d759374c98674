"""Member indexes in Redis: who is in a segment, in order of entering, and with whom it overlaps."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation_service.partitions import ALL_PARTITIONS
from segmentation_service.store_redis import (
    Status,
    due_key,
    index_key,
    meta_key,
    outbox_key,
)
from segmentation_service.store_redis_client import ScriptCall, ScriptClient


class MemberIndex:
    """Reads indexes, partition by partition; None stands for a partition that is not ready."""

    def __init__(self, client: ScriptClient) -> None:
        self._client = client

    async def count_members(
        self, epochs: tuple[int, ...], tenant_id: str, segment_ids: Sequence[str]
    ) -> dict[str, int] | None:
        """Members of each segment over all partitions."""
        calls = [
            ("counts", _keys(partition, tenant_id, segment_ids), [str(epochs[partition])])
            for partition in ALL_PARTITIONS
        ]
        totals = [0] * len(segment_ids)
        for reply in await self._client.call(calls):
            if reply is None or reply[0] != Status.OK:
                return None
            totals = [total + count for total, count in zip(totals, reply[1:], strict=True)]
        return dict(zip(segment_ids, totals, strict=True))

    async def list_members(
        self,
        epochs: tuple[int, ...],
        tenant_id: str,
        segment_id: str,
        partition: int,
        *,
        after: tuple[int, str] | None,
        limit: int,
    ) -> list[tuple[int, str]] | None:
        """(entered_at_ms, customer) of a partition after a position, whoever stands there now."""
        score, name = ("-inf", "") if after is None else (str(after[0]), after[1])
        keys = _keys(partition, tenant_id, [segment_id])
        arguments = [str(epochs[partition]), score, name, str(limit)]
        reply = (await self._client.call([("members", keys, arguments)]))[0]
        if reply is None or reply[0] != Status.OK:
            return None
        pairs = zip(reply[1::2], reply[2::2], strict=True)
        return [(int(float(score)), name.decode()) for name, score in pairs]

    async def count_overlap(
        self,
        epoch: int,
        tenant_id: str,
        segment_ids: Sequence[str],
        partition: int,
        pairs: Sequence[tuple[int, int]],
    ) -> tuple[list[int], list[int]] | None:
        """(members of each segment, members common to each pair of places), of one instant."""
        places = [str(place + 1) for pair in pairs for place in pair]
        keys = _keys(partition, tenant_id, segment_ids)
        reply = (await self._client.call([("overlap", keys, [str(epoch), *places])]))[0]
        if reply is None or reply[0] != Status.OK:
            return None
        counts = [int(count) for count in reply[1:]]
        return counts[: len(segment_ids)], counts[len(segment_ids) :]


class BacklogReader:
    """Reads what waits in Redis, for metrics."""

    def __init__(self, client: ScriptClient) -> None:
        self._client = client

    async def count_backlog(self) -> tuple[int, int]:
        """(announcements in the outboxes, customers of wall tenants whose deadline has come)."""
        calls: list[ScriptCall] = [
            ("backlog", [meta_key(p), outbox_key(p), due_key(p, None)], []) for p in ALL_PARTITIONS
        ]
        replies = [reply for reply in await self._client.call(calls) if reply is not None]
        return sum(int(reply[0]) for reply in replies), sum(int(reply[1]) for reply in replies)


def _keys(partition: int, tenant_id: str, segment_ids: Sequence[str]) -> list[str]:
    indexes = [index_key(partition, tenant_id, segment_id) for segment_id in segment_ids]
    return [meta_key(partition), *indexes]
