"""Where a database keeps which tenant of a document, and how all of a tenant's are deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Whole:
    """The document's id is the tenant's: one document a tenant."""

    def condition(self, tenant_id: str) -> dict[str, Any]:
        """What finds them."""
        return {"_id": tenant_id}


class Led:
    """The document's id is a document that begins with {t: tenant}: a range of the index of ids."""

    def condition(self, tenant_id: str) -> dict[str, Any]:
        """What finds them, whatever else the ids are made of."""
        # Documents compare by their first fields first, and nothing lies between a text and the
        # same text followed by a zero.
        return {"_id": {"$gte": {"t": tenant_id}, "$lt": {"t": f"{tenant_id}\0"}}}


class Named:
    """A field holds the tenant; the field begins an index."""

    def __init__(self, field: str) -> None:
        self._field = field

    def condition(self, tenant_id: str) -> dict[str, Any]:
        """What finds them."""
        return {self._field: tenant_id}


class Prefixed:
    """The document's id is a text that begins with the tenant and a slash."""

    def condition(self, tenant_id: str) -> dict[str, Any]:
        """What finds them."""
        return {"_id": {"$gte": f"{tenant_id}/", "$lt": f"{tenant_id}0"}}


Place = Whole | Led | Named | Prefixed
WHOLE, LED = Whole(), Led()


async def delete_tenant(database: Any, places: Mapping[str, Place], tenant_id: str) -> int:
    """Deletes a tenant's documents from these collections; how many that were."""
    count = 0
    for name, place in places.items():
        result = await database[name].delete_many(place.condition(tenant_id))
        count += int(result.deleted_count)
    return count
