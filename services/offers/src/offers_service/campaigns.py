"""Campaigns: whom a change of membership triggers, and into which arm they fall. Pure.

Assignment comes before anything else that could stop an offer, and depends on nothing but the
tenant's key, the campaign and the customer, so the arms stay comparable whatever happens later.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

BASIS_POINTS = 10_000
CONTROL_ARM = "control"
TREATED_ARM = "treated"


class CampaignState(StrEnum):
    """Only RUNNING campaigns enrol."""

    DRAFT = "DRAFT"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"


class ChangeKind(StrEnum):
    ENTERED = "ENTERED"
    EXITED = "EXITED"


class EnrolmentOutcome(StrEnum):
    """What came of an enrolment; everything after ISSUED is a reason why nothing was given."""

    PENDING = "PENDING"
    CONTROL = "CONTROL"
    ISSUED = "ISSUED"
    OFFER_ENDED = "OFFER_ENDED"
    OFFER_NOT_FOUND = "OFFER_NOT_FOUND"
    REFUSED = "REFUSED"


class TriggerOutcome(StrEnum):
    """What became of a delayed trigger once it fell due."""

    ENROLLED = "ENROLLED"
    NO_LONGER_STANDS = "NO_LONGER_STANDS"
    CAMPAIGN_NOT_RUNNING = "CAMPAIGN_NOT_RUNNING"


@dataclass(frozen=True, slots=True)
class Variant:
    """weight is relative to the other variants'."""

    variant_id: str
    weight: int
    offer_id: str


@dataclass(frozen=True, slots=True)
class SegmentTrigger:
    segment_id: str
    kind: ChangeKind
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """trigger None: coupons are issued to lists that callers bring, and nobody is enrolled.

    Times in Unix milliseconds; launched_at_ms is the first launch, running_since_ms the latest.
    """

    tenant_id: str
    campaign_id: str
    display_names: tuple[tuple[str, str], ...]
    trigger: SegmentTrigger | None
    control_basis_points: int
    variants: tuple[Variant, ...]
    conversion_window_ms: int
    state: CampaignState
    created_at_ms: int
    launched_at_ms: int | None = None
    running_since_ms: int | None = None


class Stay(NamedTuple):
    """One stint of a customer in a segment."""

    customer_id: str
    segment_id: str
    stint: int


@dataclass(frozen=True, slots=True)
class Change:
    """One announced change of membership. recomputed: a new or edited rule found it, not time.

    notify is False for changes that campaigns must not act on.
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

    @property
    def stay(self) -> Stay:
        return Stay(self.customer_id, self.segment_id, self.stint)


@dataclass(frozen=True, slots=True)
class Arm:
    """The control group has no variant."""

    variant: Variant | None

    @property
    def control(self) -> bool:
        return self.variant is None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """variant_id and offer_id are empty for the control group; what it would have got is not
    recorded, that it was triggered is."""

    enrolment_id: str
    campaign_id: str
    customer_id: str
    segment_id: str
    stint: int
    control: bool
    variant_id: str
    offer_id: str
    triggered_at_ms: int


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


def violations(campaign: Campaign) -> list[tuple[str, str]]:
    """(field, what to do) for everything the campaign's parts say together that cannot be."""
    found = []
    if campaign.trigger is not None and not campaign.variants:
        found.append(("campaign.variants", "name at least one variant for a segment's campaign"))
    ids = [variant.variant_id for variant in campaign.variants]
    if len(set(ids)) < len(ids):
        found.append(("campaign.variants", "give each variant an id of its own"))
    if {CONTROL_ARM, TREATED_ARM} & set(ids):
        found.append(("campaign.variants", "control and treated are names of the report's arms"))
    # The ledger counts by offer, which tells the variants apart.
    if len({variant.offer_id for variant in campaign.variants}) < len(ids):
        found.append(("campaign.variants", "give each variant an offer of its own"))
    return found


def _hash(key: bytes, *parts: str | int) -> bytes:
    content = "\0".join(str(part) for part in parts).encode()
    return hashlib.blake2b(content, key=key, digest_size=20).digest()


def enrolment_id(campaign_id: str, stay: Stay) -> str:
    """The one enrolment of this customer, campaign and stint, however often it is triggered."""
    digest = _hash(b"", campaign_id, *stay)
    return "e_" + base64.b32encode(digest).decode().lower()


def assign(key: bytes, campaign: Campaign, customer_id: str) -> Arm:
    """The customer's arm in this campaign: the same in every stint, on every replica.

    The first 64 bits of the keyed hash choose between control and treatment, the next 64 among
    the variants by weight; scaling by multiplication keeps the shares exact to 2**-64.
    """
    digest = _hash(key, campaign.campaign_id, customer_id)
    draw = int.from_bytes(digest[:8], "big") * BASIS_POINTS >> 64
    if draw < campaign.control_basis_points or not campaign.variants:
        return Arm(None)
    total = sum(variant.weight for variant in campaign.variants)
    point = int.from_bytes(digest[8:16], "big") * total >> 64
    for variant in campaign.variants:
        if point < variant.weight:
            return Arm(variant)
        point -= variant.weight
    raise AssertionError("the point lies below the sum of weights")


def enrol(key: bytes, campaign: Campaign, stay: Stay, at_ms: int) -> Enrolment:
    """Assigns the triggered customer; the control group's trigger is recorded all the same."""
    variant = assign(key, campaign, stay.customer_id).variant
    return Enrolment(
        enrolment_id(campaign.campaign_id, stay),
        campaign.campaign_id,
        *stay,
        variant is None,
        variant.variant_id if variant else "",
        variant.offer_id if variant else "",
        at_ms,
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
    trigger = campaign.trigger
    return (
        trigger is not None
        and change.notify
        and trigger.segment_id == change.segment_id
        and trigger.kind is change.kind
    )


def decide(
    key: bytes, campaign: Campaign, change: Change, now_ms: int, *, virtual: bool
) -> Enrolment | Waiting | None:
    """What the change makes of the customer: enrolled now, waiting, or nothing.

    A change from before the campaign ran belongs to the time before it, however late it is heard
    of; memberships found by a new or edited rule belong to the edit.
    """
    since_ms = campaign.running_since_ms
    if campaign.state is not CampaignState.RUNNING or since_ms is None or campaign.trigger is None:
        return None
    if not applies(campaign, change):
        return None
    if change.effective_at_ms < since_ms and not change.recomputed:
        return None
    at_ms = triggered_at(change, now_ms, virtual=virtual)
    if campaign.trigger.delay_ms == 0:
        return enrol(key, campaign, change.stay, at_ms)
    due_ms = at_ms + campaign.trigger.delay_ms
    name = enrolment_id(campaign.campaign_id, change.stay)
    return Waiting(name, campaign.campaign_id, *change.stay, change.kind, due_ms)


def ended_by(change: Change) -> Ended | None:
    """Which standing the change ends: an exit its own stint, an entry the absence before it."""
    who = (change.customer_id, change.segment_id)
    if change.kind is ChangeKind.EXITED:
        return Ended(*who, change.stint, ChangeKind.ENTERED, change.effective_at_ms)
    if change.stint > 1:
        return Ended(*who, change.stint - 1, ChangeKind.EXITED, change.effective_at_ms)
    return None


def fall_due(
    key: bytes, campaign: Campaign | None, waiting: Waiting, at_ms: int
) -> tuple[TriggerOutcome, Enrolment | None]:
    """What a delayed trigger does at at_ms, its due time or later.

    A membership stands in [entered, ended): one that ended at the due instant no longer does.
    """
    if waiting.ended_at_ms is not None and waiting.ended_at_ms <= waiting.due_ms:
        return TriggerOutcome.NO_LONGER_STANDS, None
    if campaign is None or campaign.state is not CampaignState.RUNNING:
        return TriggerOutcome.CAMPAIGN_NOT_RUNNING, None
    return TriggerOutcome.ENROLLED, enrol(key, campaign, waiting.stay, at_ms)
