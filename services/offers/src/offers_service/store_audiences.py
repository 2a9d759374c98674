"""Who joined or left a dated campaign's audience after its date, before the clock came to it:
collection `audience_changes`, _id {t: tenant, c: campaign, n: occurrence, k: customer}.

Only under virtual time does one hear of such changes before the date's timer fires.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, UpdateOne, WriteConcern
from pymongo.read_concern import ReadConcern

from offers_service.triggers import ChangeKind

NAME = "audience_changes"


class AudienceChange(NamedTuple):
    """The first change of a customer after an occurrence counts."""

    campaign_id: str
    number: int
    customer_id: str
    kind: ChangeKind


class AudienceStore:
    """First changes by occurrence; gone with it."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._changes = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its index; harmless to repeat."""
        await create_collections(self._database, [NAME])
        index = [("t", ASCENDING), ("campaign", ASCENDING), ("number", ASCENDING)]
        await self._changes.create_index(index)

    async def note(self, tenant_id: str, changes: Iterable[AudienceChange]) -> None:
        """Keeps the changes in order, of each customer only the first."""
        updates = [_insertion(tenant_id, change) for change in changes]
        if updates:
            await self._changes.bulk_write(updates, ordered=True)

    async def left_since(self, tenant_id: str, campaign_id: str, number: int) -> list[str]:
        """Customers who were members on the date and have left since."""
        query = {
            "t": tenant_id,
            "campaign": campaign_id,
            "number": number,
            "kind": ChangeKind.EXITED.value,
        }
        return [document["customer"] async for document in self._changes.find(query)]

    async def forget(self, tenant_id: str, campaign_id: str, number: int) -> None:
        """Drops what was noted for an occurrence that is over."""
        query = {"t": tenant_id, "campaign": campaign_id, "number": number}
        await self._changes.delete_many(query)


def _insertion(tenant_id: str, change: AudienceChange) -> UpdateOne:
    content = {
        "t": tenant_id,
        "campaign": change.campaign_id,
        "number": change.number,
        "customer": change.customer_id,
        "kind": change.kind.value,
    }
    key = {"t": tenant_id, "c": change.campaign_id, "n": change.number, "k": change.customer_id}
    return UpdateOne({"_id": key}, {"$setOnInsert": content}, upsert=True)
