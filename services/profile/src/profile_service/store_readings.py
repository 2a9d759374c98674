"""Who read personal data in plain: collection `readings`, {_id: random, t, by, m: method,
c: customers, f: fields, at}.

An entry is inserted and never changed; it goes after two years. It has ids and names of fields, and
no value.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from profile_service.disclosure import Reading
from profile_service.store import READINGS, database_errors


class ReadingStore:
    """The log."""

    def __init__(self, database: Any) -> None:
        self._readings = database[READINGS]

    async def write(self, tenant_id: str, reading: Reading) -> None:
        """Writes an entry. Raises StoreUnavailableError: then nothing may be shown."""
        document = {
            "t": tenant_id,
            "by": reading.caller,
            "m": reading.method,
            "c": list(reading.customer_ids),
            "f": list(reading.fields),
            "at": datetime.fromtimestamp(reading.at_ms / 1000, UTC),
        }
        with database_errors():
            await self._readings.insert_one(document)

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[Reading], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        condition: dict[str, Any] = {"t": tenant_id}
        if customer_id:
            condition["c"] = customer_id
        if before:
            condition["_id"] = {"$lt": ObjectId(before)}
        with database_errors():
            query = self._readings.find(condition).sort("_id", -1).limit(limit + 1)
            found = await query.to_list(None)
        last = str(found[limit - 1]["_id"]) if len(found) > limit else ""
        return [_from_document(one) for one in found[:limit]], last


def _from_document(found: dict[str, Any]) -> Reading:
    at_ms = round(found["at"].replace(tzinfo=UTC).timestamp() * 1000)
    return Reading(at_ms, found["by"], found["m"], tuple(found["c"]), tuple(found["f"]))
