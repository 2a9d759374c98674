"""EventService over gRPC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from dangol.profile.v1 import event_service_pb2 as pb
from dangol.profile.v1.event_service_pb2_grpc import EventServiceServicer
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import visitors
from profile_service.judging import BATCH_BYTES_MAX, EVENTS_MAX
from profile_service.rpc import Context, outages, own_customer, to_ms
from profile_service.rpc_pages import from_position, to_position
from profile_service.service_history import HistoryService, Window
from profile_service.service_record import EventResult, Recorded, Recorder, RecordOutcome

SERVICE_NAME = "dangol.profile.v1.EventService"
_TOUCHED_DEFAULT: Final = 1000
_OUTCOMES: Final = {
    RecordOutcome.RECORDED: pb.RECORD_OUTCOME_RECORDED,
    RecordOutcome.DUPLICATE: pb.RECORD_OUTCOME_DUPLICATE,
    RecordOutcome.REJECTED: pb.RECORD_OUTCOME_REJECTED,
}


class EventRpc(EventServiceServicer):
    """Partners, services and admins write; customers write what they did themselves."""

    def __init__(self, recorder: Recorder, history: HistoryService) -> None:
        self._recorder = recorder
        self._history = history

    async def RecordEvents(  # noqa: N802
        self, request: pb.RecordEventsRequest, _context: Context
    ) -> pb.RecordEventsResponse:
        """Errors: BATCH_TOO_LARGE for the whole batch; everything else is judged by event.

        Of a visitor FIELD_INVALID for the whole batch, and no answer tells what it changed.
        """
        caller = require(*_WRITERS, Role.VISITOR)
        if caller.role is Role.VISITOR:
            refused = visitors.refuse_events(caller.subject, request.events)
            if refused is not None:
                field, message = refused
                raise RpcFailure(Code.FIELD_INVALID, message, field=field)
        response = await self._record(caller, request)
        if caller.role is Role.VISITOR:
            del response.changes[:]
        return response

    async def StreamEvents(  # noqa: N802
        self, request_iterator: AsyncIterator[pb.StreamEventsRequest], _context: Context
    ) -> AsyncIterator[pb.StreamEventsResponse]:
        """Answers batch after batch, in order. Errors as RecordEvents; they end the stream."""
        caller = _writer()
        async for request in request_iterator:
            yield pb.StreamEventsResponse(batch=await self._record(caller, request.batch))

    async def _record(
        self, caller: Caller, request: pb.RecordEventsRequest
    ) -> pb.RecordEventsResponse:
        _check_size(request)
        if request.import_id and caller.role not in _IMPORTERS:
            message = "leave it out: only admins, partners and services import"
            raise RpcFailure(Code.FIELD_INVALID, message, field="import_id")
        with outages():
            recorded = await self._recorder.record(
                caller.tenant_id, request.events, own_customer(caller), request.import_id
            )
        return _to_response(recorded)

    async def StreamHistory(  # noqa: N802
        self, request: pb.StreamHistoryRequest, _context: Context
    ) -> AsyncIterator[pb.StreamHistoryResponse]:
        """One customer a message; ids that do not exist are left out."""
        tenant_id = require(Role.SERVICE).tenant_id
        types = list(request.event_types)
        if request.customer_ids:
            histories = self._history.of_customers(tenant_id, request.customer_ids, types)
        elif request.sample_size:
            histories = self._history.of_sample(tenant_id, request.sample_size, types)
        else:
            after_id = request.start_after_customer_id
            histories = self._history.of_tenant(tenant_id, after_id, types)
        with outages():
            async for history in histories:
                yield history

    async def ListTouchedCustomers(  # noqa: N802
        self, request: pb.ListTouchedCustomersRequest, _context: Context
    ) -> pb.ListTouchedCustomersResponse:
        """Errors: PAGE_TOKEN_INVALID. Pages may name a customer again."""
        tenant_id = require(Role.SERVICE).tenant_id
        after = from_position("touched", request.page_token)
        limit = request.page_size or _TOUCHED_DEFAULT
        with outages():
            ids, last = await self._history.touched(
                tenant_id, to_ms(request.since, "since"), after, limit
            )
        token = to_position("touched", *last) if last else ""
        return pb.ListTouchedCustomersResponse(customer_ids=ids, next_page_token=token)

    async def MeasurePurchases(  # noqa: N802
        self, request: pb.MeasurePurchasesRequest, _context: Context
    ) -> pb.MeasurePurchasesResponse:
        """Customers that do not exist bought nothing."""
        tenant_id = require(Role.SERVICE, Role.ADMIN, Role.MARKETER, Role.STAFF).tenant_id
        windows = [
            Window(
                one.customer_id,
                to_ms(one.start_time, f"windows[{position}].start_time"),
                to_ms(one.end_time, f"windows[{position}].end_time"),
            )
            for position, one in enumerate(request.windows)
        ]
        with outages():
            figures = await self._history.measure(tenant_id, windows)
        return pb.MeasurePurchasesResponse(
            figures=[
                pb.PurchaseFigures(order_count=orders, revenue_minor_units=revenue)
                for orders, revenue in figures
            ]
        )


_IMPORTERS: Final = (Role.PARTNER, Role.SERVICE, Role.ADMIN)
_WRITERS: Final = (Role.PARTNER, Role.SERVICE, Role.ADMIN, Role.CUSTOMER)


def _writer() -> Caller:
    return require(*_WRITERS)


def _check_size(request: pb.RecordEventsRequest) -> None:
    if len(request.events) > EVENTS_MAX:
        message = f"send at most {EVENTS_MAX:,} events at once, and the rest in further batches"
        raise RpcFailure(Code.BATCH_TOO_LARGE, message, field="events")
    if request.ByteSize() > BATCH_BYTES_MAX:
        message = "send at most 4 MiB at once, and the rest in further batches"
        raise RpcFailure(Code.BATCH_TOO_LARGE, message, field="events")


def _to_response(recorded: Recorded) -> pb.RecordEventsResponse:
    return pb.RecordEventsResponse(
        results=[_to_result(one) for one in recorded.results],
        changes=recorded.changes,
        changes_pending=recorded.pending,
    )


def _to_result(result: EventResult) -> pb.EventResult:
    outcome = _OUTCOMES[result.outcome]
    if result.rejection is None:
        return pb.EventResult(event_id=result.event_id, outcome=outcome)
    code, field, message = result.rejection
    return pb.EventResult(
        event_id=result.event_id, outcome=outcome, code=code.value, field=field, message=message
    )
