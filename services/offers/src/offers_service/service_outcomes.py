"""What campaigns come to, once a day from their reports, for whoever watches a dashboard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from dangol_service_kit import logs
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.sandboxes import is_sandbox
from dangol_service_kit.tenants import TenantInfo

from offers_service.campaigns import CONTROL_ARM, TREATED_ARM, Campaign, CampaignState
from offers_service.report_figures import Report
from offers_service.reports import Reporter
from offers_service.store_campaigns import CampaignStore
from offers_service.store_outcomes import CampaignOutcome, OutcomeStore

EVERY_MS = 24 * 3_600_000
# A replica that ended in the middle is followed by another one after this time.
_CLAIM_MS = 1_800_000
_LOOK_SECONDS = 60.0
_PAGE = 100

_log = logs.get_logger()


class Directory(Protocol):
    """TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...
    def list_ids(self) -> Awaitable[list[str]]: ...


class OutcomeRounds:
    """Runs beside the servicers; of several replicas one measures a campaign at a time."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        reporter: Reporter,
        store: OutcomeStore,
        directory: Directory,
        clock: Clock,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._campaigns = campaigns
        self._reporter = reporter
        self._store = store
        self._directory = directory
        self._clock = clock
        self._wall_ms = wall_ms

    async def run(self) -> None:
        """Measures what is due until cancelled; outages are waited out."""
        while True:
            try:
                await self.sweep()
            except Exception as error:
                _log.warning("measuring_interrupted", **logs.describe(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def sweep(self) -> int:
        """Measures the campaigns that are due, not those of sandboxes; answers how many."""
        tenant_ids = [one for one in await self._directory.list_ids() if not is_sandbox(one)]
        return sum([await self._sweep_tenant(one) for one in tenant_ids])

    async def _sweep_tenant(self, tenant_id: str) -> int:
        now_ms = self._wall_ms()
        resting = await self._store.resting(tenant_id, now_ms - EVERY_MS, now_ms)
        measured, after_id = 0, ""
        while page := await self._campaigns.page(tenant_id, after_id, _PAGE):
            for campaign in page:
                if campaign.campaign_id not in resting:
                    measured += await self._measure(campaign)
            after_id = page[-1].campaign_id
        return measured

    async def _measure(self, campaign: Campaign) -> bool:
        """Whether the campaign was due."""
        if campaign.trigger is None or campaign.state is CampaignState.DRAFT:
            return False
        key = campaign.tenant_id, campaign.campaign_id
        now_ms = self._wall_ms()
        if not await self._store.claim(*key, now_ms - EVERY_MS, now_ms, now_ms + _CLAIM_MS):
            return False
        their_now_ms = (await self._clock.read(campaign.tenant_id)).now_ms
        report = await self._reporter.report(campaign, their_now_ms)
        info = await self._directory.get(campaign.tenant_id)
        await self._store.save(
            *key,
            outcome_of(report),
            currency_code=info.currency_code,
            at_ms=now_ms,
            settled=is_settled(campaign, their_now_ms),
        )
        return True


def is_settled(campaign: Campaign, now_ms: int) -> bool:
    """Whether every window has ended and nobody is triggered any more. Pure."""
    ended_ms = campaign.ended_at_ms
    return ended_ms is not None and ended_ms + campaign.conversion_window_ms <= now_ms


def outcome_of(report: Report) -> CampaignOutcome:
    """What is kept of a report. Revenue is what the treated spent beyond control's mean. Pure."""
    treated, control = report.arms[TREATED_ARM], report.arms[CONTROL_ARM]
    revenue = 0.0
    if treated.measured_count and control.measured_count:
        mean = control.revenue_minor_units / control.measured_count
        revenue = treated.revenue_minor_units - treated.measured_count * mean
    return CampaignOutcome(
        treated=treated.measured_count,
        treated_converted=treated.converted_count,
        control=control.measured_count,
        control_converted=control.converted_count,
        won_back=report.incremental_customers,
        revenue=revenue,
        cost=treated.cost_minor_units,
    )
