"""Campaigns as documents: what the store writes and reads. Older documents lack newer fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

from offers_service import triggers
from offers_service.budgets import Terms
from offers_service.calendars import Occurrence
from offers_service.campaigns import Campaign, CampaignState, Variant
from offers_service.message_action import MessageAction
from offers_service.tasks import TaskAction
from offers_service.triggers import ChangeKind, DateTrigger, SegmentTrigger, Trigger

_TYPES: dict[str, type] = {
    "event": triggers.EventTrigger,
    "birthday": triggers.BirthdayTrigger,
    "tier": triggers.TierTrigger,
    "product": triggers.ProductTrigger,
    "coupon_ending": triggers.CouponEndingTrigger,
    "date": DateTrigger,
}
_NAMES = {kind: name for name, kind in _TYPES.items()}


def key_of(tenant_id: str, campaign_id: str) -> dict[str, str]:
    """The campaign's _id."""
    return {"t": tenant_id, "c": campaign_id}


def to_document(campaign: Campaign) -> dict[str, Any]:
    """Everything but the requests."""
    return {
        "_id": key_of(campaign.tenant_id, campaign.campaign_id),
        "t": campaign.tenant_id,
        "names": dict(campaign.display_names),
        "trigger": _trigger_document(campaign),
        "control_basis_points": campaign.control_basis_points,
        "variants": [_variant_document(variant) for variant in campaign.variants],
        "conversion_window_ms": campaign.conversion_window_ms,
        "state": campaign.state.value,
        "created_at_ms": campaign.created_at_ms,
        "launched_at_ms": campaign.launched_at_ms,
        "running_since_ms": campaign.running_since_ms,
        "ended_at_ms": campaign.ended_at_ms,
        "customer_cap": campaign.customer_cap,
        "outside_frequency_cap": campaign.outside_frequency_cap,
        "next": occurrence_document(campaign.next_occurrence),
        "budget": msgspec.to_builtins(campaign.budget),
    }


def to_campaign(document: Mapping[str, Any]) -> Campaign:
    """The campaign of a document."""
    following = document.get("next")
    return Campaign(
        tenant_id=document["_id"]["t"],
        campaign_id=document["_id"]["c"],
        display_names=tuple(sorted(document["names"].items())),
        trigger=_to_trigger(document["trigger"]),
        control_basis_points=document["control_basis_points"],
        variants=tuple(_to_variant(variant) for variant in document["variants"]),
        conversion_window_ms=int(document["conversion_window_ms"]),
        state=CampaignState(document["state"]),
        created_at_ms=int(document["created_at_ms"]),
        launched_at_ms=document["launched_at_ms"],
        running_since_ms=document["running_since_ms"],
        ended_at_ms=document.get("ended_at_ms"),
        customer_cap=document.get("customer_cap", 0),
        outside_frequency_cap=document.get("outside_frequency_cap", False),
        next_occurrence=following
        and Occurrence(date.fromisoformat(following["day"]), int(following["due_ms"])),
        budget=to_terms(document),
    )


def to_terms(document: Mapping[str, Any]) -> Terms:
    """What the campaign may spend."""
    return msgspec.convert(dict(document.get("budget") or {}), Terms)


def occurrence_document(occurrence: Occurrence | None) -> dict[str, Any] | None:
    """When a dated campaign acts next."""
    if occurrence is None:
        return None
    return {"day": occurrence.day.isoformat(), "due_ms": occurrence.due_ms}


def _trigger_document(campaign: Campaign) -> dict[str, Any] | None:
    """`segment` is the one whose changes matter, under an index."""
    trigger = campaign.trigger
    if trigger is None:
        return None
    if isinstance(trigger, SegmentTrigger):
        return {
            "segment": trigger.segment_id,
            "kind": trigger.kind.value,
            "delay_ms": trigger.delay_ms,
        }
    watched = triggers.watched(campaign.campaign_id, trigger)
    segment_id = watched.segment_id if watched else ""
    if isinstance(trigger, DateTrigger):
        segment_id = trigger.segment_id
    content = msgspec.to_builtins(trigger)
    return {"type": _NAMES[type(trigger)], "segment": segment_id, "content": content}


def _to_trigger(document: Mapping[str, Any] | None) -> Trigger | None:
    if document is None:
        return None
    if "type" in document:
        made: Trigger = msgspec.convert(dict(document["content"]), _TYPES[document["type"]])
        return made
    return SegmentTrigger(document["segment"], ChangeKind(document["kind"]), document["delay_ms"])


def _variant_document(variant: Variant) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": variant.variant_id,
        "weight": variant.weight,
        "offer": variant.offer_id,
    }
    if variant.task is not None:
        document["task"] = msgspec.to_builtins(variant.task)
    if variant.message is not None:
        document["message"] = msgspec.to_builtins(variant.message)
    return document


def _to_variant(document: Mapping[str, Any]) -> Variant:
    task, message = document.get("task"), document.get("message")
    return Variant(
        document["id"],
        document["weight"],
        document["offer"],
        msgspec.convert(dict(task), TaskAction) if task else None,
        msgspec.convert(dict(message), MessageAction) if message else None,
    )
