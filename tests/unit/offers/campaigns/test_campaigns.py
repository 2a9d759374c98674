"""Campaign decisions: assignment, triggers, delays. No I/O, no clock, no chance."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service import campaigns as rules
from offers_service.campaign_checks import violations
from offers_service.campaigns import (
    Campaign,
    CampaignState,
    Change,
    Circumstances,
    Ended,
    Enrolment,
    Stay,
    TriggerOutcome,
    Variant,
    Waiting,
)
from offers_service.triggers import (
    ChangeKind,
    DateTrigger,
    EventTrigger,
    OccasionKind,
    ProductNews,
    ProductTrigger,
    SegmentTrigger,
    Trigger,
)

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
LAUNCHED_MS = 1_000_000
DAY_MS = 86_400_000


def campaign(**changes: object) -> Campaign:
    """A running campaign on entering `fading`: 20 % control, two variants 3 : 1."""
    base = Campaign(
        tenant_id="shop",
        campaign_id="win-back",
        display_names=(),
        trigger=SegmentTrigger("fading", ChangeKind.ENTERED, 0),
        control_basis_points=2000,
        variants=(Variant("big", 3, "ten-off"), Variant("small", 1, "five-off")),
        conversion_window_ms=7 * DAY_MS,
        state=CampaignState.RUNNING,
        created_at_ms=0,
        launched_at_ms=LAUNCHED_MS,
        running_since_ms=LAUNCHED_MS,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def change(**changes: object) -> Change:
    """c-1 entering `fading` a minute after the launch."""
    base = Change(
        tenant_id="shop",
        customer_id="c-1",
        segment_id="fading",
        stint=1,
        kind=ChangeKind.ENTERED,
        effective_at_ms=LAUNCHED_MS + 60_000,
        notify=True,
        recomputed=False,
        partition=7,
        sequence=1,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def decide(
    of: Campaign, after: Change, now_ms: int = 0, *, virtual: bool = True
) -> Enrolment | Waiting | None:
    """The decision under the test's key."""
    return rules.decide(KEY, of, after, Circumstances(now_ms, virtual))


def test_shares_of_assignment_are_those_asked_for() -> None:
    """Of 20,000 customers 20 % are control, and the others split 3 : 1."""
    arms = [rules.assign(KEY, campaign(), f"c-{number}") for number in range(20_000)]
    control = sum(arm.control for arm in arms)
    big = sum(arm.variant is not None and arm.variant.variant_id == "big" for arm in arms)
    # Five standard deviations of the binomial distributions.
    assert abs(control - 4000) < 283
    assert abs(big - 12_000) < 347


def test_assignment_is_stable_and_keyed() -> None:
    """A customer's arm depends on nothing but key, campaign and customer."""
    customers = [f"c-{number}" for number in range(200)]
    first = [rules.assign(KEY, campaign(), customer) for customer in customers]
    changed = campaign(state=CampaignState.PAUSED, running_since_ms=5)
    assert first == [rules.assign(KEY, changed, customer) for customer in customers]
    assert first != [rules.assign(OTHER_KEY, campaign(), customer) for customer in customers]
    other = campaign(campaign_id="other")
    assert first != [rules.assign(KEY, other, customer) for customer in customers]


def test_control_shares_of_two_campaigns_are_independent() -> None:
    """Being control in one campaign says nothing about the other."""
    both = 0
    for number in range(20_000):
        arms = [
            rules.assign(KEY, campaign(campaign_id=name), f"c-{number}") for name in ("one", "two")
        ]
        both += all(arm.control for arm in arms)
    assert abs(both - 800) < 5 * 28


def test_raising_the_control_share_keeps_every_control_customer() -> None:
    """Who is control at 20 % is control at 50 % too."""
    wider = campaign(control_basis_points=5000)
    for number in range(500):
        if rules.assign(KEY, campaign(), f"c-{number}").control:
            assert rules.assign(KEY, wider, f"c-{number}").control


@given(st.text(min_size=1, max_size=40), st.integers(0, 9000))
def test_every_customer_gets_exactly_one_arm(customer_id: str, control: int) -> None:
    """Any id falls into control or one of the variants."""
    of = campaign(control_basis_points=control)
    variant = rules.assign(KEY, of, customer_id).variant
    assert variant is None or variant in of.variants
    assert control > 0 or variant is not None


def test_the_control_group_is_enrolled_without_an_offer() -> None:
    """The counterfactual trigger is recorded, with nothing to issue."""
    customers = (f"c-{number}" for number in range(100))
    control = next(c for c in customers if rules.assign(KEY, campaign(), c).control)
    enrolled = decide(campaign(), change(customer_id=control))
    assert isinstance(enrolled, Enrolment)
    assert (True, "", "") == (enrolled.control, enrolled.variant_id, enrolled.offer_id)
    assert change().effective_at_ms == enrolled.triggered_at_ms


def test_one_enrolment_for_each_stint_whatever_the_time() -> None:
    """The enrolment's id follows from campaign, customer, segment and stint alone."""
    first, again = decide(campaign(), change()), decide(campaign(), change(sequence=9), 5)
    next_stint = decide(campaign(), change(stint=2))
    assert isinstance(first, Enrolment)
    assert isinstance(again, Enrolment)
    assert isinstance(next_stint, Enrolment)
    assert first.enrolment_id == again.enrolment_id
    assert first.enrolment_id != next_stint.enrolment_id


@pytest.mark.parametrize("state", [CampaignState.DRAFT, CampaignState.PAUSED])
def test_only_running_campaigns_enrol(state: CampaignState) -> None:
    """Drafts and paused campaigns do nothing."""
    assert None is decide(campaign(state=state), change())


@pytest.mark.parametrize(
    "other",
    [
        {"notify": False},
        {"kind": ChangeKind.EXITED},
        {"segment_id": "vip"},
        {"effective_at_ms": LAUNCHED_MS - 1},
    ],
)
def test_changes_that_are_not_the_campaigns(other: dict[str, object]) -> None:
    """Quiet ones, the other kind, another segment, and those from before the launch."""
    assert None is decide(campaign(), change(**other))


def test_members_that_an_edited_rule_finds_count_from_the_edit() -> None:
    """Their membership began long ago; what is offered is offered now."""
    found = change(effective_at_ms=5, recomputed=True)
    enrolled = decide(campaign(), found, LAUNCHED_MS + 7)
    assert isinstance(enrolled, Enrolment)
    assert LAUNCHED_MS + 7 == enrolled.triggered_at_ms


def test_virtual_time_is_the_changes_and_wall_time_is_now() -> None:
    """Between two steps of the clock everything happens at its own time."""
    now_ms = LAUNCHED_MS + 10 * DAY_MS
    at = change().effective_at_ms
    assert at == rules.triggered_at(change(), now_ms, virtual=True)
    assert now_ms == rules.triggered_at(change(), now_ms, virtual=False)
    assert at == rules.triggered_at(change(), at - 50, virtual=False)


def delayed() -> Campaign:
    """The campaign, a day after the entry."""
    return campaign(trigger=SegmentTrigger("fading", ChangeKind.ENTERED, DAY_MS))


def waiting() -> Waiting:
    """Its trigger for c-1."""
    made = decide(delayed(), change())
    assert isinstance(made, Waiting)
    return made


def test_a_delay_waits_from_the_change_on() -> None:
    """Due a day later, at nobody else's time."""
    assert change().effective_at_ms + DAY_MS == waiting().due_ms


def test_a_standing_membership_enrols_when_the_delay_is_over() -> None:
    """Enrolled at the due instant under the same id."""
    due = waiting()
    outcome, enrolled = rules.fall_due(KEY, delayed(), due, due.due_ms)
    assert TriggerOutcome.ENROLLED is outcome
    assert enrolled is not None
    assert (due.enrolment_id, due.due_ms) == (enrolled.enrolment_id, enrolled.triggered_at_ms)


@pytest.mark.parametrize(
    ("ended_after_ms", "outcome"),
    [
        (-1, TriggerOutcome.NO_LONGER_STANDS),
        (0, TriggerOutcome.NO_LONGER_STANDS),
        (1, TriggerOutcome.ENROLLED),
    ],
)
def test_a_membership_stands_until_the_instant_it_ends(
    ended_after_ms: int, outcome: TriggerOutcome
) -> None:
    """Ended before or at the due instant: too late; a millisecond after it: in time."""
    due = waiting()
    ended = dataclasses.replace(due, ended_at_ms=due.due_ms + ended_after_ms)
    assert outcome is rules.fall_due(KEY, delayed(), ended, due.due_ms)[0]


@pytest.mark.parametrize("of", [None, campaign(state=CampaignState.PAUSED)])
def test_a_delay_that_ends_in_a_pause_enrols_nobody(of: Campaign | None) -> None:
    """Only what runs when the time has come counts."""
    due = waiting()
    assert (TriggerOutcome.CAMPAIGN_NOT_RUNNING, None) == rules.fall_due(KEY, of, due, due.due_ms)


def test_what_a_change_ends() -> None:
    """An exit ends its own stint, an entry the absence before it, a first entry nothing."""
    at = change().effective_at_ms
    left = change(kind=ChangeKind.EXITED, stint=3)
    assert Ended("c-1", "fading", 3, ChangeKind.ENTERED, at) == rules.ended_by(left)
    assert Ended("c-1", "fading", 3, ChangeKind.EXITED, at) == rules.ended_by(change(stint=4))
    assert None is rules.ended_by(change(stint=1))


def test_what_a_campaign_cannot_be() -> None:
    """Every contradiction of its parts is named."""
    assert [] == violations(campaign())
    assert [] == violations(campaign(trigger=None, variants=()))
    twins = (Variant("a", 1, "x"), Variant("a", 1, "x"))
    assert 2 == len(violations(campaign(variants=twins)))
    assert 1 == len(violations(campaign(variants=())))
    for name in ("control", "treated", "holdout"):
        assert 1 == len(violations(campaign(variants=(Variant(name, 1, "x"),))))
    assert 1 == len(violations(campaign(variants=(Variant("a", 1, ""),))))


@pytest.mark.parametrize(
    ("trigger", "field"),
    [
        (EventTrigger("purchase", 90_000), "campaign.event.after_seconds"),
        (
            ProductTrigger(ProductNews.LAUNCHED, first_id="vip"),
            "campaign.product.head_start_seconds",
        ),
        (
            ProductTrigger(ProductNews.LAUNCHED, head_start_ms=60_000),
            "campaign.product.head_start_seconds",
        ),
        (DateTrigger("vip", OccasionKind.DATE, "2026-02-30"), "campaign.date.date"),
        (DateTrigger("vip", OccasionKind.YEARLY, "13-01"), "campaign.date.yearly"),
        (DateTrigger("vip", OccasionKind.HOLIDAY, "thanksgiving"), "campaign.date.holiday_id"),
    ],
)
def test_a_trigger_that_could_never_be(trigger: Trigger, field: str) -> None:
    """The field is named."""
    found = violations(campaign(trigger=trigger), "Asia/Seoul", 2026)
    assert [field] == [name for name, _ in found]


def test_a_zone_whose_holidays_are_not_known() -> None:
    """It says so rather than wait for a day that never comes."""
    chuseok = DateTrigger("vip", OccasionKind.HOLIDAY, "chuseok")
    assert [] == violations(campaign(trigger=chuseok), "Asia/Seoul", 2026)
    assert 1 == len(violations(campaign(trigger=chuseok), "Europe/Berlin", 2026))


def test_enrolment_ids_keep_their_parts_apart() -> None:
    """Moving a character from one part to the next gives another id."""
    one = rules.enrolment_id("win", Stay("c-1", "fading", 1))
    assert one != rules.enrolment_id("winc", Stay("-1", "fading", 1))
    assert one != rules.enrolment_id("win", Stay("c-1", "fading", 11))
