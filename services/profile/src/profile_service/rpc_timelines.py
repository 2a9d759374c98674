"""What a ListTimeline request asks for."""

from __future__ import annotations

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.rpc import to_ms
from profile_service.rpc_pages import from_position
from profile_service.timelines import TimelineQuery


def to_query(request: pb.ListTimelineRequest) -> tuple[TimelineQuery, str]:
    """The query, and the kind of its page tokens. Raises RpcFailure FIELD_INVALID,
    PAGE_TOKEN_INVALID, also for a token of the other order."""
    oldest_first = request.order == pb.TIMELINE_ORDER_OLDEST_FIRST
    kind = "timeline-up" if oldest_first else "timeline"
    start_ms = to_ms(request.start_time, "start_time") if request.HasField("start_time") else None
    end_ms = to_ms(request.end_time, "end_time") if request.HasField("end_time") else None
    if start_ms is not None and end_ms is not None and end_ms <= start_ms:
        message = "the end lies before the start: send a later end_time"
        raise RpcFailure(Code.FIELD_INVALID, message, field="end_time")
    query = TimelineQuery(
        types=list(request.types),
        channels=frozenset(request.channels),
        store_ids=list(request.store_ids),
        start_ms=start_ms,
        end_ms=end_ms,
        oldest_first=oldest_first,
        after=from_position(kind, request.page_token),
    )
    return query, kind
