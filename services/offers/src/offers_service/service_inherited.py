"""Enrolments of customers who were merged: one person is in one arm, and is not enrolled anew
because two ids became one.

Enrolments stay as they were written, under the id that was triggered then; whoever reads them reads
those of all ids of a person. The arm of a person is that of the earliest enrolment in the campaign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Protocol

from offers_service.campaigns import Campaign, Change, Enrolment
from offers_service.service_lineage import Ancestry, People
from offers_service.store_enrolments import EnrolmentStore, StoredEnrolment


class Merges(Protocol):
    """MergeFollower."""

    def catch_up(self, *, again: bool = True) -> Awaitable[int]: ...


def first_of(found: Sequence[StoredEnrolment], campaign_id: str) -> Enrolment | None:
    """The earliest of these enrolments in the campaign; None for none."""
    theirs = [one for one in found if one.enrolment.campaign_id == campaign_id]
    if not theirs:
        return None
    return min(theirs, key=lambda one: (one.enrolment.triggered_at_ms, one.number)).enrolment


def with_arm_of(enrolment: Enrolment, first: Enrolment | None) -> Enrolment:
    """The enrolment in the arm in which the person is already."""
    if first is None or first.enrolment_id == enrolment.enrolment_id:
        return enrolment
    return replace(
        enrolment,
        control=first.control,
        holdout=first.holdout,
        variant_id=first.variant_id,
        offer_id=first.offer_id,
    )


def acts_anew(change: Change, campaign: Campaign, earlier: Sequence[StoredEnrolment]) -> bool:
    """Whether a change that a merge caused is one: what the person's earlier ids were enrolled for
    in the same segment is not."""
    return not any(
        one.enrolment.campaign_id == campaign.campaign_id
        and one.enrolment.segment_id == change.segment_id
        for one in earlier
    )


class Inheritance:
    """What the enroller asks about merges. Raises what MergeFollower raises."""

    def __init__(self, ancestry: Ancestry, enrolments: EnrolmentStore, merges: Merges) -> None:
        self._ancestry = ancestry
        self._enrolments = enrolments
        self._merges = merges

    async def anew(
        self, tenant_id: str, pairs: Sequence[tuple[Campaign, Change]]
    ) -> list[tuple[Campaign, Change]]:
        """Those of the pairs on which campaigns act: a tombstone's memberships end without
        anybody having left, and a person's continue under another id."""
        if not any(change.merged for _, change in pairs):
            return list(pairs)
        await self._merges.catch_up()
        ids = {change.customer_id for _, change in pairs if change.merged}
        people = await self._ancestry.people(tenant_id, sorted(ids))
        earlier = await self._earlier(tenant_id, people)
        return [
            (campaign, change)
            for campaign, change in pairs
            if not change.merged
            or (
                people.root(change.customer_id) == change.customer_id
                and acts_anew(change, campaign, earlier.get(change.customer_id, ()))
            )
        ]

    async def in_their_arms(
        self, tenant_id: str, enrolments: Sequence[Enrolment]
    ) -> list[Enrolment]:
        """The enrolments with each person in the arm that the person is in already."""
        ids = {one.customer_id for one in enrolments}
        people = await self._ancestry.people(tenant_id, sorted(ids))
        if not people.roots and not people.sources:
            return list(enrolments)
        earlier = await self._earlier(tenant_id, people, with_roots=True)
        return [
            with_arm_of(
                one, first_of(earlier.get(people.root(one.customer_id), ()), one.campaign_id)
            )
            for one in enrolments
        ]

    async def _earlier(
        self, tenant_id: str, people: People, *, with_roots: bool = False
    ) -> dict[str, list[StoredEnrolment]]:
        """By person: enrolments under the ids that were merged, and under the one that is left."""
        owner = {source: root for root, some in people.sources.items() for source in some}
        if with_roots:
            owner |= {root: root for root in people.sources}
        found: dict[str, list[StoredEnrolment]] = defaultdict(list)
        if owner:
            for stored in await self._enrolments.of_customers(tenant_id, sorted(owner)):
                found[owner[stored.enrolment.customer_id]].append(stored)
        return found
