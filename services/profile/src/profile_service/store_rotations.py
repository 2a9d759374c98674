"""Rotations: collection `key_rotations`, {_id: tenant, v, ...}, and the data keys they go through.

The document is the lock: whoever has its lease goes on, and saves only while it holds.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import DuplicateKeyError

from profile_service.rotation import Holder, Rotation
from profile_service.store import (
    CONSENTS,
    CUSTOMERS,
    IDENTIFIERS,
    KEY_ROTATIONS,
    database_errors,
    long_read,
)

# Nonce, key and tag behind the byte that names the version.
_SEALED_BYTES: Final = 61


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A data key where it stands. position is its place in the order of going through."""

    place: Any
    owner: bytes
    sealed: bytes
    position: str


@dataclass(frozen=True, slots=True)
class _Place:
    collection: str
    tenant: str
    position: str
    key: str
    owner: Callable[[Any], bytes]


_PLACES: Final[Mapping[Holder, _Place]] = {
    Holder.CUSTOMERS: _Place(
        CUSTOMERS, "_id.t", "_id.c", "data_key", lambda place: bytes(place["c"].encode())
    ),
    Holder.IDENTIFIERS: _Place(IDENTIFIERS, "t", "c", "k", bytes),
    Holder.CONSENTS: _Place(CONSENTS, "_id.t", "c", "k", lambda place: bytes(place["r"])),
}


class RotationStore:
    """Leases rotations, and reads and replaces data keys."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rotations = database[KEY_ROTATIONS]

    async def lease(
        self, fresh: Rotation, now_ms: int, lease_ms: int
    ) -> tuple[Rotation, bytes] | None:
        """Takes the tenant's rotation to a version, begun as `fresh` if there was none.

        None while another process has it, and once it is complete.
        """
        holder = uuid.uuid4().bytes
        lease = {"holder": holder, "until_ms": now_ms + lease_ms}
        await self._begin(fresh)
        condition = {
            "_id": fresh.tenant_id,
            "v": fresh.version,
            "completed_ms": 0,
            "until_ms": {"$lte": now_ms},
        }
        with database_errors():
            found = await self._rotations.find_one_and_update(
                condition, {"$set": lease}, return_document=ReturnDocument.AFTER
            )
        return None if found is None else (_from_document(found), holder)

    async def _begin(self, fresh: Rotation) -> None:
        """A newer version takes the place of an older rotation, finished or not."""
        document = _to_document(fresh)
        with database_errors():
            known = await self._rotations.find_one({"_id": fresh.tenant_id}, {"v": 1})
            if known is not None and known["v"] >= fresh.version:
                return
            try:
                await self._rotations.replace_one(
                    {"_id": fresh.tenant_id, "v": {"$lt": fresh.version}},
                    {**document, "until_ms": 0},
                    upsert=True,
                )
            except DuplicateKeyError:
                # Another process has begun it.
                return

    async def save(self, rotation: Rotation, holder: bytes, now_ms: int, lease_ms: int) -> bool:
        """Keeps the progress and the lease; False when the lease was lost."""
        condition = {"_id": rotation.tenant_id, "v": rotation.version, "holder": holder}
        change = {**_to_document(rotation), "until_ms": now_ms + lease_ms}
        del change["_id"]
        with database_errors():
            result = await self._rotations.update_one(condition, {"$set": change})
        return bool(result.matched_count)

    async def completed_ids(self, version: int) -> set[str]:
        """Tenants whose keys all lie under a version."""
        condition = {"v": version, "completed_ms": {"$gt": 0}}
        with database_errors():
            return {one["_id"] async for one in self._rotations.find(condition, {"_id": 1})}

    async def page(self, after_id: str, limit: int, tenant_id: str = "") -> list[Rotation]:
        """Rotations of one tenant or of all, in order of tenant."""
        condition: dict[str, Any] = {"_id": tenant_id or {"$gt": after_id}}
        with database_errors():
            cursor = self._rotations.find(condition).sort("_id", 1).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def other_keys(
        self, tenant_id: str, holder: Holder, version: int, after: str, limit: int
    ) -> list[HeldKey]:
        """Data keys behind a position, in order, that lie under another version."""
        place = _PLACES[holder]
        # Sealed keys are of one length, so they compare by their first byte, the version.
        zeros = bytes(_SEALED_BYTES - 1)
        others = [
            {place.key: {"$gt": b"", "$lt": bytes([version]) + zeros}},
            {place.key: {"$gte": bytes([version + 1]) + zeros}},
        ]
        condition = {place.tenant: tenant_id, place.position: {"$gt": after}, "$or": others}
        with long_read():
            cursor = self._database[place.collection].find(condition, {"c": 1, place.key: 1})
            found = await cursor.sort(place.position, 1).limit(limit).to_list(None)
        return [
            HeldKey(one["_id"], place.owner(one["_id"]), one[place.key], _position(one, place))
            for one in found
        ]

    async def replace_keys(self, holder: Holder, changes: Sequence[tuple[HeldKey, bytes]]) -> None:
        """Puts each key sealed anew in the place of the one that was read, if it still stands."""
        place = _PLACES[holder]
        updates = [
            UpdateOne({"_id": held.place, place.key: held.sealed}, {"$set": {place.key: renewed}})
            for held, renewed in changes
        ]
        if updates:
            with database_errors():
                await self._database[place.collection].bulk_write(updates, ordered=False)


def _position(found: Mapping[str, Any], place: _Place) -> str:
    name = place.position.rpartition(".")[2]
    return str(found["_id"][name] if "." in place.position else found[name])


def _to_document(rotation: Rotation) -> dict[str, Any]:
    return {
        "_id": rotation.tenant_id,
        "v": rotation.version,
        "started_ms": rotation.started_ms,
        "pass_began_ms": rotation.pass_began_ms,
        "at": rotation.holder.value,
        "cursor": rotation.cursor,
        "found": rotation.found,
        "renewed": {holder.value: count for holder, count in rotation.renewed.items()},
        "broken": rotation.broken,
        "completed_ms": rotation.completed_ms,
    }


def _from_document(found: Mapping[str, Any]) -> Rotation:
    return Rotation(
        tenant_id=found["_id"],
        version=found["v"],
        started_ms=found["started_ms"],
        pass_began_ms=found["pass_began_ms"],
        holder=Holder(found["at"]),
        cursor=found["cursor"],
        found=found["found"],
        renewed={Holder(name): count for name, count in found["renewed"].items()},
        broken=found["broken"],
        completed_ms=found["completed_ms"],
    )
