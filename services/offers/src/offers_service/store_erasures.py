"""What is kept of a customer besides the journal, to be forgotten, and to be shown.

Enrolments stay as they count, under a name that leads to nobody: reports keep their arms, and a
number that a campaign gave out is never missing. The rest goes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from offers_service import (
    store_accounts,
    store_audiences,
    store_contacts,
    store_enrolments,
    store_messages,
    store_pages,
    store_tasks,
    store_triggers,
)
from offers_service.store_accounts import outages

# Collection -> (field of the tenant, field of the customer).
_PLACES: Final = {
    store_messages.NAME: ("_id.t", "content.customer"),
    store_contacts.NAME: ("_id.t", "_id.c"),
    store_tasks.NAME: ("t", "customer_id"),
    store_triggers.NAME: ("t", "customer"),
    store_audiences.NAME: ("t", "customer"),
}
_ENROLMENTS: Final = ("t", "customer")


class TraceStore:
    """Deletes and reads by customer. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        accounts = (store_accounts.NAME, store_pages.NAME)
        names = (*_PLACES, store_enrolments.NAME, *accounts)
        self._collections = {name: database.get_collection(name, **options) for name in names}

    async def forget(self, tenant_id: str, customer_ids: Sequence[str], pseudonym: str) -> int:
        """Everything of these customers; how many documents that were. May be repeated."""
        count = 0
        with outages():
            for name, (tenant, customer) in _PLACES.items():
                query = {tenant: tenant_id, customer: {"$in": list(customer_ids)}}
                result = await self._collections[name].delete_many(query)
                count += int(result.deleted_count)
            tenant, customer = _ENROLMENTS
            renamed = await self._collections[store_enrolments.NAME].update_many(
                {tenant: tenant_id, customer: {"$in": list(customer_ids)}},
                {"$set": {customer: pseudonym}},
            )
        return count + int(renamed.modified_count)

    async def documents(
        self, tenant_id: str, customer_ids: Sequence[str]
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """(collection, document) of everything of these customers, their accounts with every page
        of their journals first."""
        people = {"$in": list(customer_ids)}
        for field in ("owner", "claimer"):
            query = {"_id.t": tenant_id, field: people}
            async for account in self._found(store_accounts.NAME, query):
                yield store_accounts.NAME, account
                pages = {"_id.t": tenant_id, "_id.a": account["_id"]["a"]}
                async for page in self._found(store_pages.NAME, pages):
                    yield store_pages.NAME, page
        places = {**_PLACES, store_enrolments.NAME: _ENROLMENTS}
        for name, (tenant, customer) in places.items():
            async for document in self._found(name, {tenant: tenant_id, customer: people}):
                yield name, document

    async def _found(self, name: str, query: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        with outages():
            async for document in self._collections[name].find(query).sort("_id", 1):
                yield document
