"""Campaigns: created, launched, paused, ended; who is enrolled; what holds for all of them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, TypeVar

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as pb

from gateway_service import results
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.inputs_campaigns import CampaignInput, CreateCampaignInput
from gateway_service.types_campaign_settings import CampaignSettings, to_campaign_settings
from gateway_service.types_campaigns import to_campaign
from gateway_service.types_common import Int64

# A thousand customers are enrolled one by one.
_ENROL_SECONDS = 60.0

# These answers are alike: the campaign as it is now.
Answer = TypeVar(
    "Answer",
    pb.CreateCampaignResponse,
    pb.LaunchCampaignResponse,
    pb.PauseCampaignResponse,
    pb.EndCampaignResponse,
)


@strawberry.input(description="Customers whom a running campaign over a list is to act on.")
class EnrolCustomersInput:
    """Each is assigned to an arm, once however often it is asked for."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    campaign_id: strawberry.ID = strawberry.field(description="Which campaign.")
    customer_ids: list[strawberry.ID] = strawberry.field(description="At most 1,000.")


@strawberry.input(description="What holds for all campaigns of the tenant.")
class UpdateCampaignSettingsInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    version: Int64 = strawberry.field(description="The version that was read.")
    holdout_basis_points: int = strawberry.field(
        default=0, description="Hundredths of a percent of all customers whom none acts on."
    )
    contacts_max: int | None = strawberry.field(
        default=None, description="At most so many contacts in a window; no limit if absent."
    )
    contact_window_seconds: Int64 | None = strawberry.field(
        default=None, description="How long the window is."
    )


@strawberry.type(description="The customers are enrolled, now or by an earlier request.")
class EnrolCustomersSuccess:
    """Enrolled."""

    enrolled_count: Int64 = strawberry.field(description="All of them.")


@strawberry.type(description="The settings were written.")
class UpdateCampaignSettingsSuccess:
    """Written."""

    settings: CampaignSettings = strawberry.field(description="As they are now.")


EnrolCustomersResult = Annotated[
    EnrolCustomersSuccess | results.CampaignRefused, strawberry.union("EnrolCustomersResult")
]
UpdateCampaignSettingsResult = Annotated[
    UpdateCampaignSettingsSuccess | results.CampaignRefused,
    strawberry.union("UpdateCampaignSettingsResult"),
]


@strawberry.type
class CampaignMutations:
    """The part of Mutation that is about campaigns."""

    @mutation("Creates a campaign as a draft.")
    async def create_campaign(
        self, info: AppInfo, input: CreateCampaignInput
    ) -> results.CampaignResult:
        """Offers' CreateCampaign."""
        method = info.context.clients.campaigns.CreateCampaign
        return await _result(info.context.call(method, input.to_proto()))

    @mutation("Makes a campaign act.")
    async def launch_campaign(self, info: AppInfo, input: CampaignInput) -> results.CampaignResult:
        """Offers' LaunchCampaign."""
        request = pb.LaunchCampaignRequest(
            request_id=str(input.request_id), campaign_id=str(input.campaign_id)
        )
        return await _result(
            info.context.call(info.context.clients.campaigns.LaunchCampaign, request)
        )

    @mutation("Makes a campaign stop acting.")
    async def pause_campaign(self, info: AppInfo, input: CampaignInput) -> results.CampaignResult:
        """Offers' PauseCampaign."""
        request = pb.PauseCampaignRequest(
            request_id=str(input.request_id), campaign_id=str(input.campaign_id)
        )
        return await _result(
            info.context.call(info.context.clients.campaigns.PauseCampaign, request)
        )

    @mutation("Ends a campaign for good: it enrols nobody any more, and delayed triggers lapse.")
    async def end_campaign(self, info: AppInfo, input: CampaignInput) -> results.CampaignResult:
        """Offers' EndCampaign."""
        request = pb.EndCampaignRequest(
            request_id=str(input.request_id), campaign_id=str(input.campaign_id)
        )
        return await _result(info.context.call(info.context.clients.campaigns.EndCampaign, request))

    @mutation("Enrols customers of a list in a running campaign.")
    async def enrol_customers(
        self, info: AppInfo, input: EnrolCustomersInput
    ) -> EnrolCustomersResult:
        """Offers' EnrolCustomers."""
        request = pb.EnrolCustomersRequest(
            request_id=str(input.request_id),
            campaign_id=str(input.campaign_id),
            customer_ids=[str(one) for one in input.customer_ids],
        )
        method = info.context.clients.campaigns.EnrolCustomers
        answer = await results.or_refused(
            info.context.call(method, request, timeout_seconds=_ENROL_SECONDS),
            results.CampaignRefused,
        )
        if isinstance(answer, results.CampaignRefused):
            return answer
        return EnrolCustomersSuccess(enrolled_count=Int64(answer.enrolled_count))

    @mutation("Writes the share of customers whom no campaign acts on, and the cap of contacts.")
    async def update_campaign_settings(
        self, info: AppInfo, input: UpdateCampaignSettingsInput
    ) -> UpdateCampaignSettingsResult:
        """Offers' UpdateCampaignSettings."""
        settings = pb.CampaignSettings(
            holdout_basis_points=input.holdout_basis_points,
            contacts_max=input.contacts_max or 0,
            contact_window_seconds=input.contact_window_seconds or 0,
            version=input.version,
        )
        request = pb.UpdateCampaignSettingsRequest(
            request_id=str(input.request_id), settings=settings
        )
        method = info.context.clients.campaigns.UpdateCampaignSettings
        answer = await results.or_refused(
            info.context.call(method, request), results.CampaignRefused
        )
        if isinstance(answer, results.CampaignRefused):
            return answer
        return UpdateCampaignSettingsSuccess(settings=to_campaign_settings(answer.settings))


async def _result(call: Awaitable[Answer]) -> results.CampaignSuccess | results.CampaignRefused:
    answer = await results.or_refused(call, results.CampaignRefused)
    if isinstance(answer, results.CampaignRefused):
        return answer
    return results.CampaignSuccess(campaign=to_campaign(answer.campaign))
