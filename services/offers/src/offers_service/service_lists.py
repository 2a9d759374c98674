"""Use case of list campaigns: enrolling whom the caller lists."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from offers_service import campaigns as rules
from offers_service.campaigns import LIST, CampaignState, Stay
from offers_service.enroller import Enroller
from offers_service.store_campaigns import CampaignStore


class ListOutcome(StrEnum):
    ENROLLED = "ENROLLED"
    NOT_FOUND = "NOT_FOUND"
    NOT_RUNNING = "NOT_RUNNING"
    NOT_A_LIST = "NOT_A_LIST"
    NO_VARIANTS = "NO_VARIANTS"


class ListEnroller:
    """Arms are drawn as for everybody else, so a list may have a control group."""

    def __init__(self, campaigns: CampaignStore, enroller: Enroller) -> None:
        self._campaigns = campaigns
        self._enroller = enroller

    async def enrol(
        self, tenant_id: str, campaign_id: str, customer_ids: Sequence[str], now_ms: int
    ) -> ListOutcome:
        """Enrols them at now_ms; whoever was before stays as enrolled."""
        stored = await self._campaigns.read(tenant_id, campaign_id)
        if stored is None:
            return ListOutcome.NOT_FOUND
        campaign = stored.campaign
        if campaign.trigger is not None:
            return ListOutcome.NOT_A_LIST
        if not campaign.variants:
            return ListOutcome.NO_VARIANTS
        if campaign.state is not CampaignState.RUNNING:
            return ListOutcome.NOT_RUNNING
        key = self._enroller.assignment_key(tenant_id)
        share = await self._enroller.holdout(tenant_id)
        stays = [Stay(customer_id, LIST, 1) for customer_id in customer_ids]
        enrolments = [rules.enrol(key, campaign, stay, now_ms, share) for stay in stays]
        await self._enroller.enrol(tenant_id, enrolments)
        return ListOutcome.ENROLLED
