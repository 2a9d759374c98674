"""Collection `staff_allowances`: {_id: {t: tenant, s: staff}, version, ...}, "" for everybody's;
and what the report reads of staff discounts in `accounts`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service import store_accounts
from offers_service.staff_allowances import Allowance
from offers_service.staff_discounts import StaffDiscount
from offers_service.store_accounts import outages

NAME = "staff_allowances"
# Ids of discounts, and what comes behind them.
_FIRST, _BEHIND = "sd_", "sd`"


class GivenBy(NamedTuple):
    """Discounts that were given from from_ms to before until_ms (0 for no bound), of the first
    `limit` members of staff behind the name `after`."""

    from_ms: int
    until_ms: int
    after: str
    limit: int


class StaffStore:
    """A change is one conditional write on the version that was read. Raises
    OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {"read_concern": ReadConcern("majority")}
        self._allowances = database.get_collection(
            NAME, write_concern=WriteConcern("majority", j=True), **options
        )
        self._accounts = database.get_collection(store_accounts.NAME, **options)

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def own(self, tenant_id: str, staff: str) -> Allowance | None:
        """The allowance that is set for a member of staff, or for everybody by ""."""
        with outages():
            found = await self._allowances.find_one({"_id": {"t": tenant_id, "s": staff}})
        return msgspec.convert(found, Allowance) if found else None

    async def of(self, tenant_id: str, staff: str) -> Allowance | None:
        """What holds for a member of staff: the own one, else everybody's."""
        return await self.own(tenant_id, staff) or await self.own(tenant_id, "")

    async def put(self, tenant_id: str, staff: str, allowance: Allowance) -> bool:
        """Puts version n in the place of version n - 1; False when another one is there."""
        key, document = {"t": tenant_id, "s": staff}, msgspec.to_builtins(allowance)
        with outages():
            if allowance.version == 1:
                try:
                    await self._allowances.insert_one({"_id": key, **document})
                except DuplicateKeyError:
                    return False
                return True
            before = {"_id": key, "version": allowance.version - 1}
            replaced = await self._allowances.replace_one(before, document)
        return bool(replaced.matched_count)

    async def given(
        self, tenant_id: str, given: GivenBy, at_once: int
    ) -> AsyncIterator[list[StaffDiscount]]:
        """Discounts of the members of staff whom `given` asks for, so many at once."""
        first, behind = ({"t": tenant_id, "a": one} for one in (_FIRST, _BEHIND))
        query: dict[str, Any] = {"_id": {"$gte": first, "$lt": behind}}
        bounds = {"$gte": given.from_ms, "$lt": given.until_ms}
        if within := {name: at_ms for name, at_ms in bounds.items() if at_ms}:
            query["given_ms"] = within
        page: list[dict[str, Any]] = [
            {"$match": query | {"owner": {"$gt": given.after}}},
            {"$group": {"_id": "$owner"}},
            {"$sort": {"_id": 1}},
            {"$limit": given.limit},
        ]
        found: list[StaffDiscount] = []
        with outages():
            staff = [one["_id"] async for one in self._accounts.aggregate(page)]
            async for document in self._accounts.find(query | {"owner": {"$in": staff}}):
                account = store_accounts.decode(document)
                if isinstance(account, StaffDiscount):
                    found.append(account)
                if len(found) >= at_once:
                    yield found
                    found = []
        if found:
            yield found
