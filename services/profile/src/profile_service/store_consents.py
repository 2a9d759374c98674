"""The log of consent: collection `consents`, {_id: {t, r}, f, c, at_ms, a, e, k, s, open_ms}.

One document is what one request wrote: r names the request, f is the keyed fingerprint of its
content, c the customer, a who wrote it, e its entries. Where they were decided is free text: s has
it sealed under the record's own key, k. A record is inserted once and its content never changes; c
follows the customer through merges. open_ms is the wall time since which the customer's
own document may not hold it yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from profile_service.consents import ConsentEntry, ConsentRecord
from profile_service.sealing import Vault
from profile_service.store import (
    CONSENTS,
    StoreUnavailableError,
    database_errors,
    insert_new,
)

_SOURCES = b"sources\0"


class ConsentStore:
    """Appends and reads."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self._consents = database[CONSENTS]
        self._vault = vault

    async def find(self, tenant_id: str, key: bytes) -> ConsentRecord | None:
        """What a request wrote, or None."""
        with database_errors():
            found = await self._consents.find_one({"_id": _key(tenant_id, key)})
        return None if found is None else self._from_document(found)

    async def append(self, record: ConsentRecord, wall_ms: int) -> ConsentRecord:
        """Writes a record, open; answers the one that is there if the request has written before.

        Raises StoreUnavailableError when neither is certain.
        """
        document = self._to_document(record, wall_ms)
        if not await insert_new(self._consents, [document]):
            return record
        found = await self.find(record.tenant_id, record.key)
        if found is None:
            raise StoreUnavailableError("a record neither stored nor found")
        return found

    async def give(self, record: ConsentRecord, customer_id: str) -> None:
        """Puts a record into another customer's log."""
        with database_errors():
            await self._consents.update_one(
                {"_id": _key(record.tenant_id, record.key)}, {"$set": {"c": customer_id}}
            )

    async def move(self, tenant_id: str, source_id: str, target_id: str) -> None:
        """Gives one customer's whole log to another. Doing it twice does no harm."""
        with database_errors():
            await self._consents.update_many(
                {"_id.t": tenant_id, "c": source_id}, {"$set": {"c": target_id}}
            )

    async def erase(self, tenant_id: str, customer_ids: Sequence[str]) -> int:
        """Deletes the logs of these customers; how many records that were."""
        condition = {"_id.t": tenant_id, "c": {"$in": list(customer_ids)}}
        with database_errors():
            result = await self._consents.delete_many(condition)
        return int(result.deleted_count)

    async def close(self, record: ConsentRecord) -> None:
        """The customer holds what the record says."""
        with database_errors():
            await self._consents.update_one(
                {"_id": _key(record.tenant_id, record.key)}, {"$unset": {"open_ms": ""}}
            )

    async def list_open(
        self, before_ms: int, limit: int, tenant_id: str = ""
    ) -> list[ConsentRecord]:
        """Records that are open since before_ms or earlier, of a tenant or of all.

        Without where they were decided: who finishes them need not know, and one that does not
        open must not keep the others waiting.
        """
        condition: dict[str, Any] = {"open_ms": {"$gt": 0, "$lte": before_ms}}
        if tenant_id:
            condition["_id.t"] = tenant_id
        with database_errors():
            cursor = self._consents.find(condition).sort("open_ms", 1).limit(limit)
            return [self._from_document(found, sources=False) async for found in cursor]

    async def page(
        self, tenant_id: str, customer_id: str, until: tuple[int, bytes] | None, limit: int
    ) -> list[ConsentRecord]:
        """A customer's records, newest first, from the position on, which is included."""
        condition: dict[str, Any] = {"_id.t": tenant_id, "c": customer_id}
        if until is not None:
            at_ms, key = until
            condition["at_ms"] = {"$lte": at_ms}
            condition["$or"] = [
                {"at_ms": {"$lt": at_ms}},
                {"at_ms": at_ms, "_id.r": {"$lte": key}},
            ]
        order = [("at_ms", -1), ("_id.r", -1)]
        with database_errors():
            cursor = self._consents.find(condition).sort(order).limit(limit)
            return [self._from_document(found) async for found in cursor]

    def _to_document(self, record: ConsentRecord, wall_ms: int) -> dict[str, Any]:
        key = self._vault.new_key(record.tenant_id, record.key)
        sources = json.dumps([one.source for one in record.entries], ensure_ascii=False)
        return {
            "_id": _key(record.tenant_id, record.key),
            "f": record.fingerprint,
            "c": record.customer_id,
            "at_ms": record.recorded_ms,
            "a": record.actor,
            "e": [
                {
                    "p": one.purpose,
                    "ch": one.channel,
                    "g": one.granted,
                    "at_ms": one.decided_ms,
                    "n": one.notice,
                    **({"cf": True} if one.confirmation else {}),
                }
                for one in record.entries
            ],
            "k": key.sealed,
            "s": key.seal(sources.encode(), _SOURCES + record.key),
            "open_ms": wall_ms,
        }

    def _from_document(self, found: Mapping[str, Any], *, sources: bool = True) -> ConsentRecord:
        tenant_id, key = found["_id"]["t"], found["_id"]["r"]
        # Records of the first version have their sources in their entries.
        opened: list[str] = [one.get("s", "") for one in found["e"]]
        if sources and "k" in found:
            data_key = self._vault.open_key(tenant_id, key, found["k"])
            opened = json.loads(data_key.open(found["s"], _SOURCES + key))
        return ConsentRecord(
            tenant_id=tenant_id,
            key=key,
            fingerprint=found["f"],
            customer_id=found["c"],
            recorded_ms=found["at_ms"],
            actor=found["a"],
            entries=tuple(
                ConsentEntry(
                    one["p"],
                    one["ch"],
                    one["g"],
                    one["at_ms"],
                    source,
                    one["n"],
                    one.get("cf", False),
                )
                for one, source in zip(found["e"], opened, strict=True)
            ),
            open="open_ms" in found,
        )


def _key(tenant_id: str, key: bytes) -> dict[str, Any]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "r": key}
