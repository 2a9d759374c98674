"""Changes of membership in, enrolments and what follows from them out: load, decide, save.

Every step may be repeated. The enrolment is written before its coupon and both have ids that
follow from the cause, so a crash in between is finished by the next delivery of the same change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterable, Sequence
from typing import Protocol

from dangol_service_kit.clock import Reading
from dangol_service_kit.tenants import TenantInfo, unless_ended

from offers_service import campaigns as rules
from offers_service import triggers
from offers_service.campaign_settings import Settings
from offers_service.campaigns import Campaign, Change, Circumstances, Ended, Enrolment, Waiting
from offers_service.enroller_actions import Actions, Scene
from offers_service.service_inherited import Inheritance
from offers_service.store_audiences import AudienceChange, AudienceStore
from offers_service.store_campaigns import CampaignStore
from offers_service.store_enrolments import EnrolmentStore, StoredEnrolment
from offers_service.store_triggers import TriggerStore
from offers_service.triggers import DateTrigger

ASSIGNMENT_PURPOSE = "assignment"
# Customers acted on at once; the ledger commits their coupons in groups.
_ACTIONS_AT_ONCE_MAX = 256


class Directory(Protocol):
    """What tenants are like; TenantDirectory."""

    def get(self, tenant_id: str) -> Awaitable[TenantInfo]: ...


class TenantClock(Protocol):
    """dangol_service_kit.clock.Clock."""

    def read(self, tenant_id: str) -> Awaitable[Reading]: ...


class Keys(Protocol):
    """dangol_service_kit.keys.TenantKeys."""

    def derive(self, tenant_id: str, purpose: str) -> bytes: ...


class TenantSettings(Protocol):
    """SettingsStore."""

    def read(self, tenant_id: str) -> Awaitable[Settings]: ...


class Members(Protocol):
    """Who is in a segment now; clients_segments.Segments."""

    def members_among(
        self, tenant_id: str, segment_id: str, customer_ids: Iterable[str]
    ) -> Awaitable[set[str]]: ...


class Enroller:
    """Acts on changes. `effects` counts, by tenant, what may have written to the ledger."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        enrolments: EnrolmentStore,
        triggers: TriggerStore,
        audiences: AudienceStore,
        settings: TenantSettings,
        actions: Actions,
        members: Members,
        directory: Directory,
        clock: TenantClock,
        keys: Keys,
        inheritance: Inheritance,
    ) -> None:
        self._campaigns = campaigns
        self._enrolments = enrolments
        self._triggers = triggers
        self._audiences = audiences
        self._settings = settings
        self._actions = actions
        self._members = members
        self._directory = directory
        self._clock = clock
        self._keys = keys
        self._inheritance = inheritance
        self.effects: Counter[str] = Counter()

    async def handle(self, changes: Sequence[Change]) -> None:
        """Acts on changes, of one customer in the order in which they were announced."""
        by_tenant: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            by_tenant[change.tenant_id].append(change)
        for tenant_id, theirs in by_tenant.items():
            with unless_ended(tenant_id):
                await self._handle_tenant(tenant_id, theirs)

    async def _handle_tenant(self, tenant_id: str, changes: Sequence[Change]) -> None:
        segment_ids = {change.segment_id for change in changes}
        campaigns = await self._campaigns.of_segments(tenant_id, segment_ids)
        if not campaigns:
            return
        await self._note_audiences(tenant_id, campaigns, changes)
        pairs = [
            (campaign, change)
            for change in changes
            for campaign in campaigns
            if rules.applies(campaign, change)
        ]
        pairs = await self._inheritance.anew(tenant_id, pairs)
        decided = await self._decide(tenant_id, pairs) if pairs else []
        waiting = [made for made in decided if isinstance(made, Waiting)]
        await self._triggers.note(tenant_id, waiting, _ended(changes, campaigns))
        enrolments = [made for made in decided if isinstance(made, Enrolment)]
        undecided = [pair for pair, made in zip(pairs, decided, strict=True) if made is None]
        enrolments += await self._unfinished(tenant_id, undecided)
        if enrolments:
            await self.enrol(tenant_id, enrolments)

    async def _note_audiences(
        self, tenant_id: str, campaigns: Sequence[Campaign], changes: Sequence[Change]
    ) -> None:
        dated = [each for each in campaigns if isinstance(each.trigger, DateTrigger)]
        if not dated or not (await self._directory.get(tenant_id)).virtual:
            return
        found = [
            AudienceChange(campaign.campaign_id, occurrence.number, change.customer_id, change.kind)
            for change in changes
            for campaign in dated
            if (occurrence := rules.in_audience_until(campaign, change)) is not None
        ]
        await self._audiences.note(tenant_id, found)

    async def _decide(
        self, tenant_id: str, pairs: Sequence[tuple[Campaign, Change]]
    ) -> list[Enrolment | Waiting | None]:
        virtual = (await self._directory.get(tenant_id)).virtual
        now_ms = (await self._clock.read(tenant_id)).now_ms
        share = await self.holdout(tenant_id)
        key = self.assignment_key(tenant_id)
        firsts = await self._firsts(tenant_id, pairs)
        return [
            rules.decide(
                key,
                campaign,
                change,
                Circumstances(
                    now_ms, virtual, share, (campaign.campaign_id, change.customer_id) in firsts
                ),
            )
            for campaign, change in pairs
        ]

    async def _firsts(
        self, tenant_id: str, pairs: Sequence[tuple[Campaign, Change]]
    ) -> set[tuple[str, str]]:
        """(campaign, customer) of those who act at once where others wait."""
        customers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for campaign, change in pairs:
            segment_id = triggers.first_segment_id(campaign.trigger)
            if segment_id:
                customers[campaign.campaign_id, segment_id].add(change.customer_id)
        found: set[tuple[str, str]] = set()
        for (campaign_id, segment_id), wanted in customers.items():
            members = await self._members.members_among(tenant_id, segment_id, wanted)
            found |= {(campaign_id, customer_id) for customer_id in members}
        return found

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

    async def holdout(self, tenant_id: str) -> int:
        """The share of the tenant's global holdout, in basis points."""
        return (await self._settings.read(tenant_id)).values.holdout_basis_points

    async def enrol(self, tenant_id: str, enrolments: Iterable[Enrolment]) -> None:
        """Records enrolments, acts on them in order of time, records that; once each."""
        by_campaign: dict[str, list[Enrolment]] = defaultdict(list)
        for enrolment in await self._inheritance.in_their_arms(tenant_id, list(enrolments)):
            by_campaign[enrolment.campaign_id].append(enrolment)
        try:
            stored: list[StoredEnrolment] = []
            for campaign_id, theirs in by_campaign.items():
                stored += await self._enrolments.add(tenant_id, campaign_id, theirs)
            await self._act(tenant_id, [each.enrolment for each in stored if not each.settled])
        finally:
            # Also after a failure: some coupons may have been issued.
            self.effects[tenant_id] += sum(map(len, by_campaign.values()))

    async def _act(self, tenant_id: str, enrolments: Sequence[Enrolment]) -> None:
        if not enrolments:
            return
        campaign_ids = {each.campaign_id for each in enrolments}
        campaigns = await self._campaigns.by_ids(tenant_id, campaign_ids)
        scene = Scene(tenant_id, campaigns, await self._settings.read(tenant_id))
        in_order = sorted(enrolments, key=lambda each: (each.triggered_at_ms, each.campaign_id))
        for start in range(0, len(in_order), _ACTIONS_AT_ONCE_MAX):
            group = in_order[start : start + _ACTIONS_AT_ONCE_MAX]
            await self._enrolments.settle(tenant_id, await self._actions.act(scene, group))


def _ended(changes: Sequence[Change], campaigns: Sequence[Campaign]) -> list[Ended]:
    """What the changes end, where a delayed trigger may be waiting on it."""
    watched = [triggers.watched(each.campaign_id, each.trigger) for each in campaigns]
    delayed = {trigger.segment_id for trigger in watched if trigger and trigger.delay_ms}
    ended = [rules.ended_by(change) for change in changes if change.segment_id in delayed]
    return [end for end in ended if end is not None]
