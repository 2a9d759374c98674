"""dangol.offers.v1.CalendarService."""

from __future__ import annotations

from datetime import date
from typing import Any

from dangol.offers.v1 import calendar_service_pb2 as pb
from dangol.offers.v1 import calendar_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.clock import Clock, Directory
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.calendars import DAYS_MAX, CalendarEntry, CalendarKind
from offers_service.rpc_common import READERS, actor, authorize
from offers_service.service_calendar import CalendarDesk, EntryOutcome
from offers_service.store_offers import OfferStore

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["CalendarService"].full_name
_WRITERS = (Role.MARKETER, Role.ADMIN)
_KIND_OF = {pb.CalendarKind.Value(f"CALENDAR_KIND_{kind.value}"): kind for kind in CalendarKind}


class CalendarServicer(pb_grpc.CalendarServiceServicer):
    """protobuf <-> the promotion calendar. requests remembers what was asked for."""

    def __init__(
        self, desk: CalendarDesk, requests: OfferStore, clock: Clock, directory: Directory
    ) -> None:
        self._desk = desk
        self._requests = requests
        self._clock = clock
        self._directory = directory

    async def ListCalendar(  # noqa: N802
        self, request: pb.ListCalendarRequest, _context: Any
    ) -> pb.ListCalendarResponse:
        """Holidays, own entries, and days of dated campaigns."""
        tenant_id = authorize(*READERS).tenant_id
        first = _date(request.first_date, "first_date")
        last = _date(request.last_date, "last_date")
        if not 0 <= (last - first).days < DAYS_MAX:
            message = f"ask for 1 to {DAYS_MAX} days"
            raise RpcFailure(Code.FIELD_INVALID, message, field="last_date")
        zone = (await self._directory.get(tenant_id)).time_zone
        found = await self._desk.between(tenant_id, zone, first, last)
        return pb.ListCalendarResponse(entries=[_to_message(entry) for entry in found])

    async def PutCalendarEntry(  # noqa: N802
        self, request: pb.PutCalendarEntryRequest, _context: Any
    ) -> pb.PutCalendarEntryResponse:
        """A sale or a season of the tenant's own."""
        caller = authorize(*_WRITERS)
        asked = request.entry
        entry = CalendarEntry(
            asked.entry_id,
            _KIND_OF.get(asked.kind, CalendarKind.HOLIDAY),
            tuple(sorted(asked.display_names.items())),
            _date(asked.first_date, "entry.first_date"),
            _date(asked.last_date, "entry.last_date"),
        )
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        content = asked.SerializeToString(deterministic=True)
        await self._remember(request.request_id, b"put" + content, now_ms)
        answer = await self._desk.put(caller.tenant_id, entry, request.request_id, now_ms)
        if answer.outcome is EntryOutcome.INVALID:
            raise RpcFailure(Code.FIELD_INVALID, answer.text, field=answer.field)
        if answer.outcome is EntryOutcome.TOO_MANY:
            raise RpcFailure(Code.TOO_MANY_REQUESTS, "delete entries that are over")
        return pb.PutCalendarEntryResponse(entry=_to_message(entry))

    async def DeleteCalendarEntry(  # noqa: N802
        self, request: pb.DeleteCalendarEntryRequest, _context: Any
    ) -> pb.DeleteCalendarEntryResponse:
        """Harmless where there is none."""
        caller = authorize(*_WRITERS)
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        await self._remember(request.request_id, b"del" + request.entry_id.encode(), now_ms)
        await self._desk.delete(caller.tenant_id, request.entry_id, request.request_id)
        return pb.DeleteCalendarEntryResponse()

    async def _remember(self, request_id: str, content: bytes, now_ms: int) -> None:
        caller = authorize(*_WRITERS)
        first, _ = await self._requests.remember(
            caller.tenant_id, actor(caller), request_id, content, now_ms
        )
        if first != content:
            message = "the request id was used before with other content"
            raise RpcFailure(Code.REQUEST_CONFLICT, message, field="request_id")


def _date(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "there is no such day: write it as YYYY-MM-DD"
        raise RpcFailure(Code.FIELD_INVALID, message, field=field) from None


def _to_message(entry: CalendarEntry) -> pb.CalendarEntry:
    return pb.CalendarEntry(
        entry_id=entry.entry_id,
        kind=f"CALENDAR_KIND_{entry.kind.value}",
        display_names=dict(entry.names),
        first_date=entry.first.isoformat(),
        last_date=entry.last.isoformat(),
    )
