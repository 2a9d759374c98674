"""Segments and what was announced, in MongoDB: the truth that segmentation itself keeps.

Collections: rulesets (a document a tenant), announcements (a document a change), by
store_progress.py progress, and by store_coordination.py partitions, store, clocks and leases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED, CHANGE_KIND_EXITED
from dangol_service_kit.mongodb import command_spans, create_collections
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ASCENDING, DESCENDING, InsertOne, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from segmentation_service.announcements import Announced, Announcement
from segmentation_service.segments import SegmentSet
from segmentation_service.sizes import Bucket

_DUPLICATE_KEY = 11000
_COLLECTIONS = (
    *("rulesets", "announcements", "progress", "partitions", "store", "rebuilds"),
    *("clocks", "leases"),
)
_TIMEOUT_MS = 10_000


def open_database(uri: str, name: str, *, traced: bool = False) -> Any:
    """The service's database, with journaled majority writes and majority reads."""
    client: Any = AsyncIOMotorClient(
        uri,
        serverSelectionTimeoutMS=_TIMEOUT_MS,
        tz_aware=True,
        event_listeners=[command_spans(CommandListener)] if traced else [],
    )
    return client.get_database(
        name,
        write_concern=WriteConcern("majority", j=True, wtimeout=_TIMEOUT_MS),
        read_concern=ReadConcern("majority"),
    )


async def prepare_database(database: Any) -> None:
    """Creates collections and indexes, so that none is created inside concurrent writes."""
    await create_collections(database, _COLLECTIONS)
    announcements = database.announcements
    await announcements.create_index([("p", ASCENDING), ("q", ASCENDING)])
    await announcements.create_index([("t", ASCENDING), ("c", ASCENDING)])
    await announcements.create_index([("i", ASCENDING)])
    # Sizes are counted in this index alone.
    await announcements.create_index(
        [("t", ASCENDING), ("s", ASCENDING), ("k", ASCENDING), ("at", ASCENDING)]
    )
    await database.rulesets.create_index([("has_work", ASCENDING)], sparse=True)


class MongoStore:
    """Rulesets by tenant, announcements by (tenant, customer, segment, stint, kind)."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._rulesets = database.rulesets
        self._announcements = database.announcements

    async def ping(self) -> None:
        """Raises PyMongoError when no primary answers."""
        await self._database.command("ping")

    async def load_segments(self, tenant_id: str) -> SegmentSet:
        """The tenant's segments; an empty set of revision 0 when there never were any."""
        document = await self._rulesets.find_one({"_id": tenant_id})
        return _to_segment_set(document) if document else SegmentSet(tenant_id)

    async def save_segments(self, held: SegmentSet, changed: SegmentSet) -> bool:
        """Replaces `held` by `changed`; False when someone else was first."""
        document = msgspec.to_builtins(changed)
        del document["tenant_id"]
        if changed.has_work():
            document["has_work"] = True
        if held.revision == 0:
            try:
                await self._rulesets.insert_one({"_id": held.tenant_id, **document})
            except DuplicateKeyError:
                return False
            return True
        result = await self._rulesets.replace_one(
            {"_id": held.tenant_id, "revision": held.revision}, document
        )
        return bool(result.matched_count)

    async def list_segment_sets(self) -> list[SegmentSet]:
        """Every tenant's segments."""
        return [_to_segment_set(document) async for document in self._rulesets.find({})]

    async def list_tenants_with_work(self) -> list[str]:
        """Tenants whose members have still to be computed or let go."""
        cursor = self._rulesets.find({"has_work": True}, {"_id": 1})
        return [document["_id"] async for document in cursor]

    async def announce(self, announcements: Sequence[Announcement], now_ms: int) -> None:
        """Keeps announcements in order, so that readers never see one before an earlier one.

        A change that stands already stays as it is; announced again under a later sequence (its
        numbering was lost), it is found under that one from now on.
        """
        documents = [_to_document(announcement, now_ms) for announcement in announcements]
        try:
            if documents:
                await self._announcements.insert_many(documents, ordered=True)
            return
        except BulkWriteError as error:
            remaining = _after_duplicate(error, documents)
        while remaining:
            remaining = await self._announce_known(remaining)

    async def _announce_known(self, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Tries once more, telling known changes from new ones; answers what is left to do."""
        ids = [document["_id"] for document in documents]
        cursor = self._announcements.find({"_id": {"$in": ids}}, {"q": 1})
        known = {document["_id"]: document["q"] async for document in cursor}
        operations: list[Any] = []
        concerned: list[dict[str, Any]] = []
        for document in documents:
            sequence = known.get(document["_id"])
            if sequence is None:
                operations.append(InsertOne(document))
            elif sequence < document["q"]:
                fresh = {"q": document["q"], "i": document["i"], "d": document["d"]}
                operations.append(
                    UpdateOne(
                        {"_id": document["_id"], "q": {"$lt": document["q"]}}, {"$set": fresh}
                    )
                )
            else:
                continue
            concerned.append(document)
        try:
            if operations:
                await self._announcements.bulk_write(operations, ordered=True)
        except BulkWriteError as error:
            return _after_duplicate(error, concerned)
        return []

    async def last_announced(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> dict[str, dict[str, Announced]]:
        """By customer and segment, the last change announced."""
        cursor = self._announcements.find(
            {"t": tenant_id, "c": {"$in": list(customer_ids)}},
            {"_id": 0, "c": 1, "s": 1, "n": 1, "k": 1, "at": 1},
        )
        last: dict[str, dict[str, Announced]] = {}
        async for found in cursor:
            # int(): the driver's own integers cannot be encoded again.
            at_ms = int(found["at"])
            announced = Announced(int(found["n"]), found["k"] == CHANGE_KIND_ENTERED, at_ms)
            by_segment = last.setdefault(found["c"], {})
            held = by_segment.get(found["s"])
            # Within a stint, leaving comes after entering.
            if held is None or (held.stint, not held.entered) < (
                announced.stint,
                not announced.entered,
            ):
                by_segment[found["s"]] = announced
        return last

    async def list_announcements(
        self, partition: int, after_sequence: int, limit: int, tenant_id: str | None
    ) -> list[bytes]:
        """Changes of a partition after a sequence, in order; of one tenant if given."""
        query: dict[str, Any] = {"p": partition, "q": {"$gt": after_sequence}}
        if tenant_id is not None:
            query["t"] = tenant_id
        cursor = self._announcements.find(query, {"d": 1}).sort("q", ASCENDING).limit(limit)
        return [document["d"] async for document in cursor]

    async def count_members_at(self, tenant_id: str, segment_id: str, at_ms: int) -> int:
        """How many had entered a segment before an instant and not left it before."""
        entered, exited = [
            await self._announcements.count_documents(
                {"t": tenant_id, "s": segment_id, "k": kind, "at": {"$lt": at_ms}}
            )
            for kind in (CHANGE_KIND_ENTERED, CHANGE_KIND_EXITED)
        ]
        return int(entered) - int(exited)

    async def count_changes(
        self, tenant_id: str, segment_id: str, from_ms: int, until_ms: int, bucket_ms: int
    ) -> list[Bucket]:
        """Changes that took effect from an instant until before another, by multiples of a time."""
        entered: dict[int, int] = {}
        exited: dict[int, int] = {}
        for kind, counts in ((CHANGE_KIND_ENTERED, entered), (CHANGE_KIND_EXITED, exited)):
            within = {"$gte": from_ms, "$lt": until_ms}
            start = {"$subtract": ["$at", {"$mod": ["$at", bucket_ms]}]}
            cursor = self._announcements.aggregate(
                [
                    {"$match": {"t": tenant_id, "s": segment_id, "k": kind, "at": within}},
                    {"$group": {"_id": start, "n": {"$sum": 1}}},
                ]
            )
            counts.update({int(one["_id"]): int(one["n"]) async for one in cursor})
        starts = sorted({*entered, *exited})
        return [Bucket(one, entered.get(one, 0), exited.get(one, 0)) for one in starts]

    async def last_sequence(self, partition: int) -> int:
        """The last sequence kept of a partition; 0 for none."""
        document = await self._announcements.find_one(
            {"p": partition}, {"q": 1}, sort=[("q", DESCENDING)]
        )
        return int(document["q"]) if document else 0

    async def list_kept_since(
        self, since_ms: int, limit: int, tenant_id: str | None = None
    ) -> list[tuple[int, bytes]]:
        """(when it was kept, change) since a wall time, at most `limit`, in order."""
        query: dict[str, Any] = {"i": {"$gte": since_ms}}
        if tenant_id is not None:
            query["t"] = tenant_id
        order = [("i", ASCENDING), ("p", ASCENDING), ("q", ASCENDING)]
        cursor = self._announcements.find(query, {"d": 1, "i": 1}).sort(order).limit(limit)
        return [(int(document["i"]), document["d"]) async for document in cursor]


def _to_segment_set(document: dict[str, Any]) -> SegmentSet:
    document["tenant_id"] = document.pop("_id")
    return msgspec.convert(document, SegmentSet)


def _to_document(announcement: Announcement, now_ms: int) -> dict[str, Any]:
    message = announcement.message
    return {
        "_id": announcement.change_id,
        "t": message.tenant_id,
        "c": message.customer_id,
        "s": message.segment_id,
        "n": message.stint,
        "k": int(message.kind),
        "at": message.effective_at.ToMilliseconds(),
        "p": announcement.partition,
        "q": announcement.sequence,
        "i": now_ms,
        "d": announcement.change,
    }


def _after_duplicate(
    error: BulkWriteError, documents: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """What an ordered bulk left undone when it met a known change; other errors are raised.

    The known one comes along: it may have to be found under its new sequence.
    """
    failures = error.details["writeErrors"] if error.details else []
    concern_failed = bool(error.details and error.details["writeConcernErrors"])
    if concern_failed or len(failures) != 1 or failures[0]["code"] != _DUPLICATE_KEY:
        # Without its text, which holds customers' ids.
        raise RuntimeError("announcements could not be written") from None
    index: int = failures[0]["index"]
    return documents[index:]
