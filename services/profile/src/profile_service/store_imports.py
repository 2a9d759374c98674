"""Imported batches, to answer them again: collection `requests`, {_id: {t, r}, f, o, c, no, at}.

f is the keyed fingerprint of the content, o a byte for each row (`imports.to_codes`): what was
planned until c is set, then what became of it. no holds the rejected rows, [position, code, field,
message] each. Who the rows are is not kept: the identifiers say that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from profile_service.identify import IdentifyOutcome
from profile_service.imports import from_codes, to_codes
from profile_service.judging import Rejection, RejectionCode
from profile_service.store import REQUESTS, StoreUnavailableError, database_errors, insert_new


@dataclass(frozen=True, slots=True)
class ImportedBatch:
    """A batch as it was met: outcomes and rejections by row. repeated: it was here before."""

    fingerprint: bytes
    outcomes: Sequence[IdentifyOutcome | None]
    rejections: Mapping[int, Rejection]
    done: bool
    repeated: bool


class ImportStore:
    """Remembers batches for a week, as all requests."""

    def __init__(self, database: Any) -> None:
        self._requests = database[REQUESTS]

    async def open(
        self,
        tenant_id: str,
        request_key: bytes,
        fingerprint: bytes,
        planned: Sequence[IdentifyOutcome | None],
        now_ms: int,
    ) -> ImportedBatch:
        """Writes a batch before it is carried out, or answers the one already there."""
        document = {
            "_id": {"t": tenant_id, "r": request_key},
            "f": fingerprint,
            "o": to_codes(planned),
            "c": None,
            "at": datetime.fromtimestamp(now_ms / 1000, UTC),
        }
        if not await insert_new(self._requests, [document]):
            return ImportedBatch(fingerprint, planned, {}, done=False, repeated=False)
        with database_errors():
            found = await self._requests.find_one({"_id": document["_id"]})
        if found is None:
            raise StoreUnavailableError("a batch neither stored nor found")
        rejections = {
            position: Rejection(RejectionCode(code), field, message)
            for position, code, field, message in found.get("no", ())
        }
        outcomes, done = from_codes(found["o"]), found["c"] is not None
        return ImportedBatch(found["f"], outcomes, rejections, done=done, repeated=True)

    async def close(
        self,
        tenant_id: str,
        request_key: bytes,
        outcomes: Sequence[IdentifyOutcome | None],
        rejections: Mapping[int, Rejection],
    ) -> None:
        """Keeps what became of a batch."""
        refused = [[position, *one] for position, one in sorted(rejections.items())]
        with database_errors():
            await self._requests.update_one(
                {"_id": {"t": tenant_id, "r": request_key}, "c": None},
                {"$set": {"o": to_codes(outcomes), "no": refused, "c": ""}},
            )
