"""A tenant's shops, and how they change. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

REQUESTS_KEPT_MAX: Final = 20


class UpsertOutcome(StrEnum):
    """What came of one store of an upsert."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """A write that this store has seen: its keyed id, the hash of its content, what came of it."""

    key: bytes
    fingerprint: bytes
    outcome: UpsertOutcome


@dataclass(frozen=True, slots=True)
class StoreContent:
    """What is said of a store. names by language tag; empty texts mean unknown."""

    names: Mapping[str, str]
    region: str = ""
    zone: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Store:
    """One store. version counts changes of content, revision every write; times in UTC ms.

    archived_ms is 0 for one that is open.
    """

    tenant_id: str
    store_id: str
    content: StoreContent
    version: int
    revision: int
    created_ms: int
    updated_ms: int
    archived_ms: int = 0
    requests: tuple[StoreRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Upsert:
    """version is the one that was read, 0 for whatever there is."""

    tenant_id: str
    store_id: str
    content: StoreContent
    version: int
    key: bytes
    fingerprint: bytes


def decide_upsert(
    known: Store | None, upsert: Upsert, now_ms: int
) -> tuple[Store | None, UpsertOutcome]:
    """The store to be saved over `known` and the outcome; None when nothing is to be saved."""
    if known is None:
        if upsert.version:
            return None, UpsertOutcome.VERSION_CONFLICT
        fresh = Store(upsert.tenant_id, upsert.store_id, upsert.content, 1, 0, now_ms, now_ms)
        return _seen(fresh, upsert, UpsertOutcome.CREATED), UpsertOutcome.CREATED
    for answered in known.requests:
        if answered.key == upsert.key:
            same = answered.fingerprint == upsert.fingerprint
            return None, answered.outcome if same else UpsertOutcome.REQUEST_CONFLICT
    if upsert.version not in (0, known.version):
        return None, UpsertOutcome.VERSION_CONFLICT
    if upsert.content == known.content:
        # Kept too: the same request, sent again after somebody else's, must not undo that.
        return _seen(known, upsert, UpsertOutcome.UNCHANGED), UpsertOutcome.UNCHANGED
    changed = replace(known, content=upsert.content, version=known.version + 1, updated_ms=now_ms)
    return _seen(changed, upsert, UpsertOutcome.CHANGED), UpsertOutcome.CHANGED


def decide_archive(
    known: Store, key: bytes, fingerprint: bytes, now_ms: int, *, archive: bool
) -> tuple[Store | None, UpsertOutcome]:
    """The store archived or brought back, and the outcome; None when nothing is to be saved."""
    for answered in known.requests:
        if answered.key == key:
            same = answered.fingerprint == fingerprint
            return None, answered.outcome if same else UpsertOutcome.REQUEST_CONFLICT
    if bool(known.archived_ms) is archive:
        return None, UpsertOutcome.UNCHANGED
    changed = replace(
        known,
        archived_ms=now_ms if archive else 0,
        version=known.version + 1,
        updated_ms=now_ms,
    )
    request = StoreRequest(key, fingerprint, UpsertOutcome.CHANGED)
    return _with(changed, request), UpsertOutcome.CHANGED


def _seen(store: Store, upsert: Upsert, outcome: UpsertOutcome) -> Store:
    return _with(store, StoreRequest(upsert.key, upsert.fingerprint, outcome))


def _with(store: Store, request: StoreRequest) -> Store:
    requests = (*store.requests, request)[-REQUESTS_KEPT_MAX:]
    return replace(store, revision=store.revision + 1, requests=requests)
