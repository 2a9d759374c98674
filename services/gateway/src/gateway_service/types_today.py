"""A shop owner's day, put together from all three services.

Each part is loaded once, by whoever asks for it first. A service that is down leaves its own parts
null, with an error, and the others whole.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

import strawberry
from dangol.offers.v1 import task_service_pb2 as tasks_pb
from dangol.profile.v1 import event_service_pb2 as events_pb
from dangol.profile.v1 import insight_service_pb2 as insight_pb
from dangol.profile.v1 import tenant_service_pb2 as tenants_pb
from dangol.segmentation.v1 import segment_service_pb2 as segments_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure

from gateway_service import convert
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver
from gateway_service.types_common import Int64, LocalizedText, Money, to_money, to_texts
from gateway_service.types_stores import StoreFigures, to_figures

_SEGMENTS_MAX = 500
_KINDS_MAX = 40
_MEMBERS_MAX = 500
_WINDOWS_MAX = 5_000
_TASKS_MAX = 50
_YEAR = dt.timedelta(days=365)
_FIGURES_SECONDS = 60.0

T = TypeVar("T")


class Members(NamedTuple):
    """Members of one segment at risk, at most _MEMBERS_MAX."""

    segment: segments_pb.Segment
    customer_ids: Sequence[str]


class Day:
    """What the parts of a day share: each is loaded once."""

    def __init__(self, context: Context, tenant: tenants_pb.Tenant, store_id: str) -> None:
        self.context = context
        self.tenant = tenant
        self.store_id = store_id
        virtual = tenant.clock_mode == tenants_pb.CLOCK_MODE_VIRTUAL
        self.now = (
            convert.to_required_datetime(tenant, "clock_now")
            if virtual
            else dt.datetime.now(dt.UTC)
        )
        self.date = self.now.astimezone(ZoneInfo(tenant.time_zone)).date()
        self._loading: dict[str, asyncio.Task[Any]] = {}

    async def _once(self, name: str, load: Callable[[], Awaitable[T]]) -> T:
        if name not in self._loading:
            self._loading[name] = asyncio.ensure_future(load())
        return cast("T", await asyncio.shield(self._loading[name]))

    async def figures(self) -> Sequence[insight_pb.StoreFigures]:
        """Of today and the seven days before."""
        return await self._once("figures", self._load_figures)

    async def members(self) -> Sequence[Members]:
        """Of segments at risk that have any, in order of id."""
        return await self._once("members", self._load_members)

    async def revenues(self) -> Mapping[str, int]:
        """What each of the members bought in the last year, in minor units."""
        return await self._once("revenues", self._load_revenues)

    async def tasks(self) -> Sequence[tasks_pb.Task]:
        """Open tasks that are due by the end of the day, at most _TASKS_MAX."""
        return await self._once("tasks", self._load_tasks)

    async def _load_figures(self) -> Sequence[insight_pb.StoreFigures]:
        stores = bool(self.store_id) or self.context.caller.role is Role.STAFF
        request = insight_pb.ListStoreFiguresRequest(
            scope=insight_pb.FIGURE_SCOPE_STORE if stores else insight_pb.FIGURE_SCOPE_TENANT,
            unit=insight_pb.FIGURE_UNIT_DAY,
            first_date=(self.date - dt.timedelta(days=7)).isoformat(),
            last_date=self.date.isoformat(),
            scope_ids=[self.store_id] if self.store_id else [],
        )
        method = self.context.clients.insight.ListStoreFigures
        answer = await self.context.call(method, request, timeout_seconds=_FIGURES_SECONDS)
        return answer.figures

    async def _load_members(self) -> Sequence[Members]:
        request = segments_pb.ListSegmentsRequest(page_size=_SEGMENTS_MAX)
        answer = await self.context.call(self.context.clients.segments.ListSegments, request)
        missed = [one for one in answer.segments if one.at_risk and one.member_count]
        # The largest first, should there be very many.
        missed = sorted(missed, key=lambda one: (-one.member_count, one.segment_id))[:_KINDS_MAX]
        found = await asyncio.gather(*(self._load_some(one) for one in missed))
        return sorted(found, key=lambda one: one.segment.segment_id)

    async def _load_some(self, segment: segments_pb.Segment) -> Members:
        request = segments_pb.ListMembersRequest(
            segment_id=segment.segment_id, page_size=_MEMBERS_MAX
        )
        answer = await self.context.call(self.context.clients.segments.ListMembers, request)
        return Members(segment, [one.customer_id for one in answer.members])

    async def _load_revenues(self) -> Mapping[str, int]:
        members = await self.members()
        ids = list(dict.fromkeys(one for some in members for one in some.customer_ids))
        start, end = convert.to_timestamp(self.now - _YEAR), convert.to_timestamp(self.now)
        revenues: dict[str, int] = {}
        for first in range(0, len(ids), _WINDOWS_MAX):
            chunk = ids[first : first + _WINDOWS_MAX]
            windows = [
                events_pb.PurchaseWindow(customer_id=one, start_time=start, end_time=end)
                for one in chunk
            ]
            answer = await self.context.call(
                self.context.clients.events.MeasurePurchases,
                events_pb.MeasurePurchasesRequest(windows=windows),
                timeout_seconds=_FIGURES_SECONDS,
            )
            for customer_id, figures in zip(chunk, answer.figures, strict=True):
                revenues[customer_id] = figures.revenue_minor_units
        return revenues

    async def _load_tasks(self) -> Sequence[tasks_pb.Task]:
        midnight = dt.datetime.combine(
            self.date + dt.timedelta(days=1), dt.time(), ZoneInfo(self.tenant.time_zone)
        )
        request = tasks_pb.ListTasksRequest(
            store_id=self.store_id,
            due_before=convert.to_timestamp(midnight),
            page_size=_TASKS_MAX,
        )
        answer = await self.context.call(self.context.clients.tasks.ListTasks, request)
        return answer.tasks

    def money(self, minor_units: int) -> Money:
        """In the tenant's currency."""
        return to_money(minor_units, self.tenant.currency_code)


@strawberry.type(description="Customers whom the shop misses, of one kind.")
class MissedCustomers:
    """One segment at risk."""

    day: strawberry.Private[Day]
    members: strawberry.Private[Members]

    segment_id: strawberry.ID = strawberry.field(description="The segment that finds them.")
    customer_count: Int64 = strawberry.field(description="How many they are.")

    @resolver("Its name, in this language or the tenant's.")
    async def display_name(self, language: str | None = None) -> str:
        """The name in one language."""
        wanted = language or self.day.tenant.language
        return convert.display_name(self.members.segment.display_names, wanted, self.segment_id)

    @resolver("Why they matter, in this language or the tenant's.")
    async def description(self, language: str | None = None) -> str:
        """The sentence in one language; empty when there is none."""
        wanted = language or self.day.tenant.language
        return convert.display_name(self.members.segment.descriptions, wanted, "")

    @resolver("What the measured ones bought in the last year.")
    async def revenue(self) -> Money | None:
        """Profile's MeasurePurchases."""
        revenues = await self.day.revenues()
        return self.day.money(sum(revenues[one] for one in self.members.customer_ids))

    @resolver("How many were measured: of more than 500, the first 500.")
    def measured_count(self) -> Int64:
        """All of them, mostly."""
        return Int64(len(self.members.customer_ids))


@strawberry.type(description="A task of staff that is due.")
class DueTask:
    """From a campaign."""

    id: strawberry.ID = strawberry.field(description="As closing it names it.")
    titles: list[LocalizedText] = strawberry.field(description="What to do.")
    customer_id: strawberry.ID = strawberry.field(description="For whom.")
    store_id: strawberry.ID | None = strawberry.field(description="In which store.")
    due_at: dt.datetime | None = strawberry.field(description="Until when.")


@strawberry.enum(description="What to do.")
class ActionKind(Enum):
    """Values are those of the contract."""

    DO_TASKS = 1
    TALK = 2
    REMIND = 3
    OFFER = 4
    ASK = 5
    TELL_OF_PRODUCT = 6


@strawberry.type(description="Something worth doing.")
class SuggestedAction:
    """First things first."""

    action: ActionKind | None = strawberry.field(description="What.")
    segment_id: strawberry.ID | None = strawberry.field(description="For whom; null for tasks.")
    count: Int64 = strawberry.field(description="How many customers, or tasks.")
    revenue: Money = strawberry.field(description="What they bought in the last year.")
    reasons: list[LocalizedText] = strawberry.field(description="Why.")


@strawberry.type(description="A shop owner's day.")
class Today:
    """Parts that a service does not answer are null."""

    day: strawberry.Private[Day]

    date: dt.date = strawberry.field(description="In the tenant's zone.")
    store_id: strawberry.ID | None = strawberry.field(description="Of which store; null for all.")

    @resolver("Today's figures until now; of the tenant, of the store, or of staff's stores.")
    async def figures(self) -> list[StoreFigures] | None:
        """Profile's ListStoreFigures."""
        return self._of(await self.day.figures(), self.date)

    @resolver("The figures of the same day a week ago, to compare with.")
    async def figures_week_ago(self) -> list[StoreFigures] | None:
        """The whole day."""
        return self._of(await self.day.figures(), self.date - dt.timedelta(days=7))

    def _of(self, figures: Sequence[insight_pb.StoreFigures], day: dt.date) -> list[StoreFigures]:
        return [to_figures(one) for one in figures if one.date == day.isoformat()]

    @resolver("Whom the shop misses, by kind: the members of segments at risk.")
    async def missed(self) -> list[MissedCustomers] | None:
        """Segmentation's, at most 40 kinds."""
        return [
            MissedCustomers(
                day=self.day,
                members=one,
                segment_id=strawberry.ID(one.segment.segment_id),
                customer_count=Int64(one.segment.member_count),
            )
            for one in await self.day.members()
        ]

    @resolver("What they bought in the last year, each counted once.")
    async def revenue_at_risk(self) -> Money | None:
        """Of those who were measured."""
        return self.day.money(sum((await self.day.revenues()).values()))

    @resolver("Tasks that are due today or were before, at most 50.")
    async def due_tasks(self) -> list[DueTask] | None:
        """Offers' ListTasks."""
        return [
            DueTask(
                id=strawberry.ID(one.task_id),
                titles=to_texts(dict(one.titles)),
                customer_id=strawberry.ID(one.customer_id),
                store_id=strawberry.ID(one.store_id) if one.store_id else None,
                due_at=convert.to_datetime(one, "due_time"),
            )
            for one in await self.day.tasks()
        ]

    @resolver("What to do next, from what is known: without a part that is down.")
    async def actions(self, info: AppInfo) -> list[SuggestedAction] | None:
        """Profile's SuggestActions over the other parts."""
        members = await _known(self.day.members(), ())
        revenues = await _known(self.day.revenues(), {})
        tasks = await _known(self.day.tasks(), ())
        request = insight_pb.SuggestActionsRequest(due_task_count=len(tasks))
        for one in members:
            request.missed.add(
                kind=one.segment.starter_id or one.segment.segment_id,
                customer_count=one.segment.member_count,
                revenue_minor_units=sum(revenues.get(who, 0) for who in one.customer_ids),
            )
        context = info.context
        answer = await context.call(context.clients.insight.SuggestActions, request)
        by_kind = {
            one.segment.starter_id or one.segment.segment_id: one.segment.segment_id
            for one in members
        }
        return [
            SuggestedAction(
                action=convert.to_enum(ActionKind, one.action),
                segment_id=strawberry.ID(by_kind[one.kind]) if one.kind else None,
                count=Int64(one.customer_count),
                revenue=self.day.money(one.revenue_minor_units),
                reasons=to_texts(dict(one.reasons)),
            )
            for one in answer.actions
        ]


async def open_day(context: Context, store_id: str | None) -> Today:
    """The day as it begins to be asked. Raises RpcFailure."""
    day = Day(context, await context.tenants.fresh(context), store_id or "")
    return Today(day=day, date=day.date, store_id=strawberry.ID(store_id) if store_id else None)


async def _known(part: Awaitable[T], otherwise: T) -> T:
    """A part of the day, or what stands for it while its service is down."""
    try:
        return await part
    except RpcFailure:
        return otherwise
