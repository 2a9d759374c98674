"""Collections `checkpoints` ({_id: {t, n}, note, list}), `checkpoint_lists` (pages of leaves,
{_id: {t, l, p}, root, leaves, at}) and `checkpoint_claims` ({_id: tenant, until_ms}).

What is read here is not to be trusted: a checkpoint by its signature only, a page by its root.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from bson.max_key import MaxKey
from bson.min_key import MinKey
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, DESCENDING, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.checkpoints import Leaf
from offers_service.store_errors import outages

_CHECKPOINTS = "checkpoints"
_LISTS = "checkpoint_lists"
_CLAIMS = "checkpoint_claims"
# A verification may still be reading a list that two newer checkpoints have replaced.
_LISTS_KEPT = timedelta(hours=2)

_leaves_encoder = msgspec.msgpack.Encoder()
_leaves_decoder = msgspec.msgpack.Decoder(tuple[Leaf, ...])


class StoredCheckpoint(NamedTuple):
    """A signed note as it is stored, and which list of leaves is said to be its own."""

    number: int
    note: str
    list_id: str


def _range(tenant_id: str, field: str, **fixed: Any) -> dict[str, Any]:
    """A range over _id, whose fields are t, those fixed, and `field`."""
    head = {"t": tenant_id, **fixed}
    return {"_id": {"$gt": {**head, field: MinKey()}, "$lt": {**head, field: MaxKey()}}}


class CheckpointStore:
    """Majority reads, majority and journaled writes."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        self._checkpoints = database.get_collection(_CHECKPOINTS, **options)
        self._lists = database.get_collection(_LISTS, **options)
        self._claims = database.get_collection(_CLAIMS, **options)

    async def prepare(self) -> None:
        """Makes the collections; everything is found by _id."""
        await create_collections(self._database, [_CHECKPOINTS, _LISTS, _CLAIMS])

    async def newest(self, tenant_id: str, limit: int) -> list[StoredCheckpoint]:
        """The newest checkpoints, newest first."""
        with outages():
            cursor = self._checkpoints.find(_range(tenant_id, "n"))
            found = await cursor.sort("_id", DESCENDING).limit(limit).to_list(None)
        return [_stored(one) for one in found]

    async def page(self, tenant_id: str, *, after: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints in order, beyond the number `after`."""
        query = _range(tenant_id, "n")
        query["_id"]["$gt"] = {"t": tenant_id, "n": after}
        with outages():
            cursor = self._checkpoints.find(query).sort("_id", ASCENDING)
            found = await cursor.limit(limit).to_list(None)
        return [_stored(one) for one in found]

    async def add(self, tenant_id: str, checkpoint: StoredCheckpoint) -> bool:
        """Writes a checkpoint; False when another replica has written that number."""
        key = {"t": tenant_id, "n": checkpoint.number}
        document = {"_id": key, "note": checkpoint.note, "list": checkpoint.list_id}
        with outages():
            try:
                await self._checkpoints.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    async def claim(self, tenant_id: str, now_ms: int, until_ms: int) -> bool:
        """Whether it is this replica's turn; a claim that is not given back ends by itself.

        Only saves work: of two that both took a turn, `add` lets one write.
        """
        wanted = {"_id": tenant_id, "until_ms": {"$lte": now_ms}}
        with outages():
            try:
                await self._claims.update_one(wanted, {"$set": {"until_ms": until_ms}}, upsert=True)
            except DuplicateKeyError:
                return False
        return True

    async def give_back(self, tenant_id: str) -> None:
        """Ends this replica's turn."""
        with outages():
            await self._claims.update_one({"_id": tenant_id}, {"$set": {"until_ms": 0}})

    async def add_page(
        self, tenant_id: str, list_id: str, number: int, root: bytes, leaves: Sequence[Leaf]
    ) -> None:
        """Appends a page to a list that no checkpoint names yet."""
        document = {
            "_id": {"t": tenant_id, "l": list_id, "p": number},
            "first": leaves[0].account,
            "root": root,
            "leaves": _leaves_encoder.encode(leaves),
            "at": datetime.now(UTC),
        }
        with outages():
            await self._lists.insert_one(document)

    async def roots(self, tenant_id: str, list_id: str) -> list[bytes]:
        """The roots of a list's pages as they are stored, in order."""
        with outages():
            cursor = self._lists.find(_range(tenant_id, "p", l=list_id), {"root": 1})
            found = await cursor.sort("_id", ASCENDING).to_list(None)
        return [bytes(one["root"]) if "root" in one else b"" for one in found]

    async def leaves(self, tenant_id: str, list_id: str, number: int) -> tuple[Leaf, ...]:
        """One page's leaves; nothing for a page that is gone or cannot be read."""
        key = {"t": tenant_id, "l": list_id, "p": number}
        with outages():
            found = await self._lists.find_one({"_id": key}, {"leaves": 1})
        try:
            return _leaves_decoder.decode(found["leaves"]) if found else ()
        except (msgspec.DecodeError, KeyError, TypeError):
            return ()

    async def page_numbers(self, tenant_id: str, list_id: str, account_id: str) -> list[int]:
        """The page said to be that of an account, and the one behind it."""
        query = _range(tenant_id, "p", l=list_id)
        with outages():
            before = self._lists.find({**query, "first": {"$lte": account_id}}, {"_id": 1})
            found = await before.sort("_id", DESCENDING).limit(1).to_list(None)
        number = int(found[0]["_id"]["p"]) if found else 0
        return [number, number + 1]

    async def prune(self, tenant_id: str, keep: Sequence[str]) -> None:
        """Deletes lists that are old and not among `keep`, also of attempts that broke off."""
        old = {"_id.l": {"$nin": list(keep)}, "at": {"$lt": datetime.now(UTC) - _LISTS_KEPT}}
        with outages():
            await self._lists.delete_many({**_all_lists(tenant_id), **old})


def _all_lists(tenant_id: str) -> dict[str, Any]:
    return {"_id": {"$gt": {"t": tenant_id}, "$lt": {"t": tenant_id, "l": MaxKey()}}}


def _stored(found: Mapping[str, Any]) -> StoredCheckpoint:
    number = found["_id"]["n"]
    whole = int(number) if isinstance(number, int) else 0
    return StoredCheckpoint(whole, str(found.get("note")), str(found.get("list")))
