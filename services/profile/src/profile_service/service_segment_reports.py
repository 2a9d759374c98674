"""Reports of segments: members from segmentation, page by page, and sums of each page's events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.segment_reports import ReportTally, SegmentReport
from profile_service.service_registry import Registry
from profile_service.store_segment_reports import SegmentReportStore

MEASURED_MAX: Final = 10_000
_DEFAULT_MS: Final = 365 * 24 * 3_600_000
# Each keeps a few connections and the database busy.
_AT_ONCE_MAX: Final = 2


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Customers of a segment, how many there are in all, and the token of the next page or none."""

    customer_ids: Sequence[str]
    total: int
    next_token: str


class Members(Protocol):
    """Who is in a segment."""

    async def members(self, tenant_id: str, segment_id: str, token: str) -> MemberPage: ...


@dataclass(frozen=True, slots=True)
class Reported:
    """A report with what it is of. Times are UTC milliseconds, the end not included."""

    report: SegmentReport
    member_count: int
    measured_count: int
    start_ms: int
    end_ms: int


class SegmentReportService:
    """Computes from the events each time."""

    def __init__(
        self, clock: Clock, registry: Registry, members: Members, store: SegmentReportStore
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._members = members
        self._store = store
        self._room = asyncio.Semaphore(_AT_ONCE_MAX)

    async def report(
        self, tenant_id: str, segment_id: str, span: tuple[int | None, int | None], limit: int
    ) -> Reported:
        """Of the members now, over a time. Raises RpcFailure SEGMENT_NOT_FOUND, FIELD_INVALID."""
        start_ms, end_ms = span
        if end_ms is None:
            end_ms = (await self._clock.read(tenant_id)).now_ms
        if start_ms is None:
            start_ms = max(end_ms - _DEFAULT_MS, 0)
        if start_ms >= end_ms:
            raise RpcFailure(Code.FIELD_INVALID, "end after the start", field="end_time")
        tally, measured, token = ReportTally(), 0, ""
        async with self._room:
            while True:
                page = await self._members.members(tenant_id, segment_id, token)
                owned = await self._registry.owned(tenant_id, page.customer_ids)
                owners = {
                    one.identifier_hash: customer_id
                    for customer_id, some in owned.items()
                    for one in some
                }
                part = await self._store.part(tenant_id, list(owners), start_ms, end_ms)
                tally.add(part, owners)
                measured, token = measured + len(page.customer_ids), page.next_token
                if not token or measured >= MEASURED_MAX:
                    break
        return Reported(tally.report(limit), page.total, measured, start_ms, end_ms)
