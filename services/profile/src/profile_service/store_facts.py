"""What facts are added up from: reads only, over the log of events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from profile_service.domain import PURCHASE
from profile_service.facts import CANCEL, FACT_TYPES, MESSAGE, REDEEMED, RETURN, REVERSED, TICKET
from profile_service.store import EVENTS, IDENTIFIERS, long_read, whole_tenant_read

# A batch's bodies are read without a pause; this many take a few milliseconds.
_BATCH = 200
_SUMMED = (PURCHASE, RETURN, CANCEL, TICKET, MESSAGE, REDEEMED, REVERSED)


class FactRow(NamedTuple):
    """One event as it is kept, as far as facts need it."""

    event_key: bytes
    identifier_hash: bytes
    at_ms: int
    event_type: str
    amount_minor_units: int
    store_id: str
    body: bytes
    properties: bytes


class TypeSums(NamedTuple):
    """Of one customer: by type of event how many, and what their amounts come to."""

    customer_id: str
    counts: dict[str, int]
    amounts: dict[str, int]


class FactsStore:
    """Events of some customers with their lines, or sums of everybody's without."""

    def __init__(self, database: Any) -> None:
        self._events = database[EVENTS]
        self._identifiers = database[IDENTIFIERS]

    async def rows(
        self, hashes: Sequence[bytes], types: Sequence[str] = FACT_TYPES
    ) -> AsyncIterator[FactRow]:
        """The events of these identifiers that facts are made of, in no order."""
        condition = {"h": {"$in": list(hashes)}, "k": {"$in": list(types)}}
        fields = {"h": 1, "at": 1, "k": 1, "m": 1, "st": 1, "b": 1, "s": 1}
        with long_read():
            async for found in self._events.find(condition, fields, batch_size=_BATCH):
                yield FactRow(
                    found["_id"],
                    found["h"],
                    found["at"],
                    found["k"],
                    found["m"],
                    found.get("st", ""),
                    found["b"],
                    found.get("s", b""),
                )

    async def sums(self, tenant_id: str, until_ms: int) -> AsyncIterator[TypeSums]:
        """Everybody with an event that costs or earns before until_ms; added up by the shards."""
        of_identifier = [
            {"$match": {"k": {"$in": list(_SUMMED)}, "at": {"$lt": until_ms}}},
            {"$group": {"_id": "$k", "n": {"$sum": 1}, "m": {"$sum": "$m"}}},
        ]
        pipeline: list[dict[str, Any]] = [
            {"$match": {"t": tenant_id, "c": {"$ne": ""}}},
            {
                "$lookup": {
                    "from": EVENTS,
                    "localField": "_id",
                    "foreignField": "h",
                    "pipeline": of_identifier,
                    "as": "sums",
                }
            },
            {"$unwind": "$sums"},
            {
                "$group": {
                    "_id": {"c": "$c", "k": "$sums._id"},
                    "n": {"$sum": "$sums.n"},
                    "m": {"$sum": "$sums.m"},
                }
            },
            {
                "$group": {
                    "_id": "$_id.c",
                    "sums": {"$push": {"k": "$_id.k", "n": "$n", "m": "$m"}},
                }
            },
        ]
        with whole_tenant_read():
            async for found in self._identifiers.aggregate(pipeline, allowDiskUse=True):
                yield TypeSums(
                    found["_id"],
                    {one["k"]: int(one["n"]) for one in found["sums"]},
                    {one["k"]: int(one["m"]) for one in found["sums"]},
                )
