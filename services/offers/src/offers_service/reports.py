"""The report of a campaign: who was triggered, what they bought, what it cost, what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit.client import call

from offers_service import experiments
from offers_service.campaigns import BASIS_POINTS, CONTROL_ARM, TREATED_ARM, Campaign
from offers_service.experiments import Group, Lift
from offers_service.ledger import CampaignFigures
from offers_service.service_lineage import Ancestry
from offers_service.store_enrolments import EnrolmentStore

if TYPE_CHECKING:
    from dangol.profile.v1.event_service_pb2_grpc import EventServiceAsyncStub

# MeasurePurchases takes at most this many windows.
_WINDOWS_MAX = 5_000
_MEASURES_AT_ONCE_MAX = 2
_TIMEOUT_SECONDS = 30.0


class Window(NamedTuple):
    """[start_ms, end_ms) of one customer."""

    customer_id: str
    start_ms: int
    end_ms: int


class Bought(NamedTuple):
    """Orders and their amounts within a window."""

    order_count: int
    revenue_minor_units: int


@dataclass(slots=True)
class ArmFigures:
    """Customers by their first trigger; those whose window has ended are measured."""

    arm: str
    triggered_count: int = 0
    measured_count: int = 0
    converted_count: int = 0
    revenue_minor_units: int = 0
    issued_count: int = 0
    redeemed_count: int = 0
    cost_minor_units: int = 0

    @property
    def group(self) -> Group:
        """What the statistics need of it."""
        return Group(self.measured_count, self.converted_count)


@dataclass(slots=True)
class Report:
    """arms: control, all treated, then each variant. See dangol.offers.v1.ReportCampaign."""

    campaign: Campaign
    arms: list[ArmFigures] = field(default_factory=list)
    lift: Lift | None = None
    incremental_customers: float = 0.0
    cost_per_incremental_customer: float | None = None
    sample_ratio_p_value: float = 1.0
    minimum_detectable_effect: float = 1.0
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    coupons_gifted: int = 0


class Purchases(Protocol):
    """What customers bought."""

    def measure(self, tenant_id: str, windows: Sequence[Window]) -> Awaitable[list[Bought]]: ...


class LedgerFigures(Protocol):
    """The part of the ledger that reports need."""

    def campaign_figures(
        self, tenant_id: str, campaign_id: str
    ) -> Awaitable[Sequence[CampaignFigures]]: ...


class ProfilePurchases:
    """Asks profile, under the service's own token."""

    def __init__(self, stub: EventServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def measure(self, tenant_id: str, windows: Sequence[Window]) -> list[Bought]:
        """In the order of the windows. Raises RpcFailure."""
        limit = asyncio.Semaphore(_MEASURES_AT_ONCE_MAX)

        async def chunk(start: int) -> list[Bought]:
            async with limit:
                return await self._chunk(tenant_id, windows[start : start + _WINDOWS_MAX])

        starts = range(0, len(windows), _WINDOWS_MAX)
        chunks = await asyncio.gather(*[chunk(start) for start in starts])
        return [bought for each in chunks for bought in each]

    async def _chunk(self, tenant_id: str, windows: Sequence[Window]) -> list[Bought]:
        request = pb.MeasurePurchasesRequest()
        for window in windows:
            added = request.windows.add(customer_id=window.customer_id)
            added.start_time.FromMilliseconds(window.start_ms)
            added.end_time.FromMilliseconds(window.end_ms)
        response = await call(
            self._stub.MeasurePurchases,
            request,
            token=self._token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        return [Bought(each.order_count, each.revenue_minor_units) for each in response.figures]


class _First(NamedTuple):
    """A customer's first trigger; arm is control or the variant's id."""

    triggered_at_ms: int
    arm: str


class Reporter:
    """Makes reports; reads only."""

    def __init__(
        self,
        enrolments: EnrolmentStore,
        ledger: LedgerFigures,
        purchases: Purchases,
        ancestry: Ancestry,
    ) -> None:
        self._enrolments = enrolments
        self._ancestry = ancestry
        self._ledger = ledger
        self._purchases = purchases

    async def report(self, campaign: Campaign, now_ms: int) -> Report:
        """The campaign's figures as of now_ms. Raises RpcFailure without profile."""
        report = Report(campaign)
        report.arms = [
            ArmFigures(CONTROL_ARM),
            ArmFigures(TREATED_ARM),
            *[ArmFigures(variant.variant_id) for variant in campaign.variants],
        ]
        firsts = await self._first_triggers(campaign)
        await self._measure(report, firsts, now_ms)
        figures = await self._ledger.campaign_figures(campaign.tenant_id, campaign.campaign_id)
        _add_coupons(report, figures)
        # The first call imports the libraries; the loop must not wait for that.
        await asyncio.to_thread(_add_statistics, report)
        return report

    async def _first_triggers(self, campaign: Campaign) -> dict[str, _First]:
        firsts: dict[str, _First] = {}
        async for stored in self._enrolments.scan(campaign.tenant_id, campaign.campaign_id):
            enrolment = stored.enrolment
            arm = CONTROL_ARM if enrolment.control else enrolment.variant_id
            known = firsts.get(enrolment.customer_id)
            if known is None or enrolment.triggered_at_ms < known.triggered_at_ms:
                firsts[enrolment.customer_id] = _First(enrolment.triggered_at_ms, arm)
        people = await self._ancestry.people(campaign.tenant_id, list(firsts))
        by_person: dict[str, _First] = {}
        for customer_id, first in firsts.items():
            root = people.root(customer_id)
            by_person[root] = min(first, by_person.get(root, first))
        return by_person

    async def _measure(self, report: Report, firsts: dict[str, _First], now_ms: int) -> None:
        campaign = report.campaign
        by_name = {arm.arm: arm for arm in report.arms}
        windows: list[Window] = []
        owners: list[str] = []
        for customer_id, first in firsts.items():
            for arm in _arms_of(first.arm, by_name):
                arm.triggered_count += 1
            end_ms = first.triggered_at_ms + campaign.conversion_window_ms
            if end_ms <= now_ms:
                windows.append(Window(customer_id, first.triggered_at_ms, end_ms))
                owners.append(first.arm)
        bought = await self._purchases.measure(campaign.tenant_id, windows)
        for name, each in zip(owners, bought, strict=True):
            for arm in _arms_of(name, by_name):
                arm.measured_count += 1
                arm.converted_count += each.order_count > 0
                arm.revenue_minor_units += each.revenue_minor_units


def _arms_of(name: str, by_name: dict[str, ArmFigures]) -> list[ArmFigures]:
    """A variant's customers count as treated too."""
    if name == CONTROL_ARM:
        return [by_name[CONTROL_ARM]]
    return [by_name[TREATED_ARM], by_name[name]]


def _add_coupons(report: Report, figures: Sequence[CampaignFigures]) -> None:
    """Coupons by arm; those of offers that are no variant's count as treated."""
    by_offer = {variant.offer_id: variant.variant_id for variant in report.campaign.variants}
    by_name = {arm.arm: arm for arm in report.arms}
    for each in figures:
        arms = [by_name[TREATED_ARM]]
        if each.offer_id in by_offer:
            arms.append(by_name[by_offer[each.offer_id]])
        for arm in arms:
            arm.issued_count += each.issued_count
            arm.redeemed_count += each.redeemed_count
            arm.cost_minor_units += each.discount_minor_units
        report.coupons_issued += each.issued_count
        report.coupons_redeemed += each.redeemed_count
        report.coupons_gifted += each.gifted_count


def _add_statistics(report: Report) -> None:
    control, treated, *variants = report.arms
    campaign = report.campaign
    report.lift = experiments.conversion_lift(treated.group, control.group)
    incremental = experiments.incremental_customers(treated.group, control.group)
    report.incremental_customers = incremental
    report.cost_per_incremental_customer = experiments.cost_per_incremental_customer(
        treated.cost_minor_units, incremental
    )
    share = campaign.control_basis_points / BASIS_POINTS
    total = sum(variant.weight for variant in campaign.variants)
    weights = [variant.weight / total * (1 - share) for variant in campaign.variants]
    sizes = [arm.triggered_count for arm in (control, *variants)]
    report.sample_ratio_p_value = experiments.sample_ratio_p_value(sizes, [share, *weights])
    report.minimum_detectable_effect = experiments.minimum_detectable_effect(
        treated.measured_count, control.group
    )
