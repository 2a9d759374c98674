"""Campaigns: whom a change of membership triggers, and into which arm they fall. Pure.

Assignment comes before anything else that could stop a campaign from acting, and depends on
nothing but the tenant's key, the campaign and the customer, so the arms stay comparable whatever
happens later. Before the arms the global holdout is drawn, which is the same for all campaigns.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from offers_service import triggers
from offers_service.budgets import NO_LIMITS, Terms
from offers_service.calendars import Occurrence
from offers_service.message_action import MessageAction
from offers_service.tasks import TaskAction
from offers_service.triggers import ChangeKind, DateTrigger, Trigger

BASIS_POINTS = 10_000
CONTROL_ARM = "control"
TREATED_ARM = "treated"
HOLDOUT_ARM = "holdout"
# What a list is to a list campaign's enrolments: each customer has one stint in it.
LIST = "list"


class CampaignState(StrEnum):
    """Only RUNNING campaigns enrol."""

    DRAFT = "DRAFT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class EnrolmentOutcome(StrEnum):
    """What came of an enrolment. Those that are in none of the sets below suppressed the action."""

    PENDING = "PENDING"
    CONTROL = "CONTROL"
    HOLDOUT = "HOLDOUT"
    ISSUED = "ISSUED"
    TASK_CREATED = "TASK_CREATED"
    CUSTOMER_CAPPED = "CUSTOMER_CAPPED"
    FREQUENCY_CAPPED = "FREQUENCY_CAPPED"
    OFFER_ENDED = "OFFER_ENDED"
    OFFER_NOT_FOUND = "OFFER_NOT_FOUND"
    OFFER_LIMIT_REACHED = "OFFER_LIMIT_REACHED"
    REFUSED = "REFUSED"
    MESSAGE_POSTED = "MESSAGE_POSTED"
    BUDGET_EXHAUSTED = "BUDGET_EXHAUSTED"


ACTED = frozenset(
    {
        EnrolmentOutcome.ISSUED,
        EnrolmentOutcome.TASK_CREATED,
        EnrolmentOutcome.MESSAGE_POSTED,
    }
)
UNTREATED = frozenset({EnrolmentOutcome.CONTROL, EnrolmentOutcome.HOLDOUT})
SUPPRESSED = frozenset(EnrolmentOutcome) - ACTED - UNTREATED - {EnrolmentOutcome.PENDING}


class TriggerOutcome(StrEnum):
    """What became of a delayed trigger once it fell due."""

    ENROLLED = "ENROLLED"
    NO_LONGER_STANDS = "NO_LONGER_STANDS"
    CAMPAIGN_NOT_RUNNING = "CAMPAIGN_NOT_RUNNING"


@dataclass(frozen=True, slots=True)
class Variant:
    """weight is relative to the other variants'; offer_id is empty for one without a coupon."""

    variant_id: str
    weight: int
    offer_id: str
    task: TaskAction | None = None
    message: MessageAction | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """trigger None: coupons are issued to lists that callers bring, and nobody is enrolled.

    Times in Unix milliseconds; launched_at_ms is the first launch, running_since_ms the latest.
    customer_cap 0: no limit. next_occurrence: when a dated one acts next. budget: what all of its
    coupons together may come to.
    """

    tenant_id: str
    campaign_id: str
    display_names: tuple[tuple[str, str], ...]
    trigger: Trigger | None
    control_basis_points: int
    variants: tuple[Variant, ...]
    conversion_window_ms: int
    state: CampaignState
    created_at_ms: int
    launched_at_ms: int | None = None
    running_since_ms: int | None = None
    ended_at_ms: int | None = None
    customer_cap: int = 0
    outside_frequency_cap: bool = False
    next_occurrence: Occurrence | None = None
    budget: Terms = NO_LIMITS


class Stay(NamedTuple):
    """One stint of a customer in a segment."""

    customer_id: str
    segment_id: str
    stint: int


@dataclass(frozen=True, slots=True)
class Change:
    """One announced change of membership. recomputed: a new or edited rule found it, not time.

    notify is False for changes that campaigns must not act on. merged: two customers became one.
    traceparent: of what caused it, if that is traced.
    """

    tenant_id: str
    customer_id: str
    segment_id: str
    stint: int
    kind: ChangeKind
    effective_at_ms: int
    notify: bool
    recomputed: bool
    partition: int
    sequence: int
    merged: bool = False
    traceparent: str = ""

    @property
    def stay(self) -> Stay:
        return Stay(self.customer_id, self.segment_id, self.stint)


@dataclass(frozen=True, slots=True)
class Arm:
    """The control group and the holdout have no variant."""

    variant: Variant | None
    holdout: bool = False

    @property
    def control(self) -> bool:
        return self.variant is None and not self.holdout


@dataclass(frozen=True, slots=True)
class Enrolment:
    """variant_id and offer_id are empty for control and holdout; what they would have got is not
    recorded, that they were triggered is."""

    enrolment_id: str
    campaign_id: str
    customer_id: str
    segment_id: str
    stint: int
    control: bool
    variant_id: str
    offer_id: str
    triggered_at_ms: int
    holdout: bool = False

    @property
    def treated(self) -> bool:
        return not self.control and not self.holdout

    @property
    def arm(self) -> str:
        """holdout, control or the variant's id."""
        if self.holdout:
            return HOLDOUT_ARM
        return CONTROL_ARM if self.control else self.variant_id


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delayed trigger; acts at due_ms if the membership (or its absence) still stands then."""

    enrolment_id: str
    campaign_id: str
    customer_id: str
    segment_id: str
    stint: int
    kind: ChangeKind
    due_ms: int
    ended_at_ms: int | None = None

    @property
    def stay(self) -> Stay:
        return Stay(self.customer_id, self.segment_id, self.stint)


@dataclass(frozen=True, slots=True)
class Ended:
    """What waiting triggers of this kind and stint wait on ceased to stand at at_ms."""

    customer_id: str
    segment_id: str
    stint: int
    kind: ChangeKind
    at_ms: int


def _hash(key: bytes, *parts: str | int) -> bytes:
    content = "\0".join(str(part) for part in parts).encode()
    return hashlib.blake2b(content, key=key, digest_size=20).digest()


def enrolment_id(campaign_id: str, stay: Stay) -> str:
    """The one enrolment of this customer, campaign and stint, however often it is triggered."""
    digest = _hash(b"", campaign_id, *stay)
    return "e_" + base64.b32encode(digest).decode().lower()


def _draw(key: bytes, purpose: str, customer_id: str, size: int) -> tuple[int, int]:
    """Two independent numbers, below 10,000 and below size, of the first and the next 64 bits of
    the keyed hash; scaling by multiplication keeps their shares exact to 2**-64."""
    digest = _hash(key, purpose, customer_id)
    first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")
    return first * BASIS_POINTS >> 64, second * size >> 64


def held_out(key: bytes, customer_id: str, holdout_basis_points: int) -> bool:
    """Whether no campaign of the tenant acts on the customer. Whoever is held out at one share is
    so at every larger one. No campaign has the purpose's name: ids have no dots."""
    return _draw(key, "global.holdout", customer_id, 1)[0] < holdout_basis_points


def assign(key: bytes, campaign: Campaign, customer_id: str, holdout_basis_points: int = 0) -> Arm:
    """The customer's arm in this campaign: the same in every stint, on every replica."""
    if held_out(key, customer_id, holdout_basis_points):
        return Arm(None, holdout=True)
    total = sum(variant.weight for variant in campaign.variants)
    draw, point = _draw(key, campaign.campaign_id, customer_id, total)
    if draw < campaign.control_basis_points or not campaign.variants:
        return Arm(None)
    for variant in campaign.variants:
        if point < variant.weight:
            return Arm(variant)
        point -= variant.weight
    raise AssertionError("the point lies below the sum of weights")


def enrol(
    key: bytes, campaign: Campaign, stay: Stay, at_ms: int, holdout_basis_points: int = 0
) -> Enrolment:
    """Assigns the triggered customer; triggers of control and holdout are recorded all the same."""
    arm = assign(key, campaign, stay.customer_id, holdout_basis_points)
    return Enrolment(
        enrolment_id(campaign.campaign_id, stay),
        campaign.campaign_id,
        *stay,
        arm.control,
        arm.variant.variant_id if arm.variant else "",
        arm.variant.offer_id if arm.variant else "",
        at_ms,
        arm.holdout,
    )


def triggered_at(change: Change, now_ms: int, *, virtual: bool) -> int:
    """The instant at which a change triggers.

    Under virtual time that is the change's own: what happens between two steps of the clock
    happens at its own time, also when it is repeated. On wall time, and for memberships that a
    rule's edit found in history, it is when we hear of it: nothing can be offered in the past.
    """
    if virtual and not change.recomputed:
        return change.effective_at_ms
    return max(change.effective_at_ms, now_ms)


def applies(campaign: Campaign, change: Change) -> bool:
    """Whether the change is one that the campaign, if running, acts on."""
    trigger = triggers.watched(campaign.campaign_id, campaign.trigger)
    return (
        trigger is not None
        and change.notify
        and trigger.segment_id == change.segment_id
        and trigger.kind is change.kind
    )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision rests on beside campaign and change. virtual: the tenant's clock is.

    first: the customer is one of those who need not wait.
    """

    now_ms: int
    virtual: bool
    holdout_basis_points: int = 0
    first: bool = False


def decide(
    key: bytes, campaign: Campaign, change: Change, given: Circumstances
) -> Enrolment | Waiting | None:
    """What the change makes of the customer: enrolled now, waiting, or nothing.

    A change from before the campaign ran belongs to the time before it, however late it is heard
    of; memberships found by a new or edited rule belong to the edit.
    """
    since_ms = campaign.running_since_ms
    trigger = triggers.watched(campaign.campaign_id, campaign.trigger)
    if campaign.state is not CampaignState.RUNNING or since_ms is None or trigger is None:
        return None
    if not applies(campaign, change):
        return None
    if change.effective_at_ms < since_ms and not change.recomputed:
        return None
    at_ms = triggered_at(change, given.now_ms, virtual=given.virtual)
    if trigger.delay_ms == 0 or given.first:
        return enrol(key, campaign, change.stay, at_ms, given.holdout_basis_points)
    due_ms = at_ms + trigger.delay_ms
    name = enrolment_id(campaign.campaign_id, change.stay)
    return Waiting(name, campaign.campaign_id, *change.stay, change.kind, due_ms)


def in_audience_until(campaign: Campaign, change: Change) -> Occurrence | None:
    """The occurrence before which a dated campaign's audience stood as the change found it.

    Under virtual time changes are heard of before the clock has come to the date: whom a later
    change concerns is a member on the date if that change is an exit, and none if it is an entry.
    """
    trigger, occurrence = campaign.trigger, campaign.next_occurrence
    if not isinstance(trigger, DateTrigger) or trigger.segment_id != change.segment_id:
        return None
    if occurrence is None or change.effective_at_ms <= occurrence.due_ms:
        return None
    return occurrence


def ended_by(change: Change) -> Ended | None:
    """Which standing the change ends: an exit its own stint, an entry the absence before it."""
    who = (change.customer_id, change.segment_id)
    if change.kind is ChangeKind.EXITED:
        return Ended(*who, change.stint, ChangeKind.ENTERED, change.effective_at_ms)
    if change.stint > 1:
        return Ended(*who, change.stint - 1, ChangeKind.EXITED, change.effective_at_ms)
    return None


def fall_due(
    key: bytes,
    campaign: Campaign | None,
    waiting: Waiting,
    at_ms: int,
    holdout_basis_points: int = 0,
) -> tuple[TriggerOutcome, Enrolment | None]:
    """What a delayed trigger does at at_ms, its due time or later.

    A membership stands in [entered, ended): one that ended at the due instant no longer does.
    """
    if waiting.ended_at_ms is not None and waiting.ended_at_ms <= waiting.due_ms:
        return TriggerOutcome.NO_LONGER_STANDS, None
    if campaign is None or campaign.state is not CampaignState.RUNNING:
        return TriggerOutcome.CAMPAIGN_NOT_RUNNING, None
    made = enrol(key, campaign, waiting.stay, at_ms, holdout_basis_points)
    return TriggerOutcome.ENROLLED, made
