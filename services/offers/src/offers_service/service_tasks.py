"""Use cases of tasks: list, read, close, add a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from offers_service import tasks as rules
from offers_service.store_tasks import TaskPlace, TaskQuery, TaskStore
from offers_service.tasks import Task, TaskOutcome, Write

_ATTEMPTS_MAX = 20


class TaskAnswer(NamedTuple):
    """task is there for APPLIED and ALREADY_CLOSED."""

    outcome: TaskOutcome
    task: Task | None


class TaskDesk:
    """store_ids None: the caller may see every store's tasks. What belongs to another store looks
    like what does not exist."""

    def __init__(self, tasks: TaskStore) -> None:
        self._tasks = tasks

    async def page(
        self, tenant_id: str, query: TaskQuery, after: TaskPlace, limit: int
    ) -> list[Task]:
        """Tasks in order of due time."""
        return await self._tasks.page(tenant_id, query, after, limit)

    async def get(
        self, tenant_id: str, task_id: str, store_ids: Sequence[str] | None
    ) -> TaskAnswer:
        """One task."""
        task = await self._visible(tenant_id, task_id, store_ids)
        return TaskAnswer(TaskOutcome.APPLIED if task else TaskOutcome.NOT_FOUND, task)

    async def write(
        self, tenant_id: str, task_id: str, store_ids: Sequence[str] | None, write: Write
    ) -> TaskAnswer:
        """Closes a task or adds a note. Raises TimeoutError when others always were faster."""
        for _ in range(_ATTEMPTS_MAX):
            before = await self._visible(tenant_id, task_id, store_ids)
            outcome, after = rules.apply(before, write)
            if before is None or after is None or after is before:
                return TaskAnswer(outcome, after)
            if await self._tasks.replace(tenant_id, before, after):
                return TaskAnswer(outcome, after)
        raise TimeoutError("other writers took every turn at a task")

    async def _visible(
        self, tenant_id: str, task_id: str, store_ids: Sequence[str] | None
    ) -> Task | None:
        task = await self._tasks.get(tenant_id, task_id)
        if task is None or (store_ids is not None and task.store_id not in store_ids):
            return None
        return task
