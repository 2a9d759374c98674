"""The campaigns' half on the wire."""

from __future__ import annotations

from dangol.offers.v1 import (
    calendar_service_pb2_grpc,
    campaign_service_pb2_grpc,
    clock_service_pb2_grpc,
    task_service_pb2_grpc,
)
from dangol_service_kit.server import Server

from offers_service import rpc_calendar, rpc_campaigns, rpc_clock, rpc_tasks
from offers_service.campaign_parts import CampaignParts


def add_campaigns(server: Server, parts: CampaignParts) -> None:
    """CampaignService, CalendarService, TaskService and ClockService."""
    server.add(
        campaign_service_pb2_grpc.add_CampaignServiceServicer_to_server,
        parts.campaign_servicer,
        rpc_campaigns.SERVICE_NAME,
    )
    server.add(
        calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server,
        parts.calendar_servicer,
        rpc_calendar.SERVICE_NAME,
    )
    server.add(
        task_service_pb2_grpc.add_TaskServiceServicer_to_server,
        parts.task_servicer,
        rpc_tasks.SERVICE_NAME,
    )
    server.add(
        clock_service_pb2_grpc.add_ClockServiceServicer_to_server,
        parts.clock_servicer,
        rpc_clock.SERVICE_NAME,
    )
