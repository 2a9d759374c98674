"""dangol.offers.v1.TaskService."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import task_service_pb2 as pb
from dangol.offers.v1 import task_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.codes import Secrets
from offers_service.rpc_common import actor, authorize, page_size, timestamp
from offers_service.service_tasks import TaskAnswer, TaskDesk
from offers_service.store_tasks import TaskPlace, TaskQuery
from offers_service.task_notes import personal
from offers_service.tasks import Step, Task, TaskState, Write

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["TaskService"].full_name
_ROLES = (Role.STAFF, Role.MARKETER, Role.ADMIN, Role.SERVICE)
_STATE_OF = {pb.TaskState.Value(f"TASK_STATE_{state.value}"): state for state in TaskState}


class TaskServicer(pb_grpc.TaskServiceServicer):
    """protobuf <-> tasks. Staff see the tasks of the stores that their token names."""

    def __init__(self, desk: TaskDesk, clock: Clock, secrets_of: Callable[[str], Secrets]) -> None:
        self._desk = desk
        self._clock = clock
        self._secrets_of = secrets_of

    async def ListTasks(  # noqa: N802
        self, request: pb.ListTasksRequest, _context: Any
    ) -> pb.ListTasksResponse:
        """Tasks in order of due time."""
        caller = authorize(*_ROLES)
        stores = _stores(caller)
        if request.store_id:
            visible = stores is None or request.store_id in stores
            stores = [request.store_id] if visible else []
        due_before_ms = request.due_before.ToMilliseconds() if request.HasField("due_before") else 0
        state = _STATE_OF.get(request.state, TaskState.OPEN)
        size = page_size(request.page_size)
        query = TaskQuery(stores, state, due_before_ms)
        after = _read_token(request.page_token)
        found = await self._desk.page(caller.tenant_id, query, after, size + 1)
        return pb.ListTasksResponse(
            tasks=[_to_message(task) for task in found[:size]],
            next_page_token=_token(found[size - 1]) if len(found) > size else "",
        )

    async def GetTask(  # noqa: N802
        self, request: pb.GetTaskRequest, _context: Any
    ) -> pb.GetTaskResponse:
        """One task."""
        caller = authorize(*_ROLES)
        answer = await self._desk.get(caller.tenant_id, request.task_id, _stores(caller))
        return pb.GetTaskResponse(outcome=_outcome(answer), task=_answered(answer))

    async def CloseTask(  # noqa: N802
        self, request: pb.CloseTaskRequest, _context: Any
    ) -> pb.CloseTaskResponse:
        """Done, or dismissed."""
        state = _STATE_OF[request.state]
        answer = await self._write(request.request_id, request.task_id, request.note, state)
        return pb.CloseTaskResponse(outcome=_outcome(answer), task=_answered(answer))

    async def AddTaskNote(  # noqa: N802
        self, request: pb.AddTaskNoteRequest, _context: Any
    ) -> pb.AddTaskNoteResponse:
        """What staff found out."""
        answer = await self._write(request.request_id, request.task_id, request.note, None)
        return pb.AddTaskNoteResponse(outcome=_outcome(answer), task=_answered(answer))

    async def _write(
        self, request_id: str, task_id: str, text: str, state: TaskState | None
    ) -> TaskAnswer:
        caller = authorize(*_ROLES)
        if named := personal(text):
            message = f"a note must not contain {named}: the customer's record has it, sealed"
            raise RpcFailure(Code.FIELD_INVALID, message, field="note")
        who = actor(caller)
        kind = state.value if state else "note"
        content = self._secrets_of(caller.tenant_id).print("task", who, task_id, kind, text)
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        write = Write(Step(request_id, content.hex()), who, now_ms, text, state)
        try:
            return await self._desk.write(caller.tenant_id, task_id, _stores(caller), write)
        except TimeoutError:
            message = "others changed the task at the same time: repeat the request"
            raise RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=200) from None


def _stores(caller: Caller) -> list[str] | None:
    """The stores whose tasks the caller sees; None for all."""
    return list(caller.stores) if caller.role is Role.STAFF else None


def _outcome(answer: TaskAnswer) -> str:
    return f"TASK_OUTCOME_{answer.outcome.value}"


def _answered(answer: TaskAnswer) -> pb.Task | None:
    return _to_message(answer.task) if answer.task else None


def _token(task: Task) -> str:
    return f"{task.due_at_ms}.{task.task_id}"


def _read_token(token: str) -> TaskPlace:
    """A place says nothing about other tenants or stores: it only bounds what may be seen."""
    if not token:
        return TaskPlace(0, "")
    due, _, task_id = token.partition(".")
    if not due.isdecimal() or len(token) > 128 or not task_id.startswith("t_"):
        message = "send a next_page_token as it came"
        raise RpcFailure(Code.PAGE_TOKEN_INVALID, message, field="page_token")
    return TaskPlace(int(due), task_id)


def _to_message(task: Task) -> pb.Task:
    message = pb.Task(
        task_id=task.task_id,
        campaign_id=task.campaign_id,
        variant_id=task.variant_id,
        enrolment_id=task.enrolment_id,
        customer_id=task.customer_id,
        store_id=task.store_id,
        titles=dict(task.titles),
        create_time=timestamp(task.created_at_ms),
        due_time=timestamp(task.due_at_ms),
        state=f"TASK_STATE_{task.state.value}",
        closed_by=task.closed_by,
        notes=[
            pb.TaskNote(text=note.text, author=note.author, write_time=timestamp(note.at_ms))
            for note in task.notes
        ],
    )
    if task.closed_at_ms is not None:
        message.close_time.FromMilliseconds(task.closed_at_ms)
    return message
