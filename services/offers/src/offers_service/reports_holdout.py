"""The report over all campaigns: customers whom none acts on against all the others.

Each customer counts by the first trigger in any campaign: what came later may have come of what
that one did. Before the present share nobody was held out, so only later triggers count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from offers_service import experiments
from offers_service.campaign_settings import Settings
from offers_service.campaigns import BASIS_POINTS, HOLDOUT_ARM
from offers_service.experiments import Cost
from offers_service.ledger import CampaignFigures
from offers_service.report_figures import ArmFigures, Effect, effect
from offers_service.reports import LedgerFigures, Purchases, Reporter, Window
from offers_service.store_enrolments import EnrolmentStore, FirstTrigger

REACHED_ARM = "reached"
WINDOW_DEFAULT_MS = 30 * 24 * 3600 * 1000


class Span(NamedTuple):
    """First triggers in [start_ms, end_ms); purchases for window_ms after each."""

    start_ms: int
    end_ms: int
    window_ms: int


class TenantSettings(Protocol):
    """SettingsStore."""

    def read(self, tenant_id: str) -> Awaitable[Settings]: ...


class Reporters(NamedTuple):
    """What makes a campaign's report, and the one over all campaigns."""

    one: Reporter
    over_all: HoldoutReporter


@dataclass(slots=True)
class HoldoutReport:
    """See dangol.offers.v1.ReportHoldoutResponse."""

    holdout: ArmFigures
    reached: ArmFigures
    effect: Effect | None = None
    incremental_customers: float = 0.0
    cost: Cost | None = None
    sample_ratio_p_value: float = 1.0
    minimum_detectable_effect: float = 1.0
    minimum_detectable_revenue: float | None = None
    campaign_count: int = 0


class HoldoutReporter:
    """Makes the report; reads only."""

    def __init__(
        self,
        *,
        enrolments: EnrolmentStore,
        ledger: LedgerFigures,
        purchases: Purchases,
        settings: TenantSettings,
    ) -> None:
        self._enrolments = enrolments
        self._ledger = ledger
        self._purchases = purchases
        self._settings = settings

    async def report(self, tenant_id: str, asked: Span, now_ms: int) -> HoldoutReport:
        """The figures as of now_ms. Raises RpcFailure without profile."""
        settings = await self._settings.read(tenant_id)
        since_ms = max(asked.start_ms, settings.holdout_since_ms)
        report = HoldoutReport(ArmFigures(HOLDOUT_ARM), ArmFigures(REACHED_ARM))
        found = await self._enrolments.firsts(tenant_id, settings.holdout_since_ms)
        firsts = [each for each in found if since_ms <= each.triggered_at_ms < asked.end_ms]
        await self._measure(report, tenant_id, firsts, asked, now_ms)
        campaign_ids = {name for each in firsts for name in each.campaign_ids}
        report.campaign_count = len(campaign_ids)
        for campaign_id in sorted(campaign_ids):
            _add(report.reached, await self._ledger.campaign_figures(tenant_id, campaign_id))
        share = settings.values.holdout_basis_points / BASIS_POINTS
        await asyncio.to_thread(_add_statistics, report, share)
        return report

    async def _measure(
        self,
        report: HoldoutReport,
        tenant_id: str,
        firsts: Sequence[FirstTrigger],
        asked: Span,
        now_ms: int,
    ) -> None:
        arms: Mapping[bool, ArmFigures] = {True: report.holdout, False: report.reached}
        for each in firsts:
            arms[each.holdout].triggered_count += 1
            arms[each.holdout].enrolment_count += each.trigger_count
        ended = [each for each in firsts if each.triggered_at_ms + asked.window_ms <= now_ms]
        windows = [
            Window(each.customer_id, each.triggered_at_ms, each.triggered_at_ms + asked.window_ms)
            for each in ended
        ]
        measured = await self._purchases.measure(tenant_id, windows)
        for each, bought in zip(ended, measured, strict=True):
            arms[each.holdout].measure(bought)


def _add(arm: ArmFigures, figures: Sequence[CampaignFigures]) -> None:
    for each in figures:
        arm.issued_count += each.issued_count
        arm.redeemed_count += each.redeemed_count
        arm.cost_minor_units += each.discount_minor_units


def _add_statistics(report: HoldoutReport, share: float) -> None:
    reached, holdout = report.reached, report.holdout
    report.effect = effect(reached, holdout)
    report.incremental_customers = experiments.incremental_customers(reached.group, holdout.group)
    report.cost = experiments.cost_interval(
        reached.cost_minor_units, reached.measured_count, report.effect.conversion
    )
    sizes = [holdout.triggered_count, reached.triggered_count]
    report.sample_ratio_p_value = experiments.sample_ratio_p_value(sizes, [share, 1 - share])
    report.minimum_detectable_effect = experiments.minimum_detectable_effect(
        reached.measured_count, holdout.group
    )
    report.minimum_detectable_revenue = experiments.minimum_detectable_difference(
        reached.revenues, holdout.revenues
    )
