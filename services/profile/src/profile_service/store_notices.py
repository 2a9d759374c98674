"""Notices: collection `notices`, {_id: {t, n, v}, x, at_ms, a, r, f}. Inserted, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from profile_service.notices import Notice
from profile_service.store import NOTICES, StoreUnavailableError, database_errors, insert_new

_ATTEMPTS_MAX: Final = 20


class NoticeStore:
    """Adds versions and reads them."""

    def __init__(self, database: Any) -> None:
        self._notices = database[NOTICES]

    async def add(self, wanted: Notice) -> Notice:
        """Inserts the next version of a text; what the same request wrote before if it did."""
        for _ in range(_ATTEMPTS_MAX):
            known = await self._one({"_id.t": wanted.tenant_id, "r": wanted.request_key})
            if known is not None:
                return known
            last = await self._one({"_id.t": wanted.tenant_id, "_id.n": wanted.name})
            fresh = replace(wanted, version=last.version + 1 if last else 1)
            if not await insert_new(self._notices, [_to_document(fresh)]):
                return fresh
        raise StoreUnavailableError("others take every version of a notice")

    async def missing(
        self, tenant_id: str, references: Iterable[tuple[str, int]]
    ) -> set[tuple[str, int]]:
        """Those of the versions that do not exist."""
        wanted = set(references)
        keys = [_key(tenant_id, *one) for one in wanted]
        with database_errors():
            found = await self._notices.find({"_id": {"$in": keys}}, {"_id": 1}).to_list(None)
        return wanted - {(one["_id"]["n"], one["_id"]["v"]) for one in found}

    async def page(self, tenant_id: str, after: tuple[str, int], limit: int) -> list[Notice]:
        """Notices in order of name and version, behind a position."""
        between = {"$gt": _key(tenant_id, *after), "$lt": _key(tenant_id, "\U0010ffff", 0)}
        with database_errors():
            cursor = self._notices.find({"_id": between}).sort("_id", 1).limit(limit)
            return [_from_document(found) async for found in cursor]

    async def _one(self, condition: Mapping[str, Any]) -> Notice | None:
        """The newest that meets a condition."""
        with database_errors():
            found = await self._notices.find_one(condition, sort=[("_id.v", -1)])
        return None if found is None else _from_document(found)


def _key(tenant_id: str, name: str, version: int) -> dict[str, Any]:
    """The order of the fields is part of the key."""
    return {"t": tenant_id, "n": name, "v": version}


def _to_document(notice: Notice) -> dict[str, Any]:
    return {
        "_id": _key(notice.tenant_id, notice.name, notice.version),
        "x": [[language, text] for language, text in sorted(notice.texts.items())],
        "at_ms": notice.created_ms,
        "a": notice.actor,
        "r": notice.request_key,
        "f": notice.fingerprint,
    }


def _from_document(found: Mapping[str, Any]) -> Notice:
    return Notice(
        tenant_id=found["_id"]["t"],
        name=found["_id"]["n"],
        version=found["_id"]["v"],
        texts=dict(found["x"]),
        created_ms=found["at_ms"],
        actor=found["a"],
        request_key=found["r"],
        fingerprint=found["f"],
    )
