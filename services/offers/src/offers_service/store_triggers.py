"""Delayed triggers in MongoDB: collection `triggers`, _id {t: tenant, e: enrolment}.

A settled one stays for a week, so that a change that is delivered again meets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, UpdateMany, UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

from offers_service.campaigns import Ended, TriggerOutcome, Waiting
from offers_service.triggers import ChangeKind

NAME = "triggers"
_WAITING = "WAITING"
_KEPT_SECONDS = 7 * 24 * 3600


class TriggerStore:
    """Durable timers: what waits, what ended it, what became of it."""

    def __init__(self, database: Any) -> None:
        self._triggers = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Creates the indexes; safe to repeat."""
        due = [("t", ASCENDING), ("state", ASCENDING), ("due_ms", ASCENDING), ("_id", ASCENDING)]
        await self._triggers.create_index(due)
        stay = [("t", ASCENDING), ("customer", ASCENDING), ("segment", ASCENDING)]
        await self._triggers.create_index(stay)
        await self._triggers.create_index("settled_at", expireAfterSeconds=_KEPT_SECONDS)

    async def note(
        self, tenant_id: str, waiting: Sequence[Waiting], ended: Sequence[Ended]
    ) -> None:
        """Adds the triggers that are not known yet, then marks those whose standing ended."""
        updates: list[UpdateOne | UpdateMany] = [_insertion(tenant_id, new) for new in waiting]
        updates += [_ending(tenant_id, end) for end in ended]
        if updates:
            await self._triggers.bulk_write(updates, ordered=True)

    async def due(self, tenant_id: str, now_ms: int, limit: int) -> list[Waiting]:
        """What waits and is due at now_ms, earliest first."""
        query = {"t": tenant_id, "state": _WAITING, "due_ms": {"$lte": now_ms}}
        found = self._triggers.find(query).sort([("due_ms", ASCENDING), ("_id", ASCENDING)])
        return [_to_waiting(document) async for document in found.limit(limit)]

    async def settle(self, tenant_id: str, outcomes: Iterable[tuple[str, TriggerOutcome]]) -> None:
        """Records by enrolment id what became of them; settled ones stay as they are."""
        settled_at = datetime.now(UTC)
        updates = [
            UpdateOne(
                {"_id": {"t": tenant_id, "e": name}, "state": _WAITING},
                {"$set": {"state": outcome.value, "settled_at": settled_at}},
            )
            for name, outcome in outcomes
        ]
        if updates:
            await self._triggers.bulk_write(updates, ordered=False)


def _insertion(tenant_id: str, waiting: Waiting) -> UpdateOne:
    content = {
        "t": tenant_id,
        "state": _WAITING,
        "due_ms": waiting.due_ms,
        "campaign": waiting.campaign_id,
        "customer": waiting.customer_id,
        "segment": waiting.segment_id,
        "stint": waiting.stint,
        "kind": waiting.kind.value,
        "ended_at_ms": None,
    }
    key = {"t": tenant_id, "e": waiting.enrolment_id}
    return UpdateOne({"_id": key}, {"$setOnInsert": content}, upsert=True)


def _ending(tenant_id: str, ended: Ended) -> UpdateMany:
    query = {
        "t": tenant_id,
        "customer": ended.customer_id,
        "segment": ended.segment_id,
        "stint": ended.stint,
        "kind": ended.kind.value,
        "ended_at_ms": None,
    }
    return UpdateMany(query, {"$set": {"ended_at_ms": ended.at_ms}})


def _to_waiting(document: Mapping[str, Any]) -> Waiting:
    return Waiting(
        enrolment_id=document["_id"]["e"],
        campaign_id=document["campaign"],
        customer_id=document["customer"],
        segment_id=document["segment"],
        stint=int(document["stint"]),
        kind=ChangeKind(document["kind"]),
        due_ms=int(document["due_ms"]),
        ended_at_ms=document["ended_at_ms"],
    )
