"""Erasures: collection `erasures`, {_id: {t, c}, ...}; open_ms is there while work is left.

n counts changes; a change is made to the erasure that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pymongo import ReturnDocument

from profile_service.erasure import Erasure, Part
from profile_service.store import ERASURES, database_errors, insert_new

_FIRST_STEP_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Held:
    """An erasure as it was read, to be saved over."""

    erasure: Erasure
    number: int


class ErasureStore:
    """Opens, leases, saves and lists."""

    def __init__(self, database: Any) -> None:
        self._erasures = database[ERASURES]

    async def add(self, erasure: Erasure) -> bool:
        """Writes a new one; False when the customer has one."""
        # Whoever asked takes the first step; the sweeps come later.
        open_ms = erasure.requested_ms + _FIRST_STEP_MS
        document = {**_to_document(erasure), "n": 1, "open_ms": open_ms}
        return not await insert_new(self._erasures, [document])

    async def get(self, tenant_id: str, customer_id: str) -> Held | None:
        """The customer's erasure."""
        return await self._find({"_id": _key(tenant_id, customer_id)})

    async def of_request(self, tenant_id: str, request_key: bytes) -> Held | None:
        """What a request began."""
        return await self._find({"_id.t": tenant_id, "r": request_key})

    async def lease(self, now_ms: int, until_ms: int) -> Held | None:
        """Takes the erasure that waits longest, for a while; None when none waits."""
        with database_errors():
            found = await self._erasures.find_one_and_update(
                {"open_ms": {"$gt": 0, "$lte": now_ms}},
                {"$set": {"open_ms": until_ms}, "$inc": {"n": 1}},
                sort=[("open_ms", 1)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else Held(_from_document(found), found["n"])

    async def save(self, held: Held, changed: Erasure, open_ms: int) -> Held | None:
        """Saves over what was read; None when somebody else did. open_ms: when to look again."""
        document = {**_to_document(changed), "n": held.number + 1}
        if not changed.completed_ms:
            document["open_ms"] = open_ms
        with database_errors():
            result = await self._erasures.replace_one(
                {"_id": document["_id"], "n": held.number}, document
            )
        return Held(changed, held.number + 1) if result.matched_count else None

    async def page(
        self,
        tenant_id: str | None,
        after: tuple[str, str],
        limit: int,
        waiting_for: Part | None = None,
    ) -> list[Erasure]:
        """Erasures of a tenant or of all, in order of (tenant, customer), behind a position.

        waiting_for narrows to those in which this part is still to be done.
        """
        condition: dict[str, Any] = {"_id": {"$gt": _key(*after)}}
        if tenant_id is not None:
            condition["_id.t"] = tenant_id
        if waiting_for is not None:
            condition |= {"open_ms": {"$gt": 0}, f"done.{waiting_for.value}": {"$exists": False}}
            condition["gone_ms"] = {"$gt": 0}
        with database_errors():
            found = await self._erasures.find(condition).sort("_id", 1).limit(limit).to_list(None)
        return [_from_document(one) for one in found]

    async def _find(self, condition: Mapping[str, Any]) -> Held | None:
        with database_errors():
            found = await self._erasures.find_one(condition)
        return None if found is None else Held(_from_document(found), found["n"])


def _key(tenant_id: str, customer_id: str) -> dict[str, str]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "c": customer_id}


def _to_document(erasure: Erasure) -> dict[str, Any]:
    return {
        "_id": _key(erasure.tenant_id, erasure.customer_id),
        "r": erasure.request_key,
        "f": erasure.fingerprint,
        "reason": erasure.reason,
        "actor": erasure.actor,
        "requested_ms": erasure.requested_ms,
        "ids": list(erasure.customer_ids),
        "hashes": list(erasure.hashes),
        "floor_ms": erasure.floor_ms,
        "gone_ms": erasure.gone_ms,
        "done": {part.value: at_ms for part, at_ms in erasure.done.items()},
        "counts": {part.value: count for part, count in erasure.counts.items()},
        "completed_ms": erasure.completed_ms,
    }


def _from_document(found: Mapping[str, Any]) -> Erasure:
    return Erasure(
        tenant_id=found["_id"]["t"],
        customer_id=found["_id"]["c"],
        request_key=found["r"],
        fingerprint=found["f"],
        reason=found["reason"],
        actor=found["actor"],
        requested_ms=found["requested_ms"],
        customer_ids=tuple(found["ids"]),
        hashes=tuple(found["hashes"]),
        floor_ms=found["floor_ms"],
        gone_ms=found["gone_ms"],
        done={Part(name): at_ms for name, at_ms in found["done"].items()},
        counts={Part(name): count for name, count in found["counts"].items()},
        completed_ms=found["completed_ms"],
    )
