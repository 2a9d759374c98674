"""The report of a campaign: who was triggered, what they bought, what it cost, what it did."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from dangol.profile.v1 import event_service_pb2 as pb
from dangol_service_kit.client import call

from offers_service import report_figures as figures
from offers_service.campaigns import CONTROL_ARM, Campaign
from offers_service.experiments import Group
from offers_service.ledger import CampaignFigures
from offers_service.report_figures import (
    Bought,
    Claim,
    CouponCounts,
    First,
    MessageCounts,
    Report,
    Settled,
)
from offers_service.service_lineage import Ancestry
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_messages import Counts

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


class Purchases(Protocol):
    """What customers bought."""

    def measure(self, tenant_id: str, windows: Sequence[Window]) -> Awaitable[list[Bought]]: ...


class LedgerFigures(Protocol):
    """The part of the ledger that reports need."""

    def campaign_figures(
        self, tenant_id: str, campaign_id: str
    ) -> Awaitable[Sequence[CampaignFigures]]: ...


class Claims(Protocol):
    """Gifts of a campaign's coupons; store_gift_claims.GiftClaimStore."""

    def of_campaign(self, tenant_id: str, campaign_id: str) -> Awaitable[list[Claim]]: ...


class Messages(Protocol):
    """How far messages got; store_messages.MessageStore."""

    def counts(self, tenant_id: str, campaign_id: str) -> Awaitable[Mapping[str, Counts]]: ...


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


class Reporter:
    """Makes reports; reads only."""

    def __init__(
        self,
        *,
        enrolments: EnrolmentStore,
        ledger: LedgerFigures,
        purchases: Purchases,
        claims: Claims,
        messages: Messages,
        ancestry: Ancestry,
    ) -> None:
        self._enrolments = enrolments
        self._ancestry = ancestry
        self._ledger = ledger
        self._purchases = purchases
        self._claims = claims
        self._messages = messages

    async def report(self, campaign: Campaign, now_ms: int) -> Report:
        """The campaign's figures as of now_ms. Raises RpcFailure without profile."""
        report = figures.start(campaign)
        key = campaign.tenant_id, campaign.campaign_id
        firsts = await self._first_triggers(report)
        bought = await self._measure(report, firsts, now_ms)
        claims = await self._claims.of_campaign(*key)
        await self._measure_claims(report, claims, now_ms)
        coupons = await self._ledger.campaign_figures(*key)
        figures.add_coupons(report, [CouponCounts(*each) for each in coupons])
        figures.add_messages(report, _by_variant(await self._messages.counts(*key)))
        receiving = _control_recipients(campaign, claims, firsts, bought)
        # The first call imports the libraries; the loop must not wait for that.
        await asyncio.to_thread(figures.add_statistics, report, receiving)
        return report

    async def _first_triggers(self, report: Report) -> dict[str, First]:
        campaign = report.campaign
        firsts: dict[str, First] = {}
        async for stored in self._enrolments.scan(campaign.tenant_id, campaign.campaign_id):
            enrolment = stored.enrolment
            settled = Settled(enrolment, stored.outcome, bool(stored.task_id))
            figures.count(report, settled)
            first = First(enrolment.triggered_at_ms, enrolment.arm, enrolment.segment_id)
            known = firsts.get(enrolment.customer_id)
            if known is None or first.triggered_at_ms < known.triggered_at_ms:
                firsts[enrolment.customer_id] = first
        people = await self._ancestry.people(campaign.tenant_id, list(firsts))
        by_person: dict[str, First] = {}
        for customer_id, first in firsts.items():
            root = people.root(customer_id)
            by_person[root] = min(first, by_person.get(root, first))
        return by_person

    async def _measure(
        self, report: Report, firsts: Mapping[str, First], now_ms: int
    ) -> dict[str, Bought]:
        """Adds customers to their arms; answers what those whose window has ended bought."""
        campaign = report.campaign
        windows: list[Window] = []
        for customer_id, first in firsts.items():
            for arm in figures.arms_of(report, first):
                arm.triggered_count += 1
            end_ms = first.triggered_at_ms + campaign.conversion_window_ms
            if end_ms <= now_ms:
                windows.append(Window(customer_id, first.triggered_at_ms, end_ms))
        measured = await self._purchases.measure(campaign.tenant_id, windows)
        bought = {window.customer_id: each for window, each in zip(windows, measured, strict=True)}
        for customer_id, each in bought.items():
            for arm in figures.arms_of(report, firsts[customer_id]):
                arm.measure(each)
        return bought

    async def _measure_claims(self, report: Report, claims: Sequence[Claim], now_ms: int) -> None:
        length_ms = report.campaign.conversion_window_ms
        ended = [claim for claim in claims if claim.claimed_at_ms + length_ms <= now_ms]
        windows = [
            Window(claim.customer_id, claim.claimed_at_ms, claim.claimed_at_ms + length_ms)
            for claim in ended
        ]
        measured = await self._purchases.measure(report.campaign.tenant_id, windows)
        figures.add_gifts(report, list(zip(ended, measured, strict=True)))


def _by_variant(counts: Mapping[str, Counts]) -> dict[str, MessageCounts]:
    return {
        variant_id: MessageCounts(one.posted, one.reached, one.suppressed, one.dead)
        for variant_id, one in counts.items()
    }


def _control_recipients(
    campaign: Campaign,
    claims: Sequence[Claim],
    firsts: Mapping[str, First],
    bought: Mapping[str, Bought],
) -> Group:
    """Control customers who took a gift before their window ended."""
    received = {
        claim.customer_id
        for claim in claims
        if claim.customer_id in bought
        and firsts[claim.customer_id].arm == CONTROL_ARM
        and claim.claimed_at_ms
        < firsts[claim.customer_id].triggered_at_ms + campaign.conversion_window_ms
    }
    return Group(len(received), sum(bought[each].order_count > 0 for each in received))
