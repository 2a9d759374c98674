"""What is left to do until a customer is erased everywhere. Pure.

1. The customer becomes a tombstone without a key, its identifiers forget whose they are and lose
   theirs; events and records of consent go.
2. Segmentation drops what it derived, offers ends and forgets what it holds; in any order.
3. Once no writer is left who had read the customer before, all of it is done again, for what such
   a writer may have brought.

Every step may be repeated. A merge that ends at the tombstone begins the work anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from profile_service.domain import ERASED, Attributes, Customer


class Part(StrEnum):
    """Who has something to erase."""

    PROFILE = "profile"
    SEGMENTATION = "segmentation"
    OFFERS = "offers"


class EraseOutcome(StrEnum):
    """What came of asking for an erasure."""

    STARTED = "started"
    ALREADY = "already"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One customer's way out. customer_ids: also those who were merged into this one.

    hashes are those of the identifiers; they are let go of in the end. floor_ms, of the tenant's
    clock: what happened until then stays out for good. gone_ms: wall time of the first step, 0
    before; done: when each part was through; counts: what went, by part.
    """

    tenant_id: str
    customer_id: str
    request_key: bytes
    fingerprint: bytes
    reason: str
    actor: str
    requested_ms: int
    customer_ids: tuple[str, ...]
    hashes: tuple[bytes, ...] = ()
    floor_ms: int = 0
    gone_ms: int = 0
    done: dict[Part, int] = field(default_factory=dict)
    counts: dict[Part, int] = field(default_factory=dict)
    completed_ms: int = 0


def tombstone(customer: Customer) -> Customer:
    """The customer without anything that was known of it; the same when it is one already.

    Whoever was merged away before still points to who took over, now a tombstone too.
    """
    emptied = replace(
        customer,
        attributes=Attributes(),
        merged_into=customer.merged_into or ERASED,
        requests=(),
        data_key=b"",
        consents={},
    )
    return customer if emptied == customer else replace(emptied, version=customer.version + 1)


def next_part(erasure: Erasure, now_ms: int, settle_ms: int) -> Part | None:
    """Which of this service's own parts is to be done now; None while it waits."""
    if Part.PROFILE not in erasure.done:
        return Part.PROFILE
    if Part.SEGMENTATION not in erasure.done:
        return Part.SEGMENTATION
    settled = now_ms >= erasure.gone_ms + settle_ms
    if settled and erasure.done[Part.PROFILE] < erasure.gone_ms + settle_ms:
        return Part.PROFILE
    return None


def finish(erasure: Erasure, part: Part, count: int, now_ms: int) -> Erasure:
    """The erasure after a part. Profile's has the others look again."""
    others = {} if part is Part.PROFILE else erasure.done
    done = {**others, part: now_ms}
    counts = {**erasure.counts, part: erasure.counts.get(part, 0) + count}
    gone_ms = erasure.gone_ms or (now_ms if part is Part.PROFILE else 0)
    return replace(erasure, done=done, counts=counts, gone_ms=gone_ms)


def complete(erasure: Erasure, now_ms: int, settle_ms: int) -> Erasure:
    """The erasure closed, if every part is done and profile's was done again after settling."""
    if set(erasure.done) != set(Part) or erasure.completed_ms:
        return erasure
    if erasure.done[Part.PROFILE] < erasure.gone_ms + settle_ms:
        return erasure
    return replace(erasure, completed_ms=now_ms, hashes=())


def extend(erasure: Erasure, customer_ids: Iterable[str]) -> Erasure:
    """The erasure begun anew for further customers who turned out to be the same person."""
    known = dict.fromkeys((*erasure.customer_ids, *customer_ids))
    return replace(erasure, customer_ids=tuple(known), gone_ms=0, done={}, completed_ms=0)
