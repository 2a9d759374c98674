"""Changes of coupons in the order in which they were written: a change stream over `accounts`.

A place in it is the database's own time of the write, from which a stream begins again for as long
as the database keeps its log.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from bson.timestamp import Timestamp
from pymongo.errors import OperationFailure

from offers_service.store_relay import ACCOUNTS, entries_of
from offers_service.store_streams import changes

_AWAIT_MS = 500
_BATCH = 500
# Overflow, ChangeStreamFatalError, ChangeStreamHistoryLost: the log does not reach back so far.
_LOST_CODES = frozenset({15, 280, 286})
_PIPELINE: list[dict[str, Any]] = [
    {
        "$match": {
            "operationType": {"$in": ["insert", "update", "replace"]},
            "documentKey._id.a": {"$regex": "^c_"},
        }
    },
    {
        "$project": {
            "clusterTime": 1,
            "documentKey": 1,
            "fullDocument._id": 1,
            "fullDocument.entries": 1,
            "updateDescription.updatedFields": 1,
        }
    },
]


class HistoryLostError(Exception):
    """The database's log does not reach back to the place."""


@dataclass(frozen=True, slots=True)
class CouponWrite:
    """One write of a coupon. number: of its last entry; owners: whom its entries concern; moved:
    it may have had another owner before."""

    at: Timestamp
    tenant_id: str
    coupon_id: str
    number: int
    first_number: int
    owners: frozenset[str]
    moved: bool


_MOVES = frozenset({"claim", "inherit"})


class WalletStore:
    """Reads only."""

    def __init__(self, database: Any) -> None:
        self._database = database

    async def now(self) -> Timestamp:
        """The latest write that every stream can already show."""
        reply: Mapping[str, Any] = await self._database.command("hello")
        last = reply.get("lastWrite", {}).get("majorityOpTime", {}).get("ts")
        # Behind a router there is no such thing; its time is close, and none is missed after it.
        found: Timestamp = last if last is not None else reply["operationTime"]
        return found

    async def follow(self, start: Timestamp) -> AsyncGenerator[CouponWrite | None, None]:
        """Writes from `start` on; None whenever everything there is was shown.

        Raises HistoryLostError.
        """
        accounts = self._database[ACCOUNTS]
        try:
            async with (
                accounts.watch(
                    _PIPELINE,
                    start_at_operation_time=start,
                    max_await_time_ms=_AWAIT_MS,
                    batch_size=_BATCH,
                ) as stream,
                aclosing(changes(stream)) as found,
            ):
                async for change, _ in found:
                    yield None if change is None else _to_write(change)
        except OperationFailure as error:
            if error.code in _LOST_CODES:
                raise HistoryLostError from error
            raise
        raise HistoryLostError


def _to_write(change: Mapping[str, Any]) -> CouponWrite | None:
    entries = entries_of(change)
    if not entries:
        return None
    key = change["documentKey"]["_id"]
    return CouponWrite(
        at=change["clusterTime"],
        tenant_id=key["t"],
        coupon_id=key["a"],
        number=entries[-1]["n"],
        first_number=entries[0]["n"],
        owners=frozenset(entry["owner"] for entry in entries),
        moved=any(entry["kind"] in _MOVES for entry in entries),
    )
