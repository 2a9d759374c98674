"""What customers allowed: the log's records, and what holds now. Pure.

What holds of one purpose and channel is the newest decision: by the time the customer decided, then
by the order of writing; of two that were written at the same instant the withdrawal counts. Taking
the newest is the same in any order and however often, so records may be applied twice and the
logs of merged customers need no more than being taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

# Purposes and channels that one customer may have decided on.
CONSENTS_MAX: Final = 100


class Decision(NamedTuple):
    """What a customer said of one purpose and channel; UTC milliseconds.

    confirmed_ms is when the customer was last told that it stands; 0 for never.
    """

    granted: bool
    decided_ms: int
    recorded_ms: int
    confirmed_ms: int = 0


# Comes before every decision, so a confirmation alone allows nothing and forbids nothing.
_UNDECIDED: Final = Decision(granted=False, decided_ms=-1, recorded_ms=-1)


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One decision with where it was given and which text was shown.

    decided_ms is None while it is to be the time of writing. confirmation: nothing was decided; the
    customer was told at that time of a consent that stands.
    """

    purpose: str
    channel: str
    granted: bool
    decided_ms: int | None
    source: str
    notice: str
    confirmation: bool = False

    @property
    def name(self) -> str:
        """purpose.channel."""
        return f"{self.purpose}.{self.channel}"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """What one request wrote, all at once. key names the request, by caller.

    open says that the customer may not hold it yet.
    """

    tenant_id: str
    key: bytes
    fingerprint: bytes
    customer_id: str
    recorded_ms: int
    actor: str
    entries: tuple[ConsentEntry, ...]
    open: bool = True

    def decisions(self) -> dict[str, Decision]:
        """What it says, by purpose.channel."""
        return {one.name: self._decision(one) for one in self.entries}

    def at_ms(self, entry: ConsentEntry) -> int:
        """When an entry of this record was decided, or confirmed."""
        return self.recorded_ms if entry.decided_ms is None else entry.decided_ms

    def _decision(self, entry: ConsentEntry) -> Decision:
        at_ms = self.at_ms(entry)
        if entry.confirmation:
            return _UNDECIDED._replace(confirmed_ms=at_ms)
        return Decision(entry.granted, at_ms, self.recorded_ms)


def newest(one: Mapping[str, Decision], other: Mapping[str, Decision]) -> Mapping[str, Decision]:
    """Of each name the newest decision of both."""
    result = dict(one)
    for name, decision in other.items():
        known = result.get(name, decision)
        later = max(decision, known, key=_order)
        confirmed_ms = max(decision.confirmed_ms, known.confirmed_ms)
        result[name] = later._replace(confirmed_ms=confirmed_ms)
    return result


def granted(decisions: Mapping[str, Decision]) -> list[str]:
    """What is allowed now, in order of name."""
    return sorted(name for name, decision in decisions.items() if decision.granted)


def first_repeated(entries: Sequence[ConsentEntry]) -> int | None:
    """The position of the first entry whose purpose and channel came before."""
    seen = set[str]()
    for position, one in enumerate(entries):
        if one.name in seen:
            return position
        seen.add(one.name)
    return None


def first_unconfirmable(
    known: Mapping[str, Decision], entries: Sequence[ConsentEntry]
) -> int | None:
    """The position of the first confirmation of what is not allowed now."""
    for position, one in enumerate(entries):
        if one.confirmation and not (one.granted and one.name in known and known[one.name].granted):
            return position
    return None


def first_ahead(entries: Sequence[ConsentEntry], latest_ms: int) -> int | None:
    """The position of the first entry that was decided after latest_ms."""
    for position, one in enumerate(entries):
        if one.decided_ms is not None and one.decided_ms > latest_ms:
            return position
    return None


def record_ms(now_ms: int, known: Mapping[str, Decision], entries: Iterable[ConsentEntry]) -> int:
    """When entries count as written: after everything that the customer's log holds.

    Clocks of replicas differ; a log never goes back.
    """
    decided = (one.decided_ms for one in entries if one.decided_ms is not None)
    recorded = (decision.recorded_ms + 1 for decision in known.values())
    return max([now_ms, *decided, *recorded])


def too_many(known: Mapping[str, Decision], entries: Iterable[ConsentEntry]) -> bool:
    """Whether a customer would have decided on more than is kept."""
    return len({*known, *(one.name for one in entries)}) > CONSENTS_MAX


def _order(decision: Decision) -> tuple[int, int, bool]:
    return decision.decided_ms, decision.recorded_ms, not decision.granted
