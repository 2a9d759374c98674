"""Changes of membership in, enrolments and coupons out: load, decide, save.

Every step may be repeated. The enrolment is written before its coupon and both have ids that
follow from the cause, so a crash in between is finished by the next delivery of the same change.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from dangol_service_kit.clock import Reading
from dangol_service_kit.tenants import TenantInfo

from offers_service import campaigns as rules
from offers_service.campaigns import Campaign, Change, Ended, Enrolment, EnrolmentOutcome, Waiting
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.ledger import Issued, Origin
from offers_service.store_campaigns import CampaignStore
from offers_service.store_enrolments import EnrolmentStore, StoredEnrolment
from offers_service.store_triggers import TriggerStore

ASSIGNMENT_PURPOSE = "assignment"
# Coupons asked for at once; the ledger commits them in groups.
_ISSUES_AT_ONCE_MAX = 256
_OUTCOMES = {
    CouponOutcome.APPLIED: EnrolmentOutcome.ISSUED,
    CouponOutcome.ALREADY_ISSUED: EnrolmentOutcome.ISSUED,
    CouponOutcome.OFFER_ENDED: EnrolmentOutcome.OFFER_ENDED,
    CouponOutcome.NOT_FOUND: EnrolmentOutcome.OFFER_NOT_FOUND,
}


class Ledger(Protocol):
    """The part of the coupon ledger that enrolling needs."""

    def issue(
        self,
        tenant_id: str,
        *,
        offer_id: str,
        customer_id: str,
        campaign_id: str,
        cause: str,
        actor: str,
        now_ms: int,
        origin: Origin,
    ) -> Awaitable[Issued]: ...


class Directory(Protocol):
    """What tenants are like; TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class TenantClock(Protocol):
    """dangol_service_kit.clock.Clock."""

    def read(self, tenant_id: str) -> Awaitable[Reading]: ...


class Keys(Protocol):
    """dangol_service_kit.keys.TenantKeys."""

    def derive(self, tenant_id: str, purpose: str) -> bytes: ...


class Enroller:
    """Acts on changes. `effects` counts, by tenant, what may have written to the ledger."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        enrolments: EnrolmentStore,
        triggers: TriggerStore,
        ledger: Ledger,
        directory: Directory,
        clock: TenantClock,
        keys: Keys,
    ) -> None:
        self._campaigns = campaigns
        self._enrolments = enrolments
        self._triggers = triggers
        self._ledger = ledger
        self._directory = directory
        self._clock = clock
        self._keys = keys
        self.effects: Counter[str] = Counter()

    async def handle(self, changes: Sequence[Change]) -> None:
        """Acts on changes, of one customer in the order in which they were announced."""
        by_tenant: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            by_tenant[change.tenant_id].append(change)
        for tenant_id, theirs in by_tenant.items():
            await self._handle_tenant(tenant_id, theirs)

    async def _handle_tenant(self, tenant_id: str, changes: Sequence[Change]) -> None:
        segment_ids = {change.segment_id for change in changes}
        campaigns = await self._campaigns.of_segments(tenant_id, segment_ids)
        if not campaigns:
            return
        by_segment: dict[str, list[Campaign]] = defaultdict(list)
        for campaign in campaigns:
            if campaign.trigger is not None:
                by_segment[campaign.trigger.segment_id].append(campaign)
        pairs = [
            (campaign, change)
            for change in changes
            for campaign in by_segment[change.segment_id]
            if rules.applies(campaign, change)
        ]
        decided = await self._decide(tenant_id, pairs) if pairs else []
        waiting = [made for made in decided if isinstance(made, Waiting)]
        await self._triggers.note(tenant_id, waiting, _ended(changes, by_segment))
        enrolments = [made for made in decided if isinstance(made, Enrolment)]
        undecided = [pair for pair, made in zip(pairs, decided, strict=True) if made is None]
        enrolments += await self._unfinished(tenant_id, undecided)
        if enrolments:
            await self.enrol(tenant_id, enrolments)

    async def _decide(
        self, tenant_id: str, pairs: Sequence[tuple[Campaign, Change]]
    ) -> list[Enrolment | Waiting | None]:
        virtual = (await self._directory.get(tenant_id)).virtual
        now_ms = (await self._clock.read(tenant_id)).now_ms
        key = self.assignment_key(tenant_id)
        return [
            rules.decide(key, campaign, change, now_ms, virtual=virtual)
            for campaign, change in pairs
        ]

    async def _unfinished(
        self, tenant_id: str, pairs: Sequence[tuple[Campaign, Change]]
    ) -> list[Enrolment]:
        """Enrolments that a crash left without their coupon, of campaigns paused since."""
        ids = [rules.enrolment_id(campaign.campaign_id, change.stay) for campaign, change in pairs]
        stored = await self._enrolments.read(tenant_id, ids) if ids else {}
        return [found.enrolment for found in stored.values() if not found.settled]

    def assignment_key(self, tenant_id: str) -> bytes:
        """The tenant's key for assigning customers to arms."""
        return self._keys.derive(tenant_id, ASSIGNMENT_PURPOSE)

    async def enrol(self, tenant_id: str, enrolments: Iterable[Enrolment]) -> None:
        """Records enrolments, issues their coupons, records that; once each."""
        by_campaign: dict[str, list[Enrolment]] = defaultdict(list)
        for enrolment in enrolments:
            by_campaign[enrolment.campaign_id].append(enrolment)
        try:
            for campaign_id, theirs in by_campaign.items():
                stored = await self._enrolments.add(tenant_id, campaign_id, theirs)
                await self._issue(tenant_id, [each for each in stored if not each.settled])
        finally:
            # Also after a failure: some coupons may have been issued.
            self.effects[tenant_id] += sum(map(len, by_campaign.values()))

    async def _issue(self, tenant_id: str, stored: Sequence[StoredEnrolment]) -> None:
        for start in range(0, len(stored), _ISSUES_AT_ONCE_MAX):
            group = [each.enrolment for each in stored[start : start + _ISSUES_AT_ONCE_MAX]]
            results = await asyncio.gather(*[self._issue_one(tenant_id, each) for each in group])
            settled = {
                each.enrolment_id: result for each, result in zip(group, results, strict=True)
            }
            await self._enrolments.settle(tenant_id, settled)

    async def _issue_one(
        self, tenant_id: str, enrolment: Enrolment
    ) -> tuple[EnrolmentOutcome, str]:
        issued = await self._ledger.issue(
            tenant_id,
            offer_id=enrolment.offer_id,
            customer_id=enrolment.customer_id,
            campaign_id=enrolment.campaign_id,
            cause=enrolment.enrolment_id,
            actor=f"campaign:{enrolment.campaign_id}",
            now_ms=enrolment.triggered_at_ms,
            origin=Origin.CAMPAIGN,
        )
        outcome = CouponOutcome(str(issued.outcome))
        return _OUTCOMES.get(outcome, EnrolmentOutcome.REFUSED), issued.coupon_id


def _ended(changes: Sequence[Change], by_segment: dict[str, list[Campaign]]) -> list[Ended]:
    """What the changes end, where a delayed trigger may be waiting on it."""
    delayed = {
        segment_id
        for segment_id, campaigns in by_segment.items()
        if any(campaign.trigger and campaign.trigger.delay_ms for campaign in campaigns)
    }
    ended = [rules.ended_by(change) for change in changes if change.segment_id in delayed]
    return [end for end in ended if end is not None]
