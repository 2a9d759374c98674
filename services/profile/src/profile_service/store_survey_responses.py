"""Responses: collection `survey_responses`, {_id: {t, s, v, h}, c, n, q, ch, x, ...}.

One document is one person's way through one version: h is the hash of the identifier that the
customer's id was when it began, so a merge moves nothing, and x are the answers, sealed under that
identifier's key. q names the questions answered and ch what was chosen, for the funnel, but for
personal questions. n counts writes; open_ms is the wall time since which the customer's record may
not show yet what was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument

from profile_service import survey_encoding
from profile_service.records import Identity
from profile_service.sealing import Vault
from profile_service.store import (
    SURVEY_RESPONSES,
    database_errors,
    insert_new,
    long_read,
)
from profile_service.survey_answers import AnswerOutcome, AnswerRequest, Response

_ANSWERS = b"survey\0"


@dataclass(frozen=True, slots=True)
class Leased:
    """An open response: whose, and the document to be opened with the identifier's key."""

    tenant_id: str
    identifier_hash: bytes
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Funnel:
    """Respondents by how far they came; answered by question, chosen by (question, option)."""

    served: int
    started: int
    completed: int
    answered: Mapping[str, int]
    chosen: Mapping[tuple[str, str], int]


class SurveyResponseStore:
    """Saves over what was read, reads, counts."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._responses = database[SURVEY_RESPONSES]
        self._vault = vault

    async def find(
        self, identities: Iterable[Identity], survey_id: str = ""
    ) -> list[tuple[Response, Identity]]:
        """The responses under these identifiers, each with its own."""
        by_hash = {one.identifier_hash: one for one in identities}
        condition: dict[str, Any] = {"_id.h": {"$in": list(by_hash)}}
        if survey_id:
            condition["_id.s"] = survey_id
        with database_errors():
            found = await self._responses.find(condition).to_list(None)
        pairs = [(one, by_hash[bytes(one["_id"]["h"])]) for one in found]
        return [(self.open(document, identity), identity) for document, identity in pairs]

    async def save(
        self,
        after: Response,
        identity: Identity,
        chosen: Mapping[str, Sequence[str]],
        wall_ms: int,
    ) -> bool:
        """Saves over the revision before; False when somebody else was faster.

        chosen: what may be counted, by question.
        """
        document = self._to_document(after, identity, chosen)
        if after.open:
            document["open_ms"] = wall_ms
        if after.revision == 1:
            return not await insert_new(self._responses, [document])
        condition = {"_id": document["_id"], "n": after.revision - 1}
        with database_errors():
            result = await self._responses.replace_one(condition, document)
        return bool(result.matched_count)

    async def close(self, response: Response) -> None:
        """Everything that follows from this revision was done."""
        condition = {"_id": _key(response), "n": response.revision}
        change = {"$set": {"untold": [], "to_record": False}, "$unset": {"open_ms": ""}}
        with database_errors():
            await self._responses.update_one(condition, change)

    async def lease(self, before_ms: int, until_ms: int) -> Leased | None:
        """Takes the response that is open for longest, for a while; None when none is."""
        with database_errors():
            found = await self._responses.find_one_and_update(
                {"open_ms": {"$gt": 0, "$lte": before_ms}},
                {"$set": {"open_ms": until_ms}},
                sort=[("open_ms", 1)],
                return_document=ReturnDocument.AFTER,
            )
        if found is None:
            return None
        return Leased(found["_id"]["t"], bytes(found["_id"]["h"]), found)

    async def erase(self, hashes: Sequence[bytes], until_ms: int) -> int:
        """Deletes what began under these identifiers until then; how many that were."""
        condition = {"_id.h": {"$in": list(hashes)}, "served_ms": {"$lte": until_ms}}
        with database_errors():
            result = await self._responses.delete_many(condition)
        return int(result.deleted_count)

    async def funnel(self, tenant_id: str, survey_id: str, version: int) -> Funnel:
        """The figures of one version, or of all for 0."""
        condition: dict[str, Any] = {"_id.t": tenant_id, "_id.s": survey_id}
        if version:
            condition["_id.v"] = version
        reached = {
            name: {"$sum": {"$cond": [{"$gt": [f"${name}_ms", 0]}, 1, 0]}}
            for name in ("served", "started", "completed")
        }
        facets = {
            "steps": [{"$group": {"_id": None, **reached}}],
            "answered": [{"$unwind": "$q"}, {"$group": {"_id": "$q", "n": {"$sum": 1}}}],
            "chosen": [{"$unwind": "$ch"}, {"$group": {"_id": "$ch", "n": {"$sum": 1}}}],
        }
        fields = {f"{name}_ms": 1 for name in ("served", "started", "completed")}
        pipeline = [
            {"$match": condition},
            {"$project": {**fields, "q": 1, "ch": 1}},
            {"$facet": facets},
        ]
        with long_read():
            (found,) = await self._responses.aggregate(pipeline, hint="funnel").to_list(None)
        steps = found["steps"][0] if found["steps"] else {}
        return Funnel(
            steps.get("served", 0),
            steps.get("started", 0),
            steps.get("completed", 0),
            {one["_id"]: one["n"] for one in found["answered"]},
            {(one["_id"][0], one["_id"][1]): one["n"] for one in found["chosen"]},
        )

    def _to_document(
        self, response: Response, identity: Identity, chosen: Mapping[str, Sequence[str]]
    ) -> dict[str, Any]:
        return {
            "_id": _key(response),
            "c": response.customer_id,
            "n": response.revision,
            "served_ms": response.served_ms,
            "started_ms": response.started_ms,
            "completed_ms": response.completed_ms,
            "q": list(response.answers),
            "ch": [[question, one] for question, some in chosen.items() for one in some],
            "x": self._seal(response, identity),
            "requests": [
                {"k": one.key, "f": one.fingerprint, "o": one.outcome.value}
                for one in response.requests
            ],
            "untold": list(response.untold),
            "to_record": response.to_record,
        }

    def _seal(self, response: Response, identity: Identity) -> bytes:
        packed = survey_encoding.pack(response.answers)
        if not packed:
            return b""
        key = self._vault.open_key(response.tenant_id, identity.identifier_hash, identity.data_key)
        return key.seal(packed, _place(response.survey_id, response.version))

    def open(self, found: Mapping[str, Any], identity: Identity) -> Response:
        """The response of a document. Raises SealBrokenError when the key is another one."""
        place = found["_id"]
        packed = b""
        if found["x"]:
            key = self._vault.open_key(place["t"], identity.identifier_hash, identity.data_key)
            packed = key.open(found["x"], _place(place["s"], place["v"]))
        return Response(
            tenant_id=place["t"],
            survey_id=place["s"],
            version=place["v"],
            identifier_hash=bytes(place["h"]),
            customer_id=found["c"],
            served_ms=found["served_ms"],
            started_ms=found["started_ms"],
            completed_ms=found["completed_ms"],
            answers=survey_encoding.unpack(packed),
            requests=tuple(
                AnswerRequest(one["k"], one["f"], AnswerOutcome(one["o"]))
                for one in found["requests"]
            ),
            untold=tuple(found["untold"]),
            to_record=found["to_record"],
            revision=found["n"],
        )


def _key(response: Response) -> dict[str, Any]:
    """The order of the fields is part of the key."""
    return {
        "t": response.tenant_id,
        "s": response.survey_id,
        "v": response.version,
        "h": response.identifier_hash,
    }


def _place(survey_id: str, version: int) -> bytes:
    return _ANSWERS + f"{survey_id}@{version}".encode()
