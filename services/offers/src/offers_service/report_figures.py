"""What a campaign's report says, and how it follows from what was loaded. Pure.

The unit is the customer, by the first trigger; see experiments.py. Triggers of later stints are
counted as well, under enrolment_count and what follows from it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from offers_service import experiments
from offers_service.campaigns import (
    ACTED,
    BASIS_POINTS,
    CONTROL_ARM,
    HOLDOUT_ARM,
    SUPPRESSED,
    TREATED_ARM,
    Campaign,
    Enrolment,
    EnrolmentOutcome,
)
from offers_service.experiments import Cost, Group, Lift
from offers_service.messages import MessageState

NO_ARM = "none"


class First(NamedTuple):
    """A customer's first trigger; arm is holdout, control or the variant's id."""

    triggered_at_ms: int
    arm: str
    segment_id: str


class Bought(NamedTuple):
    """Orders and their amounts within a window."""

    order_count: int
    revenue_minor_units: int


class CouponCounts(NamedTuple):
    """What the ledger knows of a campaign's coupons of one offer."""

    offer_id: str
    issued_count: int
    redeemed_count: int
    gifted_count: int
    discount_minor_units: int


class Claim(NamedTuple):
    """A coupon of the campaign that somebody took as a gift; arm: the recipient's at that time."""

    customer_id: str
    claimed_at_ms: int
    arm: str
    new_member: bool


@dataclass(slots=True)
class MessageCounts:
    """Messages by how far they got, and by the reason why they did not."""

    posted: int = 0
    reached: dict[MessageState, int] = field(default_factory=dict)
    suppressed: dict[str, int] = field(default_factory=dict)
    dead: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """A trigger and what came of it."""

    enrolment: Enrolment
    outcome: EnrolmentOutcome
    has_task: bool = False


@dataclass(slots=True)
class ArmFigures:
    """Customers by their first trigger; those whose window has ended are measured, with the
    revenue of each in `revenues`. Dictionaries are counts by reason."""

    arm: str
    triggered_count: int = 0
    measured_count: int = 0
    converted_count: int = 0
    issued_count: int = 0
    redeemed_count: int = 0
    cost_minor_units: int = 0
    enrolment_count: int = 0
    acted_count: int = 0
    task_count: int = 0
    suppressed: Counter[str] = field(default_factory=Counter)
    messages: MessageCounts = field(default_factory=MessageCounts)
    revenues: list[int] = field(default_factory=list)

    @property
    def revenue_minor_units(self) -> int:
        """Of all that are measured."""
        return sum(self.revenues)

    @property
    def group(self) -> Group:
        """What the statistics of conversion need of it."""
        return Group(self.measured_count, self.converted_count)

    def measure(self, bought: Bought) -> None:
        """Adds a customer whose window has ended."""
        self.measured_count += 1
        self.converted_count += bought.order_count > 0
        self.revenues.append(bought.revenue_minor_units)

    def count(self, settled: Settled) -> None:
        """Adds a trigger."""
        self.enrolment_count += 1
        self.acted_count += settled.outcome in ACTED
        self.task_count += settled.has_task
        if settled.outcome in SUPPRESSED:
            self.suppressed[settled.outcome.value] += 1

    def add_messages(self, counts: MessageCounts) -> None:
        """Adds messages of the arm."""
        mine = self.messages
        mine.posted += counts.posted
        for state, number in counts.reached.items():
            mine.reached[state] = mine.reached.get(state, 0) + number
        for reasons, more in ((mine.suppressed, counts.suppressed), (mine.dead, counts.dead)):
            for reason, number in more.items():
                reasons[reason] = reasons.get(reason, 0) + number

    def reached(self, state: MessageState) -> int:
        """How many messages got so far."""
        return self.messages.reached.get(state, 0)


@dataclass(slots=True)
class GiftFigures:
    """Recipients of one arm whose window after the claim has ended; new members among them."""

    arm: str
    recipients: ArmFigures
    new_members: ArmFigures


@dataclass(frozen=True, slots=True)
class Effect:
    """An arm against control; None where a group is too small."""

    arm: str
    conversion: Lift | None
    revenue: Lift | None


class Arms:
    """Figures by arm: control, all treated, each variant, and holdout if there is anybody."""

    def __init__(self, campaign: Campaign) -> None:
        names = [CONTROL_ARM, TREATED_ARM, *[each.variant_id for each in campaign.variants]]
        self._by_name = {name: ArmFigures(name) for name in (*names, HOLDOUT_ARM)}

    def __getitem__(self, name: str) -> ArmFigures:
        return self._by_name[name]

    def of(self, name: str) -> list[ArmFigures]:
        """The arm; a variant's customers count as treated too. Whatever else got a coupon of the
        campaign (an offer that is no variant's) counts as treated."""
        if name in (CONTROL_ARM, HOLDOUT_ARM):
            return [self._by_name[name]]
        known = [self._by_name[name]] if name in self._by_name and name != TREATED_ARM else []
        return [self._by_name[TREATED_ARM], *known]

    def listed(self) -> list[ArmFigures]:
        """In order; the holdout only where somebody is in it."""
        held_out = self._by_name[HOLDOUT_ARM].enrolment_count > 0
        return [arm for name, arm in self._by_name.items() if name != HOLDOUT_ARM or held_out]


@dataclass(slots=True)
class Report:
    """See dangol.offers.v1.ReportCampaignResponse."""

    campaign: Campaign
    arms: Arms
    segments: dict[str, Arms] = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)
    incremental_customers: float = 0.0
    cost: Cost | None = None
    sample_ratio_p_value: float = 1.0
    minimum_detectable_effect: float = 1.0
    minimum_detectable_revenue: float | None = None
    gifts: list[GiftFigures] = field(default_factory=list)
    lift_without_recipients: Lift | None = None
    coupons_issued: int = 0
    coupons_redeemed: int = 0
    coupons_gifted: int = 0


def start(campaign: Campaign) -> Report:
    """A report without anybody."""
    return Report(campaign, Arms(campaign))


def count(report: Report, settled: Settled) -> None:
    """Adds a trigger, to its arm and to its segment's."""
    enrolment = settled.enrolment
    segment = report.segments.setdefault(enrolment.segment_id, Arms(report.campaign))
    for arms in (report.arms, segment):
        for arm in arms.of(enrolment.arm):
            arm.count(settled)


def arms_of(report: Report, first: First) -> list[ArmFigures]:
    """The figures to which a customer counts."""
    segment = report.segments.get(first.segment_id)
    of_segment = segment.of(first.arm) if segment else []
    return report.arms.of(first.arm) + of_segment


def add_coupons(report: Report, figures: Iterable[CouponCounts]) -> None:
    """Coupons by arm; those of offers that are no variant's count as treated."""
    by_offer = {each.offer_id: each.variant_id for each in report.campaign.variants}
    for each in figures:
        for arm in report.arms.of(by_offer.get(each.offer_id, TREATED_ARM)):
            arm.issued_count += each.issued_count
            arm.redeemed_count += each.redeemed_count
            arm.cost_minor_units += each.discount_minor_units
        report.coupons_issued += each.issued_count
        report.coupons_redeemed += each.redeemed_count
        report.coupons_gifted += each.gifted_count


def add_messages(report: Report, by_variant: Mapping[str, MessageCounts]) -> None:
    """Messages by arm."""
    for variant_id, counts in by_variant.items():
        for arm in report.arms.of(variant_id):
            arm.add_messages(counts)


def add_gifts(report: Report, measured: Sequence[tuple[Claim, Bought]]) -> None:
    """Recipients by their own arm, new members apart."""
    found: dict[str, GiftFigures] = {}
    for claim, bought in measured:
        name = claim.arm if claim.arm in (CONTROL_ARM, HOLDOUT_ARM, NO_ARM) else TREATED_ARM
        figures = found.setdefault(name, GiftFigures(name, ArmFigures(name), ArmFigures(name)))
        figures.recipients.measure(bought)
        if claim.new_member:
            figures.new_members.measure(bought)
    report.gifts = [found[name] for name in sorted(found)]


def add_statistics(report: Report, control_recipients: Group) -> None:
    """Everything that follows from the counts. control_recipients: customers of the control group
    who got a coupon of the campaign as a gift, as far as they are measured."""
    campaign, arms = report.campaign, report.arms
    control, treated = arms[CONTROL_ARM], arms[TREATED_ARM]
    variants = [arms[variant.variant_id] for variant in campaign.variants]
    report.effects = [effect(arm, control) for arm in (treated, *variants)]
    lift = report.effects[0].conversion
    report.incremental_customers = experiments.incremental_customers(treated.group, control.group)
    report.cost = experiments.cost_interval(treated.cost_minor_units, treated.measured_count, lift)
    share = campaign.control_basis_points / BASIS_POINTS
    total = sum(variant.weight for variant in campaign.variants)
    weights = [variant.weight / total * (1 - share) for variant in campaign.variants]
    sizes = [arm.triggered_count for arm in (control, *variants)]
    report.sample_ratio_p_value = experiments.sample_ratio_p_value(sizes, [share, *weights])
    report.minimum_detectable_effect = experiments.minimum_detectable_effect(
        treated.measured_count, control.group
    )
    report.minimum_detectable_revenue = experiments.minimum_detectable_difference(
        treated.revenues, control.revenues
    )
    if control_recipients.customer_count:
        untouched = Group(
            control.measured_count - control_recipients.customer_count,
            control.converted_count - control_recipients.converted_count,
        )
        report.lift_without_recipients = experiments.conversion_lift(treated.group, untouched)


def effect(arm: ArmFigures, control: ArmFigures) -> Effect:
    """The arm against control."""
    return Effect(
        arm.arm,
        experiments.conversion_lift(arm.group, control.group),
        experiments.revenue_lift(arm.revenues, control.revenues),
    )
