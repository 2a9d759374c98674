"""What campaigns ask staff to do, and the promotion calendar."""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from dangol.offers.v1 import calendar_service_pb2 as calendar_pb
from dangol.offers.v1 import task_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.nodes import Node
from gateway_service.types_common import LocalizedText, to_texts
from gateway_service.types_offers import to_id

if TYPE_CHECKING:
    from gateway_service.types_customers import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("gateway_service.types_customers")]


@strawberry.enum(description="Whether a task is still to be done.")
class TaskState(Enum):
    """Values are those of the contract."""

    OPEN = 1
    DONE = 2
    DISMISSED = 3


@strawberry.enum(description="What an entry of the promotion calendar is.")
class CalendarKind(Enum):
    """Values are those of the contract."""

    HOLIDAY = 1
    SUBSTITUTE_HOLIDAY = 2
    SALE = 3
    SEASON = 4
    CAMPAIGN = 5


@strawberry.type(description="What somebody found out about a task.")
class TaskNote:
    """Never changed."""

    text: str = strawberry.field(description="The note.")
    author: str = strawberry.field(description="Role and subject of who wrote it.")
    written_at: dt.datetime | None = strawberry.field(description="When.")


@strawberry.type(description="Something for staff to do about a customer.")
class Task(Node):
    """Made by a campaign."""

    message: strawberry.Private[pb.Task]

    id: strawberry.ID = strawberry.field(description="The task.")
    campaign_id: strawberry.ID = strawberry.field(description="The campaign that made it.")
    variant_id: strawberry.ID | None = strawberry.field(description="Which of its variants.")
    customer_id: strawberry.ID = strawberry.field(description="About whom.")
    store_id: str | None = strawberry.field(
        description="Whose staff; null where no store is known: then marketers see it."
    )
    created_at: dt.datetime | None = strawberry.field(description="When it was made.")
    due_at: dt.datetime | None = strawberry.field(description="When it is due.")
    state: TaskState | None = strawberry.field(description="Whether it is still to be done.")
    closed_at: dt.datetime | None = strawberry.field(description="When it was closed.")
    closed_by: str | None = strawberry.field(description="Role and subject of who closed it.")
    notes: list[TaskNote] = strawberry.field(description="Oldest first.")

    @resolver("What to do, in this language or the tenant's.")
    async def title(self, info: AppInfo, language: str | None = None) -> str:
        """The title in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.titles, wanted, self.id)

    @resolver("What to do, in all languages.")
    def titles(self) -> list[LocalizedText]:
        """All titles."""
        return to_texts(dict(self.message.titles))

    @resolver("About whom.")
    async def customer(self, info: AppInfo) -> LazyCustomer | None:
        """The customer; null when erased."""
        from gateway_service.types_customers import load_customer  # noqa: PLC0415

        return await load_customer(info, self.customer_id)


@strawberry.type(description="A holiday, a sale, a season, or days on which a campaign acts.")
class CalendarEntry:
    """Of the promotion calendar; dates are the tenant's."""

    message: strawberry.Private[calendar_pb.CalendarEntry]

    id: strawberry.ID = strawberry.field(
        description="A holiday's, such as seollal; an own entry's; a campaign's."
    )
    kind: CalendarKind | None = strawberry.field(description="What it is.")
    first_date: dt.date = strawberry.field(description="The first day.")
    last_date: dt.date = strawberry.field(description="The last day, included.")

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, info: AppInfo, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or await info.context.language()
        return convert.display_name(self.message.display_names, wanted, self.id)

    @resolver("Its names in all languages.")
    def display_names(self) -> list[LocalizedText]:
        """All names."""
        return to_texts(dict(self.message.display_names))


def to_task(message: pb.Task) -> Task:
    """A task as frontends see it."""
    return Task(
        message=message,
        id=strawberry.ID(message.task_id),
        campaign_id=strawberry.ID(message.campaign_id),
        variant_id=to_id(message.variant_id),
        customer_id=strawberry.ID(message.customer_id),
        store_id=message.store_id or None,
        created_at=convert.to_datetime(message, "create_time"),
        due_at=convert.to_datetime(message, "due_time"),
        state=convert.to_enum(TaskState, message.state),
        closed_at=convert.to_datetime(message, "close_time"),
        closed_by=message.closed_by or None,
        notes=[
            TaskNote(
                text=note.text,
                author=note.author,
                written_at=convert.to_datetime(note, "write_time"),
            )
            for note in message.notes
        ],
    )


def to_calendar_entry(message: calendar_pb.CalendarEntry) -> CalendarEntry:
    """An entry as frontends see it."""
    return CalendarEntry(
        message=message,
        id=strawberry.ID(message.entry_id),
        kind=convert.to_enum(CalendarKind, message.kind),
        first_date=dt.date.fromisoformat(message.first_date),
        last_date=dt.date.fromisoformat(message.last_date),
    )


async def load_task(context: Context, task_id: str) -> Task | None:
    """One task; None where there is none that the caller may see. Raises RpcFailure."""
    answer = await context.call(context.clients.tasks.GetTask, pb.GetTaskRequest(task_id=task_id))
    return to_task(answer.task) if answer.HasField("task") else None


async def load_tasks(
    context: Context,
    first: int | None,
    after: str | None,
    *,
    store_id: str | None,
    state: TaskState | None,
    due_before: dt.datetime | None,
) -> Connection[Task]:
    """A page of tasks in order of their due time. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.Task]:
        request = pb.ListTasksRequest(
            store_id=store_id or "",
            state=f"TASK_STATE_{state.name}" if state else None,
            due_before=convert.optional_timestamp(due_before),
            page_size=page_size,
            page_token=page_token,
        )
        answer = await context.call(context.clients.tasks.ListTasks, request)
        return Page(answer.tasks, answer.next_page_token)

    return await connect(first, after, load, to_task)


async def load_calendar(
    context: Context, first_date: dt.date, last_date: dt.date
) -> list[CalendarEntry]:
    """Entries in order of their first day. Raises RpcFailure."""
    request = calendar_pb.ListCalendarRequest(
        first_date=first_date.isoformat(), last_date=last_date.isoformat()
    )
    answer = await context.call(context.clients.calendar.ListCalendar, request)
    return [to_calendar_entry(entry) for entry in answer.entries]
