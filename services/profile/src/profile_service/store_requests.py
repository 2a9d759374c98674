"""Identify requests, to answer them again: collection `requests`, {_id: {t, r}, f, o, c, at}.

f is the keyed fingerprint of the content, o the outcome (planned until c is set), c the customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from profile_service.store import REQUESTS, StoreUnavailableError, database_errors, insert_new


@dataclass(frozen=True, slots=True)
class IdentifyRequest:
    """customer_id is None while the request is being carried out, or was interrupted.

    repeated says that the request was here before.
    """

    fingerprint: bytes
    outcome: str
    customer_id: str | None
    repeated: bool


class RequestStore:
    """Remembers requests for a week."""

    def __init__(self, database: Any) -> None:
        self._requests = database[REQUESTS]

    async def open(
        self, tenant_id: str, request_key: bytes, fingerprint: bytes, outcome: str, now_ms: int
    ) -> IdentifyRequest:
        """Writes a request before it is carried out, or answers the one already there."""
        document = {
            "_id": {"t": tenant_id, "r": request_key},
            "f": fingerprint,
            "o": outcome,
            "c": None,
            "at": datetime.fromtimestamp(now_ms / 1000, UTC),
        }
        if not await insert_new(self._requests, [document]):
            return IdentifyRequest(fingerprint, outcome, None, repeated=False)
        with database_errors():
            found = await self._requests.find_one({"_id": document["_id"]})
        if found is None:
            raise StoreUnavailableError("a request neither stored nor found")
        return IdentifyRequest(found["f"], found["o"], found["c"], repeated=True)

    async def close(
        self, tenant_id: str, request_key: bytes, outcome: str, customer_id: str
    ) -> None:
        """Keeps the outcome of a request that was carried out."""
        with database_errors():
            await self._requests.update_one(
                {"_id": {"t": tenant_id, "r": request_key}, "c": None},
                {"$set": {"o": outcome, "c": customer_id}},
            )
