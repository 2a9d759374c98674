"""Enrolments in MongoDB: collection `enrolments`, _id {t: tenant, e: enrolment}.

Each campaign numbers its enrolments from 1 without gaps: a number is taken by inserting the
document that carries it, under a unique index, after the number before it was seen. Whoever reads
numbers up to n has therefore read all of them, however many replicas insert.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pymongo import ASCENDING, DESCENDING, UpdateOne, WriteConcern
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from offers_service.campaigns import Enrolment, EnrolmentOutcome

NAME = "enrolments"
_ATTEMPTS_MAX = 50
_DUPLICATE_KEY = 11000
_OF_CUSTOMERS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class StoredEnrolment:
    """number counts from 1 in its campaign; the ids of coupon, task and message are empty until
    there is one."""

    enrolment: Enrolment
    number: int
    outcome: EnrolmentOutcome
    coupon_id: str
    task_id: str = ""
    message_id: str = ""

    @property
    def settled(self) -> bool:
        """Whether everything that follows from it was done."""
        return self.outcome is not EnrolmentOutcome.PENDING


class Result(NamedTuple):
    """What was done for an enrolment; ids are empty for what was not made."""

    outcome: EnrolmentOutcome
    coupon_id: str = ""
    task_id: str = ""
    message_id: str = ""


def _first_outcome(enrolment: Enrolment) -> EnrolmentOutcome:
    if enrolment.holdout:
        return EnrolmentOutcome.HOLDOUT
    return EnrolmentOutcome.CONTROL if enrolment.control else EnrolmentOutcome.PENDING


class FirstTrigger(NamedTuple):
    """A customer's first trigger in any campaign, and in which campaigns, how often, there were
    others. holdout as it was at the first."""

    customer_id: str
    triggered_at_ms: int
    holdout: bool
    campaign_ids: tuple[str, ...]
    trigger_count: int


class EnrolmentStore:
    """Inserts once, settles once, lists in order."""

    def __init__(self, database: Any) -> None:
        self._enrolments = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Creates the indexes; safe to repeat."""
        keys = [("t", ASCENDING), ("campaign", ASCENDING), ("n", ASCENDING)]
        await self._enrolments.create_index(keys, unique=True)
        await self._enrolments.create_index([("t", ASCENDING), ("customer", ASCENDING)])

    async def read(self, tenant_id: str, ids: Iterable[str]) -> dict[str, StoredEnrolment]:
        """The enrolments by id; unknown ones are left out."""
        keys = [{"t": tenant_id, "e": name} for name in ids]
        found = self._enrolments.find({"_id": {"$in": keys}})
        return {document["_id"]["e"]: _to_stored(document) async for document in found}

    async def of_customers(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> list[StoredEnrolment]:
        """Every enrolment of these customers, at most 1,000, in no order."""
        query = {"t": tenant_id, "customer": {"$in": list(customer_ids)}}
        found = await self._enrolments.find(query).limit(_OF_CUSTOMERS_MAX).to_list(None)
        return [_to_stored(document) for document in found]

    async def add(
        self, tenant_id: str, campaign_id: str, enrolments: Sequence[Enrolment]
    ) -> list[StoredEnrolment]:
        """Inserts those of one campaign that are not there; answers all of them as stored."""
        wanted = {enrolment.enrolment_id: enrolment for enrolment in enrolments}
        for _ in range(_ATTEMPTS_MAX):
            stored = await self.read(tenant_id, wanted)
            missing = [new for name, new in wanted.items() if name not in stored]
            if missing:
                added = await self._insert(tenant_id, campaign_id, missing)
                if added is None:
                    continue
                stored |= {new.enrolment.enrolment_id: new for new in added}
            return [stored[name] for name in wanted]
        raise TimeoutError("other writers took every number")

    async def _insert(
        self, tenant_id: str, campaign_id: str, enrolments: Sequence[Enrolment]
    ) -> list[StoredEnrolment] | None:
        """Takes the next numbers; None when another writer was faster with one of them."""
        last = await self._last_number(tenant_id, campaign_id)
        new = [
            StoredEnrolment(
                enrolment,
                number,
                _first_outcome(enrolment),
                "",
            )
            for number, enrolment in enumerate(enrolments, last + 1)
        ]
        documents = [_to_document(tenant_id, stored) for stored in new]
        try:
            await self._enrolments.insert_many(documents, ordered=True)
        except BulkWriteError as error:
            details = error.details or {}
            if any(e["code"] != _DUPLICATE_KEY for e in details.get("writeErrors", ())):
                raise
            return None
        return new

    async def _last_number(self, tenant_id: str, campaign_id: str) -> int:
        newest = await self._enrolments.find_one(
            {"t": tenant_id, "campaign": campaign_id}, {"n": 1}, sort=[("n", DESCENDING)]
        )
        return newest["n"] if newest else 0

    async def settle(self, tenant_id: str, results: Mapping[str, Result]) -> None:
        """Records by enrolment id what was done; the first result stays."""
        updates = [
            UpdateOne(
                {"_id": {"t": tenant_id, "e": name}, "outcome": EnrolmentOutcome.PENDING.value},
                {
                    "$set": {
                        "outcome": result.outcome.value,
                        "coupon": result.coupon_id,
                        "task": result.task_id,
                        "message": result.message_id,
                    }
                },
            )
            for name, result in results.items()
        ]
        if updates:
            await self._enrolments.bulk_write(updates, ordered=False)

    async def page(
        self, tenant_id: str, campaign_id: str, after: int, limit: int
    ) -> list[StoredEnrolment]:
        """In order of number from after `after`; ends before the first that is not settled."""
        query = {"t": tenant_id, "campaign": campaign_id, "n": {"$gt": after}}
        found = self._enrolments.find(query).sort("n", ASCENDING).limit(limit)
        page: list[StoredEnrolment] = []
        async for document in found:
            stored = _to_stored(document)
            if not stored.settled:
                break
            page.append(stored)
        return page

    async def firsts(self, tenant_id: str, since_ms: int) -> list[FirstTrigger]:
        """Everybody's first trigger at since_ms or later, over all campaigns."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"t": tenant_id, "triggered_at_ms": {"$gte": since_ms}}},
            {
                "$group": {
                    "_id": "$customer",
                    "first": {"$min": {"at": "$triggered_at_ms", "holdout": "$holdout"}},
                    "campaigns": {"$addToSet": "$campaign"},
                    "count": {"$sum": 1},
                }
            },
            {"$sort": {"_id": 1}},
        ]
        found = self._enrolments.aggregate(pipeline, allowDiskUse=True)
        return [_to_first(document) async for document in found]

    async def scan(self, tenant_id: str, campaign_id: str) -> AsyncIterator[StoredEnrolment]:
        """Every enrolment of the campaign in order of number."""
        query = {"t": tenant_id, "campaign": campaign_id}
        async for document in self._enrolments.find(query).sort("n", ASCENDING):
            yield _to_stored(document)


def _to_document(tenant_id: str, stored: StoredEnrolment) -> dict[str, Any]:
    enrolment = stored.enrolment
    return {
        "_id": {"t": tenant_id, "e": enrolment.enrolment_id},
        "t": tenant_id,
        "campaign": enrolment.campaign_id,
        "n": stored.number,
        "customer": enrolment.customer_id,
        "segment": enrolment.segment_id,
        "stint": enrolment.stint,
        "control": enrolment.control,
        "variant": enrolment.variant_id,
        "offer": enrolment.offer_id,
        "triggered_at_ms": enrolment.triggered_at_ms,
        "outcome": stored.outcome.value,
        "coupon": stored.coupon_id,
        "task": stored.task_id,
        "message": stored.message_id,
        "holdout": enrolment.holdout,
    }


def _to_stored(document: Mapping[str, Any]) -> StoredEnrolment:
    enrolment = Enrolment(
        enrolment_id=document["_id"]["e"],
        campaign_id=document["campaign"],
        customer_id=document["customer"],
        segment_id=document["segment"],
        stint=int(document["stint"]),
        control=document["control"],
        variant_id=document["variant"],
        offer_id=document["offer"],
        triggered_at_ms=int(document["triggered_at_ms"]),
        holdout=document.get("holdout", False),
    )
    outcome = EnrolmentOutcome(document["outcome"])
    return StoredEnrolment(
        enrolment,
        document["n"],
        outcome,
        document["coupon"],
        document.get("task", ""),
        document.get("message", ""),
    )


def _to_first(document: Mapping[str, Any]) -> FirstTrigger:
    first = document["first"]
    return FirstTrigger(
        document["_id"],
        int(first["at"]),
        bool(first.get("holdout", False)),
        tuple(sorted(document["campaigns"])),
        int(document["count"]),
    )
