"""Reports of segments over gRPC: a part of InsightService."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import insight_service_pb2 as pb
from dangol.profile.v1.insight_service_pb2_grpc import InsightServiceServicer
from dangol_service_kit.auth import Role, require

from profile_service.rpc import Context, outages, to_ms
from profile_service.service_segment_reports import Reported, SegmentReportService
from profile_service.service_tenants import StoreDirectory

_LIMIT_DEFAULT: Final = 10


class SegmentReportRpc(InsightServiceServicer):
    """Whoever runs campaigns sees what a segment is worth."""

    def __init__(self, reports: SegmentReportService, directory: StoreDirectory) -> None:
        self._reports = reports
        self._currencies = directory

    async def ReportSegment(  # noqa: N802
        self, request: pb.ReportSegmentRequest, _context: Context
    ) -> pb.ReportSegmentResponse:
        """Errors: SEGMENT_NOT_FOUND, FIELD_INVALID."""
        caller = require(Role.ADMIN, Role.MARKETER, Role.SERVICE)
        has = request.HasField
        span = (
            to_ms(request.start_time, "start_time") if has("start_time") else None,
            to_ms(request.end_time, "end_time") if has("end_time") else None,
        )
        with outages():
            found = await self._reports.report(
                caller.tenant_id, request.segment_id, span, request.limit or _LIMIT_DEFAULT
            )
            currency_code = (await self._currencies.get(caller.tenant_id)).currency_code
        return _to_message(found, currency_code)


def _to_message(found: Reported, currency_code: str) -> pb.ReportSegmentResponse:
    report = found.report
    message = pb.ReportSegmentResponse(
        member_count=found.member_count,
        measured_count=found.measured_count,
        buyer_count=report.buyer_count,
        order_count=report.order_count,
        return_count=report.return_count,
    )
    message.start_time.FromMilliseconds(found.start_ms)
    message.end_time.FromMilliseconds(found.end_ms)
    for money, amount in (
        (message.revenue, report.revenue),
        (message.returned, report.returned),
        (message.discount, report.discount),
    ):
        money.currency_code, money.minor_units = currency_code, amount
    for name, count in report.products:
        message.products.add(id=name, order_count=count)
    for name, count in report.categories:
        message.categories.add(id=name, order_count=count)
    for one in report.responses:
        message.responses.add(
            event_type=one.event_type,
            event_count=one.event_count,
            customer_count=one.customer_count,
        )
    return message
