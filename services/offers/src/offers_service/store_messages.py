"""Messages in MongoDB: collection `messages`, _id {t: tenant, m: message}.

A change is one conditional write: it replaces the version that was read. `by` names the writer, so
that of a group of changes those that lost can be told from those that won.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from dangol_service_kit import logs
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service.messages import PROGRESS, Message, MessageKey, MessageState, Purpose
from offers_service.store_accounts import outages

_log = logs.get_logger()

NAME = "messages"
_DUPLICATE_KEY = 11000
_WRITE_TIMEOUT_MS = 15_000
_BACKLOG_MS_MAX = 2_000
_OPENED_MAX = 20_000
_HOURS_A_WEEK = 168


def _where(name: str) -> dict[str, Any]:
    return {"partialFilterExpression": {name: {"$exists": True}}}


_READY = {"_id.t": 1, "content.channel": 1, "ready_ms": 1}
INDEXES = [
    IndexModel([("_id.t", 1), ("wake_ms", 1), ("_id.m", 1)], **_where("wake_ms")),
    IndexModel(list(_READY.items()), **_where("ready_ms")),
    IndexModel([("lease.until_ms", 1)], **_where("lease")),
    IndexModel([("_id.t", 1), ("lease.holder", 1), ("lease.number", 1)], **_where("lease")),
    IndexModel([("news.at_ms", 1)], **_where("news")),
    IndexModel([("_id.t", 1), ("content.customer", 1), ("posted_at_ms", -1), ("_id.m", -1)]),
    IndexModel([("_id.t", 1), ("content.campaign", 1), ("posted_at_ms", -1), ("_id.m", -1)]),
    IndexModel([("_id.t", 1), ("state", 1), ("posted_at_ms", -1), ("_id.m", -1)]),
]


@dataclass(slots=True)
class Counts:
    """How many messages of one variant there are, and how many of them got how far."""

    posted: int = 0
    reached: dict[MessageState, int] = field(default_factory=dict)
    suppressed: dict[str, int] = field(default_factory=dict)
    dead: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a page shows; empty fields do not narrow."""

    customer_id: str = ""
    campaign_id: str = ""
    state: MessageState | None = None


class MessageStore:
    """Reads are majority reads, writes majority and journaled. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.set_aside = 0
        self._messages = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True, wtimeout=_WRITE_TIMEOUT_MS),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its indexes; harmless to repeat."""
        await create_collections(self._database, [NAME])
        await self._messages.create_indexes(INDEXES)

    async def add(self, messages: Sequence[Message]) -> set[MessageKey]:
        """Inserts new ones; answers the keys that were there before."""
        if not messages:
            return set()
        with outages():
            try:
                await self._messages.insert_many([_encode(one) for one in messages], ordered=False)
            except BulkWriteError as error:
                return {messages[index].key for index in _duplicates(error)}
        return set()

    async def load(self, tenant_id: str, message_ids: Iterable[str]) -> dict[str, Message]:
        """The messages by id; unknown ones are left out."""
        keys = [{"t": tenant_id, "m": message_id} for message_id in message_ids]
        with outages():
            found = await self._messages.find({"_id": {"$in": keys}}).to_list(None)
        return {one["_id"]["m"]: _decode(one) for one in found}

    async def save(self, changes: Sequence[tuple[Message, Message]]) -> set[MessageKey]:
        """Writes (before, after) pairs; answers the keys that were no longer as before."""
        if not changes:
            return set()
        writer = uuid.uuid4().hex
        replacements = [
            ReplaceOne(
                {"_id": msgspec.to_builtins(before.key), "v": before.v},
                {**_encode(after), "by": writer},
            )
            for before, after in changes
        ]
        with outages():
            result = await self._messages.bulk_write(replacements, ordered=False)
            if result.matched_count == len(changes):
                return set()
            keys = [msgspec.to_builtins(before.key) for before, _ in changes]
            won = await self._messages.find(
                {"_id": {"$in": keys}, "by": writer}, {"_id": 1}
            ).to_list(None)
        ours = {MessageKey(one["_id"]["t"], one["_id"]["m"]) for one in won}
        return {before.key for before, _ in changes} - ours

    async def due(self, tenant_id: str, now_ms: int, limit: int) -> list[Message]:
        """What has to be looked at by now_ms, earliest first."""
        query = {"_id.t": tenant_id, "wake_ms": {"$lte": now_ms}}
        return await self._find(query, [("wake_ms", ASCENDING), ("_id.m", ASCENDING)], limit)

    async def ready(
        self,
        tenant_id: str,
        channels: Sequence[str],
        limit: int,
        purposes: Sequence[Purpose] = (),
    ) -> list[Message]:
        """What waits to be handed over, longest waiting first; no channels or purposes: all."""
        query: dict[str, Any] = {"_id.t": tenant_id, "ready_ms": {"$exists": True}}
        if channels:
            query["content.channel"] = {"$in": list(channels)}
        if purposes:
            query["content.purpose"] = {"$in": [purpose.value for purpose in purposes]}
        return await self._find(query, [("ready_ms", ASCENDING)], limit)

    async def backlog(self) -> dict[str, tuple[int, int]]:
        """By tenant: how many messages wait to be handed over, and since when the oldest does."""
        group = {"_id": "$_id.t", "count": {"$sum": 1}, "oldest_ms": {"$min": "$ready_ms"}}
        match = {"ready_ms": {"$exists": True}}
        with outages():
            found = await self._messages.aggregate(
                [{"$match": match}, {"$group": group}], hint=_READY, maxTimeMS=_BACKLOG_MS_MAX
            ).to_list(None)
        return {one["_id"]: (int(one["count"]), int(one["oldest_ms"])) for one in found}

    async def lapsed(self, wall_ms: int, limit: int, skipped: Sequence[str] = ()) -> list[Message]:
        """Leases that have run out, of every tenant but the skipped ones."""
        query: dict[str, Any] = {
            "lease.until_ms": {"$lte": wall_ms},
            "lease": {"$exists": True},
        }
        if skipped:
            query["_id.t"] = {"$nin": list(skipped)}
        return await self._find(query, [("lease.until_ms", ASCENDING)], limit)

    async def held(self, tenant_id: str, holder: str) -> list[Message]:
        """What the holder has not answered yet, in the order in which it got them."""
        query = {"_id.t": tenant_id, "lease.holder": holder, "lease": {"$exists": True}}
        return await self._find(query, [("lease.number", ASCENDING)], 0)

    async def held_count(self, tenant_id: str, holder: str) -> int:
        """How many messages the holder has not answered yet."""
        query = {"_id.t": tenant_id, "lease.holder": holder, "lease": {"$exists": True}}
        with outages():
            return int(await self._messages.count_documents(query))

    async def untold(
        self, limit: int, tenant_id: str = "", skipped: Sequence[str] = ()
    ) -> list[Message]:
        """Those with news that profile has yet to be told, oldest news first; of one tenant, or of
        all but the skipped ones."""
        query: dict[str, Any] = {"news": {"$exists": True}}
        if tenant_id:
            query["_id.t"] = tenant_id
        elif skipped:
            query["_id.t"] = {"$nin": list(skipped)}
        return await self._find(query, [("news.at_ms", ASCENDING)], limit)

    async def page(
        self, tenant_id: str, wanted: Wanted, before: tuple[int, str] | None, limit: int
    ) -> list[Message]:
        """Newest first, beyond the (posted_at_ms, message id) `before`."""
        query: dict[str, Any] = {"_id.t": tenant_id}
        if wanted.customer_id:
            query["content.customer"] = wanted.customer_id
        if wanted.campaign_id:
            query["content.campaign"] = wanted.campaign_id
        if wanted.state is not None:
            query["state"] = wanted.state.value
        if before is not None:
            at_ms, message_id = before
            query["$or"] = [
                {"posted_at_ms": {"$lt": at_ms}},
                {"posted_at_ms": at_ms, "_id.m": {"$lt": message_id}},
            ]
        order = [("posted_at_ms", DESCENDING), ("_id.m", DESCENDING)]
        return await self._find(query, order, limit)

    async def counts(self, tenant_id: str, campaign_id: str) -> dict[str, Counts]:
        """By variant: how many messages of the campaign got how far, and why others did not."""
        reached = {
            state.value: {"$sum": {"$cond": [{"$gt": [f"$reached.{state.value}", None]}, 1, 0]}}
            for state in PROGRESS
        }
        group = {
            "_id": {"variant": "$content.variant", "state": "$state", "reason": "$reason"},
            "posted": {"$sum": 1},
            **reached,
        }
        match = {"_id.t": tenant_id, "content.campaign": campaign_id}
        counts: dict[str, Counts] = defaultdict(Counts)
        with outages():
            async for found in self._messages.aggregate([{"$match": match}, {"$group": group}]):
                _add(counts[found["_id"].get("variant") or ""], found)
        return dict(counts)

    async def opened_by_hour(self, tenant_id: str, time_zone: str) -> list[float]:
        """How often the newest messages were opened or clicked in each hour of the week, by the
        zone's clock; Monday 00:00 first."""
        at = {"$toDate": {"$ifNull": ["$reached.CLICKED", "$reached.OPENED"]}}
        local = {"date": at, "timezone": time_zone}
        states = [MessageState.OPENED.value, MessageState.CLICKED.value]
        counts = [0.0] * _HOURS_A_WEEK
        pipeline: list[dict[str, Any]] = [
            {"$match": {"_id.t": tenant_id, "state": {"$in": states}}},
            {"$sort": {"posted_at_ms": DESCENDING}},
            {"$limit": _OPENED_MAX},
            {
                "$group": {
                    "_id": {"d": {"$isoDayOfWeek": local}, "h": {"$hour": local}},
                    "n": {"$sum": 1},
                }
            },
        ]
        with outages():
            async for found in self._messages.aggregate(pipeline):
                hour = (found["_id"]["d"] - 1) * 24 + found["_id"]["h"]
                counts[hour] = float(found["n"])
        return counts

    async def _find(
        self, query: Mapping[str, Any], order: list[tuple[str, int]], limit: int
    ) -> list[Message]:
        with outages():
            found = await self._messages.find(query).sort(order).limit(limit).to_list(None)
        messages = []
        for document in found:
            try:
                messages.append(_decode(document))
            except msgspec.ValidationError:
                await self._set_aside(document["_id"])
        return messages

    async def _set_aside(self, key: Mapping[str, str]) -> None:
        """Of a document that cannot be read: nothing is due any more, so it holds up no other; it
        stays as it is, for whoever mends it."""
        due = ["wake_ms", "ready_ms", "lease", "news"]
        with outages():
            result = await self._messages.update_one(
                {"_id": key, "broken": {"$exists": False}},
                [{"$set": {"broken": "$$ROOT"}}, {"$unset": due}],
            )
        if result.modified_count:
            self.set_aside += 1
            _log.error("message_unreadable", tenant=key["t"], message=key["m"])


def _add(counts: Counts, found: Mapping[str, Any]) -> None:
    number = int(found["posted"])
    counts.posted += number
    for state in PROGRESS:
        counts.reached[state] = counts.reached.get(state, 0) + int(found[state.value])
    reasons = {"SUPPRESSED": counts.suppressed, "DEAD": counts.dead}.get(found["_id"]["state"])
    if reasons is not None:
        reason = found["_id"].get("reason") or ""
        reasons[reason] = reasons.get(reason, 0) + number


def _duplicates(error: BulkWriteError) -> list[int]:
    """Places of those that were there already; any other trouble goes on as it came."""
    details: Mapping[str, Any] = error.details or {}
    failed = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one["code"] != _DUPLICATE_KEY for one in failed):
        raise error
    return [int(one["index"]) for one in failed]


def _encode(message: Message) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(message)
    return document


def _decode(document: Mapping[str, Any]) -> Message:
    message: Message = msgspec.convert(document, Message)
    return message
