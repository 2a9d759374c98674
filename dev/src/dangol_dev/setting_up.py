"""What both shops need before their first event: a tenant, its clock, segments, campaigns."""

from collections.abc import Iterable
from dataclasses import dataclass

from dangol.offers.v1.campaign_service_pb2 import (
    Campaign,
    CreateCampaignRequest,
    LaunchCampaignRequest,
)
from dangol.offers.v1.clock_service_pb2 import AdvanceClockRequest
from dangol.offers.v1.offer_service_pb2 import CreateOfferRequest, Offer
from dangol.profile.v1.tenant_service_pb2 import (
    CLOCK_MODE_VIRTUAL,
    CreateTenantRequest,
    Tenant,
)
from dangol.segmentation.v1.segment_service_pb2 import InstallStarterSegmentsRequest

from dangol_dev.client import Client, gather_bounded, request_id
from dangol_dev.closing import timestamp

_STEP_SECONDS_MAX = 300.0


@dataclass(frozen=True)
class Clients:
    """One program may act in several roles; the operator's client belongs to no tenant."""

    operator: Client
    admin: Client
    partner: Client


async def create_tenant(operator: Client, tenant: Tenant, now_ms: int) -> None:
    """A tenant whose virtual clock stands at now_ms."""
    tenant.clock_mode = CLOCK_MODE_VIRTUAL
    tenant.clock_now.CopyFrom(timestamp(now_ms))
    tenant.clock_horizon.CopyFrom(timestamp(now_ms))
    await operator.call(operator.tenants.CreateTenant, CreateTenantRequest(tenant=tenant))


async def advance(client: Client, now_ms: int, horizon_ms: int) -> None:
    """Move the clock; events may then be sent up to the horizon."""
    request = AdvanceClockRequest(now=timestamp(now_ms), horizon=timestamp(horizon_ms))
    await client.call(client.clock.AdvanceClock, request, _STEP_SECONDS_MAX)


async def install_starters(client: Client, tenant_id: str) -> None:
    """Create the ready segments for the tenant."""
    request = InstallStarterSegmentsRequest(request_id=request_id(tenant_id, "starters"))
    await client.call(client.segments.InstallStarterSegments, request, _STEP_SECONDS_MAX)


async def create_offers(client: Client, tenant_id: str, offers: Iterable[Offer]) -> None:
    """Create all offers, several at a time."""

    async def create(offer: Offer) -> None:
        request = CreateOfferRequest(
            request_id=request_id(tenant_id, "offer", offer.offer_id), offer=offer
        )
        await client.call(client.offers.CreateOffer, request)

    await gather_bounded(create, offers)


async def launch_campaigns(client: Client, tenant_id: str, campaigns: Iterable[Campaign]) -> None:
    """Create and launch all campaigns."""

    async def launch(campaign: Campaign) -> None:
        campaign_id = campaign.campaign_id
        await client.call(
            client.campaigns.CreateCampaign,
            CreateCampaignRequest(
                request_id=request_id(tenant_id, "campaign", campaign_id), campaign=campaign
            ),
        )
        await client.call(
            client.campaigns.LaunchCampaign,
            LaunchCampaignRequest(
                request_id=request_id(tenant_id, "launch", campaign_id), campaign_id=campaign_id
            ),
        )

    await gather_bounded(launch, campaigns, 4)
