"""Tasks in MongoDB: collection `tasks`, _id {t: tenant, k: task}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.tasks import Task, TaskState

NAME = "tasks"


class TaskQuery(NamedTuple):
    """store_ids None: whatever the store. due_before_ms 0: whenever due."""

    store_ids: Sequence[str] | None
    state: TaskState
    due_before_ms: int = 0


class TaskPlace(NamedTuple):
    """Where a page begins: beyond this task."""

    due_at_ms: int
    task_id: str


class TaskStore:
    """Every write is one insert or one update under the version that was read."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._tasks = database.get_collection(
            NAME,
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
        )

    async def prepare(self) -> None:
        """Makes the collection and its indexes; harmless to repeat."""
        await create_collections(self._database, [NAME])
        order = [("due_at_ms", ASCENDING), ("task_id", ASCENDING)]
        await self._tasks.create_index([("t", ASCENDING), ("state", ASCENDING), *order])
        by_store = [("t", ASCENDING), ("store_id", ASCENDING), ("state", ASCENDING), *order]
        await self._tasks.create_index(by_store)

    async def insert(self, tenant_id: str, task: Task) -> None:
        """Adds the task; one that is there stays as it is."""
        try:
            await self._tasks.insert_one(_to_document(tenant_id, task))
        except DuplicateKeyError:
            return

    async def get(self, tenant_id: str, task_id: str) -> Task | None:
        """One task."""
        found = await self._tasks.find_one({"_id": {"t": tenant_id, "k": task_id}})
        return None if found is None else _to_task(found)

    async def replace(self, tenant_id: str, before: Task, after: Task) -> bool:
        """Writes what followed from `before`; False when it has changed since it was read."""
        key = {"_id": {"t": tenant_id, "k": before.task_id}, "version": before.version}
        result = await self._tasks.replace_one(key, _to_document(tenant_id, after))
        return bool(result.matched_count)

    async def page(
        self, tenant_id: str, query: TaskQuery, after: TaskPlace, limit: int
    ) -> list[Task]:
        """Tasks in order of due time, then id, from behind `after`."""
        wanted: dict[str, Any] = {"t": tenant_id, "state": query.state.value}
        if query.store_ids is not None:
            wanted["store_id"] = {"$in": list(query.store_ids)}
        beyond = [
            {"due_at_ms": {"$gt": after.due_at_ms}},
            {"due_at_ms": after.due_at_ms, "task_id": {"$gt": after.task_id}},
        ]
        wanted["$or"] = beyond
        if query.due_before_ms:
            wanted["$and"] = [{"due_at_ms": {"$lt": query.due_before_ms}}]
        order = [("due_at_ms", ASCENDING), ("task_id", ASCENDING)]
        found = self._tasks.find(wanted).sort(order).limit(limit)
        return [_to_task(document) async for document in found]


def _to_document(tenant_id: str, task: Task) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(task)
    return {"_id": {"t": tenant_id, "k": task.task_id}, "t": tenant_id, **content}


def _to_task(document: Mapping[str, Any]) -> Task:
    return msgspec.convert(dict(document), Task)
