"""What replicas agree on through MongoDB: epochs, which Redis is known, clocks, leases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from segmentation_service.recovery import PartitionRecord, Repair, StoreRecord

_STORE_ID = "redis"


class Coordination:
    """Collections partitions, store, rebuilds, clocks and leases."""

    def __init__(self, database: Any) -> None:
        self._partitions = database.partitions
        self._store = database.store
        self._rebuilds = database.rebuilds
        self._clocks = database.clocks
        self._leases = database.leases

    async def time_ms(self) -> int:
        """MongoDB's own wall time."""
        answer = await self._store.database.command("hello")
        return int(answer["localTime"].timestamp() * 1000)

    async def load_partitions(self) -> dict[int, PartitionRecord]:
        """Every partition's record; none on a fresh installation."""
        return {
            document["_id"]: PartitionRecord(
                int(document["epoch"]),
                Repair(document["repair"]) if document.get("repair") else None,
                document.get("node", ""),
                int(document.get("since_ms", 0)),
                int(document.get("whole_ms", 0)),
                int(document.get("again_ms", 0)),
            )
            async for document in self._partitions.find({})
        }

    async def save_partitions(self, records: Mapping[int, PartitionRecord]) -> None:
        """Begins repairs; epochs only grow."""
        operations = [
            UpdateOne(
                {"_id": partition},
                {
                    "$max": {"epoch": record.epoch},
                    "$set": {
                        "repair": record.repair.value if record.repair else None,
                        "node": record.node,
                        "since_ms": record.since_ms,
                        "whole_ms": record.whole_ms,
                    },
                },
                upsert=True,
            )
            for partition, record in records.items()
        ]
        if operations:
            await self._partitions.bulk_write(operations, ordered=False)

    async def update_partitions(self, records: Mapping[int, PartitionRecord]) -> None:
        """Notes where partitions are and that they are whole, if they still have these epochs."""
        operations = [
            UpdateOne(
                {"_id": partition, "epoch": record.epoch},
                {
                    "$set": {
                        "repair": None,
                        "node": record.node,
                        "since_ms": record.since_ms,
                        "again_ms": record.again_ms,
                    }
                },
            )
            for partition, record in records.items()
        ]
        if operations:
            await self._partitions.bulk_write(operations, ordered=False)

    async def load_store(self) -> StoreRecord:
        """What is known of Redis."""
        document = await self._store.find_one({"_id": _STORE_ID})
        if not document:
            return StoreRecord()
        alive = {identity: int(at_ms) for identity, at_ms in document["alive_ms"].items()}
        return StoreRecord(document["generation"], alive)

    async def save_store(self, store: StoreRecord) -> None:
        """Begins a generation; nodes that are not named are not known any more."""
        document = {"generation": store.generation, "alive_ms": dict(store.alive_ms)}
        await self._store.replace_one({"_id": _STORE_ID}, document, upsert=True)

    async def save_alive(self, identities: Collection[str], now_ms: int) -> None:
        """Notes that known nodes were seen whole."""
        for identity in identities:
            field = f"alive_ms.{identity}"
            await self._store.update_one(
                {"_id": _STORE_ID, field: {"$exists": True}}, {"$max": {field: now_ms}}
            )

    async def load_rebuild(self, tenant_id: str, epochs: Mapping[int, int]) -> str:
        """The customer up to whom a rebuild of these partitions under these epochs came."""
        document = await self._rebuilds.find_one({"_id": tenant_id})
        held = document and document["epochs"] == _as_pairs(epochs)
        return str(document["after"]) if held else ""

    async def save_rebuild(
        self, tenant_id: str, epochs: Mapping[int, int], customer_id: str
    ) -> None:
        """Notes up to whom it came."""
        document = {"epochs": _as_pairs(epochs), "after": customer_id}
        await self._rebuilds.replace_one({"_id": tenant_id}, document, upsert=True)

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


def _as_pairs(epochs: Mapping[int, int]) -> list[list[int]]:
    return [[partition, epochs[partition]] for partition in sorted(epochs)]
