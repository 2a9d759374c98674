"""What holds for all campaigns of a tenant."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import Context
from gateway_service.types_common import Int64
from gateway_service.types_reports import HoldoutReport, to_holdout_report

_REPORT_SECONDS = 60.0


@strawberry.type(description="What holds for all campaigns of the tenant.")
class CampaignSettings:
    """The holdout, and how often customers are contacted."""

    version: Int64 = strawberry.field(description="Send it back when changing them.")
    holdout_basis_points: int = strawberry.field(
        description="Hundredths of a percent of all customers whom no campaign acts on."
    )
    holdout_since: dt.datetime | None = strawberry.field(description="Since when that share holds.")
    contacts_max: int | None = strawberry.field(
        description="At most so many contacts in a window; null for no limit."
    )
    contact_window_seconds: Int64 | None = strawberry.field(description="How long the window is.")


def to_campaign_settings(message: pb.CampaignSettings) -> CampaignSettings:
    """Settings as frontends see them."""
    return CampaignSettings(
        version=Int64(message.version),
        holdout_basis_points=message.holdout_basis_points,
        holdout_since=convert.to_datetime(message, "holdout_since"),
        contacts_max=message.contacts_max or None,
        contact_window_seconds=Int64(message.contact_window_seconds) or None,
    )


async def load_campaign_settings(context: Context) -> CampaignSettings:
    """The tenant's. Raises RpcFailure."""
    method = context.clients.campaigns.GetCampaignSettings
    answer = await context.call(method, pb.GetCampaignSettingsRequest())
    return to_campaign_settings(answer.settings)


async def report_holdout(
    context: Context,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    window_seconds: int | None,
) -> HoldoutReport:
    """Asks offers. Raises RpcFailure."""
    request = pb.ReportHoldoutRequest(
        start_time=convert.optional_timestamp(starts_at),
        end_time=convert.optional_timestamp(ends_at),
        window_seconds=window_seconds or 0,
    )
    method = context.clients.campaigns.ReportHoldout
    answer = await context.call(method, request, timeout_seconds=_REPORT_SECONDS)
    return to_holdout_report(answer, await context.currency_code())
