"""Tasks for staff: what is to be done for which customer, where and until when. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

NOTES_MAX = 50


class TaskState(StrEnum):
    OPEN = "OPEN"
    DONE = "DONE"
    DISMISSED = "DISMISSED"


class TaskOutcome(StrEnum):
    """What came of a request about a task; only APPLIED changed something."""

    APPLIED = "APPLIED"
    NOT_FOUND = "NOT_FOUND"
    ALREADY_CLOSED = "ALREADY_CLOSED"
    TOO_MANY_NOTES = "TOO_MANY_NOTES"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


@dataclass(frozen=True, slots=True)
class TaskAction:
    """titles are (language, text); store_id empty: where the customer was last."""

    titles: tuple[tuple[str, str], ...]
    store_id: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    author: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Step:
    """A request that changed the task: its id and a keyed print of its content."""

    request_id: str
    print: str


@dataclass(frozen=True, slots=True)
class Task:
    """Times in Unix milliseconds. store_id empty: no store is known."""

    task_id: str
    campaign_id: str
    variant_id: str
    enrolment_id: str
    customer_id: str
    store_id: str
    titles: tuple[tuple[str, str], ...]
    created_at_ms: int
    due_at_ms: int
    state: TaskState = TaskState.OPEN
    closed_at_ms: int | None = None
    closed_by: str = ""
    notes: tuple[Note, ...] = ()
    steps: tuple[Step, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True)
class Write:
    """A request to change a task. state None: only a note. text may be empty when it closes."""

    step: Step
    author: str
    now_ms: int
    text: str = ""
    state: TaskState | None = None


def task_id(enrolment_id: str) -> str:
    """The one task of an enrolment."""
    digest = hashlib.blake2b(enrolment_id.encode(), digest_size=15).digest()
    return "t_" + base64.b32encode(digest).decode().lower()


def apply(task: Task | None, write: Write) -> tuple[TaskOutcome, Task | None]:
    """What the request does to the task; the task is answered for APPLIED and ALREADY_CLOSED."""
    if task is None:
        return TaskOutcome.NOT_FOUND, None
    for step in task.steps:
        if step.request_id == write.step.request_id:
            same = step.print == write.step.print
            return (TaskOutcome.APPLIED, task) if same else (TaskOutcome.REQUEST_CONFLICT, None)
    if write.state is not None and task.state is not TaskState.OPEN:
        return TaskOutcome.ALREADY_CLOSED, task
    if write.text and len(task.notes) >= NOTES_MAX:
        return TaskOutcome.TOO_MANY_NOTES, None
    changed = replace(task, steps=(*task.steps, write.step), version=task.version + 1)
    if write.text:
        note = Note(write.text, write.author, write.now_ms)
        changed = replace(changed, notes=(*task.notes, note))
    if write.state is not None:
        changed = replace(
            changed, state=write.state, closed_at_ms=write.now_ms, closed_by=write.author
        )
    return TaskOutcome.APPLIED, changed
