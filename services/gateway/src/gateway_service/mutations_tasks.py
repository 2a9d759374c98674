"""What staff do with tasks, and the tenant's own entries in the promotion calendar."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Annotated

import strawberry
from dangol.offers.v1 import calendar_service_pb2 as calendar_pb
from dangol.offers.v1 import task_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_common import LocalizedTextInput, from_texts
from gateway_service.types_tasks import CalendarEntry, Task, to_calendar_entry, to_task


@strawberry.enum(description="How a task is closed.")
class TaskClosing(Enum):
    """Values are those of the contract's states."""

    DONE = 2
    DISMISSED = 3


@strawberry.enum(description="What an entry of the tenant's own is.")
class OwnCalendarKind(Enum):
    """Values are those of the contract's kinds."""

    SALE = 3
    SEASON = 4


@strawberry.input(description="A task to close.")
class CloseTaskInput:
    """As done, or as not to be done."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    task_id: strawberry.ID = strawberry.field(description="Which.")
    state: TaskClosing = strawberry.field(default=TaskClosing.DONE, description="How.")
    note: str | None = strawberry.field(default=None, description="What came of it.")


@strawberry.input(description="A note on a task.")
class AddTaskNoteInput:
    """What staff found out."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    task_id: strawberry.ID = strawberry.field(description="Which.")
    note: str = strawberry.field(description="At most 1,000 characters.")


@strawberry.input(description="A sale or a season of the tenant's own, new or changed.")
class PutCalendarEntryInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    entry_id: strawberry.ID = strawberry.field(description="For example summer-sale.")
    kind: OwnCalendarKind = strawberry.field(description="What it is.")
    first_date: dt.date = strawberry.field(description="The first day, in the tenant's zone.")
    last_date: dt.date = strawberry.field(description="The last day, included.")
    display_names: list[LocalizedTextInput] | None = strawberry.field(
        default=None, description="Names by language."
    )


@strawberry.input(description="An entry of the tenant's own to delete.")
class DeleteCalendarEntryInput:
    """Harmless where there is none."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    entry_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The task stayed as it was.")
class TaskRefused(Refused):
    """The code is the outcome, for example ALREADY_CLOSED."""


@strawberry.type(description="The task was changed.")
class TaskSuccess:
    """Changed."""

    task: Task = strawberry.field(description="As it is now.")


@strawberry.type(description="The calendar stayed as it was.")
class CalendarRefused(Refused):
    """Nothing was changed."""


@strawberry.type(description="The entry was written.")
class PutCalendarEntrySuccess:
    """Written."""

    entry: CalendarEntry = strawberry.field(description="As it is now.")


@strawberry.type(description="The entry is gone.")
class DeleteCalendarEntrySuccess:
    """Deleted."""

    entry_id: strawberry.ID = strawberry.field(description="Which.")


TaskResult = Annotated[TaskSuccess | TaskRefused, strawberry.union("TaskResult")]
PutCalendarEntryResult = Annotated[
    PutCalendarEntrySuccess | CalendarRefused, strawberry.union("PutCalendarEntryResult")
]
DeleteCalendarEntryResult = Annotated[
    DeleteCalendarEntrySuccess | CalendarRefused, strawberry.union("DeleteCalendarEntryResult")
]


@strawberry.type
class TaskMutations:
    """The part of Mutation that is about tasks and the calendar."""

    @mutation("Closes a task, as done or as not to be done.")
    async def close_task(self, info: AppInfo, input: CloseTaskInput) -> TaskResult:
        """Offers' CloseTask."""
        request = pb.CloseTaskRequest(
            request_id=str(input.request_id),
            task_id=str(input.task_id),
            state=f"TASK_STATE_{input.state.name}",
            note=input.note or "",
        )
        call = info.context.call(info.context.clients.tasks.CloseTask, request)
        answer = await decided(call, pb.TaskOutcome, TaskRefused)
        return answer if isinstance(answer, TaskRefused) else TaskSuccess(task=to_task(answer.task))

    @mutation("Writes down what staff found out about a task.")
    async def add_task_note(self, info: AppInfo, input: AddTaskNoteInput) -> TaskResult:
        """Offers' AddTaskNote."""
        request = pb.AddTaskNoteRequest(
            request_id=str(input.request_id), task_id=str(input.task_id), note=input.note
        )
        call = info.context.call(info.context.clients.tasks.AddTaskNote, request)
        answer = await decided(call, pb.TaskOutcome, TaskRefused)
        return answer if isinstance(answer, TaskRefused) else TaskSuccess(task=to_task(answer.task))

    @mutation("Writes a sale or a season into the promotion calendar.")
    async def put_calendar_entry(
        self, info: AppInfo, input: PutCalendarEntryInput
    ) -> PutCalendarEntryResult:
        """Offers' PutCalendarEntry."""
        entry = calendar_pb.CalendarEntry(
            entry_id=str(input.entry_id),
            kind=f"CALENDAR_KIND_{input.kind.name}",
            display_names=from_texts(input.display_names),
            first_date=input.first_date.isoformat(),
            last_date=input.last_date.isoformat(),
        )
        request = calendar_pb.PutCalendarEntryRequest(request_id=str(input.request_id), entry=entry)
        method = info.context.clients.calendar.PutCalendarEntry
        answer = await or_refused(info.context.call(method, request), CalendarRefused)
        if isinstance(answer, CalendarRefused):
            return answer
        return PutCalendarEntrySuccess(entry=to_calendar_entry(answer.entry))

    @mutation("Deletes a sale or a season from the promotion calendar.")
    async def delete_calendar_entry(
        self, info: AppInfo, input: DeleteCalendarEntryInput
    ) -> DeleteCalendarEntryResult:
        """Offers' DeleteCalendarEntry."""
        request = calendar_pb.DeleteCalendarEntryRequest(
            request_id=str(input.request_id), entry_id=str(input.entry_id)
        )
        method = info.context.clients.calendar.DeleteCalendarEntry
        answer = await or_refused(info.context.call(method, request), CalendarRefused)
        if isinstance(answer, CalendarRefused):
            return answer
        return DeleteCalendarEntrySuccess(entry_id=input.entry_id)
