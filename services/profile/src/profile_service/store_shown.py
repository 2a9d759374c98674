"""Logs of which customers were shown to whom: {_id: random, t, by, c: customers, at, ...}.

An entry is inserted and never changed; it goes after two years.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from profile_service.store import database_errors


class ShownLog:
    """One collection of these."""

    def __init__(self, collection: Any) -> None:
        self._entries = collection

    async def write(
        self, tenant_id: str, caller: str, customer_ids: Sequence[str], at_ms: int, **further: Any
    ) -> None:
        """Writes an entry. Raises StoreUnavailableError: then nothing may be shown."""
        at = datetime.fromtimestamp(at_ms / 1000, UTC)
        document = {"t": tenant_id, "by": caller, "c": list(customer_ids), "at": at, **further}
        with database_errors():
            await self._entries.insert_one(document)

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[dict[str, Any]], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        condition: dict[str, Any] = {"t": tenant_id}
        if customer_id:
            condition["c"] = customer_id
        if before:
            condition["_id"] = {"$lt": ObjectId(before)}
        with database_errors():
            query = self._entries.find(condition).sort("_id", -1).limit(limit + 1)
            found = await query.to_list(None)
        last = str(found[limit - 1]["_id"]) if len(found) > limit else ""
        return found[:limit], last


def shown_ms(entry: dict[str, Any]) -> int:
    """When an entry was written."""
    at_ms: int = round(entry["at"].replace(tzinfo=UTC).timestamp() * 1000)
    return at_ms
