"""Versions of surveys: collection `surveys`, {_id: {t, s, v}, b, r, f}. Inserted, never changed.

b is the version in protobuf; r names the request that wrote it, f is its content's fingerprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dangol.profile.v1 import survey_service_pb2 as pb

from profile_service import survey_encoding
from profile_service.store import SURVEYS, database_errors, insert_new
from profile_service.surveys import Survey

# Greater than every id.
_LAST = "\U0010ffff"
_VERSION_MAX = 2**31 - 1


class SurveyStore:
    """Adds versions and reads them."""

    def __init__(self, database: Any) -> None:
        self._surveys = database[SURVEYS]

    async def add(self, survey: Survey) -> bool:
        """Inserts a version; False when there is such a version already."""
        return not await insert_new(self._surveys, [_to_document(survey)])

    async def of_request(self, tenant_id: str, request_key: bytes) -> Survey | None:
        """What a request wrote, or None."""
        with database_errors():
            found = await self._surveys.find_one({"_id.t": tenant_id, "r": request_key})
        return None if found is None else _from_document(found)

    async def get(self, tenant_id: str, survey_id: str, version: int = 0) -> Survey | None:
        """One version, the newest for 0; None when there is none."""
        lowest, highest = version or 1, version or _VERSION_MAX
        between = {
            "$gte": _key(tenant_id, survey_id, lowest),
            "$lte": _key(tenant_id, survey_id, highest),
        }
        with database_errors():
            found = await self._surveys.find_one({"_id": between}, sort=[("_id", -1)])
        return None if found is None else _from_document(found)

    async def newest(self, tenant_id: str, after_id: str, limit: int) -> list[Survey]:
        """The newest version of each survey with a greater id, in order of id."""
        between = {
            "$gt": _key(tenant_id, after_id, _VERSION_MAX),
            "$lt": _key(tenant_id, _LAST, 0),
        }
        pipeline = [
            {"$match": {"_id": between}},
            {"$sort": {"_id": 1}},
            {"$group": {"_id": "$_id.s", "last": {"$last": "$_id.v"}}},
            {"$sort": {"_id": 1}},
            {"$limit": limit},
        ]
        with database_errors():
            heads = await self._surveys.aggregate(pipeline).to_list(None)
            keys = [_key(tenant_id, one["_id"], one["last"]) for one in heads]
            cursor = self._surveys.find({"_id": {"$in": keys}}).sort("_id", 1)
            return [_from_document(found) async for found in cursor]


def _key(tenant_id: str, survey_id: str, version: int) -> dict[str, Any]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "s": survey_id, "v": version}


def _to_document(survey: Survey) -> dict[str, Any]:
    return {
        "_id": _key(survey.tenant_id, survey.survey_id, survey.version),
        "b": survey_encoding.to_message(survey).SerializeToString(),
        "r": survey.request_key,
        "f": survey.fingerprint,
    }


def _from_document(found: Mapping[str, Any]) -> Survey:
    survey = survey_encoding.from_message(found["_id"]["t"], pb.Survey.FromString(found["b"]))
    return replace(survey, request_key=found["r"], fingerprint=found["f"])
