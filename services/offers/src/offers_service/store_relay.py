"""The journal as a stream: change stream over `accounts`, its position, its markers, rescans.

Collections `relay_state` ({_id: "accounts", token, confirmed_at_ms}) and `relay_markers`.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson.timestamp import Timestamp
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from offers_service.store_streams import changes

ACCOUNTS = "accounts"
MARKERS = "relay_markers"
PAGES = "pages"
STATE = "relay_state"
_KEY = "accounts"
_MARKERS_KEPT_SECONDS = 3600
_ENTRY = "entries."
# Of coupons, points, invitations, inviters and staff's discounts. Gifts are accounts too, but only
# follow what those journals say.
_TOLD = ("c_", "p_", "in_", "iv_", "sd_")
_TOLD_KINDS = ["coupon", "points", "invitation", "inviter", "staff_discount"]
_AWAIT_MS = 1000
_BATCH = 1000
# FailedToParse, Overflow, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost,
# and the token decoder's own complaints about tokens that are not ours.
_LOST_CODES = frozenset({9, 15, 260, 280, 286, 40647, 40649, 50788, 50795, 50796, 50811})
# Only what is needed of each change, chosen where it is stored.
_PIPELINE: list[dict[str, Any]] = [
    {
        "$match": {
            "$or": [
                {"ns.coll": MARKERS, "operationType": "insert"},
                {
                    "ns.coll": ACCOUNTS,
                    "operationType": "insert",
                    "fullDocument.kind": {"$in": _TOLD_KINDS},
                    "fullDocument.origin": {"$ne": "list"},
                },
                {"ns.coll": ACCOUNTS, "operationType": {"$in": ["update", "replace"]}},
            ]
        }
    },
    {
        "$project": {
            "ns.coll": 1,
            "clusterTime": 1,
            "documentKey": 1,
            "fullDocument._id": 1,
            "fullDocument.kind": 1,
            "fullDocument.entries": 1,
            "updateDescription.updatedFields": 1,
        }
    },
]


class PositionLostError(Exception):
    """The stream cannot go on from the stored position: rescan."""


@dataclass(frozen=True, slots=True)
class Position:
    """A resume token and the wall time at which everything before it was confirmed."""

    token: Mapping[str, Any]
    confirmed_at_ms: int


@dataclass(frozen=True, slots=True)
class Appended:
    """Entries appended to one account, as they are stored."""

    tenant_id: str
    account_id: str
    entries: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the stream: news of an account, a marker, or only a newer token.

    token None: there is no token yet from which the stream could go on. at_ms: the wall time at
    which it was written; None when the stream has shown everything there is.
    """

    token: Mapping[str, Any] | None
    at_ms: int | None = None
    appended: Appended | None = None
    marker: str = ""


class RelayStore:
    """Reads the journal in the order in which it was written."""

    def __init__(self, database: Any) -> None:
        self._database = database
        durable = WriteConcern("majority", j=True)
        majority = ReadConcern("majority")
        self._accounts = database.get_collection(ACCOUNTS, read_concern=majority)
        self._pages = database.get_collection(PAGES, read_concern=majority)
        self._markers = database.get_collection(MARKERS, write_concern=durable)
        self._state = database.get_collection(STATE, write_concern=durable, read_concern=majority)

    async def prepare(self) -> None:
        """Creates the collections; safe to repeat."""
        await create_collections(self._database, [ACCOUNTS, MARKERS, STATE])
        await self._markers.create_index("at", expireAfterSeconds=_MARKERS_KEPT_SECONDS)

    async def position(self) -> Position | None:
        """Where to go on; None before the first time."""
        found = await self._state.find_one({"_id": _KEY})
        return Position(found["token"], found["confirmed_at_ms"]) if found else None

    async def save(self, position: Position) -> None:
        """Remembers that everything before the position reached profile."""
        content = {"token": position.token, "confirmed_at_ms": position.confirmed_at_ms}
        await self._state.update_one({"_id": _KEY}, {"$set": content}, upsert=True)

    async def mark(self, marker: str) -> None:
        """Writes a marker; when the stream shows it, it has shown everything before it."""
        await self._markers.insert_one({"_id": marker, "at": datetime.now(UTC)})

    async def now(self) -> Timestamp:
        """The database's time: a stream that starts there misses nothing from here on."""
        reply = await self._database.command("ping")
        time: Timestamp = reply["operationTime"]
        return time

    async def follow(
        self, token: Mapping[str, Any] | None, start: Timestamp | None
    ) -> AsyncGenerator[Step, None]:
        """Steps from after token, or from start, without end.

        Raises PositionLostError when the token cannot be resumed from.
        """
        try:
            async with (
                self._database.watch(
                    _PIPELINE,
                    resume_after=token,
                    start_at_operation_time=start,
                    max_await_time_ms=_AWAIT_MS,
                    batch_size=_BATCH,
                ) as stream,
                aclosing(changes(stream)) as found,
            ):
                async for change, token_after in found:
                    yield _to_step(change, token_after)
        except OperationFailure as error:
            if error.code in _LOST_CODES:
                raise PositionLostError from error
            raise
        raise PositionLostError

    async def rescan(self, tenant_id: str, since_ms: int) -> AsyncIterator[Appended]:
        """Entries of all accounts that are told of, from since_ms on, except list issues.

        Reads all of the tenant's accounts: for the rare case that the position was lost.
        """
        query = {
            "_id.t": tenant_id,
            "kind": {"$in": _TOLD_KINDS},
            "entries.at_ms": {"$gte": since_ms},
            "$or": [{"origin": {"$ne": "list"}}, {"v": {"$gt": 1}}],
        }
        async for document in self._accounts.find(query, {"entries": 1, "origin": 1, "pages": 1}):
            if document.get("pages"):
                async for page in self._pages.find(_page_query(document["_id"], since_ms)):
                    yield _since(document["_id"], page["entries"], since_ms)
            entries = tuple(
                entry
                for entry in document["entries"]
                if entry["at_ms"] >= since_ms
                and not (entry["n"] == 1 and document.get("origin") == "list")
            )
            if entries:
                yield Appended(tenant_id, document["_id"]["a"], entries)

    async def entries_from(
        self, tenant_id: str, account_id: str, number: int
    ) -> AsyncIterator[Appended]:
        """What an account's journal has from an entry on, in order, sealed pages first."""
        key = {"t": tenant_id, "a": account_id}
        document = await self._accounts.find_one({"_id": key}, {"entries": 1, "pages": 1})
        if document is None:
            return
        held = [document]
        if document.get("pages"):
            query = {"_id.t": tenant_id, "_id.a": account_id, "last": {"$gte": number}}
            held = [*await self._pages.find(query).sort("first", 1).to_list(None), document]
        for one in held:
            entries = tuple(entry for entry in one["entries"] if entry["n"] >= number)
            if entries:
                yield Appended(tenant_id, account_id, entries)

    async def has_accounts(self) -> bool:
        """Whether anything was ever written."""
        return await self._accounts.find_one({}, {"_id": 1}) is not None


def _page_query(key: Mapping[str, Any], since_ms: int) -> dict[str, Any]:
    return {"_id.t": key["t"], "_id.a": key["a"], "entries.at_ms": {"$gte": since_ms}}


def _since(key: Mapping[str, Any], entries: Sequence[Any], since_ms: int) -> Appended:
    recent = tuple(entry for entry in entries if entry["at_ms"] >= since_ms)
    return Appended(key["t"], key["a"], recent)


def new_marker() -> str:
    """An id that no other marker has."""
    return uuid.uuid4().hex


def _to_step(change: Mapping[str, Any] | None, token: Mapping[str, Any]) -> Step:
    if change is None:
        return Step(token)
    key = change["documentKey"]["_id"]
    at_ms = change["clusterTime"].time * 1000
    if change["ns"]["coll"] == MARKERS:
        return Step(token, at_ms, marker=key)
    entries = tuple(entries_of(change)) if key["a"].startswith(_TOLD) else ()
    return Step(token, at_ms, Appended(key["t"], key["a"], entries) if entries else None)


def entries_of(change: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries that a change of an account appended, in order of number."""
    document = change.get("fullDocument")
    if document is not None:
        return list(document.get("entries", ()))
    fields = change.get("updateDescription", {}).get("updatedFields", {})
    if "entries" in fields:
        return list(fields["entries"])
    appended = [value for name, value in fields.items() if name.startswith(_ENTRY)]
    return sorted(appended, key=lambda entry: entry["n"])
