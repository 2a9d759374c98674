"""Counting a report: whom it counts where, and what it leaves apart."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from offers_service import report_figures as figures
from offers_service.campaigns import Campaign, CampaignState, Enrolment, EnrolmentOutcome, Variant
from offers_service.experiments import Group
from offers_service.messages import MessageState
from offers_service.report_figures import (
    Bought,
    Claim,
    CouponCounts,
    First,
    MessageCounts,
    Report,
    Settled,
)
from offers_service.triggers import ChangeKind, SegmentTrigger

CAMPAIGN = Campaign(
    tenant_id="shop",
    campaign_id="win",
    display_names=(),
    trigger=SegmentTrigger("fading", ChangeKind.ENTERED, 0),
    control_basis_points=5000,
    variants=(Variant("a", 1, "one"), Variant("b", 1, "two")),
    conversion_window_ms=1,
    state=CampaignState.RUNNING,
    created_at_ms=0,
)
ARMS = ("holdout", "control", "a", "b")
SUPPRESSED = EnrolmentOutcome.FREQUENCY_CAPPED
OUTCOMES = {"holdout": EnrolmentOutcome.HOLDOUT, "control": EnrolmentOutcome.CONTROL}


def settled(
    arm: str, outcome: EnrolmentOutcome = EnrolmentOutcome.ISSUED, segment_id: str = "s"
) -> Settled:
    """A trigger of the arm."""
    variant = "" if arm in OUTCOMES else arm
    enrolment = Enrolment(
        "e", "win", "c", segment_id, 1, arm == "control", variant, "", 0, arm == "holdout"
    )
    return Settled(enrolment, OUTCOMES.get(arm, outcome))


def report_of(customers: Iterable[tuple[str, int]]) -> Report:
    """A report over (arm, revenue) of customers, each triggered once."""
    report = figures.start(CAMPAIGN)
    for arm, revenue in customers:
        figures.count(report, settled(arm))
        for each in figures.arms_of(report, First(0, arm, "s")):
            each.triggered_count += 1
            each.measure(Bought(int(revenue > 0), revenue))
    return report


@given(st.lists(st.tuples(st.sampled_from(ARMS), st.integers(0, 10**6)), max_size=60))
def test_everybody_counts_once_and_the_treated_are_all_variants(
    customers: list[tuple[str, int]],
) -> None:
    """Control, holdout and treated add up; the treated are the sum of the variants."""
    arms = report_of(customers).arms
    for name in ARMS:
        revenues = [revenue for arm, revenue in customers if arm == name]
        assert revenues == arms[name].revenues
        assert len(revenues) == arms[name].measured_count == arms[name].enrolment_count
    treated = arms["treated"]
    assert arms["a"].measured_count + arms["b"].measured_count == treated.measured_count
    assert arms["a"].converted_count + arms["b"].converted_count == treated.converted_count
    assert arms["a"].revenue_minor_units + arms["b"].revenue_minor_units == sum(treated.revenues)


def test_the_holdout_is_listed_only_where_it_is() -> None:
    """And never among the treated."""
    assert ["control", "treated", "a", "b"] == [
        arm.arm for arm in report_of([("a", 5)]).arms.listed()
    ]
    report = report_of([("holdout", 5), ("a", 1)])
    assert "holdout" == report.arms.listed()[-1].arm
    assert [1] == report.arms["treated"].revenues


def test_reasons_are_counted_in_their_arm() -> None:
    """Suppressed, acted on, or neither yet."""
    report = figures.start(CAMPAIGN)
    for outcome in (SUPPRESSED, SUPPRESSED, EnrolmentOutcome.PENDING, EnrolmentOutcome.ISSUED):
        figures.count(report, settled("a", outcome))
    for name in ("a", "treated"):
        arm = report.arms[name]
        assert (4, 1) == (arm.enrolment_count, arm.acted_count)
        assert {"FREQUENCY_CAPPED": 2} == dict(arm.suppressed)
    assert 0 == report.arms["b"].enrolment_count


def test_coupons_of_other_offers_count_as_treated() -> None:
    """A list's coupon of an offer that is no variant's."""
    report = figures.start(CAMPAIGN)
    figures.add_coupons(
        report, [CouponCounts("one", 3, 2, 1, 500), CouponCounts("other", 4, 1, 0, 70)]
    )
    assert (3, 500) == (report.arms["a"].issued_count, report.arms["a"].cost_minor_units)
    treated = report.arms["treated"]
    assert (7, 3, 570) == (treated.issued_count, treated.redeemed_count, treated.cost_minor_units)
    assert (7, 3, 1) == (report.coupons_issued, report.coupons_redeemed, report.coupons_gifted)


def test_messages_add_up_over_variants() -> None:
    """How far they got, and why others did not."""
    report = figures.start(CAMPAIGN)
    counts = {
        "a": MessageCounts(3, {MessageState.SENT: 2}, {"NO_CONSENT": 1}),
        "b": MessageCounts(2, {MessageState.SENT: 1}, {"NO_CONSENT": 1}),
    }
    figures.add_messages(report, counts)
    treated = report.arms["treated"]
    assert (5, 3) == (treated.messages.posted, treated.reached(MessageState.SENT))
    assert {"NO_CONSENT": 2} == treated.messages.suppressed
    assert 2 == report.arms["a"].reached(MessageState.SENT)


def test_new_members_are_apart_from_other_recipients() -> None:
    """By the recipient's own arm; variants are treated, strangers have none."""
    report = figures.start(CAMPAIGN)
    figures.add_gifts(
        report,
        [
            (Claim("c-1", 0, "a", False), Bought(1, 10)),
            (Claim("c-2", 0, "b", False), Bought(0, 0)),
            (Claim("c-3", 0, "none", True), Bought(1, 7)),
            (Claim("c-4", 0, "none", False), Bought(0, 0)),
        ],
    )
    none, treated = report.gifts
    assert ("none", 2, 1) == (
        none.arm,
        none.recipients.measured_count,
        none.new_members.measured_count,
    )
    assert 7 == none.new_members.revenue_minor_units
    assert ("treated", 2, 10) == (
        treated.arm,
        treated.recipients.measured_count,
        treated.recipients.revenue_minor_units,
    )
    assert 0 == treated.new_members.measured_count


def test_segments_have_figures_of_their_own() -> None:
    """A customer counts in the segment of the first trigger."""
    report = figures.start(CAMPAIGN)
    for segment_id in ("s", "t"):
        figures.count(report, settled("a", segment_id=segment_id))
    for arm in figures.arms_of(report, First(0, "a", "t")):
        arm.triggered_count += 1
    assert [0, 1] == [report.segments[name]["a"].triggered_count for name in ("s", "t")]
    assert 1 == report.arms["a"].triggered_count


def test_recipients_in_control_can_be_left_out() -> None:
    """Of 4 in control 2 bought, both with a gift: without them nobody of 2 did."""
    customers = [("control", 5), ("control", 5), ("control", 0), ("control", 0), ("a", 5)]
    report = report_of(customers)
    figures.add_statistics(report, Group(2, 2))
    assert report.lift_without_recipients is not None
    assert 1.0 == report.lift_without_recipients.estimate
    assert 0.5 == report.effects[0].conversion.estimate  # type: ignore[union-attr]
    again = report_of(customers)
    figures.add_statistics(again, Group(0, 0))
    assert None is again.lift_without_recipients
