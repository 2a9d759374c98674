"""What replicas agree on through MongoDB: epochs, which Redis is known, clocks, leases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

_STORE_ID = "redis"


class Repair(Enum):
    """How a partition is made whole."""

    # From all histories.
    REBUILD = "rebuild"
    # Only the customers touched lately: the last second was lost, the rest is there.
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class PartitionRecord:
    """A partition's epoch and, while it is not whole, how it is being repaired."""

    epoch: int
    repair: Repair | None


class Coordination:
    """Collections partitions, store, clocks and leases."""

    def __init__(self, database: Any) -> None:
        self._partitions = database.partitions
        self._store = database.store
        self._clocks = database.clocks
        self._leases = database.leases

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        return {
            document["_id"]: PartitionRecord(
                document["epoch"], Repair(document["repair"]) if document.get("repair") else None
            )
            async for document in self._partitions.find({})
        }

    async def save_partitions(self, records: Mapping[int, PartitionRecord]) -> None:
        """Sets epochs, which only grow, and repairs."""
        operations = [
            UpdateOne(
                {"_id": partition},
                {
                    "$max": {"epoch": record.epoch},
                    "$set": {"repair": record.repair.value if record.repair else None},
                },
                upsert=True,
            )
            for partition, record in records.items()
        ]
        if operations:
            await self._partitions.bulk_write(operations, ordered=False)

    async def finish_repairs(self, epochs: Mapping[int, int]) -> None:
        """Notes that partitions are whole, if they still have these epochs."""
        operations = [
            UpdateOne({"_id": partition, "epoch": epoch}, {"$set": {"repair": None}})
            for partition, epoch in epochs.items()
        ]
        await self._partitions.bulk_write(operations, ordered=False)

    async def load_store(self) -> tuple[str, int]:
        """(run id of the Redis that is known, wall time when it was last seen whole)."""
        document = await self._store.find_one({"_id": _STORE_ID})
        return (document["run_id"], int(document["alive_ms"])) if document else ("", 0)

    async def save_store(self, run_id: str, alive_ms: int) -> None:
        """Makes `run_id` the known Redis, whole at alive_ms."""
        await self._store.update_one(
            {"_id": _STORE_ID},
            {"$set": {"run_id": run_id}, "$max": {"alive_ms": alive_ms}},
            upsert=True,
        )

    async def load_clock(self, tenant_id: str) -> tuple[int, int] | None:
        """A virtual tenant's (now_ms, horizon_ms); None before the first step."""
        document = await self._clocks.find_one({"_id": tenant_id})
        return (int(document["now_ms"]), int(document["horizon_ms"])) if document else None

    async def save_clock(self, tenant_id: str, now_ms: int, horizon_ms: int) -> bool:
        """Moves the clock; False when it is later already."""
        try:
            await self._clocks.update_one(
                {"_id": tenant_id, "now_ms": {"$lte": now_ms}},
                {"$set": {"now_ms": now_ms, "horizon_ms": horizon_ms}},
                upsert=True,
            )
        except DuplicateKeyError:
            return False
        return True

    async def take_lease(self, name: str, owner: str, now_ms: int, duration_ms: int) -> bool:
        """Takes or renews a lease; False while another owner holds it.

        Leases only save work: what they protect is safe without them.
        """
        try:
            document = await self._leases.find_one_and_update(
                {"_id": name, "$or": [{"owner": owner}, {"until_ms": {"$lte": now_ms}}]},
                {"$set": {"owner": owner, "until_ms": now_ms + duration_ms}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            return False
        return bool(document)

    async def drop_lease(self, name: str, owner: str) -> None:
        """Gives a lease back."""
        await self._leases.delete_one({"_id": name, "owner": owner})
