"""How gifts spread: who gave, who claimed, who was brought by whom and how far down. Pure.

A person is whom merging has left of one or more customers. Claims are read in order of time, so who
was brought has exactly one who brought them, and generations count from those whom no gift of the
report brought. The factor k of viral growth is invitations for each person times new members for
each invitation; of a generation it is how many new members each of its people brought.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from offers_service.campaigns import CONTROL_ARM, HOLDOUT_ARM, TREATED_ARM
from offers_service.gift_account import GiftState
from offers_service.report_figures import NO_ARM, Bought

TOP_MAX = 20


class SentGift(NamedTuple):
    """A gift of the report; arm: the claimer's in the gift's campaign, as its journal has it."""

    gift_id: str
    giver: str
    claimer: str
    state: GiftState
    offered_ms: int
    closed_ms: int
    expire_ms: int
    opened: bool
    opened_by_customer: bool
    new_member: bool
    arm: str


class FirstClaim(NamedTuple):
    """The first gift that a person claimed."""

    person: str
    claimed_at_ms: int
    arm: str


@dataclass(slots=True)
class Buyers:
    """People and what they bought."""

    customer_count: int = 0
    ordering_customer_count: int = 0
    order_count: int = 0
    revenue_minor_units: int = 0

    def add(self, bought: Bought) -> None:
        """One more person."""
        self.customer_count += 1
        self.ordering_customer_count += bought.order_count > 0
        self.order_count += bought.order_count
        self.revenue_minor_units += bought.revenue_minor_units


@dataclass(slots=True)
class ArmOfRecipients:
    """Recipients of one arm."""

    arm: str
    members: Buyers = field(default_factory=Buyers)
    new_members: Buyers = field(default_factory=Buyers)


@dataclass(slots=True)
class Generation:
    """People equally far from those whom nobody brought, and what they gave."""

    generation: int
    people: Buyers = field(default_factory=Buyers)
    giver_count: int = 0
    sent_count: int = 0
    claimed_count: int = 0
    new_member_count: int = 0

    @property
    def k_factor(self) -> float:
        """New members for each of the generation's people."""
        count = self.people.customer_count
        return self.new_member_count / count if count else 0.0


class Giver(NamedTuple):
    """descendants: whom the person brought, whom these brought, and so on."""

    person: str
    generation: int
    sent_count: int
    new_member_count: int
    descendant_count: int


@dataclass(slots=True)
class Spread:
    """See dangol.offers.v1.ReportSpreadResponse."""

    sent_count: int = 0
    opened_count: int = 0
    opened_by_customers_count: int = 0
    self_claimed_count: int = 0
    states: Counter[GiftState] = field(default_factory=Counter)
    # Of each person: how far down, and who brought them.
    depths: dict[str, int] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    firsts: dict[str, FirstClaim] = field(default_factory=dict)
    sent: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)

    @property
    def k_factor(self) -> float:
        """New members for each giver."""
        return len(self.parents) / len(self.sent) if self.sent else 0.0


def trace(gifts: Sequence[SentGift], roots: Mapping[str, str], now_ms: int) -> Spread:
    """Counts gifts and follows who brought whom; roots: the person of each customer id."""
    spread = Spread(sent_count=len(gifts))
    for gift in gifts:
        ended = gift.state is GiftState.OFFERED and gift.expire_ms <= now_ms
        spread.states[GiftState.EXPIRED if ended else gift.state] += 1
        spread.opened_count += gift.opened
        spread.opened_by_customers_count += gift.opened_by_customer
        spread.sent[_person(roots, gift.giver)] += 1
    claimed = [gift for gift in gifts if gift.state is GiftState.CLAIMED]
    for gift in sorted(claimed, key=lambda one: (one.closed_ms, one.gift_id)):
        _claim(spread, gift, _person(roots, gift.giver), _person(roots, gift.claimer))
    for giver in spread.sent:
        spread.depths.setdefault(giver, 0)
    return spread


def _claim(spread: Spread, gift: SentGift, giver: str, claimer: str) -> None:
    if giver == claimer:
        spread.self_claimed_count += 1
        return
    spread.claimed[giver] += 1
    depth = spread.depths.setdefault(giver, 0)
    # Whoever was there before under another id was not brought.
    brought = gift.new_member and claimer not in spread.depths and claimer not in spread.firsts
    spread.firsts.setdefault(claimer, FirstClaim(claimer, gift.closed_ms, _arm(gift.arm)))
    if brought:
        spread.depths[claimer] = depth + 1
        spread.parents[claimer] = giver


def _arm(arm: str) -> str:
    return arm if arm in (CONTROL_ARM, HOLDOUT_ARM, NO_ARM) else TREATED_ARM


def _person(roots: Mapping[str, str], customer_id: str) -> str:
    return roots.get(customer_id, customer_id)


def arms(spread: Spread, bought: Mapping[str, Bought]) -> list[ArmOfRecipients]:
    """Recipients by arm in order of its name, new members apart."""
    found: dict[str, ArmOfRecipients] = {}
    for first in spread.firsts.values():
        arm = found.setdefault(first.arm, ArmOfRecipients(first.arm))
        people = arm.new_members if first.person in spread.parents else arm.members
        people.add(bought[first.person])
    return [found[name] for name in sorted(found)]


def totals(parts: Iterable[Buyers]) -> Buyers:
    """Several groups of different people as one."""
    total = Buyers()
    for part in parts:
        total.customer_count += part.customer_count
        total.ordering_customer_count += part.ordering_customer_count
        total.order_count += part.order_count
        total.revenue_minor_units += part.revenue_minor_units
    return total


def generations(spread: Spread, bought: Mapping[str, Bought]) -> list[Generation]:
    """From those whom nobody brought to the deepest; none without gifts."""
    deepest = max(spread.depths.values(), default=-1)
    found = [Generation(number) for number in range(deepest + 1)]
    for person, depth in spread.depths.items():
        generation = found[depth]
        generation.people.add(bought[person] if depth else Bought(0, 0))
        generation.giver_count += person in spread.sent
        generation.sent_count += spread.sent[person]
        generation.claimed_count += spread.claimed[person]
    for giver in spread.parents.values():
        found[spread.depths[giver]].new_member_count += 1
    return found


def top_givers(spread: Spread) -> list[Giver]:
    """Those with most descendants, at most 20."""
    direct = Counter(spread.parents.values())
    descendants: Counter[str] = Counter()
    # Deepest first, so that everybody's own are complete before they are added to the parent's.
    for person in sorted(spread.parents, key=lambda one: -spread.depths[one]):
        descendants[spread.parents[person]] += 1 + descendants[person]
    best = sorted(direct, key=lambda one: (-descendants[one], -direct[one], one))[:TOP_MAX]
    return [
        Giver(one, spread.depths[one], spread.sent[one], direct[one], descendants[one])
        for one in best
    ]
