"""Collection `issue_orders`: what a part of a list is to get, {_id: {t, o}, offer, owners, ...}.

Written once, before a budget is asked for the coupons, so that whoever goes on after a crash issues
to the same customers. Never changed.
"""

from __future__ import annotations

from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.journal import Request
from offers_service.store_errors import outages

NAME = "issue_orders"
_WRITE_TIMEOUT_MS = 15_000


class OrderKey(msgspec.Struct, frozen=True):
    """tenant and order; the order of the fields is the order in MongoDB's _id."""

    t: str
    o: str


class IssueOrder(msgspec.Struct, frozen=True):
    """Coupons of one offer for `owners`, as far as the budget goes, first come first served.

    cause: what their ids follow from; request: who asked for them, and for what else."""

    key: OrderKey = msgspec.field(name="_id")
    campaign: str
    offer: str
    cause: str
    origin: str
    request: Request
    now_ms: int
    owners: tuple[str, ...]


class OrderStore:
    """Reads are majority reads, writes majority and journaled."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._orders = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True, wtimeout=_WRITE_TIMEOUT_MS),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await create_collections(self._database, [NAME])

    async def get(self, tenant_id: str, order_id: str) -> IssueOrder | None:
        """One order."""
        with outages():
            found = await self._orders.find_one({"_id": {"t": tenant_id, "o": order_id}})
        return None if found is None else msgspec.convert(found, IssueOrder)

    async def insert(self, order: IssueOrder) -> IssueOrder:
        """The order as it is stored: this one, unless somebody was first."""
        document = msgspec.to_builtins(order, builtin_types=(bytes,))
        with outages():
            try:
                await self._orders.insert_one(document)
            except DuplicateKeyError:
                found = await self._orders.find_one({"_id": document["_id"]})
                return msgspec.convert(found, IssueOrder)
        return order
