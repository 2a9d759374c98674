"""Who read personal data in plain: collection `readings`, a log (store_shown) with m: method and
f: names of fields. It has no value of any.
"""

from __future__ import annotations

from typing import Any

from profile_service.disclosure import Reading
from profile_service.store import READINGS
from profile_service.store_shown import ShownLog, shown_ms


class ReadingStore:
    """The log."""

    def __init__(self, database: Any) -> None:
        self._log = ShownLog(database[READINGS])

    async def write(self, tenant_id: str, reading: Reading) -> None:
        """Writes an entry. Raises StoreUnavailableError: then nothing may be shown."""
        await self._log.write(
            tenant_id,
            reading.caller,
            reading.customer_ids,
            reading.at_ms,
            m=reading.method,
            f=list(reading.fields),
        )

    async def page(
        self, tenant_id: str, customer_id: str, before: str, limit: int
    ) -> tuple[list[Reading], str]:
        """Entries newest first, beyond `before`, and the position of the last while more follow."""
        found, last = await self._log.page(tenant_id, customer_id, before, limit)
        return [_from_document(one) for one in found], last


def _from_document(found: dict[str, Any]) -> Reading:
    return Reading(shown_ms(found), found["by"], found["m"], tuple(found["c"]), tuple(found["f"]))
